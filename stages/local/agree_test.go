package local

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/dedupidx/dedupidx/stages/raster"
	"pgregory.net/rapid"
)

// TestAgreeIsSymmetric: whichever picture asks, in whatever order.
func TestAgreeIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Few words and places, so that much agrees and much is tied.
		key := rapid.Custom(func(t *rapid.T) Key {
			return Key{
				Word: uint32(rapid.IntRange(0, 3).Draw(t, "word")),
				Data: uint64(rapid.IntRange(0, 15).Draw(t, "signature"))*0x10001 |
					uint64(rapid.IntRange(0, 63).Draw(t, "angle")/16*16)<<angleAt |
					uint64(rapid.IntRange(0, 40).Draw(t, "scale")/20*20)<<scaleAt |
					uint64(rapid.IntRange(0, 63).Draw(t, "y"))<<yAt |
					uint64(rapid.IntRange(0, 63).Draw(t, "x"))<<xAt,
			}
		})
		a, b := rapid.SliceOfN(key, 0, 25).Draw(t, "a"), rapid.SliceOfN(key, 0, 25).Draw(t, "b")
		meet := func(a, b []Key) (pairs []Pair) {
			for _, p := range a {
				for _, probe := range []Key{p, p.mirror()} {
					for _, k := range b {
						if k.Word == probe.Word {
							pairs = append(pairs, Pair{probe, k})
						}
					}
				}
			}
			return pairs
		}
		x := Agree(meet(a, b))
		y := Agree(rapid.Permutation(meet(b, a)).Draw(t, "pairs"))
		if x != y {
			t.Fatalf("asked one way %+v, the other %+v", x, y)
		}
	})
}

// TestAgreedOnTextures: what Agreed and Supported leave out on the way loses nothing, where one
// keypoint has many links and many stand side by side.
func TestAgreedOnTextures(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	words := []uint32{2, 1000, 30_000, 60_002}
	agreed := 0
	const rounds = 600
	for range rounds {
		// Keypoints on a lattice, of few words, angles and scales, against the same moved.
		n, spread := 2+r.IntN(14), 1+r.IntN(12)
		var a, b []Key
		for range n {
			k := Key{Word: words[r.IntN(len(words))], Data: r.Uint64N(4)<<angleAt | r.Uint64N(3)<<scaleAt |
				uint64(r.IntN(spread)*2)<<yAt | uint64(r.IntN(spread)*2)<<xAt | r.Uint64N(8)&1<<secondAt}
			a = append(a, k)
			k.Data += 3<<xAt | 2<<yAt
			for range 3 {
				k.Data ^= 1 << r.IntN(32)
			}
			b = append(b, k)
		}
		var pairs []Pair
		for _, p := range a {
			if r.IntN(2) == 0 {
				p = p.mirror()
			}
			for _, s := range b {
				if s.Word = p.Word; r.IntN(3) > 0 && Alike(p, s) {
					pairs = append(pairs, Pair{p, s})
				}
			}
		}
		enough := Agree(pairs).Votes >= MinVotes
		if Agreed(pairs) != enough {
			t.Fatalf("%+v have enough votes is %t, and Agreed says no such thing", pairs, enough)
		}
		if enough {
			agreed++
		}
		for side := range 2 {
			set := func(least int) (int, []link) {
				upright, mirrored := linked(pairs)
				return worthiest(vocabulary(), [...][]link{upright, mirrored}[side], side == 1, least, math.MaxInt)
			}
			n, want := set(0)
			if m, got := set(minWorth); n >= minWorth && (m != n || !slices.Equal(got, want)) {
				t.Fatalf("%+v are worth %d with %v, not %d with %v", pairs, n, want, m, got)
			}
		}
	}
	if agreed < rounds/10 || agreed > rounds*9/10 {
		t.Errorf("%d of %d agree", agreed, rounds)
	}
}

// What two pictures need for a moment lies on the stack: on the heap it was most of the garbage of a
// scan, and with it of its memory.
func TestAgreedMakesLittleGarbage(t *testing.T) {
	a, b := Extract(plain(1)), Extract(drawScene(1).view(512, 384, raster.Affine{A: 1.1, E: 1.1, C: -20, F: -10}))
	pairs := pairsOf(a, b)
	if len(pairs) < 50 || !Agreed(pairs) || !Supported(a, b, pairs) {
		t.Fatalf("%d pairs of a picture and a part of it are none", len(pairs))
	}
	garbage := func(do func()) uint64 {
		const rounds = 50
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			do()
		}
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) / rounds
	}
	// Their keypoints alone are 36 KB, their pairs as links 40 bytes each.
	if n := garbage(func() { Agreed(pairs) }); n > 8<<10 {
		t.Errorf("Agreed leaves %d bytes of %d pairs", n, len(pairs))
	}
	if n := garbage(func() { Supported(a, b, pairs) }); n > 8<<10 {
		t.Errorf("Supported leaves %d bytes of %d pairs", n, len(pairs))
	}
}

// Copies support the maps of their keys, whoever asks; strangers that met do not.
func TestSupported(t *testing.T) {
	views := []Feature{
		Extract(plain(1)),
		Extract(drawScene(1).view(512, 384, raster.Affine{A: 1.4, E: 1.4, C: -100, F: -70})), // a part of it
		Extract(drawScene(1).view(512, 384, raster.Affine{A: -1, E: 1, C: 512})),             // in a mirror
	}
	for i, a := range views {
		for j, b := range views {
			if !Supported(a, b, pairsOf(a, b)) {
				t.Errorf("views %d and %d of one scene do not support their map", i, j)
			}
		}
	}
	strangers := []Feature{Extract(plain(2)), Extract(plain(3)), Extract(plain(4))}
	for i, a := range append(strangers, views...) {
		for j, b := range strangers {
			ab, ba := Supported(a, b, pairsOf(a, b)), Supported(b, a, pairsOf(b, a))
			if ab != ba {
				t.Errorf("pictures %d and %d: %t, and the other way %t", i, j, ab, ba)
			}
			if i != j && ab {
				t.Errorf("strangers %d and %d support a map", i, j)
			}
		}
	}
}

// pebbles is a texture: one motif with noise again and again, in other places in each picture.
func pebbles(seed uint64) *raster.Raster {
	motif := drawScene(77)
	rnd := rand.New(rand.NewPCG(seed, 8))
	var at [8][8]struct{ x, y int }
	for i := range at {
		for j := range at[i] {
			at[i][j].x, at[i][j].y = rnd.IntN(16), rnd.IntN(16)
		}
	}
	return rasterOf(512, 512, func(x, y int) (uint8, uint8, uint8) {
		o := at[x/64][y/64]
		u, v := x%64-o.x, y%64-o.y
		if u < 0 || v < 0 || u >= 48 || v >= 48 {
			return 128, 128, 128
		}
		r, g, b := motif.at(200+float64(u), 200+float64(v))
		v = int(0.3*r+0.6*g+0.1*b)*3/4 + rnd.IntN(64)
		return uint8(v), uint8(v), uint8(v)
	})
}

// Of two textures with the same motif many keypoints look alike and agree, but they match nothing
// certain, so they propose no map and are no candidates.
func TestTexturesAreNotSupported(t *testing.T) {
	var textures []Feature
	for seed := range uint64(4) {
		textures = append(textures, Extract(pebbles(seed)))
	}
	agreed, supported, proposed := 0, 0, 0
	for i, a := range textures {
		for _, b := range textures[:i] {
			pairs := pairsOf(a, b)
			if Agreed(pairs) {
				agreed++
			}
			s := Supported(a, b, pairs)
			if s != Supported(b, a, pairsOf(b, a)) {
				t.Errorf("texture %d supports another one way, not the other", i)
			}
			if s {
				supported++
			}
			if Compare(a, b).Proposed {
				if proposed++; !s {
					t.Errorf("texture %d proposes a map on another, and does not support it", i)
				}
			}
		}
	}
	if agreed < 5 || supported > agreed*2/3 || supported > proposed+2 {
		t.Errorf("%d pairs of textures agree, %d are supported, %d propose a map", agreed, supported, proposed)
	}
	for i, a := range textures {
		if !Supported(a, a, pairsOf(a, a)) {
			t.Errorf("texture %d does not support itself", i)
		}
	}
}

// What is plainly one picture is strong, the more the more like it is; strangers are not, and whoever has
// more alike pairs, or less than half, is not outdone.
func TestStrength(t *testing.T) {
	s := drawScene(60)
	a := Extract(s.view(512, 384, raster.Identity()))
	strengths := func(b Feature) int { return Strength(pairsOf(a, b)) }
	whole := strengths(Extract(s.view(500, 375, raster.Identity())))
	cut := strengths(Extract(s.view(512, 384, raster.Affine{A: 0.45, C: 0.3, E: 0.45, F: 0.3})))
	other := strengths(Extract(plain(61)))
	if whole <= cut || cut <= 0 || other != 0 {
		t.Errorf("the strength of a copy is %d, of a cut %d, of a stranger %d", whole, cut, other)
	}
	if whole>>16 != strongVotes*vote {
		t.Errorf("a copy has %d votes", whole>>16/vote)
	}
	by := whole & 0xffff
	for pairs, want := range map[int]bool{by - 1: true, by: false, by + 9: false, by/2 + 1: true, by/2 - 1: false, 0: false} {
		if Outdone(whole, pairs) != want {
			t.Errorf("%d pairs are outdone by %d: not %t", pairs, by, want)
		}
	}
	if Outdone(cut, cut&0xffff-1) {
		t.Error("outdone by one that is not as strong as can be")
	}
}
