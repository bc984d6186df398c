package raster

import (
	"context"
	"errors"
	"io"
)

// What goes around decoders that are not of this package: image/png and those of x/image.

// codecFailure makes a failure of an error of Go's and x/image's decoders.
func codecFailure(ctx context.Context, err error, title string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
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
