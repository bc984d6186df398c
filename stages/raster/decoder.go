package raster

import (
	"context"
	"time"
)

// DecoderOptions says how a Decoder works. The zero value decodes JPEG, PNG, GIF,
// BMP, TIFF and camera raw files, and has no decode helper.
type DecoderOptions struct {
	Limits Limits

	// Helper is the command line that starts a decode helper: the path of this
	// program, then what makes it call ServeHelper. Empty means that the formats
	// of the helper are Unsupported.
	Helper []string
	// HelperEnv is added to the environment of the helper, as NAME=value.
	HelperEnv []string
	// HelperMemory is what a helper may take, in bytes, beside twice the size of the
	// file that it decodes. Default: Limits.Memory and half a GiB for the program
	// itself and for what decoders need beside pixels.
	HelperMemory int64
	// HelperIdle is how long a helper may be without work before it ends. Default: 30 s.
	HelperIdle time.Duration
	// HelperDeadline is the time for a file, to which a second is added for every ten
	// megapixels. Default: 20 s.
	HelperDeadline time.Duration
}

// Decoder decodes pictures one after the other, in this process or in a decode
// helper that it starts when it first needs one. It is for one goroutine; each
// worker has its own. Close must be called at the end.
type Decoder struct {
	limits Limits
	helper *helper // nil for none
}

// NewDecoder returns a decoder. Nothing is started yet.
func NewDecoder(o DecoderOptions) *Decoder {
	d := &Decoder{limits: o.Limits.withDefaults()}
	if len(o.Helper) > 0 {
		d.helper = newHelper(o, d.limits)
	}
	return d
}

// Decode turns the bytes of a picture into a raster. The format is found by content,
// the name (a path or its last element) tells camera raw files from TIFF, and what a
// file that is no picture was expected to be.
//
// A picture that cannot be decoded ends as a *Failure. Any other error is the
// context's, or says that the helper cannot be started.
func (d *Decoder) Decode(ctx context.Context, data []byte, name string) (*Raster, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.limits.CheckFileSize(int64(len(data))); err != nil {
		return nil, err
	}
	format := Sniff(data[:min(len(data), SniffLen)], name)
	content := ByContent(data)
	switch {
	case len(data) == 0:
		return nil, failf(Foreign, "is empty")
	case content == Unknown && format != Unknown:
		return nil, failf(Foreign, "is no %s: starts with %s", format.title(), startsWith(data))
	case inHelper(format) && d.helper != nil:
		// What the header alone forbids needs no helper.
		pixels, err := checkHeader(data, format, d.limits)
		if err != nil {
			return nil, err
		}
		return d.helper.decode(ctx, data, format, pixels)
	}
	return decode(ctx, data, format, d.limits, decodeHere)
}

// Close ends the helper and waits for it.
func (d *Decoder) Close() error {
	if d.helper == nil {
		return nil
	}
	return d.helper.close()
}
