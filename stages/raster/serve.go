package raster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/dedupidx/dedupidx/stages/raster/codec"
)

// ServeHelper is the decode helper: it reads requests from in and writes rasters or
// failures to out until in ends, which it does when the program that started it
// ends, however that happens. The caller must end the process when it returns: a
// decoder that hangs is left behind, running.
//
// cache is a folder of the user's for machine code, or empty: see [codec.Codecs].
//
// Nothing else may write to out. Interrupts from the terminal are ignored, since
// they are meant for the program that started the helper.
func ServeHelper(ctx context.Context, in io.Reader, out io.Writer, cache string) error {
	s := &libraries{codecs: codec.Codecs{Cache: cache}}
	return serve(ctx, in, out, func(ctx context.Context, data []byte, format Format, l Limits) (*Raster, error) {
		return decode(ctx, data, format, l, s.decode)
	})
}

// job is a request with its body.
type job struct {
	request
	data []byte
}

// serve is ServeHelper with a decoder of choice.
func serve(ctx context.Context, in io.Reader, out io.Writer,
	decoder func(context.Context, []byte, Format, Limits) (*Raster, error)) error {
	signal.Ignore(os.Interrupt)
	if err := writeFrame(out, reply{Version: Version}, nil); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	jobs, ended := make(chan *job), make(chan error, 1)
	go func() { // ends with the process at the latest
		r := bufio.NewReaderSize(in, 1<<16)
		for {
			j := new(job)
			var err error
			if j.data, err = readFrame(r, &j.request, 1<<40); err != nil {
				ended <- err
				return
			}
			jobs <- j
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read request: %w", err)
		case j := <-jobs:
			done := make(chan error, 1)
			go func() { done <- answer(ctx, out, j, decoder) }()
			select {
			case err := <-done:
				if err != nil {
					return fmt.Errorf("answer: %w", err)
				}
			case <-ended:
				return nil // nobody waits for the answer any more
			}
		}
	}
}

// answer decodes one file under its memory limit.
func answer(ctx context.Context, out io.Writer, j *job,
	decoder func(context.Context, []byte, Format, Limits) (*Raster, error)) error {
	limitMemory(j.Memory)
	debug.SetMemoryLimit(j.Memory / 4 * 3) // collect before the hard limit is met
	p := reply{ID: j.ID}
	r, err := decoder(ctx, j.data, j.Format, j.Limits.withDefaults())
	switch {
	case err == nil:
		p.Width, p.Height, p.Picture = r.Width, r.Height, r.Picture
	case errors.As(err, &p.Failure):
		r = &Raster{}
	default:
		return err
	}
	// Before the program hears of the result, the memory must be given back, for the
	// next file may be small and so may be what it may take; and the limit be lifted,
	// for it may be large.
	large := int64(len(j.data))+int64(r.Picture.Width)*int64(r.Picture.Height) > 8<<20
	if j.data = nil; large || p.Failure != nil {
		debug.FreeOSMemory()
	}
	limitMemory(math.MaxInt64)
	return writeFrame(out, p, r.RGB)
}
