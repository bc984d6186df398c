package dedup

import (
	"slices"

	"github.com/dedupidx/dedupidx/stages"
)

// ear is how a worker hears what a tile has to say to one asker.
type ear struct {
	listener stages.Listener // nil where buckets are enough to meet in
	keys     []stages.Key    // of the asker, for a listener
	shared   []uint8         // by offset in a tile, buckets that a content shares with the asker
	plain    contentSet      // what is plainly like the asker, in this tile
	count    int64           // hits, in all
}

func newEar(b *stages.Buckets) ear {
	if b.Listen == nil {
		return ear{}
	}
	return ear{listener: b.Listen()}
}

// hear returns the other contents that an asker met in a tile, twice where it met its mirror
// image as well; of those that are plainly alike the strongest, no weaker than
// the weakest of its circle. left says that there were more.
func (e *ear) hear(a *asking, t *tile, who *asker, c *circle) (out []met, left bool) {
	if e.listener == nil {
		return e.hearAny(a, t, who), false
	}
	e.keys = e.keys[:0]
	for _, p := range who.probes {
		e.keys = append(e.keys, p.key)
	}
	e.plain.grow(t.Contents)
	weakest := c.weakest()
	var plain []met
	unheard := func(content, hits int) bool {
		if a.isOut(t.Low + int64(content)) {
			return true
		}
		if weakest < c.plain || !a.s.Buckets.Outdone(weakest, hits) {
			return false
		}
		e.plain.add(content)
		left = true
		return true
	}
	e.count += int64(e.listener.Hear(e.keys, func(i int) stages.Postings {
		b := t.bucket(who, who.probes[i].bucket)
		return stages.Postings{Contents: b.Offsets, Low: b.Low, High: b.High}
	}, t.Contents, int(who.content-t.Low), unheard, func(content int, hits []stages.Hit) {
		m := met{alike: alike{t.Low + int64(content), a.s.Buckets.Strength(hits)}}
		plainly := m.strength >= c.plain
		if plainly {
			e.plain.add(content)
			if m.strength < weakest {
				left = true
				return
			}
		}
		if a.s.Buckets.Confirm != nil {
			m.hits = slices.Clone(hits)
		}
		if !plainly {
			out = append(out, m)
			return
		}
		if plain = append(plain, m); len(plain) == 2*c.most { // now and then, so that it costs little
			plain, left = keepStrongest(plain, c.most), true
			weakest = plain[c.most-1].strength
		}
	}))
	if len(plain) > c.most {
		plain, left = keepStrongest(plain, c.most), true
	}
	// What is plainly alike was met as such, or left out: its mirror image says no more.
	out = slices.DeleteFunc(out, func(m met) bool { return e.plain.has(int(m.content - t.Low)) })
	e.plain.clear()
	return append(out, plain...), left
}

// contentSet is a set of the contents of a tile.
type contentSet struct {
	in   []bool
	list []int
}

func (s *contentSet) grow(n int) { s.in = append(s.in, make([]bool, max(n-len(s.in), 0))...) }

func (s *contentSet) has(n int) bool { return s.in[n] }

func (s *contentSet) add(n int) {
	if !s.in[n] {
		s.in[n] = true
		s.list = append(s.list, n)
	}
}

func (s *contentSet) clear() {
	for _, n := range s.list {
		s.in[n] = false
	}
	s.list = s.list[:0]
}

// hearAny is for a stage whose buckets are enough to meet in: the strength is how many of
// them the two share. It returns no more than MostShared.
func (e *ear) hearAny(a *asking, t *tile, who *asker) (out []met) {
	e.shared = slices.Grow(e.shared[:0], t.Contents)[:t.Contents]
	clear(e.shared)
	for _, p := range who.probes {
		offsets := t.bucket(who, p.bucket).Offsets
		e.count += int64(len(offsets))
		for _, at := range offsets {
			e.shared[at] = max(e.shared[at]+1, e.shared[at]) // stays at 255
		}
	}
	for at, n := range e.shared {
		if n == 0 {
			continue
		}
		if content := t.Low + int64(at); content != who.content && !a.isOut(content) {
			out = append(out, met{alike: alike{content, int(n)}})
		}
	}
	if len(out) > a.o.mostShared {
		out = slices.Clone(keepStrongest(out, a.o.mostShared)) // lest those left out hold memory
	}
	return out
}
