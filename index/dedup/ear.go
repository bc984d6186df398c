package dedup

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/local"
)

// ear is the memory in which a worker hears what a tile has to say to one asker. At
// size this is where the time goes: a picture has seven hits with each stored one. So
// they are summed up first, by content and by how far one picture is turned against the
// other, and only where the sums are enough (one stranger in twenty) they are gathered
// and asked whether they agree.
type ear struct {
	tallies []tally // by content
	hits    []heard // of one class
	worths  []local.Worth
	last    []int32  // by content: its hit that was gathered last, -1 for none
	found   []uint32 // contents with such hits
	links   []linked
	votes   []stages.Hit
	count   int64 // hits, in all
}

// heard is a hit: of which content, by which probe, and which posting of its bucket.
type heard struct {
	at      uint32
	probe   uint32
	posting uint32
}

// linked is a hit and the one before of the same content.
type linked struct {
	before int32
	hit    stages.Hit
}

// hear returns the other contents that an asker met, each once.
func (e *ear) hear(a *asking, t *index.Tile, who *asker) []met {
	b := a.s.Buckets
	if b.Votes == nil {
		return e.hearAny(a, t, who)
	}
	for len(e.last) < t.Contents {
		e.last = append(e.last, -1)
	}
	e.links, e.found = e.links[:0], e.found[:0]
	for class := range 2 {
		e.add(a, t, who, class)
		e.gather(t, who, b.Enough)
	}
	var out []met
	for _, at := range e.found {
		e.votes = e.votes[:0]
		for i := e.last[at]; i >= 0; i = e.links[i].before {
			e.votes = append(e.votes, e.links[i].hit)
		}
		e.last[at] = -1
		if b.Votes(e.votes) >= b.Least {
			m := met{at: at}
			if b.Confirm != nil {
				m.hits = slices.Clone(e.votes)
			}
			out = append(out, m)
		}
	}
	return out
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
			e.hits[from+j] = heard{at, uint32(i), w.At}
			e.tallies[at].add(w)
		}
	}
	e.count += int64(len(e.hits))
}

// gather takes the hits of the contents whose sums are enough.
func (e *ear) gather(t *index.Tile, who *asker, enough int) {
	for at := range e.tallies {
		passes := e.tallies[at].reaches(enough) && t.Low+int64(at) != who.content
		e.tallies[at] = tally{}
		if passes {
			e.tallies[at][0] = 1
		}
	}
	for _, h := range e.hits {
		if e.tallies[h.at][0] == 0 {
			continue
		}
		if e.last[h.at] < 0 {
			e.found = append(e.found, h.at)
		}
		p := who.probes[h.probe]
		b := t.Bucket(p.bucket)
		stored := stages.Key{Bucket: p.key.Bucket, Data: uint64(b.Low[h.posting]) | uint64(b.High[h.posting])<<32}
		e.links = append(e.links, linked{e.last[h.at], stages.Hit{Probe: p.key, Stored: stored}})
		e.last[h.at] = int32(len(e.links) - 1)
	}
}

// tally is what the hits of a content are worth together, by their turn. A number
// stops at tallyMost, so that four of them fit into a byte.
type tally [local.Turns]uint8

const tallyMost = math.MaxUint8 / local.TurnsTogether

func (s *tally) add(w local.Worth) {
	n := &s[w.Turn%local.Turns]
	*n = min(*n+w.Worth, tallyMost) // both are below 64
}

// reaches says whether TurnsTogether numbers that follow one another around the circle
// add up to at least so much, 1..tallyMost. All sums are made at once, a byte each.
func (s *tally) reaches(enough int) bool {
	const bytes, tops = 0x0101010101010101, 0x8080808080808080
	a, b := binary.LittleEndian.Uint64(s[:8]), binary.LittleEndian.Uint64(s[8:])
	a, b = a+(a>>8|b<<56), b+(b>>8|a<<56)
	a, b = a+(a>>16|b<<48), b+(b>>16|a<<48)
	more := (128 - uint64(enough)) * bytes // lifts what is enough to the top bit
	return (a|b|((a&^tops)+more)|((b&^tops)+more))&tops != 0
}
