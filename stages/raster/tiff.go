package raster

import (
	"bytes"
	"errors"

	"golang.org/x/image/tiff"
)

// Tags of TIFF 6.0, section 8, that tell what decoding will take.
const (
	tagNewSubfileType = 0x00FE
	tagImageWidth     = 0x0100
	tagImageLength    = 0x0101
	tagBitsPerSample  = 0x0102
	tagCompression    = 0x0103
	tagSamples        = 0x0115
	tagPlanar         = 0x011C
)

// checkTIFF reads the directory of the picture.
func checkTIFF(data []byte, l Limits) (int64, error) {
	d, _, ok := pictureDirectory(data, l.Parts)
	if !ok {
		return 0, failf(Damaged, "TIFF has no directory")
	}
	if d.big {
		return 0, failf(Unsupported, "BigTIFF is not decoded by this version")
	}
	value := func(tag uint16, otherwise uint64) int64 {
		if v, ok := d.number(tag); ok {
			return int64(min(v, 1<<40))
		}
		return int64(otherwise)
	}
	width, height := value(tagImageWidth, 0), value(tagImageLength, 0)
	if err := l.checkSize(width, height); err != nil {
		return 0, err
	}
	samples, bits := value(tagSamples, 1), value(tagBitsPerSample, 1)
	if samples < 1 || samples > int64(l.Parts) || bits < 1 || bits > 64 {
		return 0, failf(Damaged, "TIFF declares %d samples of %d bits", samples, bits)
	}
	if samples > 1 && value(tagPlanar, 1) == 2 {
		return 0, failf(Unsupported, "TIFF with a plane for each colour is not decoded by this version")
	}
	// LZW is the tightest: a code of 12 bits stands for 4,096 bytes at most. Fax
	// codes a row that is like the one above in a bit.
	perByte := int64(2731) * 8 / (samples * bits)
	switch value(tagCompression, 1) {
	case 1:
		perByte = max(1, 8/(samples*bits))
		if samples*bits > 8 {
			perByte = 1
		}
	case 2, 3, 4:
		perByte = 8 * width
	}
	if err := checkPlausible(width, height, perByte*int64(len(data))); err != nil {
		return 0, err
	}
	// The picture, and beside it a strip inflated: one may be all of it.
	perPixel := int64(1)
	if samples > 1 {
		perPixel = 4
	}
	if bits > 8 {
		perPixel *= 2
	}
	return width * height, l.checkMemory(width * height * (perPixel + (samples*bits+7)/8))
}

// pictureDirectory finds the first directory that is no reduced copy of another page
// and its offset, looking at a number of them at most; the first where all are.
func pictureDirectory(data []byte, most int) (directory, uint64, bool) {
	first, at, ok := firstDirectory(data)
	if !ok {
		return first, 0, false
	}
	d, dAt := first, at
	for range most {
		if kind, _ := d.number(tagNewSubfileType); kind&1 == 0 {
			return d, dAt, true
		}
		if dAt = d.next; dAt == 0 {
			break
		}
		if d, ok = directoryAt(data, dAt); !ok {
			break
		}
	}
	return first, at, true
}

func decodeTIFF(data []byte, l Limits) (decoded, error) {
	// The library reads the first directory: make the picture's the first.
	if d, at, ok := pictureDirectory(data, l.Parts); ok {
		d.order.PutUint32(data[4:], uint32(at))
	}
	img, err := tiff.Decode(bytes.NewReader(data))
	var unsupported tiff.UnsupportedError
	if errors.As(err, &unsupported) {
		return decoded{}, failf(Unsupported, "TIFF variant is not decoded by this version: %s", string(unsupported))
	}
	d, err := fromLibrary(img, err, "TIFF", "x/image/tiff")
	d.exif = data
	return d, err
}
