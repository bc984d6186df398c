package index

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawPostings makes n postings, sorted, each once, in few buckets, so that
// all kinds of neighbours come up.
func drawPostings(r *rand.Rand, n, width int) []Posting {
	run := newRun{width: width}
	for range n {
		run.add(1+r.Int64N(50), []Key{{r.Uint32() >> r.IntN(32), r.Uint64N(1 << (8 * min(width, 7)))}})
	}
	return run.sorted()
}

func TestBlockRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := range 9 {
		for _, n := range []int{1, 2, 100, blockPostings} {
			want := drawPostings(r, n, width)
			want = append(want, Posting{Key{math.MaxUint32, 0}, math.MaxInt64}) // the far end
			if len(want) > blockPostings {
				want = want[1:]
			}
			got, err := decodeBlock(encodeBlock(want, width), width, nil)
			must(t, err)
			if !slices.Equal(got, want) {
				t.Errorf("width %d: %d postings came back as %d others", width, len(want), len(got))
			}
		}
	}
}

func TestDamagedBlockIsAnError(t *testing.T) {
	good := encodeBlock([]Posting{{Key{1, 5}, 1}, {Key{1, 6}, 1}, {Key{9, 0}, 3}}, 1)
	tooMany := []byte{blockFormat}
	for i := range blockPostings + 1 {
		tooMany = append(tooMany, byte(min(i, 1)), 1, 0)
	}
	for name, b := range map[string][]byte{
		"empty":             {},
		"no posting":        {blockFormat},
		"foreign format":    append([]byte{2}, good[1:]...),
		"cut off":           good[:len(good)-1],
		"content 0":         {blockFormat, 1, 0, 0},
		"the same twice":    {blockFormat, 1, 1, 0, 0, 0, 0},
		"data fall":         {blockFormat, 1, 1, 9, 0, 0, 8},
		"bucket too large":  {blockFormat, 0xff, 0xff, 0xff, 0xff, 0x1f, 1, 0},
		"varint never ends": append([]byte{blockFormat}, bytes.Repeat([]byte{0xff}, 20)...),
		"too many":          tooMany,
	} {
		if _, err := decodeBlock(b, 1, nil); !errors.Is(err, errBlock) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := decodeBlock(good, 9, nil); err == nil {
		t.Error("nine bytes of data were taken")
	}
}

func FuzzDecodeBlock(f *testing.F) {
	f.Add(encodeBlock([]Posting{{Key{1, 5}, 1}, {Key{1, 6}, 1}, {Key{9, 0}, 3}}, 2), 2)
	f.Add([]byte{blockFormat, 0xff, 0xff, 0xff, 0xff, 0x0f, 1}, 0)
	f.Fuzz(func(t *testing.T, b []byte, width int) {
		postings, err := decodeBlock(b, width, nil)
		if err != nil {
			return
		}
		if len(postings) == 0 || len(postings) > blockPostings || !slices.IsSortedFunc(postings, comparePostings) {
			t.Fatalf("%d postings, not as a run holds them", len(postings))
		}
		again, err := decodeBlock(encodeBlock(postings, width), width, nil)
		if err != nil || !slices.Equal(postings, again) {
			t.Fatalf("what was read is written otherwise: %v", err)
		}
	})
}

func TestMergeIsTheSortedUnion(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 30 {
		var readers []runReader
		var all []Posting
		for range 1 + r.IntN(8) {
			postings := drawPostings(r, r.IntN(3000), 1)
			all = append(all, postings...)
			blocks := slices.Collect(slices.Chunk(postings, 1+r.IntN(500)))
			readers = append(readers, func() ([]Posting, error) {
				if len(blocks) == 0 {
					return nil, nil
				}
				b := blocks[0]
				blocks = blocks[1:]
				return b, nil
			})
		}
		drop := func(content int64) bool { return content%7 == 0 }
		want := slices.DeleteFunc(all, func(p Posting) bool { return drop(p.Content) })
		slices.SortFunc(want, comparePostings)
		want = slices.Compact(want)

		var got []Posting
		must(t, mergeRuns(readers, drop, func(b []Posting) error {
			if len(b) == 0 || len(b) > blockPostings {
				t.Errorf("a block of %d postings", len(b))
			}
			got = append(got, b...)
			return nil
		}))
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %d postings, want %d", round, len(got), len(want))
		}
	}
}

func TestMergeFindsDisorder(t *testing.T) {
	blocks := [][]Posting{{{Key{5, 0}, 1}}, {{Key{4, 0}, 1}}}
	read := func() ([]Posting, error) {
		if len(blocks) == 0 {
			return nil, nil
		}
		b := blocks[0]
		blocks = blocks[1:]
		return b, nil
	}
	err := mergeRuns([]runReader{read}, func(int64) bool { return false }, func([]Posting) error { return nil })
	if !errors.Is(err, errBlock) {
		t.Errorf("blocks out of order were merged: %v", err)
	}
}
