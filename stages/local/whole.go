package local

import "github.com/dedupidx/dedupidx/stages/raster"

// whole lays the frame of a on the frame of b in the way of the eight in which
// the thumbnails, scaled to 32x32, correlate best.
func whole(a, b Feature, va, vb view) Whole {
	if va.w == 0 || vb.w == 0 {
		return Whole{Transform: quantizedAffine(wholeMap(a, b, 0))}
	}
	ga, gb := va.square(), vb.square()
	best, most := raster.Turn(0), -2.0
	for t := raster.Turn(0); t < raster.Turns; t++ {
		var m moments
		for y := range wholeSide {
			for x := range wholeSide {
				tx, ty := turned(t, x, y)
				m.add(int(ga[y*wholeSide+x]), int(gb[ty*wholeSide+tx]))
			}
		}
		if v := m.ncc(); v > most {
			best, most = t, v
		}
	}
	t := wholeMap(a, b, best)
	w := Whole{Turn: best, Transform: quantizedAffine(t), NCC: quantized(most)}
	w.Pixels, _, _ = compareViews(va, vb, t, nil)
	return w
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
func (v *view) square() []uint8 {
	across, down := covers(v.w, wholeSide), covers(v.h, wholeSide)
	out := make([]uint8, wholeSide*wholeSide)
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
			out[y*wholeSide+x] = uint8((sum + all/2) / all)
		}
	}
	return out
}
