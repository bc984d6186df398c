package quality

import (
	"github.com/dedupidx/dedupidx/stages/raster/painted"
	"math"
	"testing"
)

// The textbook form of detail: the mean of |second difference| along both axes.
func TestDetailIsTheSecondDifference(t *testing.T) {
	r := painted.Scene(2, 64, 48)
	l := level{64, 48, make([]int16, 64*48)}
	for i, v := range r.Luma {
		l.v[i] = 4 * int16(v)
	}
	for _, at := range [][2]int{{0, 0}, {16, 32}, {48, 32}} {
		var sum float64
		for y := at[1] + 1; y < at[1]+block-1; y++ {
			for x := at[0] + 1; x < at[0]+block-1; x++ {
				p := func(dx, dy int) float64 { return float64(r.Luma[(y+dy)*64+x+dx]) }
				sum += math.Abs(p(-1, 0)-2*p(0, 0)+p(1, 0)) + math.Abs(p(0, -1)-2*p(0, 0)+p(0, 1))
			}
		}
		want := 64 * sum / ((block - 2) * (block - 2))
		if got := float64(detail(l, at[0], at[1], block)); math.Abs(got-want) > 1 {
			t.Errorf("block at %v: %v, want %v", at, got, want)
		}
	}
}

// A difference that peaks on every eighth line and nowhere else is a grid.
func TestBlocksOfAKnownGrid(t *testing.T) {
	const w, h = 80, 64
	for _, shift := range []int{0, 3, 7} {
		r := painted.Flat(0, w, h)
		for y := range h {
			for x := range w {
				v := 100 + 7*((x+shift)/8%2) // steps on the grid
				v += 9 * (x / 13 % 2)        // and some elsewhere
				r.Luma[y*w+x] = byte(v)
			}
		}
		if b := blocks(r.Luma, w, h); b != 255 {
			t.Errorf("grid at %d: %d %%", shift, b)
		}
	}
	if b := blocks(painted.Scene(1, 31, 64).Luma, 31, 64); b != 0 {
		t.Errorf("too narrow to tell: %d %%", b)
	}
}
