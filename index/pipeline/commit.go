package pipeline

import (
	"context"
	"path/filepath"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
)

// flushAfter is how long a finished photo waits for company before its batch is
// committed: the most work that a kill undoes where photos come slowly.
const flushAfter = time.Second

// committer gathers what the workers finished and commits it, one transaction a
// batch.
type committer struct {
	*run
	claims  *ingest.Claims
	batch   index.Batch
	since   time.Time // when the batch got its first record
	moved   map[index.Place]bool
	waiting map[index.Hash][]index.FileWrite // files whose content another worker still extracts
}

// commit takes results until their channel is closed. When the run is cancelled,
// what the workers had finished is committed all the same.
func (c *committer) commit(ctx context.Context, results <-chan ingest.Result) error {
	tick := time.NewTicker(flushAfter)
	defer tick.Stop()
	for {
		select {
		case r, ok := <-results:
			if !ok {
				return c.flush(ctx)
			}
			if err := c.take(ctx, r); err != nil {
				return err
			}
			if len(c.batch.Contents) < c.size() && len(c.batch.Files) < manyFiles {
				continue
			}
		case <-tick.C:
			if time.Since(c.since) < flushAfter {
				continue
			}
		}
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
}

// manyFiles bounds a batch of files that bring no new content: some hundred
// bytes each.
const manyFiles = 2048

// size is how many new contents make a batch: a handful for each worker.
func (c *committer) size() int { return c.o.Budget.Batch * c.o.Budget.Workers }

// take counts a result and adds its records to the batch.
func (c *committer) take(ctx context.Context, r ingest.Result) error {
	c.meter.add(Photos, 1)
	c.tally(r)
	if r.Again {
		return c.x.PutJob(ctx, index.Job{Path: r.File.Path, Cause: "it changed each time it was read", Due: time.Now().UnixNano()})
	}
	if r.Gone && r.File.Stored != nil {
		c.batch.Gone = append(c.batch.Gone, r.File.Place)
	}
	if r.From != nil {
		c.moved[*r.From] = true
	}
	if len(c.batch.Files) == 0 && len(c.batch.Contents) == 0 {
		c.since = time.Now()
	}
	if r.Content != nil {
		c.batch.Contents = append(c.batch.Contents, *r.Content)
		for _, w := range c.waiting[r.Content.Hash] {
			c.file(w, r.Content.Failure)
		}
		delete(c.waiting, r.Content.Hash)
	}
	if r.Row == nil {
		return nil
	}
	if r.Waits {
		content, known, err := c.find(ctx, r.Row.Hash)
		if err != nil {
			return err
		}
		if !known {
			c.waiting[r.Row.Hash] = append(c.waiting[r.Row.Hash], *r.Row)
			return nil
		}
		c.file(*r.Row, content.Failure)
		return nil
	}
	c.batch.Files = append(c.batch.Files, *r.Row)
	return nil
}

// file adds the row of a file whose content was extracted for another one.
func (c *committer) file(w index.FileWrite, failure string) {
	if failure != "" {
		w.State, w.Reason = index.Failed, failure
		c.mu.Lock()
		c.sum.Failed++
		c.mu.Unlock()
	}
	c.batch.Files = append(c.batch.Files, w)
}

// find looks for a content in the batch and in the index.
func (c *committer) find(ctx context.Context, h index.Hash) (index.Content, bool, error) {
	for _, w := range c.batch.Contents {
		if w.Hash == h {
			return w.Content, true, nil
		}
	}
	content, known, err := c.x.ContentByHash(ctx, h)
	if known && content.Failure != "" && content.Attempt != ingest.Attempt(c.o.Limits) {
		known = false // it is being tried again
	}
	return content, known, err
}

// tally counts a result.
func (c *committer) tally(r ingest.Result) {
	c.mu.Lock()
	c.sum.Bytes += r.Bytes
	if r.Hashed {
		c.sum.Hashed++
	}
	if r.Decoded {
		c.sum.Decoded++
	}
	for _, s := range r.Extracted {
		c.sum.Extracted[s]++
	}
	c.mu.Unlock()
	switch {
	case r.Gone:
		if old := r.File.Stored; old != nil && old.State != index.Other {
			c.count(ingest.Gone)
		}
		return
	case r.Again:
		c.warn("%s changed each time it was read; it is looked at again by the next scan", r.File.Path)
		return
	}
	state := index.OK
	switch {
	case r.Row != nil:
		state = r.Row.State
	case r.File.Stored != nil:
		state = r.File.Stored.State
	}
	if r.Failure != "" {
		state = index.Failed
	}
	c.seen(r.Reason, state)
}

// flush commits the batch. It is not cancelled with the run: it takes
// milliseconds, and what the workers finished need not be done again.
func (c *committer) flush(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if len(c.batch.Files) == 0 && len(c.batch.Contents) == 0 && len(c.batch.Gone) == 0 {
		return nil
	}
	if err := c.x.Write(ctx, c.batch); err != nil {
		return err
	}
	for _, w := range c.batch.Contents {
		c.claims.Committed(w.Hash)
	}
	c.batch = index.Batch{}
	return nil
}

// places gives the full paths of files.
type places map[int64]string // root to its path

func newPlaces(roots []index.Root) places {
	p := make(places, len(roots))
	for _, r := range roots {
		p[r.ID] = r.Path
	}
	return p
}

func (p places) path(at index.Place) string {
	return filepath.Join(p[at.Root], filepath.FromSlash(at.Folder), at.Name)
}
