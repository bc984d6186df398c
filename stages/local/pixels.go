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
	o.warp(a, b, back)
	return o.weigh(hull, b)
}

// overlay is one picture warped onto another.
type overlay struct {
	w, h      int
	target    []uint8
	warped    []uint8
	there     []uint8 // 1 where warped lies on target
	color     int     // sum of chroma differences
	colorPart int     // over so many pixels
}

// warp lays a onto b; back maps b to a in unit coordinates. Bilinear in steps of 1/256 pixel.
func (o *overlay) warp(a, b view, back raster.Affine) {
	o.warped, o.there = make([]uint8, o.w*o.h), make([]uint8, o.w*o.h)
	ax, bx, cx := mul(back.A, a.px)/b.px, mul(back.B, a.px)/b.py, mul(back.C, a.px)
	ay, by, cy := mul(back.D, a.py)/b.px, mul(back.E, a.py)/b.py, mul(back.F, a.py)
	for y := range o.h {
		fy := float64(y) + 0.5
		rowX, rowY := mul(bx, fy)+cx, mul(by, fy)+cy
		for x := range o.w {
			fx := float64(x) + 0.5
			sx, sy := mul(ax, fx)+rowX, mul(ay, fx)+rowY
			if !(sx >= 0 && sy >= 0 && sx < float64(a.w) && sy < float64(a.h)) {
				continue
			}
			i := y*o.w + x
			o.there[i] = 1
			o.warped[i] = a.sample(int(mul(sx, 256))-128, int(mul(sy, 256))-128)
			if (x|y)&1 == 0 {
				s, t := int(sy)/2*a.cw+int(sx)/2, y/2*b.cw+x/2
				o.color += abs(int(a.cb[s])-int(b.cb[t])) + abs(int(a.cr[s])-int(b.cr[t]))
				o.colorPart++
			}
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
func (o *overlay) weigh(hull []point, b view) (p Pixels, hullNCC, hullGood float64) {
	across, down := (o.w+block-1)/block, (o.h+block-1)/block
	blocks, inHull := make([]moments, across*down), make([]int, across*down)
	var all, hullAll moments
	for y := range o.h {
		from, to := rowSpan(hull, (float64(y)+0.5)/b.py)
		first, end := int(mul(from, b.px)+0.5), int(mul(to, b.px)+0.5)
		for x := range o.w {
			i := y*o.w + x
			if o.there[i] == 0 {
				continue
			}
			s, t := int(o.warped[i]), int(o.target[i])
			c := y/block*across + x/block
			blocks[c].add(s, t)
			if x >= first && x < end {
				hullAll.add(s, t)
				inHull[c]++
			}
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

	var nccs []float64
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
	// Summed-area tables of overlap, warped and target.
	pitch := o.w + 1
	table := make([][3]int32, pitch*(o.h+1))
	for y := range o.h {
		var row [3]int32
		for x := range o.w {
			if i := y*o.w + x; o.there[i] == 1 {
				row[0]++
				row[1] += int32(o.warped[i])
				row[2] += int32(o.target[i])
			}
			up := &table[y*pitch+x+1]
			table[(y+1)*pitch+x+1] = [3]int32{up[0] + row[0], up[1] + row[1], up[2] + row[2]}
		}
	}
	var m moments
	for y := range o.h {
		y0, y1 := max(y-r, 0)*pitch, min(y+r+1, o.h)*pitch
		for x := range o.w {
			i := y*o.w + x
			if o.there[i] == 0 {
				continue
			}
			x0, x1 := max(x-r, 0), min(x+r+1, o.w)
			a, b, c, d := &table[y0+x0], &table[y0+x1], &table[y1+x0], &table[y1+x1]
			n := int(d[0] - b[0] - c[0] + a[0])
			s, t := int(d[1]-b[1]-c[1]+a[1]), int(d[2]-b[2]-c[2]+a[2])
			// In 1/16 grey.
			m.add((int(o.warped[i])*n-s)*16/n, (int(o.target[i])*n-t)*16/n)
		}
	}
	return m.ncc()
}
