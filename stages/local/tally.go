package local

import (
	"encoding/binary"
	"math"
	"slices"
)

// tallies say of each picture what its pairs may be worth together, by their turn in
// sixteenths, in tallyUnits. A number stops at tallyMost, so that four fit into a byte.
type tallies []uint8

const (
	tallyTurns  = 16
	tallyStep   = Angles / tallyTurns
	tallyWindow = 4
	tallyMost   = math.MaxUint8 / tallyWindow
	tallyUnit   = 32
	tallyEnough = (minWorth + tallyUnit - 1) / tallyUnit
)

// The window holds what turns by up to consensusTurn more or less than any pair: else
// this does not compile.
var _ [tallyWindow - (tallyStep-1+2*consensusTurn)/tallyStep - 1]struct{}

// clear makes room for so many pictures, of which nothing was heard.
func (t *tallies) clear(pictures int) {
	n := pictures * tallyTurns
	*t = slices.Grow((*t)[:0], n)[:n]
	clear(*t)
}

// add sums up marks.
func (t tallies) add(marks []uint32) {
	for _, m := range marks {
		n := &t[m>>markTurn]
		*n = min(*n+uint8(m&(1<<markTurn-1)), tallyMost) // both are below 64
	}
}

// enough appends for each picture 1 where tallyWindow numbers that follow one another
// around the circle add up to tallyEnough, else 0. All sums are made at once, a byte each.
func (t tallies) enough(out []uint8) []uint8 {
	const bytes, tops = 0x0101010101010101, 0x8080808080808080
	const more = (128 - tallyEnough) * bytes // lifts what is enough to the top bit
	for ; len(t) >= tallyTurns; t = t[tallyTurns:] {
		a, b := binary.LittleEndian.Uint64(t[:8]), binary.LittleEndian.Uint64(t[8:16])
		a, b = a+(a>>8|b<<56), b+(b>>8|a<<56)
		a, b = a+(a>>16|b<<48), b+(b>>16|a<<48)
		is := (a | b | ((a &^ tops) + more) | ((b &^ tops) + more)) & tops
		out = append(out, uint8((is|-is)>>63))
	}
	return out
}
