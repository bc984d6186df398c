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
	places  places
	claims  *ingest.Claims
	batch   index.Batch
	since   time.Time // when the batch got its first record
	moved   map[index.Place]bool
	news    map[index.Place]bool             // rows on their way whose bytes are new under their name
	waiting map[index.Hash][]index.FileWrite // files whose content another worker still extracts

	vanished []index.File    // rows of files that the walk saw and a worker no longer found
	again    map[string]bool // full paths of files that changed each time they were read
}

// commit takes results until their channel is closed. When the run is cancelled,
// what the workers had finished is committed all the same.
func (c *committer) commit(ctx context.Context, results <-chan ingest.Result) error {
	ctx = context.WithoutCancel(ctx) // what the workers finished need not be done again
	tick := time.NewTicker(flushAfter)
	defer tick.Stop()
	for {
		select {
		case r, ok := <-results:
			if !ok {
				return c.end(ctx)
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

// changing is why a file waits that changed each time it was read.
const changing = "it changed each time it was read"

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
		c.again[r.File.Path] = true
		c.unread(Unread{r.File.Path, changing, false})
		return c.x.PutJob(ctx, index.Job{Path: r.File.Path, Cause: changing, Due: time.Now().UnixNano()})
	}
	if r.Failure != "" && (r.Row != nil && r.Row.Hash == index.Hash{} || r.Row == nil && r.File.Stored != nil && r.File.Stored.Content == 0) {
		c.unread(Unread{r.File.Path, r.Failure, false})
	}
	if r.Gone && r.File.Stored != nil {
		c.vanished = append(c.vanished, *r.File.Stored)
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
	if was := r.File.Stored; was != nil && was.Content != 0 && (was.Inode != r.Row.Inode || was.Device != r.Row.Device) {
		// Another file under this name. Where it has the same bytes, its group
		// must hear of it all the same: it may be a hard link now, or none any more.
		c.batch.Gone = append(c.batch.Gone, r.File.Place)
	}
	if r.Reason != ingest.Touched && r.Reason != ingest.Stale {
		c.news[r.File.Place] = true
	}
	if r.Waits {
		return c.wait(ctx, *r.Row)
	}
	c.batch.Files = append(c.batch.Files, *r.Row)
	return nil
}

// wait puts off the row of a file until the content is there that another
// worker extracts.
func (c *committer) wait(ctx context.Context, w index.FileWrite) error {
	for _, content := range c.batch.Contents {
		if content.Hash == w.Hash {
			c.file(w, content.Failure)
			return nil
		}
	}
	if c.claims.Taken(w.Hash) {
		c.waiting[w.Hash] = append(c.waiting[w.Hash], w)
		return nil
	}
	content, known, err := c.x.ContentByHash(ctx, w.Hash)
	if known {
		c.file(w, content.Failure)
	}
	return err
}

// end commits what is left, after the last result.
func (c *committer) end(ctx context.Context) error {
	if err := c.flush(ctx); err != nil {
		return err
	}
	// What waits still, waits for a content that was committed just before, or
	// that a cancelled run did not make.
	for h, files := range c.waiting {
		content, known, err := c.x.ContentByHash(ctx, h)
		if err != nil {
			return err
		}
		for _, w := range files {
			if known {
				c.file(w, content.Failure)
			}
		}
	}
	return c.flush(ctx)
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
	for step, d := range r.Took {
		c.sum.Took[step] += d
	}
	c.mu.Unlock()
	switch {
	case r.Gone:
		return // counted when it is proven gone; a name that is new and gone again is none
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

// flush commits the batch.
func (c *committer) flush(ctx context.Context) error {
	at := time.Now()
	if err := c.x.Write(ctx, c.batch); err != nil {
		return err
	}
	c.took(StepCommit, time.Since(at))
	for _, w := range c.batch.Contents {
		c.claims.Committed(w.Hash)
	}
	for _, w := range c.batch.Files {
		if w.State == index.OK && c.news[w.Place] {
			c.arrived(Arrival{c.places.path(w.Place), w.Hash})
		}
	}
	for _, w := range c.batch.Files {
		delete(c.news, w.Place)
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
