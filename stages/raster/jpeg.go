package raster

import (
	"context"
	"errors"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

// check fails a JPEG that this version does not decode or should not try to.
func (j *jpegInfo) check(data []byte, l Limits) error {
	switch {
	case j.sof == 0:
		return failf(Damaged, "JPEG has no frame header")
	case j.sof == 0xC3:
		return failf(Unsupported, "lossless JPEG is not decoded by this version")
	case j.sof > 0xC2 && j.sof < 0xC8:
		return failf(Unsupported, "hierarchical JPEG is not decoded by this version")
	case j.sof > 0xC8:
		return failf(Unsupported, "arithmetic coded JPEG is not decoded by this version")
	}
	if j.components > l.Parts {
		return failf(TooLarge, "declares %d components, more than %d; --max-parts raises the limit", j.components, l.Parts)
	}
	if err := l.checkSize(int64(j.width), int64(j.height)); err != nil {
		return err
	}
	if j.scans == 0 {
		return failf(Damaged, "JPEG has no scan")
	}
	if j.unquantized {
		return failf(Damaged, "JPEG lacks a quantization table")
	}
	if j.scans > l.Parts {
		return failf(TooLarge, "has %d scans, more than %d; --max-parts raises the limit", j.scans, l.Parts)
	}
	// The shortest Huffman code has one bit. A block takes at least a DC code and an
	// end-of-block code; in progressive files one DC code, since one end-of-band code
	// may stand for 32,767 blocks.
	blocks, perByte := j.blocks(), int64(4)
	if j.progressive() {
		perByte = 8
	}
	if blocks > perByte*int64(len(data)) {
		atMost := perByte * int64(len(data)) * 64 * int64(j.width) * int64(j.height) / (64 * max(blocks, 1))
		if err := checkPlausible(int64(j.width), int64(j.height), atMost); err != nil {
			return err
		}
	}
	// Each scan of a progressive file may pass over all blocks at next to no bytes.
	// A billion visits take some five seconds; a camera's file of 100 megapixels
	// and ten scans needs 30 million.
	if j.progressive() && int64(j.scans)*blocks > 200_000_000 {
		return failf(TooLarge, "has %d scans over %d x %d pixels, too many to decode", j.scans, j.width, j.height)
	}
	return nil
}

// decodeJPEG decodes at the smallest scale that still has the raster's pixels.
func decodeJPEG(ctx context.Context, data []byte, l Limits) (decoded, error) {
	info := readJPEG(data)
	h, err := jpeg.ReadHeader(data)
	if info.height == 0 {
		info.height = h.Height // told behind the first scan
	}
	if err := info.check(data, l); err != nil {
		return decoded{}, err
	}
	d := decoded{exif: info.exif, extras: info.extras}
	if info.lumaKnown {
		d.jpegQuality = estimateQuality(&info.luma)
	}
	if err != nil {
		return decoded{}, jpegFailure(err)
	}
	if err := d.jpegPixels(data, h, l); err != nil {
		return decoded{}, err
	}
	return d, ctx.Err()
}

// leastDamage is the share that stands for damage that hides no part of the picture: a
// progressive file that is cut after its first scan lacks detail alone.
const leastDamage = 0.001

// jpegFailure makes a failure of an error of package jpeg.
func jpegFailure(err error) error {
	var unsupported *jpeg.UnsupportedError
	var limit *jpeg.LimitError
	switch {
	case errors.As(err, &unsupported):
		return failf(Unsupported, "%s by this version", unsupported.Reason)
	case errors.As(err, &limit):
		return failf(TooLarge, "%s; --max-decode-memory raises the limit of memory", limit.Reason)
	}
	return failf(Damaged, "JPEG is damaged: %s", err)
}
