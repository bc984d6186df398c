package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// tiled are the postings of the keys by tiles of some size, and how many tiles there were.
func tiled(t *testing.T, x *Index, keys []uint32, most tileSize) (list []Posting, tiles int) {
	t.Helper()
	must(t, x.tiles(t.Context(), "local", 1, keys, most, func(tile *Tile) bool {
		tiles++
		if tile.Contents > int(most.contents) {
			t.Errorf("a tile of %d contents, at most %d are asked for", tile.Contents, most.contents)
		}
		for i, key := range keys {
			offsets, data := tile.Bucket(i)
			for j, at := range offsets {
				if int(at) >= tile.Contents {
					t.Errorf("offset %d in a tile of %d", at, tile.Contents)
				}
				list = append(list, Posting{Key{key, data[j]}, tile.Low + int64(at)})
			}
		}
		return true
	}))
	slices.SortFunc(list, comparePostings)
	return slices.Compact(list), tiles
}

// Tiles of any size hold what Lookup finds, also when runs came and went since.
func TestTilesHoldWhatLookupFinds(t *testing.T) {
	x := create(t)
	r := rand.New(rand.NewPCG(9, 1))
	keys := make([]uint32, 0, 400)
	for k := range uint32(400) {
		keys = append(keys, 5*k) // four in five buckets are not asked for
	}
	for batch := range 30 {
		var b Batch
		for i := range 6 {
			b.Contents = append(b.Contents, withKeys(fmt.Sprint(batch, " ", i), 1, drawKeys(r, 60, 2000)))
		}
		if batch > 3 { // extracted anew: its postings stand in a run of others, far below
			b.Contents = append(b.Contents, withKeys(fmt.Sprint(batch-3, " 0"), 1, drawKeys(r, 60, 2000)))
		}
		must(t, x.Write(t.Context(), b))
		if batch%7 != 0 {
			continue
		}
		want := lookup(t, x, 1, keys...)
		for _, most := range []tileSize{{1 << 20, 1 << 20}, {500, 1 << 20}, {1 << 20, 5}, {100, 7}} {
			got, tiles := tiled(t, x, keys, most)
			if !slices.Equal(got, want) {
				t.Fatalf("batch %d, tiles of %+v: %d postings, want %d", batch, most, len(got), len(want))
			}
			if batch > 7 && most.postings == 100 && tiles < 10 {
				t.Errorf("only %d tiles of at most 100 postings", tiles)
			}
		}
	}
	if n := number(t, x, "SELECT count(*) FROM posting_run"); int64(len(x.directories.runs)) > n {
		t.Errorf("the blocks of %d runs are remembered, there are %d", len(x.directories.runs), n)
	}
	for _, err := range x.Tiles(t.Context(), "local", 1, []uint32{3, 3}) {
		if err == nil {
			t.Error("a key that is asked for twice is no error")
		}
	}
	for range x.Tiles(t.Context(), "local", 1, keys) {
		break // ends in peace
	}
}
