package local

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// blots draws discs by whole numbers alone, so that every machine draws the same.
func blots(w, h int, at func(x, y int) (int, int)) *raster.Raster {
	type disc struct{ x, y, r, v int }
	var discs []disc
	state := uint32(12345)
	next := func(n int) int {
		state = state*1664525 + 1013904223
		return int(state>>8) % n
	}
	for range 500 {
		discs = append(discs, disc{next(400), next(300), 3 + next(22), next(256)})
	}
	return rasterOf(w, h, func(x, y int) (uint8, uint8, uint8) {
		x, y = at(x, y)
		v := 128
		for _, d := range discs {
			if (x-d.x)*(x-d.x)+(y-d.y)*(y-d.y) < d.r*d.r {
				v = d.v
			}
		}
		return uint8(v), uint8(v), uint8(255 - v)
	})
}

// TestSameOnEveryMachine pins keypoints, keys, votes and the fitted map. When it
// fails after a change that is meant, Version goes up with the new sums. The
// thumbnail is left out: it is image/jpeg's, which is free to change.
func TestSameOnEveryMachine(t *testing.T) {
	a := Extract(blots(400, 300, func(x, y int) (int, int) { return x, y }))
	b := Extract(blots(280, 260, func(x, y int) (int, int) { return 390 - y - x/8, x + 10 }))
	a.small, b.small = small{}, small{}
	sum := func(v any) string {
		h := sha256.Sum256(fmt.Append(nil, v))
		return hex.EncodeToString(h[:8])
	}
	e := Compare(a, b)
	for name, c := range map[string][2]string{
		"features": {sum(Encode(a)), "35b809d5442334a7"},
		"keys":     {sum(Keys(a)), "0a49bd63193929d1"},
		"votes":    {fmt.Sprint(Agree(pairsOf(a, b))), "{43 25748 false}"},
		"evidence": {sum(e), "8a5e6f32d1169c5b"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s, not %s", name, c[0], c[1])
		}
	}
	if e.Inliers < 50 {
		t.Errorf("%d inliers", e.Inliers)
	}
}
