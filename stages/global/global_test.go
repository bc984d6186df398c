package global

import (
	"bytes"
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

// framed puts a border around a picture.
func framed(m image.Image) *image.NRGBA {
	b := m.Bounds()
	out := imaging.New(b.Dx()*6/5, b.Dy()*5/4, color.NRGBA{250, 250, 246, 255})
	return imaging.PasteCenter(out, m)
}

func TestCopiesStayNearAndStrangersFar(t *testing.T) {
	edits := map[string]func(image.Image) *image.NRGBA{
		"framed": framed,
		"cropped": func(m image.Image) *image.NRGBA {
			return imaging.CropCenter(m, m.Bounds().Dx()*24/25, m.Bounds().Dy()*24/25)
		},
		"noise of a small file": func(m image.Image) *image.NRGBA {
			return imaging.Resize(imaging.Resize(m, 90, 0, imaging.Box), m.Bounds().Dx(), 0, imaging.Linear)
		},
	}
	for name, edit := range painted.MildEdits {
		edits[name] = edit
	}
	const n = 12
	var fs [n]Feature
	missed := 0
	for i := range fs {
		r := painted.Scene(uint64(i), 320+8*i, 240)
		fs[i] = Extract(r)
		if e := Compare(fs[i], fs[i]); e != (Evidence{}) {
			t.Errorf("picture %d against itself: %+v", i, e)
		}
		for name, edit := range edits {
			f := Extract(painted.Edited(r, edit))
			if e := Compare(fs[i], f); !e.Near() || e.Turn != 0 {
				t.Errorf("picture %d, %s: %+v", i, name, e)
			}
			if !meet(fs[i], f) {
				t.Logf("picture %d, %s: no key in common", i, name)
				missed++
			}
		}
	}
	if missed > n*len(edits)/50 {
		t.Errorf("%d of %d copies share no key", missed, n*len(edits))
	}
	for i := range fs {
		for j := range i {
			if e := Compare(fs[i], fs[j]); e.Near() {
				t.Errorf("pictures %d and %d: %+v", i, j, e)
			}
		}
	}
}

// meet reports whether a, asking, finds b.
func meet(a, b Feature) bool {
	for _, k := range Probes(a) {
		if slices.Contains(Keys(b), k) {
			return true
		}
	}
	return false
}

func TestTurnedRasterIsTurnedFeature(t *testing.T) {
	for seed := range uint64(8) {
		r := painted.Scene(seed, 333, 250)
		if seed%2 == 1 {
			r = painted.Edited(r, framed)
		}
		f := Extract(r)
		for o := range raster.Turn(raster.Turns) {
			g := Extract(painted.Turn(r, o))
			if g != Turned(f, o) {
				t.Errorf("seed %d, turn %d: not the moved feature", seed, o)
			}
			if e := Compare(f, g); e.Distance != 0 || e.Turn != o {
				t.Errorf("seed %d, turn %d: %+v", seed, o, e)
			}
			if !slices.Equal(Keys(f), Keys(g)) {
				t.Errorf("seed %d, turn %d: other keys", seed, o)
			}
		}
	}
}

func TestContentFindsTheFrame(t *testing.T) {
	r := painted.Scene(4, 200, 150)
	img := imaging.Paste(imaging.New(260, 230, color.NRGBA{20, 20, 20, 255}), painted.ToImage(r), image.Pt(10, 60))
	framed := painted.FromImage(img)
	if got, want := content(framed.Luma, 260, 230), (box{10, 60, 210, 210}); got != want {
		t.Errorf("content %v, want %v", got, want)
	}
	// No side loses more than two fifths.
	if got, want := content(painted.Flat(9, 100, 50).Luma, 100, 50), (box{40, 20, 60, 30}); got != want {
		t.Errorf("content of a flat raster %v, want %v", got, want)
	}
	if got, want := content(r.Luma, 200, 150), (box{0, 0, 200, 150}); got != want {
		t.Errorf("content %v, want all: %v", got, want)
	}
}

func TestFlatAndTinyHaveNoKeys(t *testing.T) {
	for _, r := range []*raster.Raster{painted.Flat(0, 1, 1), painted.Flat(255, 1, 512), painted.Flat(77, 512, 3), painted.Flat(200, 512, 512)} {
		f := Extract(r)
		if len(Keys(f)) != 0 || len(Probes(f)) != 0 || f.Texture != [cells][bins]uint8{} {
			t.Errorf("flat %dx%d: %+v", r.Width, r.Height, f)
		}
	}
	for _, size := range [][2]int{{2, 1}, {5, 7}, {64, 65}, {66, 1}, {1, 512}} {
		Extract(painted.Scene(1, size[0], size[1])) // must not panic
	}
}

var anyFeature = rapid.Custom(func(t *rapid.T) Feature {
	// Few values, so that bands meet and distances tie.
	v := rapid.SampledFrom([]uint8{0, 1, 90, 120, 255})
	var f Feature
	for c := range cells {
		for k := range bins {
			f.Texture[c][k] = v.Draw(t, "texture")
		}
		f.Layout[c] = rapid.Uint8Range(0, maxRank).Draw(t, "rank")
	}
	return f
})

func TestSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyFeature.Draw(t, "a"), anyFeature.Draw(t, "b")
		if rapid.Bool().Draw(t, "copy") { // share something
			b = Turned(a, raster.Turn(rapid.IntRange(0, 7).Draw(t, "turn")))
			b.Texture[3][rapid.IntRange(0, 7).Draw(t, "bin")] ^= 77
		}
		ab, ba := Compare(a, b), Compare(b, a)
		ba.Turn = ba.Turn.Inverse()
		if ab != ba {
			t.Fatalf("a to b %+v, b to a inverted %+v", ab, ba)
		}
		if meet(a, b) != meet(b, a) {
			t.Fatal("one finds the other, but not the other way round")
		}
		o := raster.Turn(rapid.IntRange(0, 7).Draw(t, "turn"))
		if Turned(Turned(a, o), o.Inverse()) != a {
			t.Fatalf("turn %d is not undone by its inverse", o)
		}
		if !slices.Equal(Keys(a), Keys(Turned(a, o))) {
			t.Fatalf("turn %d changes the keys: %x, %x", o, Keys(a), Keys(Turned(a, o)))
		}
		if e := Compare(a, Turned(a, o)); e.Distance != 0 {
			t.Fatalf("turn %d: %+v", o, e)
		}
	})
}

func TestKeysAreFewAndSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := Keys(anyFeature.Draw(t, "f"))
		if len(keys) > 16 || !slices.IsSorted(keys) {
			t.Fatalf("%d keys: %x", len(keys), keys)
		}
		for _, k := range keys {
			if k >= 1<<20 {
				t.Fatalf("key %x", k)
			}
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
			Keys(v)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	good := Encode(Feature{})
	rank := bytes.Clone(good)
	rank[encodedLen-1] = maxRank + 1
	for _, b := range [][]byte{nil, good[:1], good[:encodedLen-1], append(bytes.Clone(good), 0), append([]byte{Version + 1}, good[1:]...), rank} {
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

func BenchmarkCompare(b *testing.B) {
	x, y := Extract(painted.Scene(1, 512, 384)), Extract(painted.Scene(2, 512, 384))
	for b.Loop() {
		Compare(x, y)
	}
}

// Near says what Compare says, of copies and of strangers at any distance.
func TestNearIsCompare(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	draw := func() (f Feature) {
		for c := range f.Texture {
			f.Layout[c] = uint8(r.IntN(16))
			for k := range f.Texture[c] {
				f.Texture[c][k] = uint8(r.IntN(64))
			}
		}
		return f
	}
	nears := 0
	for range 2000 {
		a := draw()
		b := Turned(a, raster.Turn(r.IntN(raster.Turns)))
		other := draw()
		for c := range b.Texture { // a part of another, for distances around the limit
			if r.IntN(10) < 7 {
				b.Texture[c], b.Layout[c] = other.Texture[c], other.Layout[c]
			}
		}
		near := Compare(a, b).Near()
		if d := Compare(a, b).Distance; near && (Near(a)(b) != d || Near(b)(a) != d) || !near && (Near(a)(b) <= MaxDistance || Near(b)(a) <= MaxDistance) {
			t.Fatalf("%v and %v: near is not %t", a, b, near)
		}
		if near {
			nears++
		}
	}
	if nears < 200 || nears > 1800 {
		t.Errorf("%d of 2,000 are near: the test asks little", nears)
	}
}
