package jpeg

// zigzag gives the place of a coefficient, row-major, by its order in the file (T.81,
// figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// clamp brings a sample into 0..255.
func clamp(v int32) byte {
	if uint32(v) > 255 {
		v = ^(v >> 31) & 255
	}
	return byte(v)
}

// write makes the pixels of a block at a scale of 1/4, 1/2 or 1/1 from its dequantized
// coefficients, row-major, and adds the level shift of 128 (T.81, A.3.1). Rows of out are
// pitch apart.
func write(out []byte, pitch int, coefs *[64]int32, scale Scale) {
	switch scale {
	case Quarter:
		writeQuarter(out, pitch, coefs)
	case Half:
		writeHalf(out, pitch, coefs)
	default:
		writeFull(out, pitch, coefs)
	}
}

// Fixed point of 13 bits; between the passes 2 bits more than the result are kept.
const (
	fixBits  = 13
	passBits = 2
)

// writeFull is the inverse transform of T.81, A.3.3, by the factorization of Loeffler,
// Ligtenberg and Moschytz ("Practical fast 1-D DCT algorithms with 11 multiplications",
// ICASSP 1989, figure 1, with a twelfth for accuracy as the Independent JPEG Group's
// slow integer transform has it), columns first.
func writeFull(out []byte, pitch int, coefs *[64]int32) {
	var mid [64]int32
	for x := range 8 {
		c := coefs[x:]
		if c[8]|c[16]|c[24]|c[32]|c[40]|c[48]|c[56] == 0 {
			v := c[0] << passBits
			for y := range 8 {
				mid[8*y+x] = v
			}
			continue
		}
		v := llm(c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56])
		for y := range 8 {
			mid[8*y+x] = (v[y] + 1<<(fixBits-passBits-1)) >> (fixBits - passBits)
		}
	}
	const shift = fixBits + passBits + 3
	for y := range 8 {
		m := mid[8*y : 8*y+8]
		v := llm(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7])
		row := out[y*pitch:][:8]
		for x := range 8 {
			row[x] = clamp((v[x]+1<<(shift-1))>>shift + 128)
		}
	}
}

// llm is the transform of 8 coefficients, times the root of 8 and 2^13.
func llm(c0, c1, c2, c3, c4, c5, c6, c7 int32) [8]int32 {
	const (
		f0298 = 2446  // 0.298631336 x 2^13, and so on
		f0390 = 3196  // 0.390180644
		f0541 = 4433  // 0.541196100
		f0765 = 6270  // 0.765366865
		f0899 = 7373  // 0.899976223
		f1175 = 9633  // 1.175875602
		f1501 = 12299 // 1.501321110
		f1847 = 15137 // 1.847759065
		f1961 = 16069 // 1.961570560
		f2053 = 16819 // 2.053119869
		f2562 = 20995 // 2.562915447
		f3072 = 25172 // 3.072711026
	)
	// Even part: a rotation of c2 and c6 by 3 pi / 8.
	turn := (c2 + c6) * f0541
	low, high := turn-c6*f1847, turn+c2*f0765
	sum, diff := (c0+c4)<<fixBits, (c0-c4)<<fixBits
	e0, e1, e2, e3 := sum+high, diff+low, diff-low, sum-high
	// Odd part: rotations that share their products.
	all := (c1 + c3 + c5 + c7) * f1175
	s71, s53 := -(c7+c1)*f0899, -(c5+c3)*f2562
	s73, s51 := all-(c7+c3)*f1961, all-(c5+c1)*f0390
	o0 := c1*f1501 + s71 + s51
	o1 := c3*f3072 + s53 + s73
	o2 := c5*f2053 + s53 + s51
	o3 := c7*f0298 + s71 + s73
	return [8]int32{e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0}
}

// writeHalf gives the means of 2x2 pixels: the mean of two neighbours of the inverse
// transform is itself a sum of cosines, in which the fourth coefficient has no part. The
// idea, to prune the transform of full size rather than take one of four points, is that of
// jidctred.c of the Independent JPEG Group's library.
func writeHalf(out []byte, pitch int, coefs *[64]int32) {
	var mid [4][8]int32
	for x := range 8 {
		if x == 4 {
			continue
		}
		c := coefs[x:]
		v := pairs(c[0], c[8], c[16], c[24], c[40], c[48], c[56])
		for y := range 4 {
			mid[y][x] = (v[y] + 1<<(fixBits-passBits-1)) >> (fixBits - passBits)
		}
	}
	const shift = fixBits + passBits + 3
	for y := range 4 {
		m := &mid[y]
		v := pairs(m[0], m[1], m[2], m[3], m[5], m[6], m[7])
		row := out[y*pitch:][:4]
		for x := range 4 {
			row[x] = clamp((v[x]+1<<(shift-1))>>shift + 128)
		}
	}
}

// pairs gives the means of pairs of the transform of 8 coefficients, times the root of 8
// and 2^13: coefficient u weighs sqrt(2) cos(u pi/16) cos((2j+1) u pi/8) in the j-th.
func pairs(c0, c1, c2, c3, c5, c6, c7 int32) [4]int32 {
	const (
		w10, w11 = 10498, 4348 // u=1, j=0 and 1
		w20      = 7568        // u=2; the other is its negative
		w30, w31 = 3686, 8900  // the second is negative
		w50, w51 = 2463, 5946  // the first is negative
		w60      = 3135        // the first is negative
		w70, w71 = 2088, 865   // the first is negative
	)
	even0 := c0<<fixBits + c2*w20 - c6*w60
	even1 := c0<<fixBits - c2*w20 + c6*w60
	odd0 := c1*w10 + c3*w30 - c5*w50 - c7*w70
	odd1 := c1*w11 - c3*w31 + c5*w51 - c7*w71
	return [4]int32{even0 + odd0, even1 + odd1, even1 - odd1, even0 - odd0}
}

// writeQuarter gives the means of 4x4 pixels. Of the even coefficients the first alone has
// part in the mean of four neighbours.
func writeQuarter(out []byte, pitch int, coefs *[64]int32) {
	var upper, lower [8]int32
	for _, x := range [...]int{0, 1, 3, 5, 7} {
		c := coefs[x:]
		upper[x], lower[x] = quads(c[0], c[8], c[24], c[40], c[56])
		upper[x] = (upper[x] + 1<<(fixBits-passBits-1)) >> (fixBits - passBits)
		lower[x] = (lower[x] + 1<<(fixBits-passBits-1)) >> (fixBits - passBits)
	}
	const shift = fixBits + passBits + 3
	l, r := quads(upper[0], upper[1], upper[3], upper[5], upper[7])
	row := out[:2]
	row[0], row[1] = clamp((l+1<<(shift-1))>>shift+128), clamp((r+1<<(shift-1))>>shift+128)
	l, r = quads(lower[0], lower[1], lower[3], lower[5], lower[7])
	row = out[pitch:][:2]
	row[0], row[1] = clamp((l+1<<(shift-1))>>shift+128), clamp((r+1<<(shift-1))>>shift+128)
}

// quads gives the means of fours of the transform of 8 coefficients, times the root of 8
// and 2^13: coefficient u weighs sqrt(2)/4 of the sum of four cosines, cos((2x+1) u pi/16)
// for x from 0 to 3, in the first, and its negative in the second.
func quads(c0, c1, c3, c5, c7 int32) (int32, int32) {
	const (
		w1 = 7423 // 0.906127 x 2^13
		w3 = 2607 // 0.318190, negative
		w5 = 1742 // 0.212608
		w7 = 1477 // 0.180240, negative
	)
	odd := c1*w1 - c3*w3 + c5*w5 - c7*w7
	return c0<<fixBits + odd, c0<<fixBits - odd
}
