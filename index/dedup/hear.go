package dedup

import (
	"context"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
)

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
