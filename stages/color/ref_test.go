package color

import (
	"github.com/dedupidx/dedupidx/stages/raster/painted"
	"image/color"
	"math"
	"testing"
)

// The textbook form of a cell: the mean color as an integral over a picture
// whose pixels are squares, then the standard library's conversion.
func TestScaleAreaIsTheIntegral(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 200}, {64, 64}, {63, 65}, {130, 97}, {512, 40}} {
		r := painted.Scene(7, size[0], size[1])
		w, h := r.Width, r.Height
		var plane [side * side]pixel
		scaleArea(&plane, r.RGB, w, h)
		for _, cell := range [][2]int{{0, 0}, {63, 63}, {31, 32}, {1, 62}, {50, 7}} {
			x0, x1 := float64(cell[0]*w)/side, float64((cell[0]+1)*w)/side
			y0, y1 := float64(cell[1]*h)/side, float64((cell[1]+1)*h)/side
			var mean [3]float64
			for y := range h {
				for x := range w {
					dx := min(x1, float64(x+1)) - max(x0, float64(x))
					dy := min(y1, float64(y+1)) - max(y0, float64(y))
					if dx > 0 && dy > 0 {
						for c := range 3 {
							mean[c] += dx * dy * float64(r.RGB[3*(y*w+x)+c]) / ((x1 - x0) * (y1 - y0))
						}
					}
				}
			}
			y, cb, cr := color.RGBToYCbCr(uint8(mean[0]+0.5), uint8(mean[1]+0.5), uint8(mean[2]+0.5))
			got := plane[cell[1]*side+cell[0]]
			for i, d := range [3]float64{
				float64(got.y)/unit - float64(y),
				float64(got.cb)/unit + 128 - float64(cb),
				float64(got.cr)/unit + 128 - float64(cr),
			} {
				if math.Abs(d) > 1.2 {
					t.Errorf("%v, cell %v, channel %d: off by %.2f", size, cell, i, d)
				}
			}
		}
	}
}

// The textbook form of a sector: an angle, split between two directions.
func TestHueIsTheAngle(t *testing.T) {
	for cr := int64(-2000); cr <= 2000; cr += 93 {
		for cb := int64(-2000); cb <= 2000; cb += 93 {
			if cb == 0 && cr == 0 {
				continue
			}
			angle := math.Atan2(float64(cr), float64(cb))
			if angle < 0 {
				angle += 2 * math.Pi
			}
			lower := int(angle / (math.Pi / 4))
			within := angle - float64(lower)*math.Pi/4
			length := math.Hypot(float64(cb), float64(cr))
			var want, got [sectors]float64
			b := length * math.Sin(within) * math.Sqrt2
			want[lower%sectors] += length*math.Cos(within) - b/math.Sqrt2
			want[(lower+1)%sectors] += b
			axial, kA, diagonal, kD := hue(cb, cr)
			got[kA] += float64(axial)
			got[kD] += float64(diagonal)
			for k := range got {
				if math.Abs(got[k]-want[k]) > 2+length/1000 {
					t.Fatalf("color (%d, %d): sectors %v, want %.1f", cb, cr, got, want)
				}
			}
		}
	}
}
