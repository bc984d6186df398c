package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// tiled are the postings of the keys by tiles of some contents, and how many tiles there were.
func tiled(t testing.TB, x *Index, stage string, version int, keys []uint32, contents int64) (list []posting, tiles int) {
	t.Helper()
	must(t, x.tiles(t.Context(), stage, version, keys, contents, func(some []Tile) bool {
		tiles += len(some)
		for _, tile := range some {
			if tile.Contents > int(contents) {
				t.Errorf("a tile of %d contents, at most %d are asked for", tile.Contents, contents)
			}
			for i, key := range keys {
				b := tile.Bucket(i)
				for j, at := range b.Offsets {
					if int(at) >= tile.Contents {
						t.Errorf("offset %d in a tile of %d", at, tile.Contents)
					}
					list = append(list, posting{Key{key, uint64(b.Low[j]) | uint64(b.High[j])<<32}, tile.Low + int64(at)})
				}
			}
		}
		return true
	}))
	slices.SortFunc(list, comparePostings)
	return slices.Compact(list), tiles
}

// lookup is what all tiles hold of some keys.
func lookup(t testing.TB, x *Index, stage string, version int, keys ...uint32) []posting {
	t.Helper()
	list, _ := tiled(t, x, stage, version, keys, tileContents)
	return list
}

// Tiles of any size hold the same, also when runs came and went since.
func TestTiles(t *testing.T) {
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
		want := lookup(t, x, "local", 1, keys...)
		for _, most := range []int64{1 << 20, 5, 7} {
			got, tiles := tiled(t, x, "local", 1, keys, most)
			if !slices.Equal(got, want) {
				t.Fatalf("batch %d, tiles of %d contents: %d postings, want %d", batch, most, len(got), len(want))
			}
			if batch > 7 && most == 5 && tiles < 10 {
				t.Errorf("only %d tiles of at most 5 contents", tiles)
			}
		}
		for _, one := range [][]uint32{keys[:1], keys[200:203], {keys[0], keys[399]}} { // few blocks of many
			got := lookup(t, x, "local", 1, one...)
			if !slices.Equal(got, slices.DeleteFunc(slices.Clone(want), func(p posting) bool { return !slices.Contains(one, p.Bucket) })) {
				t.Fatalf("batch %d: keys %d find %d postings", batch, one, len(got))
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
		break // ends in peace, though the next are being read
	}
}

// No merge makes a run of more postings than a look-up holds in memory, and one that is
// nearly as large is not written again.
func TestRunsStayBelowTheirMost(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	x.runPostings = 2000
	r := rand.New(rand.NewPCG(11, 1))
	for batch := range 200 {
		must(t, x.Write(ctx, Batch{Contents: []ContentWrite{withKeys(fmt.Sprint(batch), 1, drawKeys(r, 60, 2000))}}))
	}
	check := func(when string, least, most int64) {
		t.Helper()
		if n := number(t, x, "SELECT max(entries) FROM posting_run"); n > 2000 || n < 1000 {
			t.Errorf("%s the longest run has %d postings", when, n)
		}
		if n := number(t, x, "SELECT count(*) FROM posting_run"); n < least || n > most {
			t.Errorf("%s there are %d runs", when, n)
		}
	}
	check("after 200 batches of 60", 7, 25)
	all := make([]uint32, 2000)
	for k := range all {
		all[k] = uint32(k)
	}
	want := lookup(t, x, "local", 1, all...)
	_, err := x.Compact(ctx)
	must(t, err)
	check("compacted", 6, 8)
	if got := lookup(t, x, "local", 1, all...); !slices.Equal(got, want) {
		t.Errorf("compacted, %d postings, want %d", len(got), len(want))
	}
}

// Several readers of one run find what one finds, also where a bucket fills many blocks.
func TestTilesOfSeveralReaders(t *testing.T) {
	ctx := t.Context()
	for _, different := range []uint32{40, 5000} { // keys
		x := create(t)
		x.runPostings = 80_000
		r := rand.New(rand.NewPCG(1, 9))
		for batch := range 64 {
			var b Batch
			for i := range 20 {
				b.Contents = append(b.Contents, withKeys(fmt.Sprint(batch, " ", i), 1, drawKeys(r, 60, different)))
			}
			must(t, x.Write(ctx, b))
		}
		keys := make([]uint32, different)
		for k := range keys {
			keys[k] = uint32(k)
		}
		parts := 0
		var got []posting
		for tiles, err := range x.Tiles(ctx, "local", 1, keys) {
			must(t, err)
			for _, tile := range tiles {
				parts = max(parts, len(tile.parts))
				for i, k := range keys {
					b := tile.Bucket(i)
					for n, at := range b.Offsets {
						got = append(got, posting{Key{k, uint64(b.Low[n]) | uint64(b.High[n])<<32}, tile.Low + int64(at)})
					}
				}
			}
		}
		slices.SortFunc(got, comparePostings)
		x.extra.Lock() // one reader
		want := lookup(t, x, "local", 1, keys...)
		x.extra.Unlock()
		slices.SortFunc(want, comparePostings)
		if len(want) < 20_000 || !slices.Equal(got, want) {
			t.Errorf("%d keys: %d postings, one reader finds %d", different, len(got), len(want))
		}
		if different > 40 && parts != 1+extraReaders(1e6) {
			t.Errorf("%d keys: at most %d readers of one run", different, parts)
		}
	}
}
