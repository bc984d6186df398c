package drawn_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

func TestSceneIsSeeded(t *testing.T) {
	a, b := drawn.Scene(3, 120, 80), drawn.Scene(3, 120, 80)
	if !bytes.Equal(a.Pix, b.Pix) {
		t.Error("one number draws two pictures")
	}
	// A larger drawing shows the same.
	if d := difference(a, drawn.Resize(drawn.Scene(3, 480, 320), 120, 80)); d > 12 {
		t.Errorf("the larger drawing differs by %.1f levels", d)
	}
}

func TestScenesAreUnlike(t *testing.T) {
	var seen []*image.RGBA
	for i := range uint64(12) {
		s := drawn.Scene(i, 60, 40)
		for j, o := range seen {
			if d := difference(s, o); d < 20 {
				t.Errorf("scenes %d and %d differ by %.1f levels alone", i, j, d)
			}
		}
		seen = append(seen, s)
	}
}

func TestEdits(t *testing.T) {
	s := drawn.Scene(5, 90, 60)
	if d := difference(s, drawn.Mirror(drawn.Mirror(s))); d != 0 {
		t.Errorf("mirrored twice differs by %g", d)
	}
	turned := drawn.Turn(s)
	if turned.Bounds() != image.Rect(0, 0, 60, 90) || turned.RGBAAt(59, 0) != s.RGBAAt(0, 0) {
		t.Error("a quarter clockwise takes the upper left corner to the upper right")
	}
	if d := difference(s, drawn.Turn(drawn.Turn(drawn.Turn(turned)))); d != 0 {
		t.Errorf("turned four times differs by %g", d)
	}
	if c := drawn.Crop(s, 0.5, 0, 1, 1); c.Bounds().Dx() != 45 || c.RGBAAt(0, 7) != s.RGBAAt(45, 7) {
		t.Error("the right half begins elsewhere")
	}
	if r := drawn.Rotate(s, 0); difference(s, r) > 1 {
		t.Error("turned by nothing differs")
	}
	if r := drawn.Rotate(s, 180); difference(s, drawn.Turn(drawn.Turn(r))) > 3 {
		t.Error("turned by half differs from two quarters")
	}
	if in := drawn.Inset(s, drawn.Scene(6, 30, 20), 0, 0, 1); difference(in, drawn.Resize(drawn.Scene(6, 30, 20), 90, 60)) != 0 {
		t.Error("an inset as wide as the page is not all of it")
	}
}

func TestSet(t *testing.T) {
	files := slices.Collect(drawn.Set(1, 1))
	labels, err := evaluate.ReadLabels(bytes.NewReader(drawn.Labels(files)))
	if err != nil {
		t.Fatal(err)
	}
	if labels.Len() != len(files) {
		t.Errorf("%d labels of %d files: two have one path", labels.Len(), len(files))
	}
	original := map[string][]byte{}
	count := map[string]int{}
	for _, f := range files {
		count[f.Relation]++
		decode := jpeg.Decode
		if strings.HasSuffix(f.Path, ".png") {
			decode = png.Decode
		}
		if _, err := decode(bytes.NewReader(f.Bytes)); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
		switch f.Relation {
		case "original":
			original[f.Group] = f.Bytes
		case "byte":
			if !bytes.Equal(f.Bytes, original[f.Group]) {
				t.Errorf("%s has other bytes than its original", f.Path)
			}
		case "pixel":
			a, _ := jpeg.Decode(bytes.NewReader(f.Bytes))
			b, _ := jpeg.Decode(bytes.NewReader(original[f.Group]))
			if bytes.Equal(f.Bytes, original[f.Group]) || difference(a, b) != 0 {
				t.Errorf("%s is no other wrapping of its original", f.Path)
			}
		}
	}
	for rel, n := range map[string]int{"original": 4, "byte": 4, "pixel": 4, "near": 11, "hard": 2, "partial": 2, "none": 4} {
		if count[rel] != n {
			t.Errorf("%d %s files, want %d", count[rel], rel, n)
		}
	}
	n := 0
	for range drawn.Set(1, 4) { // a set can be left
		if n++; n == 2 {
			break
		}
	}
}

// difference is the mean distance of two pictures' green, in levels.
func difference(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return math.Inf(1)
	}
	sum, n := 0.0, 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			_, p, _, _ := a.At(x, y).RGBA()
			_, q, _, _ := b.At(x, y).RGBA()
			sum += math.Abs(float64(p>>8) - float64(q>>8))
			n++
		}
	}
	return sum / float64(n)
}
