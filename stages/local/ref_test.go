package local

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// The textbook forms of what this package computes in another way.

// TestHessian: the fixed-point response against floating point, with a real
// Gaussian beside the binomial kernel.
func TestHessian(t *testing.T) {
	r := plain(40)
	l := &pyramid(r.Luma, r.Width, r.Height)[2]
	var s hessian
	found := s.maxima(l)
	kernel := []float64{1, 8, 28, 56, 70, 56, 28, 8, 1}
	for i, k := range kernel {
		gauss := 256 / math.Sqrt(4*math.Pi) * math.Exp(-float64((i-4)*(i-4))/4)
		if math.Abs(k-gauss) > 3 {
			t.Errorf("kernel %d: %v is far from the Gaussian's %.1f", i, k, gauss)
		}
	}
	smooth := func(x, y int) (v float64) {
		for j, kj := range kernel {
			for i, ki := range kernel {
				v += ki * kj / 65536 * float64(l.pix[l.at(x+i-4, y+j-4)])
			}
		}
		return v
	}
	response := func(x, y int) (v, size float64) {
		twice := 2 * smooth(x, y)
		xx := smooth(x-1, y) - twice + smooth(x+1, y)
		yy := smooth(x, y-1) - twice + smooth(x, y+1)
		xy := (smooth(x-1, y-1) - smooth(x+1, y-1) - smooth(x-1, y+1) + smooth(x+1, y+1)) / 4
		return xx*yy - xy*xy, math.Abs(xx) + math.Abs(yy) + math.Abs(xy)
	}
	maxima := 0
	for y := border; y < l.h-border; y++ {
		for x := border; x < l.w-border; x++ {
			want, size := response(x, y)
			got := float64(s.response[y*l.w+x]) / 1024
			// Second differences are off by 1/16 at most, each.
			if math.Abs(got-want) > 0.01+size/16 {
				t.Fatalf("(%d, %d): %.3f, not %.3f", x, y, got, want)
			}
			v := s.response[y*l.w+x]
			top := v >= threshold
			for j := -1; j <= 1; j++ {
				for i := -1; i <= 1; i++ {
					o := s.response[(y+j)*l.w+x+i]
					if o > v || o == v && (j < 0 || j == 0 && i < 0) {
						top = false
					}
				}
			}
			if top {
				maxima++
				if !slices.Contains(found, uint64(v)<<32|uint64(^uint32(y*l.w+x))) {
					t.Errorf("maximum at (%d, %d) not found", x, y)
				}
			}
		}
	}
	if maxima != len(found) || maxima < 20 {
		t.Errorf("%d maxima, found %d", maxima, len(found))
	}
}

// TestDescriptor: boxes by the summed-area table against boxes summed pixel by pixel.
func TestDescriptor(t *testing.T) {
	r := plain(41)
	levels := pyramid(r.Luma, r.Width, r.Height)
	found := detect(levels, Points)
	each(levels, found, func(l *level, s *sums, i int) {
		k := found[i]
		angle := int(orientation(l, k.x, k.y))
		sin, cos := math.Sincos(2 * math.Pi * float64(angle) / Angles)
		mean := func(px, py, radius int8) (sum int) {
			x := k.x + int(math.Round(float64(px)*cos-float64(py)*sin))
			y := k.y + int(math.Round(float64(px)*sin+float64(py)*cos))
			for dy := -int(radius); dy <= int(radius); dy++ {
				for dx := -int(radius); dx <= int(radius); dx++ {
					cx, cy := min(max(x+dx, 0), l.w-1), min(max(y+dy, 0), l.h-1)
					sum += int(l.pix[l.at(cx, cy)])
				}
			}
			return sum
		}
		var want Descriptor
		for j := range 256 {
			p := pattern[j%128]
			if j >= 128 {
				p = p.Mirror()
			}
			if mean(p.X1, p.Y1, p.Radius) < mean(p.X2, p.Y2, p.Radius) {
				want[j/64] |= 1 << (j % 64)
			}
		}
		if d := Distance(want, describe(s, k.x, k.y, &turnedPattern()[angle])); d > 2 { // a half rounded otherwise
			t.Errorf("keypoint %d: %d bits differ", i, d)
		}
	})
}

func TestOrientationOfRamp(t *testing.T) {
	for a := range Angles {
		sin, cos := math.Sincos(2 * math.Pi * float64(a) / Angles)
		r := rasterOf(60, 60, func(x, y int) (uint8, uint8, uint8) {
			v := uint8(128 + 3*(float64(x-30)*cos+float64(y-30)*sin))
			return v, v, v
		})
		l := level{w: 60, h: 60, pitch: 60 + 2*margin, pix: make([]uint8, (60+2*margin)*(60+2*margin))}
		for y := range 60 {
			copy(l.row(y), r.Luma[60*y:])
		}
		l.repeatEdges()
		got := int(orientation(&l, 30, 30))
		if off := (got - a + 1) & (Angles - 1); off > 2 {
			t.Errorf("ramp towards %d: angle %d", a, got)
		}
	}
}

// TestMatches: the search that stops early against all distances.
func TestMatches(t *testing.T) {
	a, b := Extract(plain(42)).Points, Extract(drawScene(42).view(400, 300, raster.Affine{A: 0.7, B: 0.1, D: -0.1, E: 0.7})).Points
	for _, mirrored := range []bool{false, true} {
		var want []match
		nearest := make(map[int]match)
		for i, p := range a {
			d := p.Descriptor
			if mirrored {
				d = d.Mirror()
			}
			var all []int
			at, first := -1, 1<<30
			for j, q := range b {
				n := 0
				for w := range d {
					n += bits.OnesCount64(d[w] ^ q.Descriptor[w])
				}
				all = append(all, n)
				if n < first {
					at, first = j, n
				}
			}
			slices.Sort(all)
			if all[0] > 64 || float64(all[0]) > 0.92*float64(all[1]) {
				continue
			}
			if m, ok := nearest[at]; !ok || first < m.distance {
				nearest[at] = match{i, at, first}
			}
		}
		for _, m := range nearest {
			want = append(want, m)
		}
		got := matches(a, b, mirrored, nil)
		if len(got) != len(want) || !mirrored && len(got) < 50 {
			t.Fatalf("mirrored %v: %d matches, not %d", mirrored, len(got), len(want))
		}
		for _, m := range got {
			if !slices.Contains(want, m) {
				t.Errorf("mirrored %v: %+v is none", mirrored, m)
			}
		}
	}
}

// TestWord: the word search against a plain one.
func TestWord(t *testing.T) {
	v := vocabulary()
	for i, p := range Extract(plain(43)).Points {
		d, m := p.Descriptor, p.Descriptor.Mirror()
		type coarse struct{ distance, word, flip int }
		var all []coarse
		for c := range v.Coarse {
			all = append(all, coarse{Distance(d, v.Coarse[c]), c, 0}, coarse{Distance(m, v.Coarse[c]), c, 1})
		}
		slices.SortStableFunc(all, func(a, b coarse) int { return a.distance - b.distance })
		if all[coarseProbes-1].distance == all[coarseProbes].distance {
			continue // which one is looked into is a matter of taste
		}
		words := make(map[int]int) // to distance
		var distances []int
		for _, c := range all[:coarseProbes] {
			for l := range v.Leaves[c.word] {
				x := d
				if c.flip == 1 {
					x = m
				}
				n := Distance(x, v.Leaves[c.word][l])
				words[(c.word*leafWords+l)*2+c.flip] = n
				distances = append(distances, n)
			}
		}
		slices.Sort(distances)
		seen := make(map[uint32]bool)
		for rank, w := range v.words(d) {
			want := distances[rank] - distances[0]
			if n, ok := words[int(w.word)]; want < farthestWord && (!ok || seen[w.word] || n != distances[rank] || w.gap != want) {
				t.Errorf("keypoint %d: word %d at distance %d, %d farther than the nearest, should be %d and %d", i, rank, n, w.gap, distances[rank], want)
			}
			seen[w.word] = true
		}
	}
}

// TestNCC: sums of integers against the definition.
func TestNCC(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	var m moments
	var s, u []float64
	for range 500 {
		a := rnd.IntN(256)
		b := min(max(a/2+rnd.IntN(90), 0), 255)
		m.add(a, b)
		s, u = append(s, float64(a)), append(u, float64(b))
	}
	mean := func(v []float64) (sum float64) {
		for _, x := range v {
			sum += x / float64(len(v))
		}
		return sum
	}
	ms, mu := mean(s), mean(u)
	var ss, uu, su float64
	for i := range s {
		ss, uu, su = ss+(s[i]-ms)*(s[i]-ms), uu+(u[i]-mu)*(u[i]-mu), su+(s[i]-ms)*(u[i]-mu)
	}
	if want := su / math.Sqrt(ss*uu); math.Abs(m.ncc()-want) > 1e-9 {
		t.Errorf("%v, not %v", m.ncc(), want)
	}
}

// TestFine: sums that slide against windows summed pixel by pixel.
func TestFine(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	o := overlay{w: 30, h: 20, target: make([]uint8, 600)}
	there := make([]uint8, 600)
	for i := range o.target {
		v := rnd.IntN(200)
		o.target[i], o.warped[i] = uint8(v), uint8(v/2+rnd.IntN(100))
	}
	for y := range o.h {
		o.runs[y] = run{rnd.IntN(15), 15 + rnd.IntN(16)}
		for x := o.runs[y].from; x < o.runs[y].to; x++ {
			there[y*o.w+x] = 1
		}
	}
	var m moments
	for y := range o.h {
		for x := range o.w {
			i := y*o.w + x
			if there[i] == 0 {
				continue
			}
			n, s, u := 0, 0, 0
			for yy := max(y-2, 0); yy <= min(y+2, o.h-1); yy++ {
				for xx := max(x-2, 0); xx <= min(x+2, o.w-1); xx++ {
					if j := yy*o.w + xx; there[j] == 1 {
						n, s, u = n+1, s+int(o.warped[j]), u+int(o.target[j])
					}
				}
			}
			m.add((int(o.warped[i])*n-s)*16/n, (int(o.target[i])*n-u)*16/n)
		}
	}
	if got, want := o.fine(), m.ncc(); got != want {
		t.Errorf("%v, not %v", got, want)
	}
}

// TestOverlay: runs and pieces of rows against pixels taken one by one, under maps of all kinds.
func TestOverlay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	random := func(w, h int) view {
		v := view{w: w, h: h, cw: (w + 1) / 2, px: 96, py: 96, y: make([]uint8, w*h+w+1)}
		v.cb, v.cr = make([]uint8, v.cw*((h+1)/2)), make([]uint8, v.cw*((h+1)/2))
		for _, p := range [][]uint8{v.y, v.cb, v.cr} {
			for i := range p {
				p[i] = uint8(rnd.IntN(256))
			}
		}
		return v
	}
	for range 60 {
		a, b := random(1+rnd.IntN(96), 1+rnd.IntN(96)), random(1+rnd.IntN(96), 1+rnd.IntN(96))
		sin, cos := math.Sincos(rnd.Float64() * 7)
		k := 0.2 + rnd.Float64()
		back := raster.Affine{A: k * cos, B: -k * sin, C: rnd.Float64() - 0.2, D: k * sin, E: k * cos, F: rnd.Float64() - 0.2}
		hull := []point{{0.1, 0.2}, {rnd.Float64(), 0.1}, {0.7, 0.3 + rnd.Float64()/2}}
		hull = convex(hull)
		o := overlay{w: b.w, h: b.h, target: b.y}
		o.warp(&a, &b, back)
		var all, inside moments
		color, parts := 0, 0
		for y := range b.h {
			from, to := rowSpan(hull, (float64(y)+0.5)/b.py)
			for x := range b.w {
				sx := mul(mul(back.A, a.px)/b.px, float64(x)+0.5) + (mul(mul(back.B, a.px)/b.py, float64(y)+0.5) + mul(back.C, a.px))
				sy := mul(mul(back.D, a.py)/b.px, float64(x)+0.5) + (mul(mul(back.E, a.py)/b.py, float64(y)+0.5) + mul(back.F, a.py))
				there := sx >= 0 && sy >= 0 && sx < float64(a.w) && sy < float64(a.h)
				if there != (x >= o.runs[y].from && x < o.runs[y].to) {
					t.Fatalf("pixel %d %d of %dx%d under %+v is taken for %t", x, y, b.w, b.h, back, !there)
				}
				if !there {
					continue
				}
				v := bilinear(&a, int(mul(sx, 256))-128, int(mul(sy, 256))-128)
				if w := o.warped[y*b.w+x]; v != w {
					t.Fatalf("pixel %d %d is %d, not %d", x, y, w, v)
				}
				all.add(int(v), int(b.y[y*b.w+x]))
				if x >= int(mul(from, b.px)+0.5) && x < int(mul(to, b.px)+0.5) {
					inside.add(int(v), int(b.y[y*b.w+x]))
				}
				if x%2 == 0 && y%2 == 0 {
					i, j := int(sy)/2*a.cw+int(sx)/2, y/2*b.cw+x/2
					color += abs(int(a.cb[i])-int(b.cb[j])) + abs(int(a.cr[i])-int(b.cr[j]))
					parts++
				}
			}
		}
		p, hullNCC, _ := o.weigh(hull, &b)
		if p.Compared != int(all.n) || o.color != color || o.colorPart != parts {
			t.Errorf("%d pixels, %d of %d, colors %d of %d", p.Compared, all.n, o.color, o.colorPart, parts)
		}
		if all.n >= minPixels && p.NCC != quantized(all.ncc()) || all.n >= minPixels && inside.n >= minPixels && hullNCC != quantized(inside.ncc()) {
			t.Errorf("correlation %v, not %v; in the hull %v, not %v", p.NCC, all.ncc(), hullNCC, inside.ncc())
		}
	}
}

// bilinear is what sample gives, with no pixel read beyond the edge.
func bilinear(v *view, x, y int) uint8 {
	x, y = min(max(x, 0), 256*(v.w-1)), min(max(y, 0), 256*(v.h-1))
	at := func(x, y int) int { return int(v.y[min(y, v.h-1)*v.w+min(x, v.w-1)]) }
	i, j, fx, fy := x/256, y/256, x%256, y%256
	top, bottom := at(i, j)*(256-fx)+at(i+1, j)*fx, at(i, j+1)*(256-fx)+at(i+1, j+1)*fx
	return uint8((top*(256-fy) + bottom*fy + 1<<15) >> 16)
}

// TestDistances: the processor's way against the plain one.
func TestDistances(t *testing.T) {
	rnd := rand.New(rand.NewPCG(10, 10))
	d := Descriptor{rnd.Uint64(), rnd.Uint64(), rnd.Uint64(), rnd.Uint64()}
	points := make([]Point, Points+20)
	for i := range points {
		points[i] = Point{X: uint16(rnd.Uint32()), Y: uint16(rnd.Uint32()), Angle: 63, Level: 11}
		for w := range points[i].Descriptor {
			points[i].Descriptor[w] = d[w] ^ (rnd.Uint64() | rnd.Uint64()&-uint64(i&1))
		}
	}
	points[3].Descriptor = d
	points[4].Descriptor = Descriptor{^d[0], ^d[1], ^d[2], ^d[3]}
	for n := range len(points) {
		var out [Points]uint8
		pointDistances(&d, points[:n], &out)
		for i, v := range out {
			want := 0
			if i < n {
				want = min(Distance(d, points[i].Descriptor), 255)
			}
			if int(v) != want {
				t.Fatalf("point %d of %d: %d, want %d", i, n, v, want)
			}
		}
	}
	words := make([]Descriptor, 64)
	for i := range words {
		words[i] = points[i].Descriptor
	}
	for n := 8; n <= len(words); n += 8 {
		out := make([]uint8, len(words))
		wordDistances(&d, words[:n], out)
		for i, v := range out[:n] {
			if int(v) != min(Distance(d, words[i]), 255) {
				t.Fatalf("word %d of %d: %d, want %d", i, n, v, Distance(d, words[i]))
			}
		}
	}
	for limit := range 129 {
		for low := range 256 {
			at := 8 * (limit % 8)
			eight := uint64(0xfffefdfcfbfaf9f8)&^(0xff<<at) | uint64(low)<<at // one among high ones
			if anyBelow(eight, limit) != (low < limit) {
				t.Fatalf("%#x, below %d: %t", eight, limit, anyBelow(eight, limit))
			}
		}
	}
}

// TestNearest: what is left out changes neither what matches nor how far it is.
func TestNearest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	matched := 0
	for range 3000 {
		var d Descriptor
		points := make([]Point, rnd.IntN(40))
		first, second, at := secondDistance, secondDistance, -1
		for i := range points {
			for range 50 + rnd.IntN(50) { // so many bits, but for those set twice
				points[i].Descriptor[rnd.IntN(4)] ^= 1 << rnd.IntN(64)
			}
			if n := Distance(d, points[i].Descriptor); n < first {
				first, second, at = n, first, i
			} else if n < second {
				second = n
			}
		}
		if p := nearest(&d, points); p.first != first || p.at != at || p.clear() != (100*first <= matchRatio*second) {
			t.Fatalf("%+v, want %d at %d, then %d", p, first, at, second)
		}
		if at >= 0 && 100*first <= matchRatio*second {
			matched++
		}
	}
	if matched < 500 || matched > 2500 {
		t.Errorf("%d of 3000 match", matched)
	}
}

// TestClipArea: exact areas against counting a fine grid.
func TestClipArea(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	window := []point{{0, 0}, {1, 0}, {1, 0.75}, {0, 0.75}}
	for range 40 {
		sin, cos := math.Sincos(rnd.Float64() * 7)
		k := 0.3 + 1.2*rnd.Float64()
		m := raster.Affine{A: k * cos, B: -k * sin, C: rnd.Float64() - 0.2, D: k * sin, E: k * cos, F: rnd.Float64() - 0.2}
		back, _ := m.Invert()
		const n = 400
		hits := 0
		for i := range n * n {
			x, y := (float64(i%n)+0.5)/n, (float64(i/n)+0.5)/n*0.75
			if u, v := back.Apply(x, y); u >= 0 && v >= 0 && u <= 1 && v <= 0.75 {
				hits++
			}
		}
		if got, want := area(clip(mapped(window, m), window)), 0.75*float64(hits)/(n*n); math.Abs(got-want) > 0.004 {
			t.Errorf("%+v: area %.4f, counted %.4f", m, got, want)
		}
	}
}

func TestConvex(t *testing.T) {
	p := []point{{0, 0}, {2, 0}, {1, 1}, {2, 2}, {0, 2}, {1, 0}, {0.5, 1.5}, {0, 0}}
	if h := convex(p); len(h) != 4 || area(h) != 4 {
		t.Errorf("%v", h)
	}
	if h := convex([]point{{0, 0}, {1, 1}, {2, 2}}); area(h) != 0 {
		t.Errorf("a line has an area: %v", h)
	}
	if from, to := rowSpan(convex([]point{{0, 0}, {2, 0}, {1, 2}}), 1); from != 0.5 || to != 1.5 {
		t.Errorf("%v to %v", from, to)
	}
}

func TestRoots(t *testing.T) {
	for n := -70; n <= 70; n++ {
		for _, d := range []int{3, 12, 24} {
			if got, want := pow2(n, d), math.Exp2(float64(n)/float64(d)); math.Abs(got/want-1) > 1e-14 {
				t.Errorf("2^(%d/%d) is %v, not %v", n, d, got, want)
			}
		}
	}
	for a := -70; a <= 130; a++ {
		sin, cos := sincos(a)
		s, c := math.Sincos(2 * math.Pi * float64(a) / Angles)
		if math.Abs(float64(sin)-16384*s) > 0.51 || math.Abs(float64(cos)-16384*c) > 0.51 {
			t.Errorf("angle %d: %d, %d", a, sin, cos)
		}
	}
}

// TestAreaMean: the thumbnail's pixels are means of what they cover.
func TestAreaMean(t *testing.T) {
	r := plain(44)
	const w, h = 96, 72
	pix := areaRGBA(r, w, h)
	for i := range w * h {
		x, y := i%w, i/w
		var sum, n float64
		x0, x1 := float64(x)*float64(r.Width)/w, float64(x+1)*float64(r.Width)/w
		y0, y1 := float64(y)*float64(r.Height)/h, float64(y+1)*float64(r.Height)/h
		for sy := int(y0); float64(sy) < y1; sy++ {
			for sx := int(x0); float64(sx) < x1; sx++ {
				part := (min(float64(sx+1), x1) - max(float64(sx), x0)) * (min(float64(sy+1), y1) - max(float64(sy), y0))
				n += part
				sum += part * float64(r.RGB[3*(sy*r.Width+sx)])
			}
		}
		if math.Abs(sum/n-float64(pix[4*i])) > 1.5 {
			t.Fatalf("pixel %d: %d, not %.1f", i, pix[4*i], sum/n)
		}
	}
}
