package wavelet_test

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// A picture and its mirror image share all keys, and the comparison says how
// one is turned onto the other.
func Example() {
	picture, mirrored := raster.Raster{Width: 96, Height: 80}, raster.Raster{Width: 96, Height: 80}
	for y := range picture.Height {
		for x := range picture.Width {
			picture.Luma = append(picture.Luma, byte(x*x/40*(y/9%3)+y*(x/11%4)))
		}
	}
	for i := range picture.Luma {
		mirrored.Luma = append(mirrored.Luma, picture.Luma[i/96*96+95-i%96])
	}
	a, b := wavelet.Extract(&picture), wavelet.Extract(&mirrored)
	e := wavelet.Compare(a, b)
	fmt.Println("distance", e.Distance, "turn", e.Turn, "candidate", e.Near())
	// Output: distance 0 turn 1 candidate true
}
