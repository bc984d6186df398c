package local

import (
	"math/bits"
	"sync"
)

// A mark is a pair of keys that are alike, in 32 bits. From the lowest: what it may be
// worth in tallyUnits, rounded up, 6 bits; how far it turns, in 1/16 of a turn, 4; the
// number of the picture.
const (
	markTurn    = 6
	markPicture = 10
)

// weighRoom is how many numbers more than there are postings weighAlike may touch.
const weighRoom = 8

// weighAlike sets marks to those postings of the word of a probe that are Alike, at to
// their places among the postings, and returns how many there are.
func weighAlike(probe Key, p Postings, marks, at []uint32) int {
	w := weigher{signature: uint32(probe.Data), angle: uint32(probe.angle()), units: *unitsOf(probe)}
	n := len(p.Low)
	p.Pictures, p.High = p.Pictures[:n], p.High[:n]
	marks, at = marks[:n+weighRoom], at[:n+weighRoom]
	from, to := weighEights(&w, p, marks, at)
	for i := from; i < n; i++ {
		high := p.High[i]
		units := w.units[high>>(secondAt-32)&1][min(bits.OnesCount32(p.Low[i]^w.signature), 15)]
		marks[to] = p.Pictures[i]<<markPicture | (high-w.angle)&(Angles-1)/tallyStep<<markTurn | uint32(units)
		at[to] = uint32(i)
		if units > 0 {
			to++
		}
	}
	return to
}

// weigher is a probe: its signature, its angle, and what a stored key may be worth in
// tallyUnits, by its second bit and the bits in which signatures differ, 15 for all above.
type weigher struct {
	signature, angle uint32
	units            [2][16]uint8
}

// worthTable holds keyWorth by the weight of the word and the second bits of the probe and
// of the stored key, and by the bits in which signatures differ.
type worthTable struct {
	worth [256][2][2][16]uint16
	units [256][2][2][16]uint8 // in tallyUnits, rounded up
}

var worths = sync.OnceValue(func() *worthTable {
	t := new(worthTable)
	for weight := range t.worth {
		for probe := range uint64(2) {
			for stored := range uint64(2) {
				for n := range 16 {
					w := keyWorth(weight, probe<<secondAt, stored<<secondAt, n)
					t.worth[weight][probe][stored][n] = uint16(w)
					t.units[weight][probe][stored][n] = uint8(min((w+tallyUnit-1)/tallyUnit, tallyMost))
				}
			}
		}
	}
	return t
})

func worthsOf(probe Key) *[2][16]uint16 {
	return &worths().worth[vocabulary().weight(probe.Word)][probe.Data>>secondAt&1]
}

func unitsOf(probe Key) *[2][16]uint8 {
	return &worths().units[vocabulary().weight(probe.Word)][probe.Data>>secondAt&1]
}
