package pipeline

import (
	"testing"
	"testing/synctest"
	"time"
)

// What is done in one lot took from its beginning to its end, and not no time.
func TestRateOfOneLot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last Snapshot
		m := newMeter(func(s Snapshot) { last = s })
		m.total(Comparisons, 200)
		time.Sleep(2 * time.Second)
		m.add(Comparisons, 100)
		if last.Rate != 50 || last.Left != 2*time.Second || last.Percent != 50 {
			t.Errorf("half way: %+v", last)
		}
		time.Sleep(2 * time.Second)
		m.add(Comparisons, 100)
		m.final(Comparisons)
		if last.Rate != 50 || !last.Final {
			t.Errorf("at the end: %+v", last)
		}
	})
}
