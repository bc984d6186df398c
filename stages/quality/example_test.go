package quality_test

import (
	"fmt"
	"slices"

	"github.com/dedupidx/dedupidx/stages/quality"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// Of a group, the file to keep is the best by quality's order.
func Example() {
	copyOf := func(width, height, jpegQuality int) quality.Feature {
		return quality.Extract(&raster.Raster{Width: 1, Height: 1, RGB: make([]byte, 3), Luma: make([]byte, 1),
			Picture: raster.Picture{Format: raster.JPEG, Width: width, Height: height, JPEGQuality: jpegQuality}})
	}
	group := []quality.Feature{copyOf(1600, 1200, 95), copyOf(4000, 3000, 70), copyOf(4000, 3000, 92)}
	best := slices.MaxFunc(group, quality.Better)
	fmt.Println(best.Width, best.Height, best.JPEGQuality)
	for _, other := range group {
		fmt.Println(quality.Reason(best, other))
	}
	// Output:
	// 4000 3000 92
	// more real resolution: 4000x3000 against 1600x1200
	// less compression damage: JPEG quality 92 against JPEG quality 70
	// equal in quality
}
