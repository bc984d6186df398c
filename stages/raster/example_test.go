package raster_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// A picture of 2000 x 1000 pixels becomes a raster of 512 x 256.
func ExampleDecode() {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 2000, 1000))); err != nil {
		fmt.Println(err)
		return
	}
	r, err := raster.Decode(context.Background(), file.Bytes(), raster.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Format, r.Picture.Width, r.Picture.Height, "->", r.Width, r.Height)
	// Output: png 2000 1000 -> 512 256
}
