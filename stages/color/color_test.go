package color

import (
	"bytes"
	"image"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

func sepia(m image.Image) *image.NRGBA {
	g := imaging.Grayscale(m)
	for i := 0; i < len(g.Pix); i += 4 {
		v := int(g.Pix[i])
		g.Pix[i], g.Pix[i+1], g.Pix[i+2] = uint8(min(255, v*110/100+12)), uint8(v*95/100), uint8(v*75/100)
	}
	return g
}

func TestCopiesAgreeAndStrangersDoNot(t *testing.T) {
	edits := map[string]func(image.Image) *image.NRGBA{
		"paler": func(m image.Image) *image.NRGBA { return imaging.AdjustSaturation(m, -40) },
		"warmer": func(m image.Image) *image.NRGBA {
			out := imaging.Clone(m)
			for i := 0; i < len(out.Pix); i += 4 {
				out.Pix[i] = uint8(min(255, int(out.Pix[i])*108/100))
				out.Pix[i+2] = uint8(int(out.Pix[i+2]) * 90 / 100)
			}
			return out
		},
	}
	for name, edit := range painted.MildEdits {
		edits[name] = edit
	}
	const n = 12
	var fs [n]Feature
	for i := range fs {
		r := painted.Scene(uint64(i), 320+8*i, 240)
		fs[i] = Extract(r)
		if e := Compare(fs[i], fs[i]); e.Agreement[0] != 1 || e.Difference[0] != 0 || e.Hue != 0 || e.Chroma != 0 || e.Forgiven {
			t.Errorf("picture %d against itself: %+v", i, e)
		}
		for name, edit := range edits {
			if e := Compare(fs[i], Extract(painted.Edited(r, edit))); e.Agreement[0] < 0.9 || e.Forgiven {
				t.Errorf("picture %d, %s: %+v", i, name, e)
			}
		}
		for name, edit := range map[string]func(image.Image) *image.NRGBA{"grey": imaging.Grayscale, "sepia": sepia} {
			if e := Compare(fs[i], Extract(painted.Edited(r, edit))); !e.Forgiven {
				t.Errorf("picture %d, %s: not forgiven", i, name)
			}
		}
	}
	for i := range fs {
		for j := range i {
			if e := Compare(fs[i], fs[j]); e.Agreement[0] > 0.85 {
				t.Errorf("pictures %d and %d: %+v", i, j, e)
			}
		}
	}
}

func TestTurnedRasterIsTurnedFeature(t *testing.T) {
	for seed := range uint64(8) {
		r := painted.Scene(seed, 333, 250)
		f := Extract(r)
		for o := range raster.Turn(raster.Turns) {
			g := Extract(painted.Turn(r, o))
			if g != Turned(f, o) {
				t.Errorf("seed %d, turn %d: not the moved feature", seed, o)
			}
			if e := Compare(f, g); e.Agreement[o] != 1 || e.Difference[o] != 0 {
				t.Errorf("seed %d, turn %d: %+v", seed, o, e)
			}
		}
	}
}

func TestKnownColors(t *testing.T) {
	r := painted.Flat(0, 40, 30)
	for i := range r.Luma { // pure red
		r.RGB[3*i] = 255
	}
	f := Extract(r)
	if f.Cells[5] != [3]uint8{76, 85, 255} { // JFIF: 76, 85, 256 cut
		t.Errorf("red is %v", f.Cells[5])
	}
	// Chroma is the length of (-43, 127.5); all of it is one hue.
	if f.Chroma != 134 || f.Vivid != 134 || f.OneHue < 254 || !f.Toned() || f.Grey() {
		t.Errorf("red: %+v", f)
	}
	if f.Hue[2]+f.Hue[3] < 254 {
		t.Errorf("red lies in the sectors %v", f.Hue)
	}
	for _, r := range []*raster.Raster{painted.Flat(0, 1, 1), painted.Flat(255, 1, 512), painted.Flat(77, 512, 3)} {
		f := Extract(r)
		want := Feature{}
		for c := range want.Cells {
			want.Cells[c] = [3]uint8{r.Luma[0], 128, 128}
		}
		if f != want || !f.Grey() {
			t.Errorf("grey %dx%d: %+v", r.Width, r.Height, f)
		}
	}
	for _, size := range [][2]int{{2, 1}, {5, 7}, {64, 65}, {66, 1}, {1, 512}} {
		Extract(painted.Scene(1, size[0], size[1])) // must not panic
	}
}

var anyFeature = rapid.Custom(func(t *rapid.T) Feature {
	var f Feature
	for c := range f.Cells {
		for i := range f.Cells[c] {
			f.Cells[c][i] = rapid.Uint8().Draw(t, "cell")
		}
	}
	for k := range f.Hue {
		f.Hue[k] = rapid.Uint8().Draw(t, "hue")
	}
	f.Chroma, f.Vivid, f.OneHue = rapid.Uint8().Draw(t, "chroma"), rapid.Uint8().Draw(t, "vivid"), rapid.Uint8().Draw(t, "one hue")
	return f
})

func TestSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyFeature.Draw(t, "a"), anyFeature.Draw(t, "b")
		ab, ba := Compare(a, b), Compare(b, a)
		inverted := ba
		for o := range raster.Turn(raster.Turns) {
			inverted.Agreement[o] = ba.Agreement[o.Inverse()]
			inverted.Difference[o] = ba.Difference[o.Inverse()]
		}
		if ab != inverted {
			t.Fatalf("a to b %+v, b to a inverted %+v", ab, inverted)
		}
		if ab.Hue < 0 || ab.Hue > 1 {
			t.Fatalf("hue %v", ab.Hue)
		}
	})
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFeature.Draw(t, "f")
		g, err := Decode(Encode(f))
		if err != nil || g != f {
			t.Fatalf("%v, got %+v of %+v", err, g, f)
		}
	})
}

func FuzzDecode(f *testing.F) {
	good := Encode(Extract(painted.Scene(3, 64, 48)))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(append(bytes.Clone(good), 0))
	f.Add([]byte{})
	f.Add([]byte{Version + 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err == nil && !bytes.Equal(Encode(v), b) {
			t.Errorf("% x was taken for % x", b, Encode(v))
		}
		if err == nil {
			Compare(v, v)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	good := Encode(Feature{})
	for _, b := range [][]byte{nil, good[:1], good[:encodedLen-1], append(bytes.Clone(good), 0), append([]byte{Version + 1}, good[1:]...)} {
		if _, err := Decode(b); err == nil {
			t.Errorf("% x was taken", b)
		}
	}
}

func BenchmarkExtract(b *testing.B) {
	r := painted.Scene(1, 512, 384)
	for b.Loop() {
		Extract(r)
	}
}
