// The two kinds of work on a file: readers wait for the disk, workers need the
// processor. A slow disk is waited for by several readers at once, and meanwhile
// the workers have what was read before.

package pipeline

import (
	"context"
	"errors"
	"math"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// besideFile is what looking at a picture takes beside the bytes of its file:
// the rows being decoded, the raster with its planes, the features. Measured as
// the peak RSS of a scan of 12-megapixel photos with --workers 2 less that with 1,
// less the mean size of a file.
const besideFile = 12 << 20

// unseen is a file whose picture was read and waits for a worker.
type unseen struct {
	file    ingest.File
	picture *ingest.Unseen
}

// work runs readers and workers until there are no more jobs. Each worker has its
// own decoder, and so its own decode helper where one is needed. As many files are in
// hand as there are workers, and some more that are read ahead; what all hold together stays
// within the budget, and a file that is larger than that is alone.
func (r *run) work(ctx context.Context, look ingest.Looker, jobs <-chan ingest.File, results chan<- ingest.Result) error {
	look.Room, look.Buffers = room(r.o.Budget.Memory), new(ingest.Buffers)
	defer look.Buffers.Close()
	hands := newHands(r.o.Budget)
	ready := make(chan unseen)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(ready) // the readers, its only senders, are waited for here
		readers, ctx := errgroup.WithContext(ctx)
		for range hands.most {
			readers.Go(func() error { return read(ctx, look, hands, jobs, ready, results) })
		}
		return readers.Wait()
	})
	for range r.o.Budget.Workers {
		g.Go(func() (err error) {
			decoder := raster.NewDecoder(raster.DecoderOptions{
				Limits: r.o.Limits, Helper: r.o.Helper, HelperDeadline: helperDeadline,
			})
			defer func() { err = errors.Join(err, decoder.Close()) }()
			look := look
			look.Decoder = decoder
			for u := range ready {
				started := time.Now()
				result, err := look.Extract(ctx, u.picture)
				if err != nil {
					return err
				}
				hands.seen(result.Took[ingest.StepRead], time.Since(started))
				hands.free()
				if err := send(ctx, results, u.file, result); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// read reads files, one after the other, each when a hand is free for it.
func read(ctx context.Context, look ingest.Looker, hands *hands, jobs <-chan ingest.File, ready chan<- unseen, results chan<- ingest.Result) error {
	for f := range jobs {
		if err := hands.take(ctx); err != nil {
			return err
		}
		result, picture, err := look.Read(ctx, f)
		if err != nil {
			return err
		}
		if picture == nil {
			hands.free()
			if err := send(ctx, results, f, result); err != nil {
				return err
			}
			continue
		}
		select {
		case ready <- unseen{f, picture}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// room shares out the memory for pictures in flight. It is taken before a file is
// read and given back when its picture was seen, so that nobody who holds some
// waits for more.
func room(memory uint64) func(context.Context, int64) (func(), error) {
	budget := int64(min(max(memory, 1), math.MaxInt64))
	inFlight := semaphore.NewWeighted(budget)
	return func(ctx context.Context, size int64) (func(), error) {
		weight := budget
		if size < budget-besideFile {
			weight = size + besideFile
		}
		if err := inFlight.Acquire(ctx, weight); err != nil {
			return nil, err
		}
		return func() { inFlight.Release(weight) }, nil
	}
}

// send hands on what was found of a file.
func send(ctx context.Context, results chan<- ingest.Result, f ingest.File, result ingest.Result) error {
	result.File = f
	select {
	case results <- result:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
