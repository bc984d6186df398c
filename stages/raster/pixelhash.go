package raster

import (
	"context"
	"encoding/binary"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
	"github.com/zeebo/blake3"
)

// PixelHash is the BLAKE3 hash of a picture's pixels, whichever way they are coded without
// loss: of a JPEG's coefficients (jpegtran's progressive, optimized and baseline versions of
// a photo have one), or of a PNG's rows, with the orientation in both. It is dear beside
// PictureHash: all of the file is decoded, 30 ms a megabyte of JPEG.
//
// ok is false for other formats, for PNG with transparency, whose rows over white say less
// than the file, and for what is damaged or goes over a limit. The error is the context's.
func PixelHash(ctx context.Context, data []byte, limits Limits) (sum [32]byte, ok bool, err error) {
	defer func() {
		if p := recover(); p != nil { // a decoder that breaks has no hash to give
			sum, ok, err = [32]byte{}, false, nil
		}
	}()
	l := limits.withDefaults()
	h := blake3.New()
	switch ByContent(data) {
	case JPEG:
		ok = hashCoefficients(h, data, l)
	case PNG:
		ok = hashRows(ctx, h, data, l)
	}
	if ctx.Err() != nil {
		return sum, false, ctx.Err()
	}
	if ok {
		h.Sum(sum[:0])
	}
	return sum, ok, nil
}

// hashCoefficients hashes the orientation and the coefficients of a JPEG.
func hashCoefficients(h *blake3.Hasher, data []byte, l Limits) bool {
	info := readJPEG(data)
	coefficients, err := new(jpeg.Decoder).HashCoefficients(data, jpeg.Limits{Memory: l.Memory})
	if err != nil {
		return false
	}
	hashPart(h, 'J', []byte{byte(orientation(info.exif))}, coefficients[:])
	return true
}

// hashRows hashes the orientation, the size and the rows of a PNG as RGB. Sixteen bits are
// not the same as eight.
func hashRows(ctx context.Context, h *blake3.Hasher, data []byte, l Limits) bool {
	info := readPNG(data)
	if info.transparency != nil || info.colour == 4 || info.colour == 6 {
		return false
	}
	d, err := decodePNG(ctx, data, l)
	if err != nil {
		return false
	}
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(d.width))
	binary.BigEndian.PutUint32(head[4:], uint32(d.height))
	hashPart(h, 'P', []byte{byte(orientation(d.exif)), byte(info.depth / 16)}, head[:])
	channels, _ := d.rows.format()
	for y := range d.height {
		row, err := d.rows.row(y)
		if err != nil {
			return false
		}
		row = row[:channels*d.width]
		if channels == 1 {
			row = greyToRGB(row)
		}
		_, _ = h.Write(row)
	}
	return d.damaged == nil || d.damaged() == 0
}
