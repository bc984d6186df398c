package raster

import (
	"context"
	"image"
)

// inHelper says which formats the decode helper decodes.
func inHelper(f Format) bool { return f == BMP || f == TIFF || f == WebP || isFaulty(f) }

// decodeForeign decodes by libraries that are neither ours nor Go's own. It runs in
// the decode helper only, and may change data, which is its own.
func decodeForeign(ctx context.Context, data []byte, format Format, l Limits) (decoded, error) {
	decodeFaulty(format)
	if _, err := checkHeader(data, format, l); err != nil {
		return decoded{}, err
	}
	switch format {
	case BMP:
		return decodeBMP(data)
	case TIFF:
		return decodeTIFF(data, l)
	case WebP:
		return decodeWebP(data)
	}
	return decodeHere(ctx, data, format, l)
}

// checkHeader reads the size that a file of the helper's formats declares, checks
// it against the limits and the number of bytes, and returns the number of pixels.
func checkHeader(data []byte, format Format, l Limits) (pixels int64, err error) {
	switch format {
	case BMP:
		return checkBMP(data, l)
	case TIFF:
		return checkTIFF(data, l)
	case WebP:
		return checkWebP(data, l)
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
