package local

import (
	"cmp"
	"math"
	"slices"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// point is a corner of a polygon; polygons are convex here.
type point struct{ x, y float64 }

// mapped returns the image of a polygon.
func mapped(p []point, t raster.Affine) []point {
	out := make([]point, len(p))
	for i, c := range p {
		out[i].x, out[i].y = t.Apply(c.x, c.y)
	}
	return out
}

// clip cuts a convex polygon to the rectangle that window spans, edge by edge
// (Sutherland and Hodgman, "Reentrant polygon clipping", 1974).
func clip(p []point, window []point) []point {
	x0, y0, x1, y1 := bounds(window)
	for edge := range 4 {
		inside := func(c point) float64 { // not negative inside
			switch edge {
			case 0:
				return c.x - x0
			case 1:
				return x1 - c.x
			case 2:
				return c.y - y0
			}
			return y1 - c.y
		}
		var out []point
		for i, c := range p {
			before := p[(i+len(p)-1)%len(p)]
			d, e := inside(before), inside(c)
			if (d < 0) != (e < 0) {
				k := d / (d - e)
				out = append(out, point{before.x + mul(k, c.x-before.x), before.y + mul(k, c.y-before.y)})
			}
			if e >= 0 {
				out = append(out, c)
			}
		}
		p = out
	}
	return p
}

// area of a polygon, never negative.
func area(p []point) float64 {
	twice := 0.0
	for i, c := range p {
		before := p[(i+len(p)-1)%len(p)]
		twice += mul(before.x, c.y) - mul(c.x, before.y)
	}
	return math.Abs(twice) / 2
}

// bounds returns the smallest upright rectangle around a polygon.
func bounds(p []point) (x0, y0, x1, y1 float64) {
	if len(p) == 0 {
		return 0, 0, 0, 0
	}
	x0, y0, x1, y1 = p[0].x, p[0].y, p[0].x, p[0].y
	for _, c := range p[1:] {
		x0, y0, x1, y1 = min(x0, c.x), min(y0, c.y), max(x1, c.x), max(y1, c.y)
	}
	return x0, y0, x1, y1
}

// convex returns the convex hull of points (Andrew, "Another efficient
// algorithm for convex hulls in two dimensions", 1979).
func convex(p []point) []point {
	slices.SortFunc(p, func(a, b point) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	p = slices.Compact(p)
	if len(p) < 3 {
		return p
	}
	var hull []point
	half := func() {
		low := len(hull)
		for _, c := range p {
			for len(hull) >= low+2 && turns(hull[len(hull)-2], hull[len(hull)-1], c) <= 0 {
				hull = hull[:len(hull)-1]
			}
			hull = append(hull, c)
		}
		hull = hull[:len(hull)-1] // the other half begins with it
	}
	half()
	slices.Reverse(p)
	half()
	return hull
}

// turns is positive where c lies to the left of the way from a to b.
func turns(a, b, c point) float64 {
	return mul(b.x-a.x, c.y-a.y) - mul(b.y-a.y, c.x-a.x)
}
