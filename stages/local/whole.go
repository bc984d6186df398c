package local

import "github.com/dedupidx/dedupidx/stages/raster"

// whole lays the frame of a on the frame of b in the way of the eight in which
// the thumbnails, scaled to 32x32, correlate best. It leaves out Pixels.
func whole(a, b *Prepared) Whole {
	var w Whole
	if ga, gb := a.square(), b.square(); ga != nil && gb != nil {
		// The sums of either alone are the same in all turns.
		m := moments{n: wholeSide * wholeSide, s: ga.sum, t: gb.sum, ss: ga.squares, tt: gb.squares}
		best := -2.0
		for t := raster.Turn(0); t < raster.Turns; t++ {
			m.st = ga.product(gb, t)
			if v := m.ncc(); v > best {
				w.Turn, best = t, v
			}
		}
		w.NCC = quantized(best)
	}
	w.Transform = quantizedAffine(wholeMap(a.Feature, b.Feature, w.Turn))
	return w
}

// square is a thumbnail, scaled to wholeSide each way, with sums over its pixels.
type square struct {
	pix          [wholeSide * wholeSide]uint8
	sum, squares int64
}

// product is the sum of the products of the pixels of s, turned by t, with those of o.
func (s *square) product(o *square, t raster.Turn) int64 {
	// Where a pixel goes is linear in its place.
	x0, y0 := turned(t, 0, 0)
	x1, y1 := turned(t, 1, 0)
	x2, y2 := turned(t, 0, 1)
	start := y0*wholeSide + x0
	right, down := y1*wholeSide+x1-start, y2*wholeSide+x2-start
	var sum int
	for y := range wholeSide {
		at := start + y*down
		for _, v := range s.pix[y*wholeSide:][:wholeSide] {
			sum += int(v) * int(o.pix[at])
			at += right
		}
	}
	return int64(sum)
}

// turned is where pixel (x, y) of the square lies after the turn.
func turned(t raster.Turn, x, y int) (int, int) {
	if t&4 != 0 {
		x, y = y, x
	}
	if t&1 != 0 {
		x = wholeSide - 1 - x
	}
	if t&2 != 0 {
		y = wholeSide - 1 - y
	}
	return x, y
}

// wholeMap maps the frame of a, turned, onto the frame of b.
func wholeMap(a, b Feature, t raster.Turn) raster.Affine {
	fa, fb := frame(a)[2], frame(b)[2]
	// In shares of the frame: x' is u or v, or 1 less it.
	m := raster.Affine{A: fb.x / fa.x, E: fb.y / fa.y}
	if t&4 != 0 {
		m = raster.Affine{B: fb.x / fa.y, D: fb.y / fa.x}
	}
	if t&1 != 0 {
		m.A, m.B, m.C = -m.A, -m.B, fb.x
	}
	if t&2 != 0 {
		m.D, m.E, m.F = -m.D, -m.E, fb.y
	}
	return m
}

// square scales the brightness to 32x32, each pixel the mean of what it covers.
func (v *view) square() *square {
	across, down := covers(v.w, wholeSide), covers(v.h, wholeSide)
	var out square
	for y, cy := range down {
		for x, cx := range across {
			var sum uint32
			for sy := cy.first; sy <= cy.last; sy++ {
				var row uint32
				for sx := cx.first; sx <= cx.last; sx++ {
					row += cx.part(sx) * uint32(v.y[sy*v.w+sx])
				}
				sum += cy.part(sy) * row
			}
			all := cx.total * cy.total
			p := (sum + all/2) / all
			out.pix[y*wholeSide+x] = uint8(p)
			out.sum += int64(p)
			out.squares += int64(p) * int64(p)
		}
	}
	return &out
}
