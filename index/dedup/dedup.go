package dedup

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// Options say how a comparison is run.
type Options struct {
	Workers int            // verifying at the same time; 0 is one
	Stages  []stages.Stage // nil: stages.List()
	Pixels  PixelHash      // nil: pictures that look identical stay near

	heldHits   int64 // 0 is heldHits; for tests
	mostAlike  int   // 0 is MostAlike; for tests
	mostShared int   // 0 is MostShared; for tests
}

// PixelHash gives the hash of a content's pixels, however they are coded. It is asked for
// both of two pictures that look identical to every stage, from several goroutines.
// ok is false where there is none to be had: its file is not at hand, or its format has none.
type PixelHash func(ctx context.Context, c index.Content) (sum index.Hash, ok bool, err error)

func (o Options) withDefaults() Options {
	if o.Workers < 1 {
		o.Workers = 1
	}
	if o.Stages == nil {
		o.Stages = stages.List()
	}
	o.mostAlike = cmp.Or(o.mostAlike, MostAlike)
	o.mostShared = cmp.Or(o.mostShared, MostShared)
	return o
}

// Counts are what one call of Compare or Regroup did.
type Counts struct {
	Contents   int64 // new contents asked
	Hits       int64 // postings that met a probe
	Voted      int64 // pairs with enough votes of keypoints, of which descriptors were compared to confirm them
	Candidates int64 // pairs that buckets proposed and cheap tests let pass
	Looked     int64 // of them, those whose pixels were compared
	Matches    int64 // pairs that the judge let pass
	Direct     int64 // pairs asked directly when groups were made
	Again      int64 // contents that Regroup wants to be compared anew, see thinned
	Hot        int64 // buckets that were cut off at HotBucket
}

// Version names what contents were compared with: the stages that propose and
// testify, and the judge. When it differs from what is stored, a content is
// compared anew.
func Version(list []stages.Stage) int64 {
	h := fnv.New32a()
	for _, s := range list {
		fmt.Fprintf(h, "%s %d;", s.Name, s.Version)
	}
	fmt.Fprintf(h, "judge %d", stages.JudgeVersion)
	return int64(h.Sum32()) + 1 // zero is "not yet"
}

// A call of Compare takes between leastBatch and BatchSize contents, one for each
// storedEach that are stored. All postings are read once for them: the more there are, the
// less each pays, which counts where much is stored. Their features and probes take some
// 35 KiB each while they ask, and as much again may wait for the collector: with 512 a
// scan of 500 photos had its peak there, at 98 MiB, with 64 it has none there, at 54.
const (
	BatchSize  = 512
	leastBatch = 64
	storedEach = 64
)

// Compare asks the next contents that were not compared yet against
// everything stored, and commits what it finds. It reports done when none is left.
func Compare(ctx context.Context, x *index.Index, o Options) (c Counts, done bool, err error) {
	o = o.withDefaults()
	version := Version(o.Stages)
	stored, err := x.LastContent(ctx)
	if err != nil {
		return c, false, err
	}
	batch, err := x.Uncompared(ctx, version, int(min(max(stored/storedEach, leastBatch), BatchSize)))
	if err != nil || len(batch) == 0 {
		return c, true, err
	}
	c, err = compareBatch(ctx, x, o, batch, version)
	return c, false, err
}

// compareBatch asks some contents against what is compared, and against each
// other, and commits what it finds.
func compareBatch(ctx context.Context, x *index.Index, o Options, batch []index.Content, version int64) (Counts, error) {
	c := Counts{Contents: int64(len(batch))}
	pairs, err := candidates(ctx, x, o, batch, version, &c)
	if err != nil {
		return c, err
	}
	matches, err := verify(ctx, x, o, pairs, &c)
	if err != nil {
		return c, err
	}
	same, err := samePictures(ctx, x, o, batch, version)
	if err != nil {
		return c, err
	}
	matches = merge(matches, same)
	c.Matches = int64(len(matches))
	ids := make([]int64, len(batch))
	for i, b := range batch {
		ids[i] = b.ID
	}
	return c, x.WriteComparison(ctx, version, ids, matches)
}

// merge puts the matches by picture hash in the place of those that the judge
// made of the same pairs: equal picture data needs no judge.
func merge(judged, same []index.Match) []index.Match {
	known := make(map[[2]int64]bool, len(same))
	for _, m := range same {
		known[[2]int64{m.A, m.B}] = true
	}
	out := same
	for _, m := range judged {
		if !known[[2]int64{m.A, m.B}] {
			out = append(out, m)
		}
	}
	return out
}
