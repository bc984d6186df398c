package dedup

import (
	"math/rand/v2"
	"testing"

	"github.com/dedupidx/dedupidx/stages/local"
)

// A tally reaches what four of its numbers that follow one another add up to.
func TestTallyReaches(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	reached := 0
	for range 100_000 {
		var s tally
		var sums [local.Turns]int
		for range 1 + r.IntN(40) {
			w := local.Worth{Turn: uint8(r.IntN(local.Turns)), Worth: uint8(1 + r.IntN(1+r.IntN(tallyMost)))}
			s.add(w)
			sums[w.Turn] += int(w.Worth)
		}
		most := 0
		for from := range sums {
			n := 0
			for k := range local.TurnsTogether {
				n += sums[(from+k)%local.Turns]
			}
			most = max(most, n)
		}
		enough := 1 + r.IntN(tallyMost)
		if s.reaches(enough) != (most >= enough) {
			t.Fatalf("%v: the most are %d, and that is at least %d is %t", sums, most, enough, s.reaches(enough))
		}
		if most >= enough {
			reached++
		}
	}
	if reached < 10_000 || reached > 99_000 {
		t.Errorf("%d of 100,000 reach it: the test asks little", reached)
	}
}
