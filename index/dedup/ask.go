package dedup

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// HotBucket is how many postings of one bucket are heard in one look-up. A bucket
// that holds more is a property of many pictures (a flat area, a scanner's page
// frame) and says nothing of a pair; those beyond are left out, counted and
// reported, and only then does it matter who came first. It stands above the longest
// bucket of a word among a million pictures (5 to 10 % of the pictures, `go run
// ./cmd/crowd --donor INDEX` prints it); `dedupidx scan --json` prints how many
// were met ("hot").
const HotBucket = 100_000

// asker is a content that asks, with its feature of one stage.
type asker struct {
	content int64 // 0 for a picture that is not stored
	before  int64 // it need not meet contents from this one on, which ask it; 0 for none
	crowded bool  // another stage has met more than MostAlike for it
	feature []byte
	probes  []probe
}

// probe is a key that is asked, and the number of its bucket among all that are asked.
type probe struct {
	key    stages.Key
	bucket int
}

// meeting is one asker and a stored content that it may be a copy of.
type meeting struct {
	asker  int // index into the askers
	stored int64
}

// ask puts the probes of the askers to the buckets of one stage and returns who
// they met, after the stage's own cheap tests, by asker and content, and marks
// those askers as crowded that were like more than MostAlike. The postings
// are read once, in tiles, and each asker is put to each tile: what is held
// besides is a tile, the askers and the meetings that passed.
func ask(ctx context.Context, x *index.Index, o Options, s stages.Stage, askers []asker, c *Counts) ([]meeting, error) {
	buckets, err := findProbes(ctx, o, s, askers)
	if err != nil {
		return nil, err
	}
	out, err := x.LeftOut(ctx)
	if err != nil {
		return nil, err
	}
	a := asking{out: out, x: x, o: o, s: s, askers: askers, heard: make([]int, len(buckets)), most: cmp.Or(o.heldHits, heldHits)}
	a.circles = make([]circle, len(askers))
	for i, who := range askers {
		a.circles[i] = circle{plain: max(s.Buckets.Plain, 1), most: o.mostAlike}
		if who.crowded {
			a.circles[i].plain, a.circles[i].most = 1, max(o.mostAlike/besidePart, 1)
		}
	}
	for range o.Workers {
		a.ears = append(a.ears, newEar(s.Buckets))
	}
	for tiles, err := range x.Tiles(ctx, s.Name, s.Version, buckets) {
		if err != nil {
			return nil, err
		}
		if err := a.put(ctx, a.limit(tiles)); err != nil {
			return nil, err
		}
	}
	if err := a.lookLater(ctx); err != nil {
		return nil, err
	}
	for _, n := range a.heard {
		if n > HotBucket {
			c.Hot++
		}
	}
	for i := range a.ears {
		c.Hits += a.ears[i].count
	}
	c.Voted += a.voted
	var met []meeting
	for i := range a.circles {
		contents := a.circles[i].all()
		slices.Sort(contents)
		for _, content := range slices.Compact(contents) {
			met = append(met, meeting{i, content})
		}
		askers[i].crowded = askers[i].crowded || a.circles[i].left
	}
	return met, nil
}

// findProbes fills in the probes of the askers, each once, and returns all their
// buckets, sorted.
func findProbes(ctx context.Context, o Options, s stages.Stage, askers []asker) ([]uint32, error) {
	err := spread(ctx, o.Workers, len(askers), func(i int) error {
		a := &askers[i]
		if a.feature == nil {
			return nil
		}
		keys, err := s.Buckets.Probes(a.feature)
		if err != nil {
			return fmt.Errorf("ask the buckets of %s for content %d: %w", s.Name, a.content, err)
		}
		a.probes = make([]probe, len(keys))
		for j, k := range keys {
			a.probes[j].key = k
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var buckets []uint32
	for i := range askers {
		for _, p := range askers[i].probes {
			buckets = append(buckets, p.key.Bucket)
		}
	}
	slices.Sort(buckets)
	buckets = slices.Clone(slices.Compact(buckets)) // many ask for the same
	return buckets, spread(ctx, o.Workers, len(askers), func(i int) error {
		a := &askers[i]
		for j := range a.probes {
			a.probes[j].bucket, _ = slices.BinarySearch(buckets, a.probes[j].key.Bucket)
		}
		slices.SortFunc(a.probes, func(p, q probe) int {
			return cmp.Or(cmp.Compare(p.bucket, q.bucket), cmp.Compare(p.key.Data, q.key.Data))
		})
		a.probes = slices.Compact(a.probes)
		return nil
	})
}

// asking is one pass over the buckets of a stage.
type asking struct {
	x       *index.Index
	o       Options
	s       stages.Stage
	askers  []asker
	out     []int64   // contents that are not met, by id
	heard   []int     // postings of each bucket so far
	ears    []ear     // one to each worker
	circles []circle  // one to each asker
	tiles   []tile    // memory of limit
	later   [][]alike // whom each asker met by buckets alone, see MostShared
	voted   int64     // met, and their features asked to confirm the votes
	most    int64     // hits held, see heldHits
}

// met is a content that an asker met, with the hits if those must be confirmed.
type met struct {
	alike
	hits []stages.Hit
}
