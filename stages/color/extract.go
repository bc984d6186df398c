package color

import (
	"math"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Version is raised when the meaning or the encoding of a Feature changes.
//
//	1  4x4 cells of YCbCr, 8 sectors of hue, chroma and its concentration
const Version = 1

const (
	cells   = 16 // 4x4, row-major
	sectors = 8  // hue sector k is around k*45 degrees in the plane of Cb and Cr
)

// Feature is what is known of a picture's colors. YCbCr is BT.601, full range.
type Feature struct {
	Cells  [cells][3]uint8 // mean Y, Cb, Cr; 128 is no color
	Hue    [sectors]uint8  // share of the chroma that lies in each sector, of 255
	Chroma uint8           // mean chroma: the length of (Cb-128, Cr-128)
	Vivid  uint8           // chroma that 5 % of the picture exceed
	OneHue uint8           // how far all chroma points one way: 255 is one hue, 0 all hues alike
}

// Extract describes a raster. It never fails; the colors of a grey raster are
// all 128 and its hues all zero.
//
// It looks at the mean colors of 64x64 cells. All sums are of whole numbers, so
// that a turned raster gives exactly the turned feature.
func Extract(r *raster.Raster) Feature {
	var plane [side * side]pixel
	scaleArea(&plane, r.RGB, r.Width, r.Height)
	var f Feature
	f.Cells = layout(&plane)
	var sums struct {
		hue    [sectors]int64
		cb, cr int64
		chroma int64
	}
	var counts [levels]int // of samples by chroma, in whole levels
	for _, p := range plane {
		cb, cr := int64(p.cb), int64(p.cr)
		chroma := int64(math.Sqrt(float64(cb*cb + cr*cr)))
		sums.cb += cb
		sums.cr += cr
		sums.chroma += chroma
		counts[min(chroma/unit, levels-1)]++
		axial, kA, diagonal, kD := hue(cb, cr)
		sums.hue[kA] += axial
		sums.hue[kD] += diagonal
	}
	f.Chroma = uint8(min(255, sums.chroma/(unit*side*side)))
	f.Vivid = exceeded(&counts, side*side/20)
	var total int64
	for _, v := range sums.hue {
		total += v
	}
	if sums.chroma == 0 || total == 0 {
		return f
	}
	for k, v := range sums.hue {
		f.Hue[k] = uint8((255*v + total/2) / total)
	}
	resultant := int64(math.Sqrt(float64(sums.cb*sums.cb + sums.cr*sums.cr)))
	f.OneHue = uint8(min(255, 255*resultant/sums.chroma))
	return f
}

// levels is above every chroma: 128*sqrt(2) is 181.
const levels = 182

// exceeded returns the chroma that at most n samples exceed.
func exceeded(counts *[levels]int, n int) uint8 {
	above := 0
	for v := levels - 1; v > 0; v-- {
		if above += counts[v]; above > n {
			return uint8(v)
		}
	}
	return 0
}

// layout returns the mean of each of 4x4 cells.
func layout(plane *[side * side]pixel) [cells][3]uint8 {
	var sums [cells][3]int64
	for y := range side {
		for x := range side {
			p, s := plane[y*side+x], &sums[y/(side/4)*4+x/(side/4)]
			s[0] += int64(p.y)
			s[1] += int64(p.cb)
			s[2] += int64(p.cr)
		}
	}
	const n = unit * side * side / cells
	var out [cells][3]uint8
	for c, s := range sums {
		for i, v := range s {
			if i > 0 {
				v += 128 * n
			}
			out[c][i] = uint8(min(255, (v+n/2)/n))
		}
	}
	return out
}

// hue splits a color between the two sectors that are nearest to it: an even
// one, along an axis of the plane, and an odd one between the axes. A vector
// whose coordinates are u >= w >= 0 is (u-w) along the axis plus w*sqrt(2)
// along the diagonal.
func hue(cb, cr int64) (axial int64, kA int, diagonal int64, kD int) {
	a, b := max(cb, -cb), max(cr, -cr)
	switch {
	case a >= b && cb < 0:
		kA = 4
	case a < b && cr > 0:
		kA = 2
	case a < b:
		kA = 6
	}
	switch { // where cb or cr is zero, so is the diagonal
	case cb > 0 && cr > 0:
		kD = 1
	case cb <= 0 && cr > 0:
		kD = 3
	case cb <= 0:
		kD = 5
	default:
		kD = 7
	}
	w := min(a, b)
	return max(a, b) - w, kA, w * 181 / 128, kD
}
