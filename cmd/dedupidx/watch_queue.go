package main

import (
	"context"
	"log/slog"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/watch"
)

// queue is what is to be looked at. What is due stands in the job table from
// before it is looked at until it was, so that status shows it and a kill leaves
// it there. What failed stays, is tried again ever later, and is parked after
// maxTries with its reason: then an event, a reconciliation or a start looks again.
type queue struct {
	x       *index.Index
	log     *slog.Logger
	waiting map[string]waiting // what failed, by full path
	blocked time.Time          // the index itself failed: nothing is tried before
	blocks  int                // how often in a row
}

type waiting struct {
	place  pipeline.Place
	tries  int
	due    time.Time // zero: parked
	reason string
}

const (
	maxTries = 10
	// maxWaiting bounds what is remembered one by one; above it the roots are
	// looked at whole.
	maxWaiting = 2000
	longestOff = 5 * time.Minute
)

// backOff is how long to wait after so many tries: 1 s, 2 s, 4 s ... 5 min.
func backOff(tries int) time.Duration {
	if tries > 9 {
		return longestOff
	}
	return min(longestOff, time.Second<<max(0, tries-1))
}

func newQueue(x *index.Index, log *slog.Logger) *queue {
	return &queue{x: x, log: log, waiting: map[string]waiting{}}
}

func (q *queue) depth() int { return len(q.waiting) }

// next is when the next try is due, if one is.
func (q *queue) next() (at time.Time, ok bool) {
	for _, w := range q.waiting {
		if !w.due.IsZero() && (!ok || w.due.Before(at)) {
			at, ok = w.due, true
		}
	}
	return at, ok
}

// restart empties the job table, after all that stood in it was looked at, but
// for what could not be read.
func (q *queue) restart(ctx context.Context, unread []pipeline.Unread) {
	old, err := q.x.DueJobs(ctx, math.MaxInt64, math.MaxInt32)
	q.tell(ctx, err)
	for _, j := range old {
		q.tell(ctx, q.x.DoneJob(ctx, j.Path))
	}
	roots, err := q.x.Roots(ctx)
	q.tell(ctx, err)
	for _, u := range unread {
		q.fail(ctx, u, roots)
	}
}

// take returns what to look at now, and puts it into the job table.
func (q *queue) take(ctx context.Context, due []watch.Due, whole bool) []pipeline.Place {
	var places []pipeline.Place
	now := time.Now()
	for _, d := range due {
		p := pipeline.Place{Root: d.Root, Folder: d.Folder, Names: d.Names, Deep: d.Deep}
		q.tell(ctx, q.x.PutJob(ctx, index.Job{Path: fullPath(p), Cause: string(d.Cause), Due: d.Since.UnixNano()}))
		places = append(places, p)
	}
	for _, path := range slices.Sorted(maps.Keys(q.waiting)) {
		w := q.waiting[path]
		if w.due.IsZero() || w.due.After(now) {
			continue
		}
		if whole {
			w.place = pipeline.Place{Root: w.place.Root, Deep: true}
		}
		places = append(places, w.place)
	}
	return distinct(places)
}

// distinct makes one of the looks at one folder, and leaves out those that lie
// in a folder that is looked at with all below.
func distinct(places []pipeline.Place) []pipeline.Place {
	type key struct{ root, folder string }
	at := map[key]int{}
	var out []pipeline.Place
	deep := map[key]bool{}
	for _, p := range places {
		k := key{p.Root, p.Folder}
		deep[k] = deep[k] || p.Deep
		if i, ok := at[k]; ok {
			if p.Names == nil || out[i].Names == nil {
				out[i].Names = nil
			} else {
				out[i].Names = slices.Concat(out[i].Names, p.Names)
			}
			out[i].Deep = out[i].Deep || p.Deep
			continue
		}
		at[k] = len(out)
		out = append(out, p)
	}
	return slices.DeleteFunc(out, func(p pipeline.Place) bool {
		for f := p.Folder; f != ""; {
			f = f[:max(0, strings.LastIndexByte(f, '/'))]
			if deep[key{p.Root, f}] {
				return true
			}
		}
		return false
	})
}

// done takes off the queue what was looked at, but for what could not be read.
func (q *queue) done(ctx context.Context, places []pipeline.Place, unread []pipeline.Unread) {
	q.blocks, q.blocked = 0, time.Time{}
	again := map[string]bool{}
	for _, u := range unread {
		again[u.Path] = true
	}
	for _, p := range places {
		path := fullPath(p)
		if w, waits := q.waiting[path]; !again[path] && (!waits || includes(p, w.place)) {
			q.tell(ctx, q.x.DoneJob(ctx, path))
		}
	}
	for path, w := range q.waiting {
		if !again[path] && slices.ContainsFunc(places, func(p pipeline.Place) bool { return includes(p, w.place) }) {
			delete(q.waiting, path)
			q.tell(ctx, q.x.DoneJob(ctx, path))
		}
	}
	if len(unread) == 0 {
		return
	}
	roots, err := q.x.Roots(ctx)
	q.tell(ctx, err)
	for _, u := range unread {
		q.fail(ctx, u, roots)
	}
}

// includes tells whether to look at p is to look at o.
func includes(p, o pipeline.Place) bool {
	if p.Root != o.Root {
		return false
	}
	if p.Folder == o.Folder {
		other := func(name string) bool { return !slices.Contains(p.Names, name) }
		return p.Deep || !o.Deep && (p.Names == nil || o.Names != nil && !slices.ContainsFunc(o.Names, other))
	}
	return p.Deep && (p.Folder == "" || strings.HasPrefix(o.Folder, p.Folder+"/"))
}

// fail queues a file or folder that could not be read.
func (q *queue) fail(ctx context.Context, u pipeline.Unread, roots []index.Root) {
	if len(q.waiting) >= maxWaiting {
		if _, known := q.waiting[u.Path]; !known {
			return // the next look at all will find it
		}
	}
	for _, r := range roots {
		rel, err := filepath.Rel(r.Path, u.Path)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			continue
		}
		p := pipeline.Place{Root: r.Path}
		if !u.Folder {
			rel, p.Names = filepath.Dir(rel), []string{filepath.Base(rel)}
		}
		if rel != "." {
			p.Folder = filepath.ToSlash(rel)
		}
		q.again(ctx, u.Path, p, u.Reason, true)
		return
	}
}

// failed queues all that was to be looked at, because the index failed. That is
// never parked: nobody else would look at these places.
func (q *queue) failed(ctx context.Context, places []pipeline.Place, why error) {
	q.blocks++
	q.blocked = time.Now().Add(backOff(q.blocks))
	for _, p := range places {
		q.again(ctx, fullPath(p), p, why.Error(), false)
	}
	if len(q.waiting) <= maxWaiting {
		return
	}
	roots := map[string]bool{}
	for path, w := range q.waiting {
		roots[w.place.Root] = true
		q.tell(ctx, q.x.DoneJob(ctx, path))
	}
	q.waiting = map[string]waiting{}
	for r := range roots {
		q.again(ctx, r, pipeline.Place{Root: r, Deep: true}, why.Error(), false)
	}
}

// again puts a path off.
func (q *queue) again(ctx context.Context, path string, p pipeline.Place, reason string, park bool) {
	w := q.waiting[path]
	w.place.Root, w.place.Folder, w.place.Names, w.place.Deep = p.Root, p.Folder, p.Names, p.Deep || w.place.Deep && w.place.Folder == p.Folder
	w.tries++
	w.reason, w.due = reason, time.Now().Add(backOff(w.tries))
	at := w.due.UnixNano()
	if park && w.tries >= maxTries {
		if w.tries == maxTries {
			q.log.Warn("parked after "+count(maxTries, "try")+": it is looked at again when it changes, or with everything", "path", path, "reason", reason)
		}
		w.due, at = time.Time{}, math.MaxInt64
	}
	q.waiting[path] = w
	q.tell(ctx, q.x.DoneJob(ctx, path)) // else the earlier time would hold
	q.tell(ctx, q.x.PutJob(ctx, index.Job{Path: path, Cause: "failed", Due: at, Tries: w.tries, Reason: reason}))
}

// tell logs what keeps the job table from being true. It is a record; what there
// is to do is remembered here as well.
func (q *queue) tell(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		q.log.Warn("the queue in the index could not be written", "error", err)
	}
}

func fullPath(p pipeline.Place) string {
	if p.Folder == "" {
		return p.Root
	}
	return filepath.Join(p.Root, filepath.FromSlash(p.Folder))
}
