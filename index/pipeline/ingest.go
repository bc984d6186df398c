package pipeline

import (
	"context"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
)

// ingest walks and looks at what is not fresh: one goroutine walks, some read,
// some decode and extract, one commits. What is gone is removed last, when every place that a
// file may have moved to was seen.
func (r *run) ingest(ctx context.Context, outdated map[int64]bool, walk func(context.Context, *walker) error) error {
	claims := ingest.NewClaims()
	w := &walker{run: r, outdated: outdated, jobs: make(chan ingest.File, 2*r.o.Budget.Workers)}
	results := make(chan ingest.Result, 2*r.o.Budget.Workers)
	all, err := r.x.Roots(ctx) // a file may have come from a root that is not walked now
	if err != nil {
		return err
	}
	paths := newPlaces(all)
	c := &committer{
		run: r, places: paths, claims: claims, moved: make(map[index.Place]bool), news: make(map[index.Place]bool),
		waiting: make(map[index.Hash][]index.FileWrite), again: make(map[string]bool),
	}
	look := ingest.Looker{
		Store: r.x, Disk: r.disk, Stages: r.o.Stages, Limits: r.o.Limits, Attempt: ingest.Attempt(r.o.Limits),
		Claims: claims, Roots: paths.path, Now: time.Now, Outdated: outdated,
	}
	due, err := r.x.DueJobs(ctx, time.Now().UnixNano(), math.MaxInt32)
	if err != nil {
		return err
	}

	g, running := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(w.jobs) // the walker is its only sender
		return walk(running, w)
	})
	g.Go(func() error {
		defer close(results) // the workers, its only senders, are waited for here
		return r.work(running, look, w.jobs, results)
	})
	g.Go(func() error { return c.commit(running, results) })
	err = g.Wait()
	r.meter.final(Files)
	r.meter.final(Photos)
	if err != nil {
		return err
	}
	if err := w.vanish(ctx, c.vanished); err != nil {
		return err
	}
	if err := w.settleEmptied(ctx, c.moved); err != nil {
		return err
	}
	if err := w.remove(ctx, c.moved); err != nil {
		return err
	}
	if err := w.endJobs(ctx, due, c.again); err != nil {
		return err
	}
	return r.dropOldPostings(ctx)
}

// outdated is the set of contents that must be decoded again although their
// bytes did not change.
func (r *run) outdated(ctx context.Context) (map[int64]bool, error) {
	out := make(map[int64]bool)
	const page = 4096
	for _, s := range r.o.Stages {
		for after := int64(0); ; {
			ids, err := r.x.Stale(ctx, s.Name, s.Version, after, page)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				out[id] = true
			}
			if len(ids) < page {
				break
			}
			after = ids[len(ids)-1]
		}
	}
	for after := int64(0); r.o.Limits.FullOnly; {
		ids, err := r.x.FromPreview(ctx, after, page)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out[id] = true
			after = id
		}
		if len(ids) < page {
			break
		}
	}
	attempt := ingest.Attempt(r.o.Limits)
	for after := int64(0); ; {
		contents, err := r.x.Retriable(ctx, attempt, after, page)
		if err != nil {
			return nil, err
		}
		for _, c := range contents {
			out[c.ID] = true
			after = c.ID
		}
		if len(contents) < page {
			return out, nil
		}
	}
}

// dropOldPostings removes what stages of other versions left in the buckets.
// A stage that has none of them costs a question.
func (r *run) dropOldPostings(ctx context.Context) error {
	for _, s := range r.o.Stages {
		if s.Buckets == nil {
			continue
		}
		if err := r.x.DropPostings(ctx, s.Name, s.Version); err != nil {
			return err
		}
	}
	return nil
}
