//go:build unix

package pipeline_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index/pipeline"
)

// The report does not depend on how many work, nor on how the files arrive.
func TestOrderOfArrival(t *testing.T) {
	whole := newWorld(t)
	whole.writeAll(family())
	sum := whole.scan()
	want := whole.report()
	t.Logf("%d candidates, %d matches, %d asked directly, in %v", sum.Candidates, sum.Matches, sum.Direct, sum.Elapsed)
	for _, kind := range []string{"best", "near", "transformed", "partial"} {
		if !strings.Contains(want, ","+kind+",") {
			t.Errorf("the set has no match of kind %s:\n%s", kind, want)
		}
	}
	if !strings.Contains(want, "/photos/e.jpg,best,1,") || !strings.Contains(want, "/web/e-small.jpg,near,0,") {
		t.Errorf("the small copy is kept, or no copy:\n%s", want)
	}
	for _, workers := range []int{1, 8} {
		whole.o.Budget = pipeline.Budget{Workers: workers, Batch: workers}
		same(t, fmt.Sprintf("%d workers", workers), whole.fresh(), want)
	}
	names := slices.Sorted(maps.Keys(family()))
	// arrive writes the files of a whole anew, some before each scan.
	arrive := func(what string, size int, order func(names []string)) {
		w := newWorld(t)
		names := slices.Clone(names)
		order(names)
		when := map[string]int{} // the times are those of the whole
		for i, n := range slices.Sorted(maps.Keys(family())) {
			when[n] = i
		}
		for part := range slices.Chunk(names, size) {
			for _, n := range part {
				w.day = time.Duration(when[n]) * 24 * time.Hour
				w.write(n, family()[n])
			}
			w.scan()
		}
		same(t, what, w.report(), want)
	}
	shuffled := func(seed uint64) func([]string) {
		return func(names []string) {
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		}
	}
	asTheyAre := func([]string) {}
	arrive("in two halves", (len(names)+1)/2, asTheyAre)
	if raceDetector {
		return
	}
	arrive("one by one backwards", 1, slices.Reverse)
	for seed := range uint64(3) {
		arrive(fmt.Sprint("in random order ", seed), 1+3*int(seed), shuffled(seed))
	}

	// Files that go, are scanned without, and come back; and one that vanishes
	// between its walk and its turn.
	w := newWorld(t)
	w.writeAll(family())
	w.scan()
	for i, n := range names {
		if i%2 == 0 {
			w.remove(n)
		}
	}
	w.disk.onOpen = func(path string) error {
		if strings.HasSuffix(path, "b.jpg") {
			w.remove("photos/b.jpg")
		}
		return nil
	}
	w.age(w.path("photos/b.jpg"))
	w.scan()
	same(t, "without some", w.report(), w.fresh())
	w.disk.onOpen = nil
	w.day = 0
	w.writeAll(family())
	if sum := w.scan(); sum.Decoded != 0 {
		t.Errorf("what came back was decoded: %d", sum.Decoded)
	}
	same(t, "removed and added again", w.report(), want)
}
