package local

import "sync"

// Angles is into how many steps a turn is divided.
const Angles = 64

// Test compares the mean brightness of two boxes, given in the frame of a
// keypoint: x along its angle, in pixels of its level, within a disc of radius
// 14. The answer is 1 where the first box is darker.
type Test struct {
	X1, Y1, X2, Y2 int8
	Radius         int8 // a box has 2*Radius+1 pixels a side: 2 or 4
}

// Mirror returns the test as the mirrored picture sees it.
func (t Test) Mirror() Test { return Test{t.X1, -t.Y1, t.X2, -t.Y2, t.Radius} }

// sine holds the sine of 0..16 64ths of a turn in 1/16384: a table, for the
// library's sine may differ in the last bit between processors.
var sine = [17]int{0, 1606, 3196, 4756, 6270, 7723, 9102, 10394, 11585, 12665, 13623, 14449, 15137, 15679, 16069, 16305, 16384}

// sincos returns sine and cosine of an angle in 1/64 of a turn, in 1/16384.
func sincos(angle int) (sin, cos int) { return sineOf(angle), sineOf(angle + Angles/4) }

func sineOf(angle int) int {
	a := angle & (Angles - 1)
	switch {
	case a <= 16:
		return sine[a]
	case a <= 32:
		return sine[32-a]
	case a <= 48:
		return -sine[a-32]
	}
	return -sine[64-a]
}

// turn returns tests in the pixel grid for a keypoint of the given angle.
func turn(tests []Test, angle int) []Test {
	sin, cos := sincos(angle)
	at := func(x, y int8) (int8, int8) {
		return rounded(int(x)*cos - int(y)*sin), rounded(int(x)*sin + int(y)*cos)
	}
	out := make([]Test, len(tests))
	for i, t := range tests {
		out[i].X1, out[i].Y1 = at(t.X1, t.Y1)
		out[i].X2, out[i].Y2 = at(t.X2, t.Y2)
		out[i].Radius = t.Radius
	}
	return out
}

// rounded divides by 16384, halves away from zero, so that a mirrored test has
// mirrored points.
func rounded(v int) int8 {
	if v < 0 {
		return int8(-((-v + 8192) >> 14))
	}
	return int8((v + 8192) >> 14)
}

// turnedPattern is the pattern and its mirror images, turned by each angle.
var turnedPattern = sync.OnceValue(func() *[Angles][256]Test {
	var all [256]Test
	for i, t := range pattern {
		all[i], all[i+128] = t, t.Mirror()
	}
	var out [Angles][256]Test
	for a := range out {
		copy(out[a][:], turn(all[:], a))
	}
	return &out
})

// orientation is the direction from a keypoint to the centroid of the
// brightness in a disc of radius 15 around it (Rosin, "Measuring corner
// properties", 1999, as in ORB, Rublee et al. 2011), in 1/64 of a turn.
func orientation(l *level, x, y int) uint8 {
	mx, my := 0, 0
	for dy := -15; dy <= 15; dy++ {
		half := disc[max(dy, -dy)]
		yy := min(max(y+dy, -margin), l.h+margin-1)
		o := l.at(x, yy)
		sum := 0
		row := l.pix[o-half : o+half+1]
		for i, v := range row {
			mx += (i - half) * int(v)
			sum += int(v)
		}
		my += dy * sum
	}
	best, most := 0, int64(-1<<62)
	for a := range Angles {
		sin, cos := sincos(a)
		if v := int64(mx)*int64(cos) + int64(my)*int64(sin); v > most {
			best, most = a, v
		}
	}
	return uint8(best)
}

// disc holds half the width of a disc of radius 15 at each distance from its centre.
var disc = [16]int{15, 15, 15, 15, 14, 14, 14, 13, 13, 12, 11, 10, 9, 7, 5, 0}

// describe answers the turned pattern at pixel (x, y).
func describe(s *sums, x, y int, tests *[256]Test) Descriptor {
	var d Descriptor
	answer(s, x, y, tests[:], d[:])
	return d
}

// answer sets bit i where the first box of test i is darker than the second.
func answer(s *sums, x, y int, tests []Test, bits []uint64) {
	centre := (y+margin)*s.pitch + x + margin
	for i := range tests {
		t := &tests[i]
		r := int(t.Radius)
		a := s.box(centre+int(t.Y1)*s.pitch+int(t.X1), r)
		b := s.box(centre+int(t.Y2)*s.pitch+int(t.X2), r)
		if a < b {
			bits[i>>6] |= 1 << (i & 63)
		}
	}
}

// box is the sum of the box of radius r around a pixel, given by its index in
// the table without the leading row and column.
func (s *sums) box(at, r int) uint32 {
	up, down := at-r*s.pitch, at+(r+1)*s.pitch
	return s.s[down+r+1] - s.s[down-r] - s.s[up+r+1] + s.s[up-r]
}
