package local

import (
	"math"
	"slices"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Pixels is how two thumbnails agree where one lies over the other: the larger
// is smoothed and warped onto the smaller. Correlations (NCC) forgive a change
// of brightness and contrast; blocks are 8x8 pixels, at least half in the overlap.
type Pixels struct {
	Compared     int     // pixels in the overlap, 0..9216; below minPixels all else is 0
	NCC          float64 // over the overlap, -1..1
	BlockNCC     float64 // of blocks, weighted by the contrast of both, -1..1
	FineNCC      float64 // after subtracting the mean of 5x5, -1..1
	Good         float64 // share of blocks textured in both with NCC above 0.7, 0..1
	Bad          float64 // the same below 0.3, 0..1
	LowQuarter   float64 // 25 % quantile of the NCC of such blocks, -1..1
	Textured     float64 // share of blocks that are textured in both, 0..1
	TexturedOnce float64 // share of blocks textured in one alone, 0..1
	Residual     float64 // root mean square that is left after the best gain and offset, 0..128 grey
	Color        float64 // mean difference of Cb and Cr, 0..255
}

const (
	minPixels   = 60 // fewer say nothing
	block       = 8
	textured    = 16 // variance from which a block is textured: a deviation of 4 grey; JPEG noise is half of it
	maxSmooth   = 40 // passes: a picture ten times as large
	goodBlock   = 0.7
	badBlock    = 0.3
	wholeSide   = 32
	smoothEarly = 0.405 // 2 * 0.45^2: passes of [1 2 1], each of variance 1/2
)

// compareViews compares a and b under t, a to b in unit coordinates; hull is a
// polygon in b.
func compareViews(a, b view, t raster.Affine, hull []point) (p Pixels, hullNCC, hullGood float64) {
	back, ok := t.Invert()
	if a.w == 0 || b.w == 0 || !ok {
		return p, 0, 0
	}
	// How many pixels of b a pixel of a becomes, each way.
	grow := math.Sqrt(math.Abs(t.Determinant()))
	grow = mul(grow, float64(max(b.w, b.h))) / float64(max(a.w, a.h))
	if grow > 1 {
		a, b, back, hull = b, a, t, mapped(hull, back)
		grow = 1 / grow
	}
	passes := int(mul(smoothEarly, 1/mul(grow, grow)-1) + 0.5)
	a.y = smoothed(a.y, a.w, a.h, min(passes, maxSmooth))
	o := overlay{w: b.w, h: b.h, target: b.y}
	o.warp(&a, &b, back)
	return o.weigh(hull, &b)
}

// overlay is one picture warped onto another. In the rows of a convex picture that lies
// over another the shared pixels are one run.
type overlay struct {
	w, h      int
	target    []uint8
	warped    [ThumbnailSide * ThumbnailSide]uint8 // rows of w
	runs      [ThumbnailSide]run                   // where warped lies on target, by row
	color     int                                  // sum of chroma differences
	colorPart int                                  // over so many pixels
}

// run is from one pixel of a row to before another.
type run struct{ from, to int }

// warp lays a onto b; back maps b to a in unit coordinates. Bilinear in steps of 1/256 pixel.
func (o *overlay) warp(a, b *view, back raster.Affine) {
	ax, bx, cx := mul(back.A, a.px)/b.px, mul(back.B, a.px)/b.py, mul(back.C, a.px)
	ay, by, cy := mul(back.D, a.py)/b.px, mul(back.E, a.py)/b.py, mul(back.F, a.py)
	wide, high := float64(a.w), float64(a.h)
	for y := range o.h {
		fy := float64(y) + 0.5
		rowX, rowY := mul(bx, fy)+cx, mul(by, fy)+cy
		inside := func(x int) bool {
			fx := float64(x) + 0.5
			sx, sy := mul(ax, fx)+rowX, mul(ay, fx)+rowY
			return sx >= 0 && sy >= 0 && sx < wide && sy < high
		}
		r := run{0, o.w}
		for r.from < r.to && !inside(r.from) {
			r.from++
		}
		for r.from < r.to && !inside(r.to-1) {
			r.to--
		}
		o.runs[y] = r
		line := o.warped[y*o.w:][:o.w]
		for x := r.from; x < r.to; x++ {
			fx := float64(x) + 0.5
			sx, sy := mul(ax, fx)+rowX, mul(ay, fx)+rowY
			line[x] = a.sample(int(mul(sx, 256))-128, int(mul(sy, 256))-128)
		}
		if y&1 != 0 {
			continue
		}
		for x := (r.from + 1) &^ 1; x < r.to; x += 2 {
			fx := float64(x) + 0.5
			sx, sy := mul(ax, fx)+rowX, mul(ay, fx)+rowY
			s, t := int(sy)/2*a.cw+int(sx)/2, y/2*b.cw+x/2
			o.color += abs(int(a.cb[s])-int(b.cb[t])) + abs(int(a.cr[s])-int(b.cr[t]))
			o.colorPart++
		}
	}
}

func abs(v int) int { return max(v, -v) }

// moments are sums over pixels of warped (s) and target (t).
type moments struct{ n, s, t, ss, tt, st int64 }

func (m *moments) add(s, t int) {
	a, b := int64(s), int64(t)
	m.n++
	m.s += a
	m.t += b
	m.ss += a * a
	m.tt += b * b
	m.st += a * b
}

// addRow adds pixels side by side.
func (m *moments) addRow(s, t []uint8) {
	var n, sum, tum, ss, tt, st int
	for i, v := range s {
		a, b := int(v), int(t[i])
		n, sum, tum = n+1, sum+a, tum+b
		ss, tt, st = ss+a*a, tt+b*b, st+a*b
	}
	m.plus(&moments{int64(n), int64(sum), int64(tum), int64(ss), int64(tt), int64(st)})
}

func (m *moments) plus(o *moments) {
	m.n, m.s, m.t, m.ss, m.tt, m.st = m.n+o.n, m.s+o.s, m.t+o.t, m.ss+o.ss, m.tt+o.tt, m.st+o.st
}

// spread returns n^2 times the variances and the covariance.
func (m *moments) spread() (ss, tt, st float64) {
	return float64(m.n*m.ss - m.s*m.s), float64(m.n*m.tt - m.t*m.t), float64(m.n*m.st - m.s*m.t)
}

// ncc is the normalized cross-correlation, 0 where a side is flat.
func (m *moments) ncc() float64 {
	ss, tt, st := m.spread()
	if ss <= 0 || tt <= 0 {
		return 0
	}
	return st / (math.Sqrt(ss) * math.Sqrt(tt))
}

// weigh sums up the overlay; hull is a polygon in b.
func (o *overlay) weigh(hull []point, b *view) (p Pixels, hullNCC, hullGood float64) {
	const most = (ThumbnailSide + block - 1) / block
	across, down := (o.w+block-1)/block, (o.h+block-1)/block
	var allBlocks [most * most]moments
	var inHull [most * most]int
	blocks := allBlocks[:across*down]
	var all, hullAll moments
	for y := range o.h {
		r := o.runs[y]
		from, to := rowSpan(hull, (float64(y)+0.5)/b.py)
		first, end := int(mul(from, b.px)+0.5), int(mul(to, b.px)+0.5)
		// A piece ends where the block does, or the hull begins or ends.
		for x := r.from; x < r.to; {
			next := min((x/block+1)*block, r.to)
			if x < first {
				next = min(next, first)
			} else if x < end {
				next = min(next, end)
			}
			var piece moments
			piece.addRow(o.warped[y*o.w+x:y*o.w+next], o.target[y*o.w+x:y*o.w+next])
			c := y/block*across + x/block
			blocks[c].plus(&piece)
			if x >= first && x < end {
				hullAll.plus(&piece)
				inHull[c] += next - x
			}
			x = next
		}
	}
	for i := range blocks {
		all.plus(&blocks[i])
	}
	p.Compared = int(all.n)
	if all.n < minPixels {
		return p, 0, 0
	}
	ncc := all.ncc()
	_, tt, _ := all.spread()
	p.NCC = quantized(ncc)
	p.Residual = quantized(math.Sqrt(max(mul(tt, 1-mul(ncc, ncc)), 0)) / float64(all.n))
	p.FineNCC = quantized(o.fine())
	p.Color = quantized(float64(o.color) / float64(max(2*o.colorPart, 1)))
	hullNCC = 0
	if hullAll.n >= minPixels {
		hullNCC = quantized(hullAll.ncc())
	}

	nccs := make([]float64, 0, most*most)
	covariance, weight := 0.0, 0.0
	counted, both, once, hullBoth, hullOver := 0, 0, 0, 0, 0
	for i := range blocks {
		m := &blocks[i]
		if m.n < block*block/2 {
			continue
		}
		counted++
		ss, tt, st := m.spread()
		n2 := float64(m.n * m.n)
		covariance += st / n2
		weight += mul(math.Sqrt(ss), math.Sqrt(tt)) / n2
		switch a, b := ss >= mul(textured, n2), tt >= mul(textured, n2); {
		case a && b:
			both++
			v := m.ncc()
			nccs = append(nccs, v)
			if 2*inHull[i] >= int(m.n) {
				hullBoth++
				if v > goodBlock {
					hullOver++
				}
			}
		case a || b:
			once++
		}
	}
	if weight > 0 {
		p.BlockNCC = quantized(covariance / weight)
	}
	p.Textured, p.TexturedOnce = share(float64(both), float64(counted)), share(float64(once), float64(counted))
	good, bad := 0, 0
	for _, v := range nccs {
		if v > goodBlock {
			good++
		}
		if v < badBlock {
			bad++
		}
	}
	p.Good, p.Bad = share(float64(good), float64(both)), share(float64(bad), float64(both))
	if both > 0 {
		slices.Sort(nccs)
		p.LowQuarter = quantized(nccs[len(nccs)/4])
	}
	return p, hullNCC, share(float64(hullOver), float64(hullBoth))
}

// rowSpan is where the line at y crosses a convex polygon.
func rowSpan(p []point, y float64) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	for i, c := range p {
		d := p[(i+len(p)-1)%len(p)]
		if (c.y <= y) == (d.y <= y) {
			continue
		}
		x := c.x + mul((y-c.y)/(d.y-c.y), d.x-c.x)
		from, to = min(from, x), max(to, x)
	}
	if from > to {
		return 0, 0
	}
	return max(from, 0), max(to, 0)
}

// fine is the correlation of what is left of both after subtracting the mean
// of the 5x5 around, as far as it lies in the overlap.
func (o *overlay) fine() float64 {
	const r = 2
	// Sums of the five rows around the one at hand, by column, with room at either side:
	// number of pixels, warped, target, 16 bits each.
	var columns [ThumbnailSide + 2*r + 1]uint64
	change := func(y int, way uint64) {
		if y < 0 || y >= o.h {
			return
		}
		in := o.runs[y]
		s, t := o.warped[y*o.w+in.from:y*o.w+in.to], o.target[y*o.w+in.from:y*o.w+in.to]
		c := columns[in.from+r+1:][:len(s)]
		for i, v := range s {
			c[i] += way * (1<<32 | uint64(v)<<16 | uint64(t[i]))
		}
	}
	for y := range r {
		change(y, 1)
	}
	var m moments
	for y := range o.h {
		change(y+r, 1)
		change(y-r-1, ^uint64(0))
		in := o.runs[y]
		var sum uint64 // of the columns around the one before
		for _, c := range columns[in.from : in.from+2*r+1] {
			sum += c
		}
		for x := in.from; x < in.to; x++ {
			sum += columns[x+2*r+1] - columns[x]
			n, s, t := int(sum>>32), int(sum>>16&0xffff), int(sum&0xffff)
			// In 1/16 grey.
			v, w := (int(o.warped[y*o.w+x])*n-s)*16, (int(o.target[y*o.w+x])*n-t)*16
			if n == (2*r+1)*(2*r+1) { // nearly always, and a constant divides faster
				m.add(v/((2*r+1)*(2*r+1)), w/((2*r+1)*(2*r+1)))
			} else {
				m.add(v/n, w/n)
			}
		}
	}
	return m.ncc()
}
