package raster

import (
	"fmt"
	"image"
	"testing"
)

// reducedPlain brings an image to a size by rows.
func reducedPlain(t testing.TB, m image.Image, width, height int) []byte {
	t.Helper()
	rgb, err := reduce(rowsOf(m), m.Bounds().Dx(), m.Bounds().Dy(), width, height)
	if err != nil {
		t.Fatal(err)
	}
	return rgb
}

// Tiles and passes are summed to what rows are reduced to.
func TestCanvas(t *testing.T) {
	for _, c := range [][2]int{{700, 30}, {1030, 15}, {33, 21}} {
		for _, kind := range []string{"gray", "rgba64 opaque"} {
			m := noise(kind, c[0], c[1], 7)
			rows := rowsOf(m)
			channels, _ := rows.format()
			dw, dh := reducedSize(c[0], c[1])
			got := newCanvas(c[0], c[1], dw, dh, channels)
			for y := range c[1] {
				row, err := rows.row(y)
				if err != nil {
					t.Fatal(err)
				}
				for x := 0; x < c[0]; x += 100 {
					got.add(x, y, 1, 1, row[x*channels:min(x+100, c[0])*channels])
				}
			}
			compare(t, fmt.Sprint(kind, c), rgbOf(got.means(), channels, false), reducedPlain(t, m, dw, dh), 0)
		}
	}
}
