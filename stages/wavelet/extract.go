package wavelet

import (
	"math/bits"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Version is raised when the meaning or the encoding of a Feature changes.
//
//	1  signs of 9/7 levels 3 and 4 of a 65x65 luma, 16 bands of 16 bits
const Version = 1

// Bands is the number of bands of a Feature.
const Bands = 16

// Feature holds the signs of 256 coarse wavelet coefficients.
//
// Each band is a 4x4 block, row-major: bit 4*y+x is set where the coefficient
// at (x, y) is above zero.
//
//	band    coefficients
//	0..3    level 3, highpass in x and y: quadrants of its 8x8, row-major
//	4..7    level 3, highpass in x, lowpass in y: quadrants
//	8..11   level 3, lowpass in x, highpass in y: quadrants
//	12      level 4, highpass in x and y
//	13      level 4, highpass in x, lowpass in y
//	14      level 4, lowpass in x, highpass in y
//	15      level 4, lowpass in both, minus its mean
type Feature struct {
	Bits  [Bands]uint16
	Valid uint16 // bit b is set where band b says enough to be a key
}

// A band is a key where it has contrast and more than one edge. Both limits
// were measured on the test photos (TestCorpus of stages/global measures them again).
const (
	// minCoefficient is what a coefficient must exceed to count as contrast,
	// and minStrong how many of a band's 16 must. The transform is close to
	// orthonormal and a cell is the mean of some 48 pixels, so noise of one
	// grey level stays near 0.15. On photos the limit hardly ever acts (15.6 of
	// 16 bands pass); it is there for blank pages and covered lenses, which
	// would meet each other in noise.
	minCoefficient = 1
	minStrong      = 10

	// minEdges is how many of the 24 pairs of neighbours in a band must differ
	// in sign. One straight edge through the block (sky over ground) makes
	// four, and such blocks are shared by everybody: leaving them out takes
	// candidates before the distance test from 26 to 15 per query among 1,866
	// pictures, and costs 0.5 % of near and 0.9 % of hard, which other bands
	// or stages find.
	minEdges = 5
)

// Extract describes a raster. It never fails; a flat raster has no valid band.
func Extract(r *raster.Raster) Feature {
	var plane [side * side]float64
	scaleArea(&plane, r.Luma, r.Width, r.Height)
	return signs(decompose(&plane))
}

// coefficients are the 256 values whose signs make a Feature, band by band.
type coefficients [Bands][16]float64

// decompose runs four levels over the plane, in place, and gathers the coarse
// coefficients.
//
// Lowpass samples are one more than highpass samples, 9 and 8 or 5 and 4. Of
// the odd count the middle one is left out, which suits every mirror. (The mean
// of neighbours would do as well, but smooths: 69 candidates per query instead
// of 26, for 1.1 % of near.)
func decompose(plane *[side * side]float64) *coefficients {
	var c coefficients
	n := side
	for level := 1; level <= 4; level++ {
		transform(plane, n)
		low, high := (n+1)/2, n/2 // in rows and columns the lows stand first
		lowAt := func(i int) int {
			if i >= high/2 {
				return i + 1
			}
			return i
		}
		for y := range high {
			for x := range high {
				both := plane[(low+y)*side+low+x]
				inX := plane[lowAt(y)*side+low+x]
				inY := plane[(low+y)*side+lowAt(x)]
				switch level {
				case 3:
					q, i := y/4*2+x/4, y%4*4+x%4
					c[q][i], c[4+q][i], c[8+q][i] = both, inX, inY
				case 4:
					i := y*4 + x
					c[12][i], c[13][i], c[14][i] = both, inX, inY
					c[15][i] = plane[lowAt(y)*side+lowAt(x)]
				}
			}
		}
		n = low
	}
	var sum float64
	for _, v := range c[15] {
		sum += v
	}
	for i := range c[15] {
		c[15][i] -= sum / 16
	}
	return &c
}

// signs keeps the signs, and says which bands may be keys.
func signs(c *coefficients) Feature {
	var f Feature
	for b := range c {
		strong := 0
		for i, v := range c[b] {
			if v > 0 {
				f.Bits[b] |= 1 << i
			}
			if v > minCoefficient || v < -minCoefficient {
				strong++
			}
		}
		if strong >= minStrong && edges(f.Bits[b]) >= minEdges {
			f.Valid |= 1 << b
		}
	}
	return f
}

// edges counts the neighbours in a 4x4 block of bits that differ, 0..24.
func edges(v uint16) int {
	return bits.OnesCount16((v^v>>1)&0x7777) + bits.OnesCount16((v^v>>4)&0x0fff)
}
