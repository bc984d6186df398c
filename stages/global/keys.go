package global

import (
	"math/bits"
	"slices"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// The bands: 16 bits each, one for each cell.
const (
	bandBin      = 0  // 0..7: has the cell more of this orientation than the mean?
	bandContrast = 8  // 8..11: is orientation k, against k+4, above its share?
	bandLayout   = 12 // is the cell lighter than the median?
	bandEnergy   = 13 // has the cell more gradient than the mean?
	bands        = 14
)

// minEdges is how many of the 24 pairs of neighbouring cells in a band must
// differ: a band that only says "above and below" is shared by too many.
// Measured on the test photos: 5 takes 49.6 candidates per query before the
// distance test among 1,866 pictures, 6 takes 44.7 at the same recall (near
// .984, hard .662), 7 takes 38.4 and loses 1.6 % of near.
const minEdges = 6

// Keys returns the bucket keys under which a picture is stored, at most 14,
// ascending, each once.
//
// Two pictures share a key if and only if a turn maps a band of the first onto
// a band of the second, bit by bit. The least of the eight turned versions of
// a band stands for them all, so that a key knows no orientation.
//
// A key is below 2^20: band<<16 | bits.
func Keys(f Feature) []uint32 {
	keys := make([]uint32, 0, bands)
	for band := range bands {
		v, clear := bandBits(&f, band)
		if clear && edges(v) >= minEdges {
			keys = append(keys, canonicalKey(band, v))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Probes returns the keys to ask for, so that copies in all eight orientations
// are found. They are those of [Keys], because a key knows no orientation; so a
// finds b if and only if b finds a.
func Probes(f Feature) []uint32 { return Keys(f) }

// bandBits returns the bits of a band; bit c is for cell c. It reports false
// where a bit of a contrast is undecided: a transpose turns those bits over,
// which has no meaning for a tie.
func bandBits(f *Feature, band int) (v uint16, clear bool) {
	set := func(c int, on bool) {
		if on {
			v |= 1 << c
		}
	}
	switch {
	case band < bandContrast:
		var sum int
		for c := range cells {
			sum += power(f, c, band)
		}
		for c := range cells {
			set(c, cells*power(f, c, band) > sum)
		}
	case band < bandLayout:
		k := band - bandContrast
		var sum, crossed int
		for c := range cells {
			sum += power(f, c, k)
			crossed += power(f, c, k+4)
		}
		for c := range cells {
			d := power(f, c, k)*crossed - power(f, c, k+4)*sum
			if d == 0 {
				return 0, false
			}
			set(c, d > 0)
		}
	case band == bandLayout:
		for c, rank := range f.Layout {
			set(c, rank > cells-1)
		}
	default:
		var sum int
		var cell [cells]int
		for c := range cells {
			for k := range bins {
				cell[c] += power(f, c, k)
			}
			sum += cell[c]
		}
		for c := range cells {
			set(c, cells*cell[c] > sum)
		}
	}
	return v, true
}

// power undoes the root: what is proportional to gradient.
func power(f *Feature, cell, bin int) int {
	return int(f.Texture[cell][bin]) * int(f.Texture[cell][bin])
}

// canonicalKey returns the least key among the turned versions of a band.
func canonicalKey(band int, v uint16) uint32 {
	least := ^uint32(0)
	for t := range raster.Turn(raster.Turns) {
		to, bits := turnedBand(band, v, t)
		least = min(least, uint32(to)<<16|uint32(bits))
	}
	return least
}

// turnedBand returns the band that a band becomes, and its bits.
func turnedBand(band int, v uint16, t raster.Turn) (int, uint16) {
	var out uint16
	for c := range cells {
		out |= v >> c & 1 << turnedCell(c, t)
	}
	switch {
	case band < bandContrast:
		band = turnedBin(band, t)
	case band < bandLayout:
		k := turnedBin(band-bandContrast, t)
		if k >= 4 { // k against k+4 has become k+4 against k
			out = ^out
		}
		band = bandContrast + k%4
	}
	return band, out
}

// edges counts the neighbours in a 4x4 block of bits that differ, 0..24.
func edges(v uint16) int {
	return bits.OnesCount16((v^v>>1)&0x7777) + bits.OnesCount16((v^v>>4)&0x0fff)
}
