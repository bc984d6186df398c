package local

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Evidence is what two pictures say for and against showing the same. Shares
// and correlations are in steps of 1/1024, so that no judge hangs on a last
// bit. Where Proposed is false all that the keypoint map would give is zero.
type Evidence struct {
	Matches  int // keypoints that look alike, 0..Points, of the orientation with more inliers
	Inliers  int // of them, on one affine map; 0 where there is none
	Proposed bool
	Mirrored bool // one is seen in a mirror

	Transform raster.Affine // a to b, unit coordinates, in steps of 2^-20; identity where none is proposed
	OverlapA  float64       // share of a's area that lies on b, 0..1
	OverlapB  float64       // share of b's area that a covers, 0..1

	InlierShare    float64 // inliers of the keypoints in the overlap, of the side that has fewer, 0..1
	MedianDistance float64 // of the inliers' descriptors, 0..64 bits
	Tightness      float64 // matches within 1.2 scales of their place, of those within 6, 0..1: low for views from two spots
	MedianResidual float64 // of the inliers, in keypoint scales, 0..8

	// Co-location: do the keypoints that lie on a keypoint of the other look alike?
	// Templates with other words do not.
	CoLocated          int     // keypoints of one that lie on one of the other, 0..Points
	CoShare            float64 // of them, those that look alike, 0..1
	CellsAgreeing      int     // of 8x8 over the overlap, with at least two keypoints of each and an inlier, 0..64
	CellsContradicting int     // the same without any inlier, 0..64

	Pixels Pixels // under Transform
	Hull   Hull   // the same inside the hull of the inliers
	Whole  Whole  // the whole frame laid on the whole frame, whatever the keypoints say
}

// Hull is what holds inside the convex hull of the inliers: insets and collages
// agree there and nowhere else.
type Hull struct {
	Share float64 // of the overlap's area, 0..1
	NCC   float64 // as in Pixels
	Good  float64 // as in Pixels
}

// Whole is the best of the eight ways to lay one frame on the other.
type Whole struct {
	Turn      raster.Turn   // of a, to lie as b
	Transform raster.Affine // a to b, unit coordinates, in steps of 2^-20
	NCC       float64       // of both scaled to 32x32, -1..1
	Pixels    Pixels        // under Transform
}

const (
	tightScale, looseScale = 1.2, 6.0
	coScale                = 3.0                // keypoints this many scales apart lie on each other,
	coOctave               = 1.4142135623730951 // if their scales are within half an octave
	cells                  = 8
)

// Compare weighs two pictures. Compare(b, a) is Compare(a, b) with the
// transforms inverted and the overlaps exchanged, exactly: both look at the
// pair in the order of the features' content. It takes 0.5 ms where both are prepared
// (BenchmarkCompare), and 0.1 for each thumbnail where they are not.
func Compare(a, b Feature) Evidence { return Prepare(a).Compare(Prepare(b)) }

// Compare is Compare of the two features, for those who compare one picture with several.
func (p *Prepared) Compare(q *Prepared) Evidence { return p.Meet(q).Evidence() }

// Meeting is two pictures whose keypoints were matched, and whose pixels were not yet
// compared: for those who need not know more of most strangers.
type Meeting struct {
	a, b      *Prepared // in the order of their content
	exchanged bool
	fitted    fitted
	laid      bool
	whole     Whole // all but Pixels, once laid
}

// Meet matches the keypoints. p.Meet(q) and q.Meet(p) know the same.
func (p *Prepared) Meet(q *Prepared) *Meeting {
	m := &Meeting{a: p, b: q, exchanged: compareFeatures(p.Feature, q.Feature) > 0}
	if m.exchanged {
		m.a, m.b = q, p
	}
	m.fitted = fit(m.a.Feature, m.b.Feature)
	return m
}

// Proposed is that of Evidence.
func (m *Meeting) Proposed() bool { return len(m.fitted.inliers) >= minInliers }

// FrameNCC is Whole.NCC of Evidence. The first time it decodes thumbnails, but for
// those of pictures of which it was asked before.
func (m *Meeting) FrameNCC() float64 {
	if !m.laid {
		m.whole, m.laid = whole(m.a, m.b), true
	}
	return m.whole.NCC
}

// Evidence compares the pixels too.
func (m *Meeting) Evidence() Evidence {
	m.FrameNCC()
	e := m.compare()
	if m.exchanged {
		return e.invert()
	}
	return e
}

// compareFeatures orders features by content.
func compareFeatures(a, b Feature) int {
	if c := cmp.Or(cmp.Compare(a.Width, b.Width), cmp.Compare(a.Height, b.Height),
		bytes.Compare(a.small.scan, b.small.scan)); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Points, b.Points, func(p, q Point) int {
		return cmp.Or(slices.Compare(p.Descriptor[:], q.Descriptor[:]), cmp.Compare(p.X, q.X),
			cmp.Compare(p.Y, q.Y), cmp.Compare(p.Angle, q.Angle), cmp.Compare(p.Level, q.Level))
	})
}

// invert exchanges the pictures.
func (e Evidence) invert() Evidence {
	e.Transform = inverse(e.Transform)
	e.OverlapA, e.OverlapB = e.OverlapB, e.OverlapA
	e.Whole.Turn = e.Whole.Turn.Inverse()
	e.Whole.Transform = inverse(e.Whole.Transform)
	return e
}

// compare weighs the pictures in their order.
func (m *Meeting) compare() Evidence {
	a, b := m.a.Feature, m.b.Feature
	e := Evidence{Transform: raster.Identity(), Whole: m.whole}
	e.Whole.Pixels, _, _ = compareViews(m.a.view(), m.b.view(), wholeMap(a, b, e.Whole.Turn), nil)
	f := &m.fitted
	e.Matches, e.Inliers, e.Mirrored = len(f.matches), len(f.inliers), f.mirrored
	if e.Inliers < minInliers {
		e.Inliers, e.Mirrored = 0, false
		return e
	}
	e.Proposed = true
	t := f.affine
	t.C, t.F = t.C/raster512, t.F/raster512
	e.Transform = quantizedAffine(t)

	o := clip(mapped(frame(a), t), frame(b))
	shared := area(o)
	e.OverlapB = share(shared, area(frame(b)))
	e.OverlapA = share(shared/math.Abs(t.Determinant()), area(frame(a)))
	f.weigh(&e, a, b, o)

	hull := make([]point, len(f.inliers))
	for i, m := range f.inliers {
		hull[i] = point{f.b[m.b].x / raster512, f.b[m.b].y / raster512}
	}
	hull = convex(hull)
	e.Hull.Share = share(area(clip(hull, frame(b))), shared)
	e.Pixels, e.Hull.NCC, e.Hull.Good = compareViews(m.a.view(), m.b.view(), t, hull)
	return e
}

// weigh fills in what the keypoints say, o being the overlap in b, in unit coordinates.
func (f *fitted) weigh(e *Evidence, a, b Feature, o []point) {
	distances, residuals := make([]float64, 0, len(f.inliers)), make([]float64, 0, len(f.inliers))
	tight, loose := 0, 0
	for i, m := range f.matches {
		s := f.b[m.b].size
		if f.error2[i] <= mul(mul(looseScale, s), mul(looseScale, s)) {
			loose++
		}
		if f.error2[i] <= mul(mul(tightScale, s), mul(tightScale, s)) {
			tight++
		}
	}
	for i, m := range f.matches {
		if n := len(distances); n < len(f.inliers) && m == f.inliers[n] {
			distances = append(distances, float64(m.distance))
			residuals = append(residuals, math.Sqrt(f.error2[i])/f.b[m.b].size)
		}
	}
	e.Tightness = share(float64(tight), float64(loose))
	e.MedianDistance = quantized(median(distances))
	e.MedianResidual = quantized(min(median(residuals), 8))

	// Keypoints of both in the overlap, those of a mapped to b.
	t := f.affine
	back, ok := t.Invert()
	if !ok || len(o) == 0 {
		return
	}
	grow := math.Sqrt(math.Abs(t.Determinant()))
	wa, ha := mirrorWidth(a), mirrorHeight(a)
	wb, hb := mirrorWidth(b), mirrorHeight(b)
	var grid [cells * cells]struct{ a, b, in int }
	x0, y0, x1, y1 := bounds(o)
	cell := func(x, y float64) int {
		cx := int(mul(x/raster512-x0, cells) / max(x1-x0, 1e-6))
		cy := int(mul(y/raster512-y0, cells) / max(y1-y0, 1e-6))
		return min(max(cy, 0), cells-1)*cells + min(max(cx, 0), cells-1)
	}
	inA, inB := 0, 0
	there := make([]int, 0, len(f.b))
	for j, q := range f.b {
		if x, y := back.Apply(q.x, q.y); x >= 0 && y >= 0 && x <= wa && y <= ha {
			inB++
			grid[cell(q.x, q.y)].b++
			there = append(there, j)
		}
	}
	slices.SortFunc(there, func(i, j int) int {
		if c := cmp.Compare(f.b[i].y, f.b[j].y); c != 0 {
			return c
		}
		return cmp.Compare(i, j)
	})
	alike := 0
	for i, p := range f.a {
		x, y := t.Apply(p.x, p.y)
		if x < 0 || y < 0 || x > wb || y > hb {
			continue
		}
		inA++
		grid[cell(x, y)].a++
		if d := nearestAround(f.b, b.Points, there, x, y, mul(p.size, grow), a.Points[i].Descriptor, f.mirrored); d >= 0 {
			e.CoLocated++
			if d <= matchDistance {
				alike++
			}
		}
	}
	e.CoShare = share(float64(alike), float64(e.CoLocated))
	for _, m := range f.inliers {
		grid[cell(f.b[m.b].x, f.b[m.b].y)].in++
	}
	for _, g := range grid {
		switch {
		case g.a < 2 || g.b < 2:
		case g.in > 0:
			e.CellsAgreeing++
		default:
			e.CellsContradicting++
		}
	}
	e.InlierShare = share(float64(len(f.inliers)), float64(min(inA, inB)))
}

// nearestAround returns the distance of d to the most alike of the keypoints
// that lie on (x, y) at about the same scale, or -1 where none does. there
// holds indexes of ps, sorted by y.
func nearestAround(ps []place, points []Point, there []int, x, y, size float64, d Descriptor, mirrored bool) int {
	if mirrored {
		d = d.Mirror()
	}
	reach := mul(coScale, mul(size, coOctave))
	from, _ := slices.BinarySearchFunc(there, y-reach, func(j int, v float64) int { return cmp.Compare(ps[j].y, v) })
	best := -1
	for _, j := range there[from:] {
		q := &ps[j]
		if q.y > y+reach {
			break
		}
		dx, dy := q.x-x, q.y-y
		near := mul(coScale, max(q.size, size))
		if mul(dx, dx)+mul(dy, dy) > mul(near, near) || q.size > mul(size, coOctave) || size > mul(q.size, coOctave) {
			continue
		}
		if n := Distance(d, points[j].Descriptor); best < 0 || n < best {
			best = n
		}
	}
	return best
}

func mirrorHeight(f Feature) float64 {
	return mul(raster512, float64(f.Height)) / float64(max(f.Width, f.Height))
}

// frame is the rectangle of a picture in unit coordinates.
func frame(f Feature) []point {
	w, h := mirrorWidth(f)/raster512, mirrorHeight(f)/raster512
	return []point{{0, 0}, {w, 0}, {w, h}, {0, h}}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// share is part of all, 0..1, in steps of 1/1024.
func share(part, all float64) float64 {
	if !(all > 0) {
		return 0
	}
	return quantized(min(max(part/all, 0), 1))
}

// quantized rounds to 1/1024.
func quantized(v float64) float64 { return math.Floor(mul(v, 1024)+0.5) / 1024 }

// quantizedAffine rounds to 2^-20, a 2,000th of a pixel of a raster.
func quantizedAffine(t raster.Affine) raster.Affine {
	q := func(v float64) float64 { return math.Floor(mul(v, 1<<20)+0.5) / (1 << 20) }
	return raster.Affine{A: q(t.A), B: q(t.B), C: q(t.C), D: q(t.D), E: q(t.E), F: q(t.F)}
}

// inverse is the map back, quantized alike.
func inverse(t raster.Affine) raster.Affine {
	r, ok := t.Invert()
	if !ok {
		return raster.Identity()
	}
	return quantizedAffine(r)
}
