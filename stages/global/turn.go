package global

import "github.com/dedupidx/dedupidx/stages/raster"

// Turned returns the feature of the picture turned by t, by moving entries.
// It is exactly what Extract gives for the turned raster.
func Turned(f Feature, t raster.Turn) Feature {
	var g Feature
	for c := range f.Texture {
		to := turnedCell(c, t)
		for k, v := range f.Texture[c] {
			g.Texture[to][turnedBin(k, t)] = v
		}
		g.Layout[to] = f.Layout[c]
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

// turnedBin says which orientation k becomes: a transpose takes the angle from
// 90 degrees, a mirror from 180.
func turnedBin(k int, t raster.Turn) int {
	if t&4 != 0 {
		k = (12 - k) % bins
	}
	if (t^t>>1)&1 != 0 { // two mirrors leave orientations as they are
		k = (bins - k) % bins
	}
	return k
}
