package raster

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

func TestTurnInverse(t *testing.T) {
	const w, h = 5, 3
	pixels := make([]byte, 3*w*h)
	for i := range pixels {
		pixels[i] = byte(i)
	}
	seen := make(map[string]Turn)
	for turn := range Turn(Turns) {
		turned, tw, th := turnRGB(pixels, w, h, turn)
		if other, ok := seen[string(turned)]; ok {
			t.Errorf("turns %d and %d are the same", turn, other)
		}
		seen[string(turned)] = turn
		back, bw, bh := turnRGB(turned, tw, th, turn.Inverse())
		if bw != w || bh != h || !bytes.Equal(back, pixels) {
			t.Errorf("turn %d is not undone by %d", turn, turn.Inverse())
		}
	}
}

// The corners of an upright picture, stored in each orientation as EXIF describes
// it: which side of the picture row 0 and column 0 of the file are.
func TestTurnOfOrientation(t *testing.T) {
	// Upright, 2 x 3:  a b / c d / e f
	for orientation, stored := range map[int]struct {
		rows string
		w    int
	}{
		0: {"abcdef", 2}, 1: {"abcdef", 2}, 9: {"abcdef", 2},
		2: {"badcfe", 2}, // row 0 top, column 0 right
		3: {"fedcba", 2}, // bottom, right
		4: {"efcdab", 2}, // bottom, left
		5: {"acebdf", 3}, // row 0 left, column 0 top
		6: {"bdface", 3}, // row 0 right, column 0 top
		7: {"fdbeca", 3}, // row 0 right, column 0 bottom
		8: {"ecafdb", 3}, // row 0 left, column 0 bottom
	} {
		var rgb []byte
		for _, c := range stored.rows {
			rgb = append(rgb, byte(c), byte(c), byte(c))
		}
		got, w, h := turnRGB(rgb, stored.w, 6/stored.w, turnOf(orientation))
		var text []byte
		for i := 0; i < len(got); i += 3 {
			text = append(text, got[i])
		}
		if w != 2 || h != 3 || string(text) != "abcdef" {
			t.Errorf("orientation %d: %s, %d x %d", orientation, text, w, h)
		}
	}
}

func TestAffineInvert(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		f := func() float64 { return 4*r.Float64() - 2 }
		m := Affine{f(), f(), f(), f(), f(), f()}
		if math.Abs(m.Determinant()) < 0.01 {
			continue
		}
		back, ok := m.Invert()
		if !ok {
			t.Fatalf("%+v is not inverted", m)
		}
		x, y := f(), f()
		x2, y2 := back.Apply(m.Apply(x, y))
		if math.Abs(x2-x) > 1e-9 || math.Abs(y2-y) > 1e-9 {
			t.Fatalf("%+v moves (%v, %v) to (%v, %v)", m, x, y, x2, y2)
		}
	}
	if m, ok := Identity().Invert(); !ok || m.A != 1 || m.E != 1 || m.B != 0 || m.C != 0 {
		t.Errorf("identity inverts to %+v", m)
	}
	if _, ok := (Affine{A: 1, B: 2, D: 2, E: 4}).Invert(); ok {
		t.Error("a map onto a line is inverted")
	}
	if d := (Affine{A: -1, E: 1}).Determinant(); d != -1 {
		t.Errorf("a mirror has determinant %v", d)
	}
}

// A turn after a turn does to a picture what the two do one after the other.
func TestTurnThen(t *testing.T) {
	rgb := make([]byte, 3*3*2)
	for i := range rgb {
		rgb[i] = byte(i)
	}
	for a := range Turn(Turns) {
		for b := range Turn(Turns) {
			once, w, h := turnRGB(rgb, 3, 2, a)
			want, w, h := turnRGB(once, w, h, b)
			got, w2, h2 := turnRGB(rgb, 3, 2, a.then(b))
			if w != w2 || h != h2 || !bytes.Equal(got, want) {
				t.Errorf("%d then %d is not %d", a, b, a.then(b))
			}
		}
		if turnOf(orientationOf(a)) != a {
			t.Errorf("turn %d is orientation %d", a, orientationOf(a))
		}
	}
}
