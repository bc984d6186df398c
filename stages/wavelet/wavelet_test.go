package wavelet

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/raster/painted"
)

func TestCopiesStayNearAndStrangersFar(t *testing.T) {
	const n = 12
	var fs [n]Feature
	for i := range fs {
		r := painted.Scene(uint64(i), 320+8*i, 240)
		fs[i] = Extract(r)
		if e := Compare(fs[i], fs[i]); e.Distance != 0 || e.Turn != 0 || e.Bands != e.Shared {
			t.Errorf("picture %d against itself: %+v", i, e)
		}
		for name, edit := range painted.MildEdits {
			f := Extract(painted.Edited(r, edit))
			if e := Compare(fs[i], f); !e.Near() || e.Distance > 40 || e.Turn != 0 {
				t.Errorf("picture %d, %s: %+v", i, name, e)
			}
			if !meet(fs[i], f) {
				t.Errorf("picture %d, %s: no key in common", i, name)
			}
		}
	}
	for i := range fs {
		for j := range i {
			if e := Compare(fs[i], fs[j]); e.Distance < 80 {
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

// The bits of a turned picture are those of the picture, moved: but for
// coefficients near zero, whose sign is rounding.
func TestTurnedRasterIsTurnedFeature(t *testing.T) {
	wrong, all := 0, 0
	for seed := range uint64(8) {
		r := painted.Scene(seed, 333, 250)
		f := Extract(r)
		for o := range raster.Turn(raster.Turns) {
			g := Extract(painted.Turn(r, o))
			want := Turned(f, o)
			for b := range g.Bits {
				for v := g.Bits[b] ^ want.Bits[b]; v != 0; v &= v - 1 {
					wrong++
				}
				all += 16
			}
			if e := Compare(f, g); e.Turn != o || e.Distance > 2 {
				t.Errorf("seed %d, turn %d: %+v", seed, o, e)
			}
			if !slices.Equal(Keys(f), Keys(g)) && wrong == 0 {
				t.Errorf("seed %d, turn %d: other keys", seed, o)
			}
		}
	}
	if 1000*wrong > all {
		t.Errorf("%d of %d bits wrong", wrong, all)
	}
}

func TestFlatAndTinyHaveNoKeys(t *testing.T) {
	for _, r := range []*raster.Raster{painted.Flat(0, 1, 1), painted.Flat(255, 1, 512), painted.Flat(77, 512, 3), painted.Flat(200, 512, 512)} {
		f := Extract(r)
		if f.Valid != 0 || len(Keys(f)) != 0 || len(Probes(f)) != 0 {
			t.Errorf("flat %dx%d has keys: %+v", r.Width, r.Height, f)
		}
	}
	// Noise of one level is not contrast.
	r := painted.Flat(128, 512, 384)
	for i := range r.Luma {
		r.Luma[i] += byte(i * 7919 >> 3 & 1)
	}
	if f := Extract(r); f.Valid != 0 {
		t.Errorf("noise of one level has keys: %016b", f.Valid)
	}
	for _, size := range [][2]int{{2, 1}, {5, 7}, {64, 65}, {66, 1}, {1, 512}} {
		Extract(painted.Scene(1, size[0], size[1])) // must not panic
	}
}

var anyFeature = rapid.Custom(func(t *rapid.T) Feature {
	var f Feature
	// Few patterns, so that bands meet and distances tie.
	for b := range f.Bits {
		f.Bits[b] = rapid.SampledFrom([]uint16{0, 0xffff, 0x00ff, 0x3333, 0x1248, 0xa53c, 0x8001, 0x0f17}).Draw(t, "band")
	}
	f.Valid = rapid.Uint16().Draw(t, "valid")
	return f
})

func TestSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyFeature.Draw(t, "a"), anyFeature.Draw(t, "b")
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
			t.Fatalf("turn %d changes the keys", o)
		}
		if e := Compare(a, Turned(a, o)); e.Distance != 0 {
			t.Fatalf("turn %d: %+v", o, e)
		}
	})
}

// A key is shared exactly when some turn makes a valid band equal to another.
func TestKeysMeanAnEqualBand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyFeature.Draw(t, "a"), anyFeature.Draw(t, "b")
		equal := false
		for o := range raster.Turn(raster.Turns) {
			g := Turned(a, o)
			for i := range g.Bits {
				equal = equal || g.Valid&b.Valid>>i&1 != 0 && g.Bits[i] == b.Bits[i]
			}
		}
		if meet(a, b) != equal {
			t.Fatalf("shares a key: %v, has an equal band: %v", meet(a, b), equal)
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
		if err != nil && len(b) == encodedLen && b[0] == Version {
			t.Error(err)
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

func BenchmarkCompare(b *testing.B) {
	x, y := Extract(painted.Scene(1, 512, 384)), Extract(painted.Scene(2, 512, 384))
	for b.Loop() {
		Compare(x, y)
	}
}
