package dedup

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// ear is the memory in which a worker hears what a tile has to say to one asker. At
// size this is where the time goes: a picture has seven hits with each stored one. So
// they are summed up first, by content and by how far one picture is turned against the
// other. Where the sums are enough it is asked whether the hits may agree, and of one
// stranger in ten they are gathered whole.
type ear struct {
	tallies []tally // by content
	hits    []heard // of one class
	worths  []stages.Worth
	last    []int32  // by content: its hit that was gathered last, -1 for none
	found   []uint32 // contents with such hits
	votes   []stages.Hit
	count   int64 // hits, in all
}

// heard is a hit: of which content, by which probe, which posting of its bucket, and
// what it is worth.
type heard struct {
	content uint32
	probe   uint32
	before  int32 // the hit before of the same content, once it is gathered
	stages.Worth
}

// hear returns the other contents that an asker met, twice where it met its mirror
// image as well.
func (e *ear) hear(a *asking, t *index.Tile, who *asker) []met {
	b := a.s.Buckets
	if b.Agree == nil {
		return e.hearAny(a, t, who)
	}
	for len(e.last) < t.Contents {
		e.last = append(e.last, -1)
	}
	var out []met
	for class := range 2 {
		e.add(a, t, who, class)
		e.gather(t, who)
		for _, at := range e.found {
			e.worths = e.worths[:0]
			first := e.last[at]
			e.last[at] = -1
			for i := first; i >= 0; i = e.hits[i].before {
				e.worths = append(e.worths, e.hits[i].Worth)
			}
			if !b.MayAgree(e.worths) {
				continue
			}
			e.votes = e.votes[:0]
			for i := first; i >= 0; i = e.hits[i].before {
				e.votes = append(e.votes, e.hits[i].hit(t, who))
			}
			if b.Agree(e.votes) {
				m := met{at: at}
				if b.Confirm != nil {
					m.hits = slices.Clone(e.votes)
				}
				out = append(out, m)
			}
		}
	}
	return out
}

// hit is what was heard, in full.
func (h *heard) hit(t *index.Tile, who *asker) stages.Hit {
	p := who.probes[h.probe]
	b := t.Bucket(p.bucket)
	return stages.Hit{Probe: p.key, Stored: stages.Key{
		Bucket: p.key.Bucket, Data: uint64(b.Low[h.At]) | uint64(b.High[h.At])<<32,
	}}
}

// hearAny is for a stage whose buckets are enough to meet in.
func (e *ear) hearAny(a *asking, t *index.Tile, who *asker) []met {
	e.found = e.found[:0]
	for _, p := range who.probes {
		e.found = append(e.found, t.Bucket(p.bucket).Offsets[:a.listen[p.bucket]]...)
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

// add hears the probes of one class and sums up what their hits are worth.
func (e *ear) add(a *asking, t *index.Tile, who *asker, class int) {
	if cap(e.tallies) < t.Contents {
		e.tallies = make([]tally, t.Contents)
	}
	e.tallies, e.hits = e.tallies[:t.Contents], e.hits[:0]
	clear(e.tallies)
	for i, p := range who.probes {
		n := a.listen[p.bucket]
		if n == 0 || a.s.Buckets.Class(p.key) != class {
			continue
		}
		b := t.Bucket(p.bucket)
		e.worths = a.s.Buckets.Weigh(p.key, b.Low[:n], b.High[:n], e.worths[:0])
		from := len(e.hits)
		e.hits = slices.Grow(e.hits, len(e.worths))[:from+len(e.worths)]
		for j, w := range e.worths {
			at := b.Offsets[w.At]
			e.hits[from+j] = heard{content: at, probe: uint32(i), Worth: w}
			e.tallies[at].add(w)
		}
	}
	e.count += int64(len(e.hits))
}

// gather links the hits of the contents whose sums are enough.
func (e *ear) gather(t *index.Tile, who *asker) {
	for at := range e.tallies {
		passes := e.tallies[at].enough() && t.Low+int64(at) != who.content
		e.tallies[at][0] = 0
		if passes {
			e.tallies[at][0] = 1
		}
	}
	e.found = e.found[:0]
	for i := range e.hits {
		h := &e.hits[i]
		if e.tallies[h.content][0] == 0 {
			continue
		}
		h.before = e.last[h.content]
		if h.before < 0 {
			e.found = append(e.found, h.content)
		}
		e.last[h.content] = int32(i)
	}
}

// tally is what the hits of a content are worth together, by their turn in sixteenths,
// in tallyUnits, rounded up. A number stops at tallyMost, so that four fit into a byte.
type tally [tallyTurns]uint8

const (
	tallyTurns  = 16
	tallyStep   = stages.WorthTurns / tallyTurns
	tallyWindow = 4
	tallyMost   = math.MaxUint8 / tallyWindow
	tallyUnit   = 32
	tallyEnough = (stages.EnoughWorth + tallyUnit - 1) / tallyUnit
)

// The window holds what turns by up to WorthTurn more or less than any hit: else this
// does not compile.
var _ [tallyWindow - (tallyStep-1+2*stages.WorthTurn)/tallyStep - 1]struct{}

func (s *tally) add(w stages.Worth) {
	n := &s[w.Turn/tallyStep%tallyTurns]
	*n = min(*n+uint8((w.Worth+tallyUnit-1)/tallyUnit), tallyMost) // both are below 64
}

// enough says whether tallyWindow numbers that follow one another around the circle
// add up to tallyEnough. All sums are made at once, a byte each.
func (s *tally) enough() bool {
	const bytes, tops = 0x0101010101010101, 0x8080808080808080
	const more = (128 - tallyEnough) * bytes // lifts what is enough to the top bit
	a, b := binary.LittleEndian.Uint64(s[:8]), binary.LittleEndian.Uint64(s[8:])
	a, b = a+(a>>8|b<<56), b+(b>>8|a<<56)
	a, b = a+(a>>16|b<<48), b+(b>>16|a<<48)
	return (a|b|((a&^tops)+more)|((b&^tops)+more))&tops != 0
}
