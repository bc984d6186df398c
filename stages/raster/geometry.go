package raster

// Turn is one of the eight orientations of a rectangle, the group D4.
// Bit 2 says transpose (swap x and y) first, then bit 0 mirrors x, bit 1 mirrors y.
// The zero value leaves the picture as it is.
type Turn uint8

// Turns is the number of orientations.
const Turns = 8

// Inverse returns the turn that undoes t.
func (t Turn) Inverse() Turn {
	if t&4 == 0 {
		return t
	}
	// After a transpose, mirroring x of the result is mirroring y of the source.
	return 4 | (t&1)<<1 | (t&2)>>1
}

// then returns the turn that does t first and u after it.
func (t Turn) then(u Turn) Turn {
	m := t & 3
	if u&4 != 0 {
		m = (m&1)<<1 | m>>1 // a transpose makes mirrors of x those of y
	}
	return (t^u)&4 | m ^ u&3
}

// Affine maps a point of one picture to a point of another:
//
//	x' = A*x + B*y + C
//	y' = D*x + E*y + F
//
// Both are in unit coordinates: the picture's long side is 1, x to the right
// from the left edge, y down from the upper edge, so that a transform holds
// for the raster and for the full picture alike.
type Affine struct{ A, B, C, D, E, F float64 }

// Identity leaves every point where it is.
func Identity() Affine { return Affine{A: 1, E: 1} }

// Apply maps a point.
func (m Affine) Apply(x, y float64) (float64, float64) {
	return float64(m.A*x) + float64(m.B*y) + m.C, float64(m.D*x) + float64(m.E*y) + m.F
}

// Determinant is the factor by which areas grow; negative where the map mirrors.
func (m Affine) Determinant() float64 { return float64(m.A*m.E) - float64(m.B*m.D) }

// Invert returns the map from the second picture back to the first.
// It reports false where the map squeezes areas to nothing.
func (m Affine) Invert() (Affine, bool) {
	det := m.Determinant()
	if det > -1e-9 && det < 1e-9 {
		return Affine{}, false
	}
	r := Affine{A: m.E / det, B: -m.B / det, D: -m.D / det, E: m.A / det}
	r.C = -(float64(r.A*m.C) + float64(r.B*m.F))
	r.F = -(float64(r.D*m.C) + float64(r.E*m.F))
	return r, true
}
