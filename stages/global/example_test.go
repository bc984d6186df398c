package global_test

import (
	"fmt"

	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// A picture in a white frame is a candidate of the picture without.
func Example() {
	picture, framed := raster.Raster{Width: 96, Height: 80}, raster.Raster{Width: 136, Height: 120}
	for y := -20; y < 100; y++ {
		for x := -20; x < 116; x++ {
			v := byte(x*x/40*(y/9%3) + y*(x/11%4))
			if x >= 0 && x < 96 && y >= 0 && y < 80 {
				picture.Luma = append(picture.Luma, v)
			} else {
				v = 255
			}
			framed.Luma = append(framed.Luma, v)
		}
	}
	a, b := global.Extract(&picture), global.Extract(&framed)
	e := global.Compare(a, b)
	fmt.Println("turn", e.Turn, "candidate", e.Near())
	// Output: turn 0 candidate true
}
