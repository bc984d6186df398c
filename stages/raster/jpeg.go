package raster

import (
	"bytes"
	"context"
	"errors"
	stdjpeg "image/jpeg"
	"io"

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
	if j.height == 0 && j.width > 0 {
		return failf(Unsupported, "height given behind the picture (DNL) is not decoded by this version")
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

// decodeJPEG decodes at the smallest scale that still has the raster's pixels. Pictures of
// four components, whose colours are no linear function of their samples, and those whose
// chroma is sampled at an odd ratio go to image/jpeg.
func decodeJPEG(ctx context.Context, data []byte, l Limits) (decoded, error) {
	info := readJPEG(data)
	if err := info.check(data, l); err != nil {
		return decoded{}, err
	}
	d := decoded{exif: info.exif, extras: info.extras}
	if info.lumaKnown {
		d.jpegQuality = estimateQuality(&info.luma)
	}
	h, err := jpeg.ReadHeader(data)
	if err != nil {
		return decoded{}, jpegFailure(err)
	}
	if len(h.Components) == 4 || !evenlySampled(h) {
		err := decodeStandard(ctx, &d, &info, data, l)
		return d, err
	}
	img, err := jpeg.Decode(data, jpeg.ScaleFor(h.Width, h.Height, Side), jpeg.Limits{Memory: l.Memory})
	if err != nil {
		return decoded{}, jpegFailure(err)
	}
	if err := ctx.Err(); err != nil {
		return decoded{}, err
	}
	d.rows, d.width, d.height, d.decoder = jpegRows{img}, img.Width, img.Height, "raster/jpeg"
	if damage := img.Damage; damage != nil {
		if damage.Missing > 0.5 {
			return decoded{}, failf(Damaged, "JPEG %s (at byte %d): %d %% of the picture are missing", damage.Reason, damage.Offset, int(100*damage.Missing))
		}
		d.damaged = func() float64 { return max(damage.Missing, leastDamage) }
	}
	return d, nil
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

// decodeStandard decodes by image/jpeg, at full size. What follows the last scan is kept
// from it, and a missing EOI is put in its place.
func decodeStandard(ctx context.Context, d *decoded, info *jpegInfo, data []byte, l Limits) error {
	// A byte for each sample, and for progressive files a coefficient of four bytes.
	memory := info.blocks() * 64
	if info.progressive() {
		memory *= 5
	}
	if err := l.checkMemory(memory); err != nil {
		return err
	}
	img, err := stdjpeg.Decode(io.MultiReader(&contextReader{ctx: ctx, data: data[:info.end]}, bytes.NewReader([]byte{0xFF, 0xD9})))
	var broken stdjpeg.FormatError
	switch {
	case err != nil && ctx.Err() == nil && info.end == len(data) && errors.As(err, &broken):
		return failf(Damaged, "JPEG ends before the picture does") // no EOI
	case err != nil:
		return codecFailure(ctx, err, "JPEG")
	}
	d.rows, d.width, d.height, d.decoder = rowsOf(img), img.Bounds().Dx(), img.Bounds().Dy(), "image/jpeg"
	return nil
}

// codecFailure makes a failure of an error of Go's decoders.
func codecFailure(ctx context.Context, err error, title string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var unsupported stdjpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return failf(Unsupported, "%s variant is not decoded by this version: %s", title, string(unsupported))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return failf(Damaged, "%s ends before the picture does", title)
	}
	return failf(Damaged, "%s is damaged: %s", title, oneLine(err.Error()))
}

// contextReader reads bytes until its context is done, which is how decoders
// that know no context are stopped.
type contextReader struct {
	ctx  context.Context
	data []byte
}

// Read implements io.Reader.
func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, nil
}
