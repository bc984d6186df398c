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
func drawPostings(r *rand.Rand, n, width int) []posting {
	run := newRun{width: width}
	for range n {
		run.add(1+r.Int64N(50), []Key{{r.Uint32() >> r.IntN(32), r.Uint64N(1 << (8 * min(width, 7)))}})
	}
	return run.sorted()
}

func TestBlockRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := range 9 {
		for _, n := range []int{1, 2, 100, 3000} {
			want := drawPostings(r, n, width)
			want = append(want, posting{Key{math.MaxUint32, 0}, math.MaxInt64}) // the far end
			block := newBlock{width: width}
			var back []posting
			for i := 0; i <= len(want); i++ {
				if i < len(want) && block.add(want[i]) {
					continue
				}
				postings, bytes := block.take()
				if len(bytes) != block.bytes {
					t.Errorf("width %d: a block of %d bytes, %d were counted", width, len(bytes), block.bytes)
				}
				if len(bytes) > blockBytes || i < len(want) && len(postings) < blockPostings && len(bytes) < blockBytes-30 {
					t.Errorf("width %d: a block of %d postings and %d bytes", width, len(postings), len(bytes))
				}
				got, err := decodeBlock(bytes, width, nil)
				must(t, err)
				back = append(back, got...)
				if i < len(want) {
					block.add(want[i])
				}
			}
			if !slices.Equal(back, want) {
				t.Errorf("width %d: %d postings came back as %d others", width, len(want), len(back))
			}
		}
	}
}

func TestDamagedBlockIsAnError(t *testing.T) {
	good := encodeBlock([]posting{{Key{1, 5}, 1}, {Key{1, 6}, 1}, {Key{9, 0}, 3}}, 1)
	f := byte(blockFormat)
	for name, b := range map[string][]byte{
		"empty":             {},
		"no posting":        {f},
		"foreign format":    append([]byte{f + 1}, good[1:]...),
		"cut off":           good[:len(good)-1],
		"bucket without":    {f, 1, 0},
		"content 0":         {f, 1, 1, 0, 0},
		"the same twice":    {f, 1, 2, 1, 0, 0, 0},
		"data fall":         {f, 1, 2, 1, 0, 9, 8},
		"bucket twice":      {f, 1, 1, 1, 9, 0, 1, 2, 9},
		"bucket too large":  {f, 0xff, 0xff, 0xff, 0xff, 0x1f, 1, 1, 0},
		"content too large": append(append([]byte{f, 1, 2, 1}, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), 0, 0),
		"varint never ends": append([]byte{f}, bytes.Repeat([]byte{0xff}, 20)...),
		"too many":          append([]byte{f, 1, 0x81, 0x08}, bytes.Repeat([]byte{1}, 3000)...),
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
	f.Add(encodeBlock([]posting{{Key{1, 5}, 1}, {Key{1, 6}, 1}, {Key{9, 0}, 3}}, 2), 2)
	f.Add([]byte{blockFormat, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1}, 0)
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
		var all []posting
		for range 1 + r.IntN(8) {
			postings := drawPostings(r, r.IntN(3000), 1)
			all = append(all, postings...)
			blocks := slices.Collect(slices.Chunk(postings, 1+r.IntN(500)))
			readers = append(readers, func() ([]posting, error) {
				if len(blocks) == 0 {
					return nil, nil
				}
				b := blocks[0]
				blocks = blocks[1:]
				return b, nil
			})
		}
		drop := func(content int64) bool { return content%7 == 0 }
		want := slices.DeleteFunc(all, func(p posting) bool { return drop(p.Content) })
		slices.SortFunc(want, comparePostings)
		want = slices.Compact(want)

		var got []posting
		must(t, mergeRuns(readers, drop, func(p posting) error {
			got = append(got, p)
			return nil
		}))
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %d postings, want %d", round, len(got), len(want))
		}
	}
}

func TestMergeFindsDisorder(t *testing.T) {
	blocks := [][]posting{{{Key{5, 0}, 1}}, {{Key{4, 0}, 1}}}
	read := func() ([]posting, error) {
		if len(blocks) == 0 {
			return nil, nil
		}
		b := blocks[0]
		blocks = blocks[1:]
		return b, nil
	}
	err := mergeRuns([]runReader{read}, func(int64) bool { return false }, func(posting) error { return nil })
	if !errors.Is(err, errBlock) {
		t.Errorf("blocks out of order were merged: %v", err)
	}
}
