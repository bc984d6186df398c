package global

import (
	"github.com/dedupidx/dedupidx/stages/raster/painted"
	"math"
	"testing"
)

// The textbook form: an angle, split between two bins in proportion to what
// the two directions at 45 degrees add up to.
func TestOrientationIsTheAngle(t *testing.T) {
	for gy := int64(-300); gy <= 300; gy += 7 {
		for gx := int64(-300); gx <= 300; gx += 7 {
			if gx*gx+gy*gy < minGradient*minGradient {
				continue
			}
			double := 2 * math.Atan2(float64(gy), float64(gx))
			if double < 0 {
				double += 2 * math.Pi
			}
			lower := int(double / (math.Pi / 4))
			angle := double - float64(lower)*math.Pi/4
			length := math.Hypot(float64(gx), float64(gy))
			var want [bins]float64
			// length*(cos angle, sin angle) = a*(1, 0) + b*(cos 45, sin 45)
			b := length * math.Sin(angle) * math.Sqrt2
			want[lower%bins] += length*math.Cos(angle) - b/math.Sqrt2
			want[(lower+1)%bins] += b
			axial, kA, diagonal, kD := orientation(gx, gy)
			var got [bins]float64
			got[kA] += float64(axial)
			got[kD] += float64(diagonal)
			for k := range got {
				if math.Abs(got[k]-want[k]) > 1 {
					t.Fatalf("gradient (%d, %d): bins %v, want %.1f", gx, gy, got, want)
				}
			}
		}
	}
}

func TestSpreadIsLinear(t *testing.T) {
	for i := range side {
		position := (float64(i)+0.5)/16 - 0.5 // in cells, from the first centre
		var got [4]float64
		for _, s := range spread(i) {
			got[s.cell] += float64(s.weight) / cellWeight
		}
		for c := range got {
			want := max(0, 1-math.Abs(min(3, max(0, position))-float64(c)))
			if math.Abs(got[c]-want) > 1e-9 {
				t.Errorf("sample %d, cell %d: %v, want %v", i, c, got[c], want)
			}
		}
	}
}

// The mean over a cell as an integral over a picture whose pixels are squares.
func refCell(luma []byte, w int, b box, cx, cy int) float64 {
	nx, ny := float64(b.x1-b.x0), float64(b.y1-b.y0)
	x0, y0 := float64(b.x0)+nx/32+float64(cx)*nx*15/1024, float64(b.y0)+ny/32+float64(cy)*ny*15/1024
	x1, y1 := x0+nx*15/1024, y0+ny*15/1024
	var sum float64
	for y := b.y0; y < b.y1; y++ {
		for x := b.x0; x < b.x1; x++ {
			dx := min(x1, float64(x+1)) - max(x0, float64(x))
			dy := min(y1, float64(y+1)) - max(y0, float64(y))
			if dx > 0 && dy > 0 {
				sum += dx * dy * float64(luma[y*w+x])
			}
		}
	}
	return sum / ((x1 - x0) * (y1 - y0))
}

func TestScaleAreaIsTheIntegral(t *testing.T) {
	for _, c := range []struct {
		w, h int
		b    box
	}{{1, 1, box{0, 0, 1, 1}}, {200, 150, box{0, 0, 200, 150}}, {512, 40, box{13, 2, 500, 39}}, {70, 512, box{0, 100, 69, 411}}} {
		r := painted.Scene(7, c.w, c.h)
		var plane [side * side]int32
		scaleArea(&plane, r.Luma, r.Width, c.b)
		for _, p := range [][2]int{{0, 0}, {63, 63}, {31, 32}, {1, 62}, {50, 7}} {
			want := refCell(r.Luma, r.Width, c.b, p[0], p[1])
			if got := float64(plane[p[1]*side+p[0]]) / greyUnit; math.Abs(got-want) > 0.51/greyUnit {
				t.Errorf("%+v, cell %v: %v, want %v", c, p, got, want)
			}
		}
	}
}
