package dedup

import (
	"os"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// TestMeasureVerify prints what the judge's decision over a candidate costs, its features in
// memory: for copies and for strangers, of an index of photos that `dedupidx --index FILE scan
// PHOTOS` made and DEDUPIDX_CORPUS_INDEX names. Of three times the least counts, so
// that other work on the machine does not. On the labelled test photos with the
// strangers: 5.0 candidates a picture, 2.2 of them copies.
func TestMeasureVerify(t *testing.T) {
	path := os.Getenv("DEDUPIDX_CORPUS_INDEX")
	if os.Getenv("DEDUPIDX_MEASURE") == "" || path == "" {
		t.Skip("needs DEDUPIDX_MEASURE=1 and DEDUPIDX_CORPUS_INDEX, an index of photos")
	}
	ctx := t.Context()
	x, err := index.OpenReader(ctx, path)
	must(t, err)
	defer x.Close()
	o := Options{Workers: 1}.withDefaults()
	batch, err := x.Uncompared(ctx, -1, 1<<30) // all: no version is negative
	must(t, err)
	var c Counts
	started := time.Now()
	pairs, err := candidates(ctx, x, o, batch, Version(o.Stages), &c)
	must(t, err)
	t.Logf("%d pictures, %d candidates, found in %v a picture", len(batch), len(pairs), (time.Since(started) / time.Duration(len(batch))).Round(10*time.Microsecond))
	var spent [2]time.Duration // strangers, copies
	var counts [2]int
	for len(pairs) > 0 {
		part, features, err := withFeatures(ctx, x, o, pairs[:min(chunk, len(pairs))])
		must(t, err)
		for _, p := range part {
			a, b := features[p.a.ID], features[p.b.ID]
			least, side := time.Hour, 0
			for range 3 {
				started := time.Now()
				v, _ := a.Decide(b)
				least = min(least, time.Since(started))
				if v.Probability >= stages.Loose.Cut() {
					side = 1
				}
			}
			spent[side] += least
			counts[side]++
		}
		pairs = pairs[min(chunk, len(pairs)):]
	}
	for side, who := range [...]string{"strangers", "copies"} {
		t.Logf("%d %s: %v a pair", counts[side], who, (spent[side] / time.Duration(max(counts[side], 1))).Round(time.Microsecond))
	}
	t.Logf("%v a picture", ((spent[0] + spent[1]) / time.Duration(len(batch))).Round(10*time.Microsecond))
}
