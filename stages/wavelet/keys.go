package wavelet

import (
	"slices"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Keys returns the bucket keys under which a picture is stored, at most one for
// each valid band, ascending, each once.
//
// Two pictures share a key if and only if a turn maps a valid band of the first
// onto a valid band of the second, bit by bit. Such bands are of one kind, and
// the least of the eight turned versions of a band stands for them all: a key
// knows no orientation, and no turn needs to be tried when asking.
//
// A key is below 2^20: band<<16 | bits.
func Keys(f Feature) []uint32 {
	keys := make([]uint32, 0, Bands)
	for b, bits := range f.Bits {
		if f.Valid>>b&1 != 0 {
			keys = append(keys, canonicalKey(b, bits))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Probes returns the keys to ask for, so that copies in all eight orientations
// are found. They are those of [Keys], because a key knows no orientation; so a
// finds b if and only if b finds a.
func Probes(f Feature) []uint32 { return Keys(f) }

// canonicalKey returns the least key among the turned versions of a band.
func canonicalKey(band int, bits uint16) uint32 {
	least := ^uint32(0)
	for t := range raster.Turn(raster.Turns) {
		least = min(least, uint32(turnedBand(band, t))<<16|uint32(turnedBlock(bits, t)))
	}
	return least
}
