package local

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/dedupidx/dedupidx/stages/raster"
	"pgregory.net/rapid"
)

// scene is a drawn picture of patches: the brightness of any point, however it is looked at.
type scene struct {
	patches []patch
	cells   [16 * 16][]*patch // those that reach into a cell of 32, the uppermost first
}

type patch struct {
	x, y, rx, ry, sin, cos float64
	r, g, b                float64
	round                  bool
}

// drawScene makes a scene over the square of 512.
func drawScene(seed uint64) *scene {
	rnd := rand.New(rand.NewPCG(seed, 7))
	s := new(scene)
	for range 420 {
		size := 6 * math.Exp2(3.2*rnd.Float64())
		sin, cos := math.Sincos(rnd.Float64() * 2 * math.Pi)
		s.patches = append(s.patches, patch{
			x: 512 * rnd.Float64(), y: 512 * rnd.Float64(),
			rx: size, ry: size * (0.4 + 0.6*rnd.Float64()), sin: sin, cos: cos,
			r: 255 * rnd.Float64(), g: 255 * rnd.Float64(), b: 255 * rnd.Float64(),
			round: rnd.IntN(2) == 0,
		})
	}
	slices.SortStableFunc(s.patches, func(a, b patch) int { return cmp.Compare(a.rx, b.rx) })
	for c := range s.cells {
		x, y := float64(c%16*32+16), float64(c/16*32+16)
		for i := range s.patches {
			if p := &s.patches[i]; math.Hypot(p.x-x, p.y-y) < 23+1.5*p.rx {
				s.cells[c] = append(s.cells[c], p)
			}
		}
	}
	return s
}

func (s *scene) at(x, y float64) (r, g, b float64) {
	if x < 0 || y < 0 || x >= 512 || y >= 512 {
		return 128, 128, 128
	}
	for _, p := range s.cells[int(y)/32*16+int(x)/32] {
		dx, dy := x-p.x, y-p.y
		u, v := (dx*p.cos+dy*p.sin)/p.rx, (dy*p.cos-dx*p.sin)/p.ry
		if p.round && u*u+v*v < 1 || !p.round && max(math.Abs(u), math.Abs(v)) < 0.9 {
			return p.r, p.g, p.b
		}
	}
	return 128, 128, 128
}

// view renders what a camera sees: t maps points of the scene to pixels of the picture.
func (s *scene) view(w, h int, t raster.Affine) *raster.Raster {
	back, ok := t.Invert()
	if !ok {
		panic("a view that squeezes the scene flat")
	}
	return rasterOf(w, h, func(x, y int) (uint8, uint8, uint8) {
		var sum [3]float64
		for i := range 9 {
			sx, sy := back.Apply(float64(x)+(float64(i%3)+0.5)/3, float64(y)+(float64(i/3)+0.5)/3)
			r, g, b := s.at(sx, sy)
			sum[0], sum[1], sum[2] = sum[0]+r, sum[1]+g, sum[2]+b
		}
		return uint8(sum[0] / 9), uint8(sum[1] / 9), uint8(sum[2] / 9)
	})
}

func plain(seed uint64) *raster.Raster { return drawScene(seed).view(512, 384, raster.Identity()) }

// pairsOf brings the probes of a to the keys of b, as an index does.
func pairsOf(a, b Feature) []Pair {
	var pairs []Pair
	keys := Keys(b)
	for _, p := range Probes(a) {
		for _, k := range keys {
			if k.Word == p.Word {
				pairs = append(pairs, Pair{p, k})
			}
		}
	}
	return pairs
}

func TestRoundTrip(t *testing.T) {
	for _, r := range []*raster.Raster{plain(1), flat(300, 200), flat(1, 1), flat(512, 1), flat(1, 300), flat(17, 33)} {
		f := Extract(r)
		b := Encode(f)
		g, err := Decode(b)
		if err != nil {
			t.Fatalf("%dx%d: %v", r.Width, r.Height, err)
		}
		if !reflect.DeepEqual(f, g) {
			t.Errorf("%dx%d: decoded feature differs", r.Width, r.Height)
		}
		if _, w, h := Thumbnail(g); max(w, h) != min(max(r.Width, r.Height), ThumbnailSide) {
			t.Errorf("%dx%d: thumbnail is %dx%d", r.Width, r.Height, w, h)
		}
		Compare(f, g)
	}
}

func flat(w, h int) *raster.Raster {
	return rasterOf(w, h, func(x, y int) (uint8, uint8, uint8) { return 90, 120, 200 })
}

func TestDecodeRefuses(t *testing.T) {
	good := Encode(Extract(plain(2)))
	edit := func(at int, v byte) []byte {
		b := slices.Clone(good)
		b[at] = v
		return b
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "short": good[:5], "cut in keypoints": good[:1000],
		"version": edit(0, Version+1), "many keypoints": edit(6, 200), "no width": append([]byte{good[0], 0, 0}, good[3:]...),
		"large thumbnail": edit(7, 97), "level": edit(headBytes+3, 0xff),
		"no thumbnail": good[:headBytes+pointBytes*Points],
	} {
		if _, err := Decode(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A feature that is decoded into over and over says nothing of what it held before.
func TestDecodeAgain(t *testing.T) {
	var f Feature
	full := Encode(Extract(plain(2)))
	for i, b := range [][]byte{full, Encode(Extract(flat(40, 30))), full[:1000], Encode(Extract(plain(3))), {Version, 1, 0, 1, 0, 0, 0, 0, 0}, full} {
		want, wrong := Decode(b)
		err := f.Decode(b)
		if (err == nil) != (wrong == nil) || err == nil && (compareFeatures(f, want) != 0 || f.small.w != want.small.w || f.small.h != want.small.h) {
			t.Errorf("feature %d: %v, decoded by itself %v; %d keypoints, %d", i, err, wrong, len(f.Points), len(want.Points))
		}
	}
}

func TestFlatHasNoKeypoints(t *testing.T) {
	f := Extract(flat(400, 300))
	if len(f.Points) != 0 || len(Keys(f)) != 0 || len(Probes(f)) != 0 {
		t.Errorf("%d keypoints", len(f.Points))
	}
	e := Compare(f, Extract(plain(3)))
	if e.Proposed || e.Inliers != 0 {
		t.Errorf("flat picture is proposed: %+v", e)
	}
}

// TestFindsTransform: a scene seen through a known map gives that map.
func TestFindsTransform(t *testing.T) {
	turned := func(degrees, scale, stretch float64) raster.Affine {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		return raster.Affine{A: scale * stretch * cos, B: -scale * stretch * sin, D: scale * sin, E: scale * cos}
	}
	for name, c := range map[string]struct {
		w, h int
		m    raster.Affine // centre of the scene goes to the centre of the view
	}{
		"same":        {512, 384, raster.Identity()},
		"turned":      {512, 512, turned(33, 1, 1)},
		"quarter":     {384, 512, turned(90, 1, 1)},
		"smaller":     {240, 180, turned(0, 0.47, 1)},
		"crop":        {300, 220, turned(0, 1.0, 1)},
		"enlarged":    {512, 400, turned(-20, 2, 1)},
		"stretched":   {512, 360, turned(5, 0.9, 1.15)},
		"mirrored":    {512, 384, raster.Affine{A: -1, E: 1}},
		"upside down": {400, 300, raster.Affine{A: 0.8, E: -0.8}},
	} {
		t.Run(name, func(t *testing.T) {
			s := drawScene(4)
			m := c.m
			x, y := m.Apply(256, 192)
			m.C, m.F = float64(c.w)/2-x, float64(c.h)/2-y
			a, b := Extract(s.view(512, 384, raster.Identity())), Extract(s.view(c.w, c.h, m))
			e := Compare(a, b)
			if !e.Proposed || e.Inliers < 20 {
				t.Fatalf("%d inliers of %d matches", e.Inliers, e.Matches)
			}
			if e.Mirrored != (m.Determinant() < 0) {
				t.Errorf("mirrored: %v", e.Mirrored)
			}
			back, _ := m.Invert()
			long := float64(max(c.w, c.h))
			worst := 0.0
			for i := range 25 { // points of the view, back to the scene, and there by the found map
				vx, vy := float64(i%5)/4*float64(c.w), float64(i/5)/4*float64(c.h)
				sx, sy := back.Apply(vx, vy)
				if sx < 0 || sy < 0 || sx > 512 || sy > 384 {
					continue
				}
				gx, gy := e.Transform.Apply(sx/512, sy/512)
				worst = max(worst, 512*math.Hypot(gx-vx/long, gy-vy/long))
			}
			if worst > 1 {
				t.Errorf("off by %.2f pixels of 512", worst)
			}
			if e.Pixels.NCC < 0.9 || e.Pixels.Bad > 0.1 {
				t.Errorf("pixels disagree: %+v", e.Pixels)
			}
			if e.Hull.NCC < 0.9 || e.Hull.Good < 0.9 || e.Hull.Share < 0.2 {
				t.Errorf("pixels inside the hull disagree: %+v", e.Hull)
			}
			if s := Agree(pairsOf(a, b)); s.Votes < 2*MinVotes || s.Mirrored != e.Mirrored {
				t.Errorf("agree: %+v", s)
			}
		})
	}
}

// Strangers reach the least number of inliers now and then, and no more: the pixels then deny it.
func TestStrangersProposeNothing(t *testing.T) {
	for seed := range uint64(6) {
		a, b := Extract(plain(10+seed)), Extract(plain(20+seed))
		if e := Compare(a, b); e.Inliers > minInliers || e.Proposed && e.Pixels.BlockNCC > 0.5 {
			t.Errorf("scenes %d: %d inliers, pixels correlate by %.2f", seed, e.Inliers, e.Pixels.BlockNCC)
		}
		if s := Agree(pairsOf(a, b)); s.Votes >= MinVotes {
			t.Errorf("scenes %d: %d votes", seed, s.Votes)
		}
	}
}

func TestSymmetric(t *testing.T) {
	s := drawScene(5)
	features := []Feature{
		Extract(s.view(512, 384, raster.Identity())),
		Extract(s.view(300, 384, raster.Affine{A: 0.8, B: 0.2, C: -30, D: -0.2, E: 0.8, F: 60})),
		Extract(s.view(512, 384, raster.Affine{A: -1, C: 512, E: 1})),
		Extract(s.view(200, 150, raster.Affine{A: 0.4, E: 0.4})),
		Extract(plain(6)), Extract(flat(100, 100)), Extract(flat(1, 1)),
	}
	for i, a := range features {
		for j, b := range features {
			ab, ba := Compare(a, b), Compare(b, a)
			if compareFeatures(a, b) > 0 {
				ab, ba = ba, ab
			}
			if ab.invert() != ba {
				t.Errorf("%d, %d: not the inverse:\n%+v\n%+v", i, j, ab, ba)
			}
			if ab.OverlapA != ba.OverlapB || ab.OverlapB != ba.OverlapA || ab.Pixels != ba.Pixels || ab.Inliers != ba.Inliers {
				t.Errorf("%d, %d: not alike:\n%+v\n%+v", i, j, ab, ba)
			}
			for _, m := range [][2]raster.Affine{{ab.Transform, ba.Transform}, {ab.Whole.Transform, ba.Whole.Transform}} {
				x, y := m[1].Apply(m[0].Apply(0.3, 0.4))
				if math.Hypot(x-0.3, y-0.4) > 1e-4 {
					t.Errorf("%d, %d: there and back is (%.5f, %.5f)", i, j, x, y)
				}
			}
			if x, y := Agree(pairsOf(a, b)), Agree(pairsOf(b, a)); x != y {
				t.Errorf("%d, %d: asked one way %+v, the other %+v", i, j, x, y)
			}
		}
	}
}

// Pictures that are prepared once and compared from several goroutines give what pairs
// compared on their own give.
func TestPrepared(t *testing.T) {
	scene := drawScene(5)
	features := []Feature{
		Extract(scene.view(512, 384, raster.Identity())),
		Extract(scene.view(300, 384, raster.Affine{A: 0.8, B: 0.2, C: -30, D: -0.2, E: 0.8, F: 60})),
		Extract(plain(6)), Extract(flat(1, 1)), {Width: 5, Height: 4},
	}
	var prepared []*Prepared
	for _, f := range features {
		prepared = append(prepared, Prepare(f))
	}
	var wait sync.WaitGroup
	for i, a := range features {
		for j, b := range features {
			wait.Go(func() {
				if got, want := prepared[i].Compare(prepared[j]), Compare(a, b); got != want {
					t.Errorf("%d, %d: prepared they say\n%+v, else\n%+v", i, j, got, want)
				}
			})
		}
	}
	wait.Wait()
}

func TestSelfIsNearest(t *testing.T) {
	f := Extract(plain(7))
	e := Compare(f, f)
	if e.Inliers < Points*9/10 || e.Transform != raster.Identity() || e.Mirrored || e.Pixels.NCC != 1 || e.OverlapA != 1 || e.OverlapB != 1 ||
		e.Whole.Turn != 0 || e.Whole.Transform != raster.Identity() || e.Whole.Pixels.Residual != 0 || e.CoShare != 1 || e.CellsContradicting != 0 {
		t.Errorf("%+v", e)
	}
	if s := Agree(pairsOf(f, f)); s.Votes < 20*MinVotes || s.Mirrored {
		t.Errorf("%+v", s)
	}
}

// TestWordMirrors: the mirrored descriptor has the mirrored words, always.
func TestWordMirrors(t *testing.T) {
	v := vocabulary()
	rapid.Check(t, func(t *rapid.T) {
		var d Descriptor
		for i := range d {
			d[i] = rapid.Uint64().Draw(t, "word")
		}
		if d == d.Mirror() {
			return
		}
		if w, m := v.Word(d), v.Word(d.Mirror()); w != m^1 || w >= Words {
			t.Fatalf("words %d and %d", w, m)
		}
		there, back := v.words(d), v.words(d.Mirror())
		for i, w := range there {
			if m := back[i]; w.gap < farthestWord && (m != nearWord{w.word ^ 1, w.gap} || v.isKey(w) != v.isKey(m)) {
				t.Fatalf("word %d: %+v and %+v", i, w, m)
			}
		}
	})
}

// The more telling a word, the farther it may lie to be a key.
func TestFurtherWords(t *testing.T) {
	v := vocabulary()
	farthest := make(map[int]int) // by weight
	for w := range uint32(Words) {
		weight := v.weight(w)
		if weight > 113 {
			t.Fatalf("word %d weighs %d", w, weight)
		}
		gap := -1
		for v.isKey(nearWord{w, gap + 1}) {
			gap++
		}
		if before, ok := farthest[weight]; ok && before != gap {
			t.Fatalf("words of weight %d are keys up to gaps of %d and %d", weight, before, gap)
		}
		farthest[weight] = gap
	}
	for weight, want := range map[int]int{90: -1, 94: -1, 95: 0, 96: 1, 100: 3, 105: 7} {
		if got, ok := farthest[weight]; !ok || got != want {
			t.Errorf("words of weight %d are keys up to a gap of %d, not %d", weight, got, want)
		}
	}
	keys := Keys(Extract(plain(44)))
	further := 0
	for _, k := range keys {
		if k.Data>>secondAt&1 == 1 {
			further++
			if v.weight(k.Word) < 95 {
				t.Errorf("a word that weighs %d is a key, and not the nearest", v.weight(k.Word))
			}
		}
	}
	if further < len(keys)/10 {
		t.Errorf("%d of %d keys are of further words", further, len(keys))
	}
}

// TestMirrorEquivariant: the mirrored raster has the mirrored keypoints, but for roundings.
func TestMirrorEquivariant(t *testing.T) {
	r := plain(8)
	m := rasterOf(r.Width, r.Height, func(x, y int) (uint8, uint8, uint8) {
		i := 3 * (y*r.Width + r.Width - 1 - x)
		return r.RGB[i], r.RGB[i+1], r.RGB[i+2]
	})
	a, b := Extract(r), Extract(m)
	there := make(map[Descriptor]Point)
	for _, p := range b.Points {
		there[p.Descriptor] = p
	}
	same := 0
	for _, p := range a.Points {
		q, ok := there[p.Descriptor.Mirror()]
		if ok && int(q.Angle) == mirrorAngle(int(p.Angle)) && q.Level == p.Level && abs(int(q.X)+int(p.X)-2047) <= 1 && q.Y == p.Y {
			same++
		}
	}
	if same < len(a.Points)*90/100 {
		t.Errorf("%d of %d keypoints are mirrored exactly", same, len(a.Points))
	}
	keys := make(map[Key]bool)
	for _, k := range Keys(b) {
		keys[k] = true
	}
	asked := 0
	for _, k := range Probes(a)[len(Keys(a)):] {
		if !k.Mirrored() {
			t.Fatal("second half of the probes is not mirrored")
		}
		k.Data &^= probeFlag
		if keys[k] {
			asked++
		}
	}
	if asked < len(a.Points)*90/100 {
		t.Errorf("%d of %d mirrored probes are keys of the mirrored picture", asked, len(a.Points))
	}
	if e := Compare(a, b); !e.Mirrored || e.Whole.Turn != 1 {
		t.Errorf("%+v", e)
	}
}

// TestWholeTurns: a turned picture is recognized by its frame alone.
func TestWholeTurns(t *testing.T) {
	r := plain(50)
	a := Extract(r)
	a.Points = nil
	for turn := raster.Turn(0); turn < raster.Turns; turn++ {
		w, h := r.Width, r.Height
		if turn&4 != 0 {
			w, h = h, w
		}
		b := Extract(rasterOf(w, h, func(x, y int) (uint8, uint8, uint8) {
			// Undo the turn: mirror, then transpose.
			if turn&1 != 0 {
				x = w - 1 - x
			}
			if turn&2 != 0 {
				y = h - 1 - y
			}
			if turn&4 != 0 {
				x, y = y, x
			}
			i := 3 * (y*r.Width + x)
			return r.RGB[i], r.RGB[i+1], r.RGB[i+2]
		}))
		e := Compare(a, b).Whole
		if e.Turn != turn || e.NCC < 0.98 || e.Pixels.BlockNCC < 0.95 {
			t.Errorf("turn %d: %+v", turn, e)
		}
		if e := Compare(b, a).Whole; e.Turn != turn.Inverse() {
			t.Errorf("turn %d back: %+v", turn, e)
		}
	}
}

// TestHull: where only a part is shared, the pixels inside the hull agree and
// those of the whole overlap do not, whichever of the two shows it larger.
func TestHull(t *testing.T) {
	shared, left, right := drawScene(60), drawScene(61), drawScene(62)
	half := func(w, h int, t raster.Affine, other *scene) *raster.Raster {
		// The shared scene to x = 256, another beyond it.
		back, _ := t.Invert()
		a, b := shared.view(w, h, t), other.view(w, h, t)
		return rasterOf(w, h, func(x, y int) (uint8, uint8, uint8) {
			r, i := a, 3*(y*w+x)
			if sx, _ := back.Apply(float64(x)+0.5, float64(y)+0.5); sx > 256 {
				r = b
			}
			return r.RGB[i], r.RGB[i+1], r.RGB[i+2]
		})
	}
	a := Extract(half(512, 384, raster.Identity(), left))
	b := Extract(half(512, 384, raster.Affine{A: 1.6, E: 1.6}, right)) // the upper left 320x240
	for _, e := range []Evidence{Compare(a, b), Compare(b, a)} {
		if !e.Proposed || e.Hull.NCC < 0.93 || e.Pixels.NCC > 0.9 || e.Hull.Share > 0.8 || e.Hull.Share < 0.3 {
			t.Errorf("%d inliers, overlap %+v, hull %+v", e.Inliers, e.Pixels, e.Hull)
		}
	}
}
