package wavelet

import "github.com/dedupidx/dedupidx/stages/raster"

// Turned returns the feature of the picture turned by t, by moving bits.
//
// The 9/7 highpass is symmetric, as the lowpass is: a mirror reverses the
// coefficients and changes no sign. A transpose transposes them and swaps what
// is highpass in x with what is highpass in y.
func Turned(f Feature, t raster.Turn) Feature {
	var g Feature
	for b := range f.Bits {
		to := turnedBand(b, t)
		g.Bits[to] = turnedBlock(f.Bits[b], t)
		g.Valid |= f.Valid >> b & 1 << to
	}
	return g
}

// turnedBand says which band of the turned picture band b becomes.
func turnedBand(b int, t raster.Turn) int {
	kind, quadrant := b&^3, b&3
	if b >= 12 {
		if t&4 != 0 && (b == 13 || b == 14) {
			return 13 + 14 - b
		}
		return b
	}
	if t&4 != 0 {
		quadrant = quadrant>>1 | quadrant&1<<1
		if kind != 0 {
			kind = 4 + 8 - kind
		}
	}
	return kind | (quadrant ^ int(t&3))
}

// turnedBlock turns a 4x4 block of bits.
func turnedBlock(v uint16, t raster.Turn) uint16 {
	if t&4 != 0 {
		// Swap the two 2x2 blocks off the diagonal, then the bits within each.
		v = v&0xcc33 | v&0x00cc<<6 | v>>6&0x00cc
		v = v&0xa5a5 | v&0x0a0a<<3 | v>>3&0x0a0a
	}
	if t&1 != 0 { // reverse each row of four
		v = v&0x5555<<1 | v>>1&0x5555
		v = v&0x3333<<2 | v>>2&0x3333
	}
	if t&2 != 0 { // reverse the rows
		v = v<<8 | v>>8
		v = v&0x0f0f<<4 | v>>4&0x0f0f
	}
	return v
}
