package wavelet

import (
	"github.com/dedupidx/dedupidx/stages/raster/painted"
	"math"
	"testing"
)

// The textbook form of a level: both 9/7 filters as they are printed in
// ISO/IEC 15444-1, table F.2 (lows) and of Daubechies' "Ten lectures on
// wavelets", table 8.3, over the mirrored signal. Scaled to our convention:
// lows by sqrt(2), highs by 1/sqrt(2).
var (
	refLow  = []float64{0.6029490182363579, 0.2668641184428723, -0.07822326652898785, -0.01686411844287495, 0.02674875741080976}
	refHigh = []float64{1.115087052456994, -0.5912717631142470, -0.05754352622849957, 0.09127176311424948}
)

func refLift(v []float64) (low, high []float64) {
	n := len(v)
	at := func(i int) float64 {
		for i < 0 || i >= n {
			if i < 0 {
				i = -i
			} else {
				i = 2*(n-1) - i
			}
		}
		return v[i]
	}
	filter := func(taps []float64, center int) float64 {
		s := taps[0] * at(center)
		for k := 1; k < len(taps); k++ {
			s += taps[k] * (at(center-k) + at(center+k))
		}
		return s
	}
	for i := range n {
		if i%2 == 0 {
			low = append(low, math.Sqrt2*filter(refLow, i))
		} else {
			high = append(high, filter(refHigh, i)/math.Sqrt2)
		}
	}
	return low, high
}

func TestLiftingIsTheTextbookFilter(t *testing.T) {
	r := painted.Scene(5, 65, 65)
	for _, n := range []int{65, 33, 17, 9} {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(r.Luma[i*65+7])
		}
		low, high := refLift(v)
		want := append(low, high...)
		got := make([]float64, n)
		lift(v, got)
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-4 {
				t.Fatalf("length %d, sample %d: %v, the filters give %v", n, i, got[i], want[i])
			}
		}
	}
}

func TestLiftingReversesExactly(t *testing.T) {
	r := painted.Scene(6, 65, 65)
	v, w := make([]float64, 65), make([]float64, 65)
	for i := range v {
		v[i] = float64(r.Luma[i])
		w[64-i] = v[i]
	}
	a, b := make([]float64, 65), make([]float64, 65)
	lift(v, a)
	lift(w, b)
	for i := range 33 {
		if a[i] != b[32-i] {
			t.Fatalf("low %d: %v and %v", i, a[i], b[32-i])
		}
	}
	for i := range 32 {
		if a[33+i] != b[64-i] {
			t.Fatalf("high %d: %v and %v", i, a[33+i], b[64-i])
		}
	}
}

// The mean of the luma over a cell, as an integral over a picture whose pixels
// are squares.
func refCell(luma []byte, w, h, cx, cy int) float64 {
	x0, x1 := float64(cx*w)/side, float64((cx+1)*w)/side
	y0, y1 := float64(cy*h)/side, float64((cy+1)*h)/side
	var sum float64
	for y := range h {
		dy := min(y1, float64(y+1)) - max(y0, float64(y))
		if dy <= 0 {
			continue
		}
		for x := range w {
			if dx := min(x1, float64(x+1)) - max(x0, float64(x)); dx > 0 {
				sum += dx * dy * float64(luma[y*w+x])
			}
		}
	}
	return sum / ((x1 - x0) * (y1 - y0))
}

func TestScaleAreaIsTheIntegral(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 200}, {65, 65}, {64, 66}, {130, 97}, {512, 40}} {
		r := painted.Scene(7, size[0], size[1])
		var plane [side * side]float64
		scaleArea(&plane, r.Luma, r.Width, r.Height)
		for _, c := range [][2]int{{0, 0}, {64, 64}, {31, 32}, {1, 63}, {50, 7}} {
			want := refCell(r.Luma, r.Width, r.Height, c[0], c[1])
			if got := plane[c[1]*side+c[0]]; math.Abs(got-want) > 1e-6 {
				t.Errorf("%v, cell %v: %v, want %v", size, c, got, want)
			}
		}
	}
}
