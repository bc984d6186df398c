package local

import (
	"math"
	"slices"

	"github.com/dedupidx/dedupidx/stages/raster"
)

const (
	// Below minInliers nothing is proposed. With 5 the judge, on look-alikes that it had
	// not seen, found .875 of the partial copies, with 4 .887, at the same precision:
	// tiles of collages have few keypoints, and what four strangers propose the pixels deny.
	minInliers   = 4
	affineFrom   = 6  // inliers from which all six numbers are fitted, four before
	sureInliers  = 20 // upright, from which nobody looks into the mirror
	maxBases     = 150
	fitPixels    = 6.0 // tolerance of the first guess
	lastPixels   = 3.0 // tolerance of the last round, or
	lastScale    = 2.5 // times the keypoint's own scale
	growLimit    = 24.0
	stretchLimit = 3.0
)

// fitRounds are the tolerances of the rounds of least squares before the last,
// in median keypoint scales.
var fitRounds = [3]float64{8, 5, 4}

// fitted is the outcome of matching two pictures by their keypoints.
type fitted struct {
	mirrored bool
	matches  []match
	inliers  []match       // of them, in their order
	affine   raster.Affine // pixels of 512, a to b
	error2   []float64     // squared error of each match, in pixels of 512 of b
	a, b     []place       // of all keypoints; a as it is, not mirrored
}

// places returns where the keypoints of a feature lie, in the room for them where that is enough.
func places(f Feature, there []place) []place {
	long := float64(longSide(f))
	ps := room(there, len(f.Points))
	for i := range f.Points {
		p := &f.Points[i]
		ps[i] = place{
			x: (float64(p.X) + 0.5) / 4, y: (float64(p.Y) + 0.5) / 4,
			size:  mul(raster512/long, pow2(int(p.Level), 3)),
			angle: int(p.Angle),
		}
	}
	return ps
}

// fit matches two pictures, as they are and mirrored, and fits an affine map
// to the larger set of matches that agree.
func fit(a, b Feature) fitted {
	pa, pb := places(a, nil), places(b, nil)
	var best fitted
	for _, mirrored := range []bool{false, true} {
		f := fitted{mirrored: mirrored, a: pa, b: pb, matches: matches(a.Points, b.Points, mirrored, nil)}
		f.solve(mirrorWidth(a))
		if !mirrored || len(f.inliers) > len(best.inliers) {
			best = f
		}
		if len(best.inliers) >= sureInliers {
			break
		}
	}
	return best
}

// mirrorWidth is the width of the picture where its long side is 512.
func mirrorWidth(f Feature) float64 {
	return mul(raster512, float64(f.Width)) / float64(max(f.Width, f.Height))
}

// proposes tells whether fit finds inliers enough, for the pictures as they are or for a
// mirrored, by the places of their keypoints.
func proposes(a, b Feature, pa, pb []place, mirrored bool) bool {
	var found [Points]match
	var pairs [Points]correspondence // both on the stack
	f := fitted{mirrored: mirrored, a: pa, b: pb, matches: matches(a.Points, b.Points, mirrored, found[:])}
	c := f.consensus(mirrorWidth(a), pairs[:])
	_, in := c.fit()
	return len(in) >= minInliers
}

// consensus has the matches, in the room for them where that is enough; a is width pixels wide.
func (f *fitted) consensus(width float64, there []correspondence) consensus {
	c := consensus{tolerance: fitPixels, pairs: room(there, len(f.matches))}
	for _, m := range f.matches {
		a := f.a[m.a]
		if f.mirrored {
			a = a.mirror(width)
		}
		c.add(a, f.b[m.b], m.a, m.b, 1)
	}
	return c
}

// solve finds the inliers and the affine map.
func (f *fitted) solve(width float64) {
	var pairs [Points]correspondence // on the stack
	c := f.consensus(width, pairs[:])
	t, in := c.fit()
	if len(in) < minInliers {
		return
	}
	f.affine = t
	if f.mirrored { // t is for the mirrored a: x becomes width - x
		f.affine.A, f.affine.C = -t.A, mul(t.A, width)+t.C
		f.affine.D, f.affine.F = -t.D, mul(t.D, width)+t.F
	}
	f.error2 = make([]float64, len(f.matches))
	for i := range c.pairs {
		f.error2[i] = error2(t, &c.pairs[i])
	}
	f.inliers = make([]match, len(in))
	for n, i := range in {
		f.inliers[n] = f.matches[i]
	}
}

// fit finds the largest set of pairs that lie on one affine map; none where fewer than
// minInliers do.
func (c *consensus) fit() (t raster.Affine, in []int) {
	if len(c.pairs) < minInliers {
		return t, nil
	}
	in = c.largest(maxBases, minInliers, math.MaxInt)
	if len(in) < minInliers {
		return t, nil
	}
	p := &c.pairs[in[0]]
	var all [Points]float64 // on the stack
	sizes := room(all[:], len(in))
	for i, n := range in {
		sizes[i] = c.pairs[n].b.size
	}
	slices.Sort(sizes)
	median := sizes[len(sizes)/2]
	t, ok := c.leastSquares(in)
	for round := 0; ok && round <= len(fitRounds); round++ {
		in = in[:0]
		for i := range c.pairs {
			q := &c.pairs[i]
			tolerance := max(lastPixels, mul(lastScale, q.b.size))
			if round < len(fitRounds) {
				tolerance = mul(fitRounds[round], median)
			}
			if alike(p, q) && error2(t, q) < mul(tolerance, tolerance) {
				in = append(in, i)
			}
		}
		if len(in) < minInliers {
			return t, nil
		}
		if round < len(fitRounds) {
			t, ok = c.leastSquares(in)
		}
	}
	if !ok {
		return t, nil
	}
	return t, in
}

// exactness is 1 over the squared scale, in b.
func (p *correspondence) exactness() float64 { return 1 / mul(p.b.size, p.b.size) }

// alike says whether two pairs turn and scale alike.
func alike(p, q *correspondence) bool {
	t := (q.turn - p.turn + consensusTurn) & (Angles - 1)
	return t <= 2*consensusTurn && q.ratio <= mul(p.ratio, consensusScale) && p.ratio <= mul(q.ratio, consensusScale)
}

// error2 is the squared distance of where t maps a pair's a from its b.
func error2(t raster.Affine, q *correspondence) float64 {
	x, y := t.Apply(q.a.x, q.a.y)
	x, y = x-q.b.x, y-q.b.y
	return mul(x, x) + mul(y, y)
}

// leastSquares fits a similarity, or from affineFrom pairs on an affine map
// where that is sane. A place is as exact as its keypoint is small, so pairs weigh
// by the inverse of the squared scale. It reports false where the places are all one.
func (c *consensus) leastSquares(in []int) (raster.Affine, bool) {
	var n, ax, ay, bx, by float64
	for _, i := range in {
		p := &c.pairs[i]
		w := p.exactness()
		n += w
		ax, ay, bx, by = ax+mul(w, p.a.x), ay+mul(w, p.a.y), bx+mul(w, p.b.x), by+mul(w, p.b.y)
	}
	ax, ay, bx, by = ax/n, ay/n, bx/n, by/n
	// Second moments around the means.
	var xx, xy, yy, xu, xv, yu, yv float64
	for _, i := range in {
		p := &c.pairs[i]
		w := p.exactness()
		x, y, u, v := p.a.x-ax, p.a.y-ay, p.b.x-bx, p.b.y-by
		wx, wy := mul(w, x), mul(w, y)
		xx, xy, yy = xx+mul(wx, x), xy+mul(wx, y), yy+mul(wy, y)
		xu, xv, yu, yv = xu+mul(wx, u), xv+mul(wx, v), yu+mul(wy, u), yv+mul(wy, v)
	}
	var t raster.Affine
	det := mul(xx, yy) - mul(xy, xy)
	if len(in) >= affineFrom && det > mul(1e-3, mul(xx+yy, xx+yy)) {
		t.A, t.B = (mul(xu, yy)-mul(yu, xy))/det, (mul(yu, xx)-mul(xu, xy))/det
		t.D, t.E = (mul(xv, yy)-mul(yv, xy))/det, (mul(yv, xx)-mul(xv, xy))/det
	}
	if !sane(t) {
		spread := xx + yy
		if spread <= 0 {
			return t, false
		}
		t.A, t.D = (xu+yv)/spread, (xv-yu)/spread
		t.B, t.E = -t.D, t.A
		if !sane(t) {
			return t, false
		}
	}
	t.C, t.F = bx-mul(t.A, ax)-mul(t.B, ay), by-mul(t.D, ax)-mul(t.E, ay)
	return t, true
}

// sane says whether a map neither mirrors, nor grows or shrinks more than
// growLimit, nor stretches one way stretchLimit times as much as another.
func sane(t raster.Affine) bool {
	det := t.Determinant()
	if !(det > 1/(growLimit*growLimit) && det < growLimit*growLimit) {
		return false
	}
	// The singular values p and q have p*q = det and p^2 + q^2 = norm.
	norm := mul(t.A, t.A) + mul(t.B, t.B) + mul(t.D, t.D) + mul(t.E, t.E)
	return norm < mul(det, stretchLimit+1/stretchLimit)
}
