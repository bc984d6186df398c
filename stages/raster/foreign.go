package raster

import (
	"context"
	"image"

	"github.com/dedupidx/dedupidx/stages/raster/codec"
)

// inHelper says which formats the decode helper decodes.
func inHelper(f Format) bool {
	switch f {
	case WebP, HEIC, AVIF, JXL:
		return true
	}
	return isFaulty(f)
}

// compiled says which decoders are made ready at their first file.
func compiled(f Format) bool { return f == HEIC || f == AVIF || f == JXL }

// libraries decodes by libraries that are neither ours nor Go's own. It runs in the decode
// helper only. It is for one goroutine.
type libraries struct{ codecs codec.Codecs }

// decode decodes, and may change data, which is its own.
func (s *libraries) decode(ctx context.Context, data []byte, format Format, l Limits) (decoded, error) {
	decodeFaulty(format)
	if _, err := checkHeader(data, format, l); err != nil {
		return decoded{}, err
	}
	switch format {
	case WebP:
		return decodeWebP(data)
	case HEIC:
		return s.decodeHEIC(ctx, data, l)
	case AVIF:
		return s.decodeAVIF(ctx, data, l)
	case JXL:
		return s.decodeJXL(ctx, data, l)
	}
	return decodeHere(ctx, data, format, l)
}

// checkHeader reads the size that a file of the helper's formats declares, checks
// it against the limits and the number of bytes, and returns the number of pixels.
func checkHeader(data []byte, format Format, l Limits) (pixels int64, err error) {
	switch format {
	case WebP:
		return checkWebP(data, l)
	case HEIC, AVIF:
		return checkHEIF(data, format, l)
	case JXL:
		return checkJXL(data, l)
	}
	return 0, nil
}

// fromLibrary takes what a library of x/image returned.
func fromLibrary(img image.Image, err error, title, decoder string) (decoded, error) {
	if err != nil {
		return decoded{}, codecFailure(context.Background(), err, title)
	}
	size := img.Bounds().Size()
	if size.X <= 0 || size.Y <= 0 {
		return decoded{}, failf(Damaged, "%s holds no pixels", title)
	}
	return decoded{rows: rowsOf(img), width: size.X, height: size.Y, decoder: decoder}, nil
}
