package local

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Keypoints are maxima of the determinant of the Hessian (Beaudet 1978;
// Lindeberg, "Feature detection with automatic scale selection", 1998), level
// by level, spread over the picture.

const (
	border = 12 // pixels between a keypoint and the edge of its level

	// threshold of the determinant: 0.6 for grey 0..255, in the fixed point of
	// blurred values (5 bits, squared). Below lie noise and JPEG blocks of flat
	// skies. Lower finds more in foggy pictures; quotas make the rest equal.
	threshold = 614
)

// keypoint is a place on a level.
type keypoint struct {
	level  uint8
	dx, dy int8 // where the maximum lies beside the pixel, in 1/16 pixel, -8..8
	x, y   int
	rank   float64 // (position in its level + 1/2) / quota of its level
}

// detect returns at most n keypoints over all levels, best spread first.
func detect(levels []level, n int) []keypoint {
	var all []keypoint
	var scratch hessian
	for i, quota := range quotas(len(levels), n) {
		l := &levels[i]
		found := scratch.maxima(l)
		for k, p := range spread(found, l.w, l.h, quota) {
			at := int(^uint32(p))
			y, x := at/l.w, at%l.w
			dx, dy := scratch.refine(x, y)
			all = append(all, keypoint{
				level: uint8(i), x: x, y: y, dx: dx, dy: dy,
				rank: (float64(k) + 0.5) / float64(quota),
			})
		}
	}
	slices.SortFunc(all, func(a, b keypoint) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.level, b.level),
			cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
	})
	return all[:min(n, len(all))]
}

// quotas shares n keypoints among the levels in proportion to their width, at
// least 8 each. In proportion to the area coarse levels would get too few to
// find insets by.
func quotas(levels, n int) []int {
	q := make([]int, levels)
	total := 0
	for i := range q {
		q[i] = (1 << 30) / (shrinkBy[i%3] << (i / 3))
		total += q[i]
	}
	for i := range q {
		q[i] = max(8, (n*q[i]+total/2)/total)
	}
	return q
}

// spread orders the maxima of one level so that the picture is covered evenly:
// the best of each cell of a grid, then the second best of each, and so on. It
// returns at most 1.6 quotas. Maxima are packed by maxima.
func spread(found []uint64, w, h, quota int) []uint64 {
	slices.SortFunc(found, func(a, b uint64) int { return cmp.Compare(b, a) })
	cells := max(1, quota/4)
	// As many columns as make cells nearly square.
	columns := 1
	for (2*columns+1)*(2*columns+1)*h < 4*cells*w && columns < cells {
		columns++
	}
	rows := max(1, (cells+columns/2)/columns)
	taken := make([]int, columns*rows)
	limit := quota * 8 / 5
	rounds := make([][]uint64, limit)
	for _, p := range found {
		at := int(^uint32(p))
		c := at/w*rows/h*columns + at%w*columns/w
		if r := taken[c]; r < limit {
			rounds[r] = append(rounds[r], p)
			taken[c]++
		}
	}
	kept := found[:0:0]
	for _, r := range rounds {
		kept = append(kept, r[:min(len(r), limit-len(kept))]...)
		if len(kept) == limit {
			break
		}
	}
	return kept
}

// hessian is the scratch of one level.
type hessian struct {
	w, h     int
	down     []uint16 // a row blurred downwards, grey in 1/256
	smooth   []int16  // blurred both ways, grey in 1/32
	response []int32
	found    []uint64
}

// maxima returns the local maxima of the response of a level, each packed as
// response<<32 | ^(y*w+x), so that a greater number is a stronger maximum, and
// of two equal ones the first in reading order.
func (s *hessian) maxima(l *level) []uint64 {
	s.w, s.h = l.w, l.h
	s.smooth, s.response = grown(s.smooth, l.w*l.h), grown(s.response, l.w*l.h)
	s.blur(l)
	s.determinant()
	s.found = s.found[:0]
	w := l.w
	for y := border; y < l.h-border; y++ {
		r0, r1, r2 := s.response[(y-1)*w:][:w], s.response[y*w:][:w], s.response[(y+1)*w:][:w]
		for x := border; x < w-border; x++ {
			v := r1[x]
			if v < threshold || v <= r1[x-1] || v < r1[x+1] {
				continue
			}
			if v <= r0[x-1] || v <= r0[x] || v <= r0[x+1] || v < r2[x-1] || v < r2[x] || v < r2[x+1] {
				continue
			}
			s.found = append(s.found, uint64(v)<<32|uint64(^uint32(y*w+x)))
		}
	}
	return s.found
}

// blur smooths with the binomial kernel of order 8, whose sigma is the square
// root of 2 (a Gaussian of 1.4). Pixels that no keypoint needs are left as they
// are. Downwards eight pixels are summed at a time, four to a word in lanes of 16
// bits: 256 times 255 just fits. Across, the kernel is eight sums of neighbours.
func (s *hessian) blur(l *level) {
	const first = border - 2
	const lanes = 0x00ff00ff00ff00ff
	s.down = grown(s.down, l.w+8)
	for y := first; y < l.h-first; y++ {
		row := func(i int) []uint8 {
			o := l.at(0, y+i)
			return l.pix[o : o+l.w+margin]
		}
		r0, r1, r2, r3, r4 := row(-4), row(-3), row(-2), row(-1), row(0)
		r5, r6, r7, r8 := row(1), row(2), row(3), row(4)
		for x := 0; x < l.w; x += 8 {
			u, v := word(r0, x), word(r8, x)
			e, o := u&lanes+v&lanes, u>>8&lanes+v>>8&lanes
			u, v = word(r1, x), word(r7, x)
			e, o = e+8*(u&lanes+v&lanes), o+8*(u>>8&lanes+v>>8&lanes)
			u, v = word(r2, x), word(r6, x)
			e, o = e+28*(u&lanes+v&lanes), o+28*(u>>8&lanes+v>>8&lanes)
			u, v = word(r3, x), word(r5, x)
			e, o = e+56*(u&lanes+v&lanes), o+56*(u>>8&lanes+v>>8&lanes)
			v = word(r4, x)
			e, o = e+70*(v&lanes), o+70*(v>>8&lanes)
			d := s.down[x : x+8 : x+8]
			d[0], d[1], d[2], d[3] = uint16(e), uint16(o), uint16(e>>16), uint16(o>>16)
			d[4], d[5], d[6], d[7] = uint16(e>>32), uint16(o>>32), uint16(e>>48), uint16(o>>48)
		}
		smooth := s.smooth[y*l.w:][:l.w]
		var a, b, c, d, e, f, g, h uint32 // the last sum of each order, 0 to 7
		in := s.down[first-4 : l.w]
		for i, v := range in {
			s0 := uint32(v)
			s1 := s0 + a
			s2 := s1 + b
			s3 := s2 + c
			s4 := s3 + d
			s5 := s4 + e
			s6 := s5 + f
			s7 := s6 + g
			s8 := s7 + h
			a, b, c, d, e, f, g, h = s0, s1, s2, s3, s4, s5, s6, s7
			if i >= 8 {
				smooth[i+first-8] = int16((s8 + 1<<10) >> 11)
			}
		}
	}
}

// word is the eight pixels from x on.
func word(row []uint8, x int) uint64 { return binary.LittleEndian.Uint64(row[x:]) }

// determinant fills response with xx*yy - xy*xy of second differences.
func (s *hessian) determinant() {
	w := s.w
	const first = border - 1
	for y := first; y < s.h-first; y++ {
		b0, b1, b2 := s.smooth[(y-1)*w:][:w], s.smooth[y*w:][:w], s.smooth[(y+1)*w:][:w]
		out := s.response[y*w:][:w]
		for x := first; x < w-first; x++ {
			twice := 2 * int32(b1[x])
			xx := int32(b1[x-1]) - twice + int32(b1[x+1])
			yy := int32(b0[x]) - twice + int32(b2[x])
			xy := int32(b0[x-1]) - int32(b0[x+1]) - int32(b2[x-1]) + int32(b2[x+1])
			out[x] = xx*yy - xy*xy>>4
		}
	}
}

// refine returns where the parabolas through the response around a maximum
// have their tops, in 1/16 pixel.
func (s *hessian) refine(x, y int) (dx, dy int8) {
	at := y*s.w + x
	return top(s.response[at-1], s.response[at], s.response[at+1]),
		top(s.response[at-s.w], s.response[at], s.response[at+s.w])
}

// top is the place of the maximum of the parabola through three values, in
// 1/16 of their distance, -8..8, rounded towards zero.
func top(before, here, after int32) int8 {
	bend := 2*int64(here) - int64(before) - int64(after)
	if bend <= 0 {
		return 0
	}
	return int8(min(max(8*(int64(after)-int64(before))/bend, -8), 8))
}

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
