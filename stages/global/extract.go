package global

import (
	"math"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Version is raised when the meaning or the encoding of a Feature changes.
//
//	1  4x4 cells, 8 orientations, luma ranks, of the content within a flat border
const Version = 1

const (
	cells = 16 // 4x4, row-major
	bins  = 8  // orientation k is around k*22.5 degrees, modulo 180
)

// Feature is the vector of a picture.
type Feature struct {
	// Texture is the share of gradient of each cell and orientation in the
	// whole: 255*sqrt(8*share), cut at 255. Orientation 0 is a gradient along
	// x (an upright edge), 4 one along y. All zero where there is no gradient.
	Texture [cells][bins]uint8
	// Layout is the rank of each cell's mean luma among the 16: twice the
	// number of darker cells plus the number of equal ones, 0..30.
	Layout [cells]uint8
}

// Limits of the histogram.
const (
	// minGradient is the gradient below which a sample has no orientation: one
	// grey level over two samples. It keeps the noise of skies out.
	minGradient = 1 * greyUnit
	// maxShare cuts the strongest entries, in parts of the vector's length: a
	// value of SIFT (Lowe 2004, section 6.1). Here 0.15 and 0.3 are as good.
	maxShare = 0.2
)

// Extract describes a raster. It never fails; a flat raster has no texture.
func Extract(r *raster.Raster) Feature {
	var plane [side * side]int32
	scaleArea(&plane, r.Luma, r.Width, content(r.Luma, r.Width, r.Height))
	return Feature{Texture: texture(&plane), Layout: layout(&plane)}
}

// texture makes the histogram of gradient orientations.
//
// Everything that is summed is a whole number, so that the order of summation,
// which a turn changes, does not matter.
func texture(plane *[side * side]int32) [cells][bins]uint8 {
	var sums [cells][bins]int64
	for y := range side {
		up, down := max(y-1, 0)*side, min(y+1, side-1)*side
		rows := spread(y)
		for x := range side {
			left, right := max(x-1, 0), min(x+1, side-1)
			gx := int64(plane[y*side+right] - plane[y*side+left])
			gy := int64(plane[down+x] - plane[up+x])
			if gx*gx+gy*gy < minGradient*minGradient {
				continue
			}
			axial, kA, diagonal, kD := orientation(gx, gy)
			for _, row := range rows {
				for _, col := range spread(x) {
					w := row.weight * col.weight
					h := &sums[4*row.cell+col.cell]
					h[kA] += w * axial
					h[kD] += w * diagonal
				}
			}
		}
	}
	return normalize(&sums)
}

// orientation splits a gradient, at least minGradient long, between the two
// bins that are nearest: one of the even ones and one of the odd ones.
//
// An orientation doubled is a direction, and the bins are eight directions 45
// degrees apart. A vector there with the coordinates u >= w >= 0 is
// (u-w) along the axis plus w*sqrt(2) along the diagonal: no angle is needed.
func orientation(gx, gy int64) (axial int64, kA int, diagonal int64, kD int) {
	square := float64(gx*gx + gy*gy)
	length := math.Sqrt(square)
	c, s := float64(gx*gx-gy*gy)/length, float64(2*gx*gy)/length
	u, w := max(math.Abs(c), math.Abs(s)), min(math.Abs(c), math.Abs(s))
	axial, diagonal = int64(u-w+0.5), int64(float64(w*math.Sqrt2)+0.5)
	switch {
	case math.Abs(c) < math.Abs(s) && s > 0:
		kA = 2
	case math.Abs(c) < math.Abs(s):
		kA = 6
	case c < 0:
		kA = 4
	}
	// Where c or s is zero, so is the diagonal, and its bin does not matter.
	switch {
	case c > 0 && s > 0:
		kD = 1
	case c <= 0 && s > 0:
		kD = 3
	case c <= 0:
		kD = 5
	default:
		kD = 7
	}
	return axial, kA, diagonal, kD
}

// share is a part of a sample that falls to a row or column of cells.
type share struct {
	cell   int
	weight int64 // of cellWeight
}

const cellWeight = 32

// spread gives a sample to the two rows (or columns) of cells whose centres it
// lies between, in proportion; beyond the outer centres all of it to one.
func spread(i int) [2]share {
	// Cell c has its centre at sample 16c+7.5, which is 32c+15 in half samples.
	p := 2*i - 15
	c := (p + 32) / 32 // the cell after the sample
	w := int64(p + 32 - 32*c)
	return [2]share{{max(c-1, 0), cellWeight - w}, {min(c, 3), w}}
}

// normalize makes shares of sums: clipped, then the root, so that a few strong
// edges do not outweigh all else.
func normalize(sums *[cells][bins]int64) [cells][bins]uint8 {
	var out [cells][bins]uint8
	var squares int64 // below 128 * (256*6000)^2, which is 2^58
	for c := range sums {
		for k := range sums[c] {
			sums[c][k] /= cellWeight * cellWeight
			squares += sums[c][k] * sums[c][k]
		}
	}
	limit := int64(float64(maxShare*math.Sqrt(float64(squares))) + 1)
	var total int64
	for c := range sums {
		for k := range sums[c] {
			sums[c][k] = min(sums[c][k], limit)
			total += sums[c][k]
		}
	}
	if total == 0 {
		return out
	}
	for c := range sums {
		for k, v := range sums[c] {
			out[c][k] = uint8(min(255, float64(255*math.Sqrt(float64(8*v)/float64(total)))))
		}
	}
	return out
}

// layout ranks the cells by mean luma.
func layout(plane *[side * side]int32) [cells]uint8 {
	var sums [cells]int64
	for y := range side {
		for x := range side {
			sums[y/16*4+x/16] += int64(plane[y*side+x])
		}
	}
	var ranks [cells]uint8
	for i := range sums {
		for j := range sums {
			switch {
			case sums[j] < sums[i]:
				ranks[i] += 2
			case sums[j] == sums[i] && j != i:
				ranks[i]++
			}
		}
	}
	return ranks
}
