package dedup

import (
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// ear is how a worker hears what a tile has to say to one asker.
type ear struct {
	listener stages.Listener // nil where buckets are enough to meet in
	keys     []stages.Key    // of the asker, for a listener
	found    []uint32
	count    int64 // hits, in all
}

func newEar(b *stages.Buckets) ear {
	if b.Listen == nil {
		return ear{}
	}
	return ear{listener: b.Listen()}
}

// hear returns the other contents that an asker met, twice where it met its mirror
// image as well.
func (e *ear) hear(a *asking, t *index.Tile, who *asker) (out []met) {
	if e.listener == nil {
		return e.hearAny(a, t, who)
	}
	e.keys = e.keys[:0]
	for _, p := range who.probes {
		e.keys = append(e.keys, p.key)
	}
	e.count += int64(e.listener.Hear(e.keys, func(i int) stages.Postings {
		b := a.bucket(t, who, who.probes[i].bucket)
		return stages.Postings{Contents: b.Offsets, Low: b.Low, High: b.High}
	}, t.Contents, int(who.content-t.Low), func(content int, hits []stages.Hit) {
		m := met{at: uint32(content)}
		if a.s.Buckets.Confirm != nil {
			m.hits = slices.Clone(hits)
		}
		out = append(out, m)
	}))
	return out
}

// hearAny is for a stage whose buckets are enough to meet in.
func (e *ear) hearAny(a *asking, t *index.Tile, who *asker) []met {
	e.found = e.found[:0]
	for _, p := range who.probes {
		e.found = append(e.found, a.bucket(t, who, p.bucket).Offsets...)
	}
	e.count += int64(len(e.found))
	slices.Sort(e.found)
	e.found = slices.Compact(e.found)
	out := make([]met, 0, len(e.found))
	for _, at := range e.found {
		if t.Low+int64(at) != who.content {
			out = append(out, met{at: at})
		}
	}
	return out
}
