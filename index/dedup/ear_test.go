package dedup

import (
	"math/rand/v2"
	"testing"

	"github.com/dedupidx/dedupidx/stages"
)

// A tally has enough where what may agree in the turns around one hit is worth enough,
// and not where what lies in any quarter of a turn is far from it.
func TestTallyMissesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	var mayAgree func([]stages.Worth) bool
	for _, stage := range stages.List() {
		if stage.Buckets != nil && stage.Buckets.MayAgree != nil {
			mayAgree = stage.Buckets.MayAgree
		}
	}
	agreed, passed := 0, 0
	for range 100_000 {
		var s tally
		worths := make([]stages.Worth, 1+r.IntN(20))
		for i := range worths {
			worths[i] = stages.Worth{Turn: uint8(r.IntN(stages.WorthTurns)), Scale: int8(r.IntN(9) - 4), Worth: uint16(1 + r.IntN(1260))}
			s.add(worths[i])
		}
		quarter := 0 // the most in any sixteen of 64
		for from := range stages.WorthTurns {
			sum := 0
			for _, w := range worths {
				if (int(w.Turn)-from)&(stages.WorthTurns-1) < stages.WorthTurns/4 {
					sum += int(w.Worth)
				}
			}
			quarter = max(quarter, sum)
		}
		may := mayAgree(worths)
		switch {
		case may && !s.enough():
			t.Fatalf("%v may agree, and the tally says no", worths)
		case s.enough() && quarter < stages.EnoughWorth-tallyUnit*len(worths):
			t.Fatalf("%v have at most %d in a quarter of a turn, and the tally lets them pass", worths, quarter)
		}
		if may {
			agreed++
		}
		if s.enough() {
			passed++
		}
	}
	if agreed < 10_000 || passed > 95_000 {
		t.Errorf("of 100,000, %d may agree and %d pass: the test asks little", agreed, passed)
	}
}
