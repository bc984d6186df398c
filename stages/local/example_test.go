package local_test

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/local"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// Two pictures meet where a probe of one has the word of a key of the other.
// Agree then tells whether it is worth reading the features and comparing.
func Example() {
	// A picture of blots, and the left two thirds of it, in a mirror.
	whole := local.Extract(blots(420, 300, func(x int) int { return x }))
	part := local.Extract(blots(280, 300, func(x int) int { return 279 - x }))

	index := make(map[uint32][]local.Key) // words to keys; a real one holds many pictures
	for _, k := range local.Keys(whole) {
		index[k.Word] = append(index[k.Word], k)
	}
	var pairs []local.Pair
	for _, probe := range local.Probes(part) {
		for _, k := range index[probe.Word] {
			pairs = append(pairs, local.Pair{Probe: probe, Stored: k})
		}
	}
	fmt.Println("candidate:", local.Agree(pairs).Votes >= local.MinVotes)

	e := local.Compare(part, whole)
	fmt.Println("mirrored:", e.Mirrored)
	fmt.Printf("covers %.2f of the whole\n", e.OverlapB)
	// Output:
	// candidate: true
	// mirrored: true
	// covers 0.67 of the whole
}

func blots(width, height int, from func(x int) int) *raster.Raster {
	r := &raster.Raster{Width: width, Height: height}
	for y := range height {
		for x := range width {
			// Squares of 24 pixels, each with a corner of another grey.
			u := from(x)
			cell := uint32(u/24*31+y/24*17) * 2654435761
			v := byte(cell >> 24)
			if u%24 < int(cell>>10&15)+5 && y%24 < int(cell>>14&15)+5 {
				v = byte(cell >> 16)
			}
			r.RGB = append(r.RGB, v, v, v)
			r.Luma = append(r.Luma, v)
		}
	}
	return r
}
