package stages_test

import (
	"reflect"
	"testing"

	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

// The glance turns away most strangers and no copy, and whatever it does not turn away
// is judged as without it; all of it whichever picture comes first.
func TestDecide(t *testing.T) {
	var pictures []stages.Features
	for seed := range uint64(3) {
		s := drawn.Scene(60+seed, 240, 160)
		pictures = append(pictures, features(t, s), features(t, drawn.Resize(s, 120, 80)))
		switch seed {
		case 0:
			pictures = append(pictures, features(t, drawn.Turn(s)), features(t, drawn.Crop(s, 0.4, 0.3, 0.9, 0.9)))
		case 1:
			pictures = append(pictures, features(t, drawn.Mirror(s)), features(t, drawn.Grey(s)), features(t, drawn.Resize(s, 30, 20)))
		case 2:
			pictures = append(pictures, features(t, drawn.Rotate(s, 8)))
		}
	}
	for _, r := range []*raster.Raster{painted.Flat(90, 200, 200), painted.Flat(90, 1, 1)} {
		f, err := stages.DecodeFeatures(stages.ExtractAll(r))
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, f)
	}
	strangers, turnedAway := 0, 0
	var ready []stages.Prepared
	for _, f := range pictures {
		ready = append(ready, stages.Prepare(f))
	}
	for i, a := range ready {
		for j, b := range ready[:i+1] {
			v, looked := a.Decide(b)
			e := a.Compare(b)
			w := stages.Judge(e)
			if stages.Glance(e) != looked {
				t.Errorf("%d and %d: looked at is %t, by their evidence %t", i, j, looked, !looked)
			}
			if looked && !reflect.DeepEqual(v, w) {
				t.Errorf("%d and %d: %+v, and without a glance %+v", i, j, v, w)
			}
			if !looked && (w.Probability >= stages.Loose.Cut() || v.Kind != stages.None || v.Probability != 0 || v.Reason == "") {
				t.Errorf("%d and %d are turned away with %+v, and judged %v", i, j, v, w.Probability)
			}
			if _, back := b.Decide(a); back != looked {
				t.Errorf("%d and %d: looked at one way, not the other", i, j)
			}
			if w.Probability < stages.Loose.Cut() {
				strangers++
				if !looked {
					turnedAway++
				}
			}
		}
	}
	if turnedAway < strangers*3/4 {
		t.Errorf("of %d pairs of strangers %d are turned away", strangers, turnedAway)
	}
}
