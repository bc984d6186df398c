package color_test

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/color"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// A grey copy cannot contradict, and the evidence says so.
func Example() {
	picture, grey := raster.Raster{Width: 60, Height: 60}, raster.Raster{Width: 60, Height: 60}
	for i := range 60 * 60 {
		x, y := byte(i%60), byte(i/60)
		picture.RGB = append(picture.RGB, 4*x, 4*y, 200-2*x-y)
		grey.RGB = append(grey.RGB, 2*x+y, 2*x+y, 2*x+y)
	}
	a, b := color.Extract(&picture), color.Extract(&grey)
	fmt.Println("with itself:", color.Compare(a, a).Agreement[0], "forgiven:", color.Compare(a, a).Forgiven)
	fmt.Println("grey:", b.Grey(), "forgiven:", color.Compare(a, b).Forgiven)
	// Output:
	// with itself: 1 forgiven: false
	// grey: true forgiven: true
}
