package color

import "github.com/dedupidx/dedupidx/stages/raster"

// Turned returns the feature of the picture turned by t: its cells move, and
// all else stays. It is exactly what Extract gives for the turned raster.
func Turned(f Feature, t raster.Turn) Feature {
	g := f
	for c, v := range f.Cells {
		g.Cells[turnedCell(c, t)] = v
	}
	return g
}

// turnedCell says where cell c of the 4x4 goes.
func turnedCell(c int, t raster.Turn) int {
	x, y := c%4, c/4
	if t&4 != 0 {
		x, y = y, x
	}
	if t&1 != 0 {
		x = 3 - x
	}
	if t&2 != 0 {
		y = 3 - y
	}
	return 4*y + x
}
