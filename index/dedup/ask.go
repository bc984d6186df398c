package dedup

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

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
	seen := make(map[uint32]bool)
	for i := range askers {
		for _, p := range askers[i].probes {
			seen[p.key.Bucket] = true
		}
	}
	buckets := make([]uint32, 0, len(seen))
	for b := range seen {
		buckets = append(buckets, b)
	}
	slices.Sort(buckets)
	for i := range askers {
		a := &askers[i]
		for j := range a.probes {
			a.probes[j].bucket, _ = slices.BinarySearch(buckets, a.probes[j].key.Bucket)
		}
		slices.SortFunc(a.probes, func(p, q probe) int {
			return cmp.Or(cmp.Compare(p.bucket, q.bucket), cmp.Compare(p.key.Data, q.key.Data))
		})
		a.probes = slices.Compact(a.probes)
	}
	return buckets, nil
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

// tile is some of what is stored, and how much of each bucket in it is heard.
type tile struct {
	*index.Tile
	listen []uint32
}

// piece is an asker that is put to a tile.
type piece struct {
	tile  *tile
	asker int
}

// limit counts what the buckets of tiles hold, as far as they are heard.
func (a *asking) limit(tiles []index.Tile) []tile {
	for len(a.tiles) < len(tiles) {
		a.tiles = append(a.tiles, tile{listen: make([]uint32, len(a.heard))})
	}
	for n := range tiles {
		t := &a.tiles[n]
		t.Tile = &tiles[n]
		for i := range a.heard {
			n := len(t.Bucket(i).Offsets)
			t.listen[i] = uint32(max(min(n, HotBucket-a.heard[i]), 0))
			a.heard[i] += n
		}
	}
	return a.tiles[:len(tiles)]
}

// put puts all askers to each tile. One alone is put to all tiles at once, so that all workers are
// at work; many take one tile after the other, so that the strongest that each met in
// one spare it most of the next.
func (a *asking) put(ctx context.Context, tiles []tile) error {
	if len(a.askers) == 1 {
		pieces := make([]piece, len(tiles))
		for i := range tiles {
			pieces[i].tile = &tiles[i]
		}
		return a.hearAll(ctx, pieces, math.MaxInt64)
	}
	pieces := make([]piece, 0, len(a.askers))
	for i := range tiles {
		pieces = pieces[:0]
		for j := range a.askers {
			pieces = append(pieces, piece{&tiles[i], j})
		}
		if err := a.hearAll(ctx, pieces, a.most); err != nil {
			return err
		}
	}
	return nil
}

// hearAll lets askers hear, most hits or a few more at a time, and looks at whom they met.
func (a *asking) hearAll(ctx context.Context, pieces []piece, most int64) error {
	for len(pieces) > 0 {
		found, err := a.hear(ctx, pieces, most)
		if err != nil {
			return err
		}
		askers := make([]int, len(found))
		for i := range found {
			askers[i] = pieces[i].asker
		}
		if a.s.Buckets.Listen == nil {
			a.wait(askers, found)
		} else if err := a.look(ctx, askers, found); err != nil {
			return err
		}
		pieces = pieces[len(found):]
	}
	return nil
}

// MostShared is with how many of the contents that share a bare bucket with it, one that carries no
// data to tell by, a content is compared: with those that share most. At a million photos 18,000 share
// one of the 14 bands of package global with a picture by chance; of the edits among the
// test photos that only such a band tells, all but one of 230 share two. Up to 14,000 photos all are
// compared.
const MostShared = 256

// wait keeps whom askers met by buckets alone until all tiles were heard.
func (a *asking) wait(askers []int, found [][]met) {
	if a.later == nil {
		a.later = make([][]alike, len(a.askers))
	}
	for i, list := range found {
		l := &a.later[askers[i]]
		for _, m := range list {
			if *l = append(*l, m.alike); len(*l) == 2*a.o.mostShared { // now and then, so that it costs little
				*l = keepStrongest(*l, a.o.mostShared)
			}
		}
	}
}

// lookLater looks at those who were kept until all tiles were heard.
func (a *asking) lookLater(ctx context.Context) error {
	const some = 64 // askers at a time, whose lists take memory
	for from := 0; from < len(a.later); from += some {
		var askers []int
		var found [][]met
		for i, list := range a.later[from:min(from+some, len(a.later))] {
			if len(list) > a.o.mostShared {
				list = keepStrongest(list, a.o.mostShared)
			}
			mets := make([]met, len(list))
			for j := range list {
				mets[j].alike = list[j]
			}
			askers, found = append(askers, from+i), append(found, mets)
		}
		if err := a.look(ctx, askers, found); err != nil {
			return err
		}
	}
	return nil
}

// isOut tells whether a content is not met.
func (a *asking) isOut(content int64) bool {
	_, out := slices.BinarySearch(a.out, content)
	return out
}

// bucket is what of a bucket an asker hears: its postings stand by content.
func (t *tile) bucket(who *asker, i int) index.Bucket {
	b, n := t.Bucket(i), int(t.listen[i])
	if who.before > 0 && who.before < t.Low+int64(t.Contents) { // else it hears all of the tile
		n = sort.Search(n, func(j int) bool { return t.Low+int64(b.Offsets[j]) >= who.before })
	}
	return index.Bucket{Offsets: b.Offsets[:n], Low: b.Low[:n], High: b.High[:n]}
}

// heldHits is how many hits wait for the features that confirm them, about 1 MiB.
// Copies of one picture hold some 200 for each pair: without a bound a scan of 93 files,
// most of them copies of three pictures, took 123 MiB at its peak and with it 70, in the
// same time.
const heldHits = 1 << 20 / 32

// hear lets askers hear, one after the other until enough hits are held, and returns whom each
// of those met.
func (a *asking) hear(ctx context.Context, pieces []piece, most int64) ([][]met, error) {
	found := make([][]met, len(pieces))
	next := make(chan int)
	var held atomic.Int64
	g, running := errgroup.WithContext(ctx)
	to := 0
	g.Go(func() error {
		defer close(next)
		for ; to < len(pieces) && held.Load() < most; to++ {
			if before := a.askers[pieces[to].asker].before; before > 0 && before <= pieces[to].tile.Low {
				continue
			}
			select {
			case next <- to:
			case <-running.Done():
				return running.Err()
			}
		}
		return nil
	})
	left := make([]bool, len(pieces))
	for w := range a.ears {
		g.Go(func() error {
			for i := range next {
				p := pieces[i]
				found[i], left[i] = a.ears[w].hear(a, p.tile, &a.askers[p.asker], &a.circles[p.asker])
				for _, m := range found[i] {
					held.Add(int64(1 + len(m.hits)))
				}
			}
			return nil
		})
	}
	err := g.Wait()
	for i, p := range pieces[:to] {
		a.circles[p.asker].left = a.circles[p.asker].left || left[i]
	}
	return found[:to], err
}

// lookBytes is about how much of features is in memory at a time. With twice as much the heap
// of a scan of 500 photos has its peak 2 MiB higher, for no less time.
const lookBytes = 1 << 20

// look adds to the circles of askers those of whom each met whose features the stage calls near and
// confirms.
func (a *asking) look(ctx context.Context, askers []int, found [][]met) error {
	if a.s.Buckets.Confirm != nil {
		for _, list := range found {
			a.voted += int64(len(list))
		}
	}
	if a.s.Buckets.Near != nil || a.s.Buckets.Confirm != nil {
		var err error
		if found, err = a.kept(ctx, askers, found); err != nil {
			return err
		}
	}
	var some []alike
	for i, list := range found {
		some = some[:0]
		for _, m := range list {
			some = append(some, m.alike)
		}
		a.circles[askers[i]].add(some)
	}
	return nil
}

// kept are those that the features keep.
func (a *asking) kept(ctx context.Context, askers []int, found [][]met) ([][]met, error) {
	var ids []int64
	for _, list := range found {
		for _, m := range list {
			ids = append(ids, m.content)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	each := 1
	for i := range a.askers {
		each = max(each, len(a.askers[i].feature))
	}
	keep := make([][]met, len(found))
	for part := range slices.Chunk(ids, max(lookBytes/each, 64)) {
		features, err := a.x.Features(ctx, a.s.Name, a.s.Version, part)
		if err != nil {
			return nil, err
		}
		err = spread(ctx, a.o.Workers, len(found), func(i int) (err error) {
			keep[i], err = a.confirmed(&a.askers[askers[i]], features, found[i], keep[i])
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return keep, nil
}

// confirmed adds those that an asker met to keep whose features are at hand and pass.
func (a *asking) confirmed(who *asker, features map[int64][]byte, found, keep []met) ([]met, error) {
	var near func([]byte) (int, error)
	var confirm func([]byte, []stages.Hit) (bool, error)
	for _, m := range found {
		stored, ok := features[m.content]
		if !ok {
			continue // pruned, of another version by now, or in another part
		}
		var err error
		if a.s.Buckets.Near != nil && near == nil {
			near, err = a.s.Buckets.Near(who.feature)
		}
		if a.s.Buckets.Confirm != nil && confirm == nil && err == nil {
			confirm, err = a.s.Buckets.Confirm(who.feature)
		}
		if err != nil {
			return keep, fmt.Errorf("compare %s of content %d: %w", a.s.Name, who.content, err)
		}
		passes := true
		if near != nil {
			m.strength, err = near(stored)
			passes = m.strength > 0
		}
		if confirm != nil && passes && err == nil {
			passes, err = confirm(stored, m.hits)
		}
		if err != nil {
			return keep, fmt.Errorf("compare %s of content %d: %w", a.s.Name, m.content, err)
		}
		if passes {
			keep = append(keep, m)
		}
	}
	return keep, nil
}
