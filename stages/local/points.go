package local

import "github.com/dedupidx/dedupidx/stages/raster"

// Points is how many keypoints a feature holds at most. A study with 400 found
// no more near and hard copies and 3 in 100 more insets and collages, and 300 keep a
// photo below 16 KiB in the index. With 300, pairs of the test photos with five
// inliers: near 1.000, hard .986, partial .950 (TestMeasure).
const Points = 300

// Point is a place of a picture that can be found again, and what it looks like.
type Point struct {
	X, Y       uint16     // in 1/2048 of the long side, from the left and the upper edge
	Angle      uint8      // of the intensity centroid, 0..63, in 1/64 of a turn, from x towards y
	Level      uint8      // of the pyramid, 0..11: the scale is 2^(Level/3) pixels of level 0
	Descriptor Descriptor // seen in the frame that Angle and Level span
}

// Descriptor is 256 comparisons of brightness, as bits; bit i+128 is test i
// mirrored. The distance of two is the number of bits that differ.
type Descriptor [4]uint64

// Mirror returns the descriptor that the mirrored picture has at the same place.
func (d Descriptor) Mirror() Descriptor { return Descriptor{d[2], d[3], d[0], d[1]} }

// Feature is what is kept of a picture: its keypoints, best spread first, so
// that any prefix is a good smaller set, and a small picture in colour.
type Feature struct {
	Width, Height int     // of the raster, in pixels
	Points        []Point // 0..Points
	small         small   // thumbnail as JPEG without its headers
}

// Extract finds the keypoints of a raster, describes them, and makes the
// thumbnail. Flat and tiny pictures have few keypoints or none. It takes 9 ms for
// 384x512 pixels on one core of a server (BenchmarkExtract).
func Extract(r *raster.Raster) Feature {
	f := Feature{Width: r.Width, Height: r.Height, small: shrink(r)}
	levels := pyramid(r.Luma, r.Width, r.Height)
	found := detect(levels, Points)
	f.Points = make([]Point, len(found))
	each(levels, found, func(l *level, s *sums, i int) {
		k := found[i]
		angle := orientation(l, k.x, k.y)
		f.Points[i] = Point{
			X:          unit(k.x, k.dx, l.w, r.Width, r.Height),
			Y:          unit(k.y, k.dy, l.h, r.Height, r.Width),
			Angle:      angle,
			Level:      k.level,
			Descriptor: describe(s, k.x, k.y, &turnedPattern()[angle]),
		}
	})
	return f
}

// unit turns pixel p and its offset in 1/16 pixel, on a side of levelSide
// pixels, into 1/2048 of the long side of the picture.
func unit(p int, offset int8, levelSide, side, other int) uint16 {
	long := max(side, other)
	// (p + 1/2 + offset/16) / levelSide * side / long * 2048, rounded down.
	v := (16*p + 8 + int(offset)) * side * 128 / (levelSide * long)
	return uint16(min(max(v, 0), 2047))
}

// Respond is Extract with other tests: the answers of each of tests at each
// keypoint, a bit each, in words of 64. The training command chooses the
// pattern by it.
func Respond(r *raster.Raster, tests []Test) (points []Point, bits [][]uint64) {
	levels := pyramid(r.Luma, r.Width, r.Height)
	found := detect(levels, Points)
	points = make([]Point, len(found))
	bits = make([][]uint64, len(found))
	turned := make([][]Test, Angles)
	for a := range turned {
		turned[a] = turn(tests, a)
	}
	each(levels, found, func(l *level, s *sums, i int) {
		k := found[i]
		angle := orientation(l, k.x, k.y)
		points[i] = Point{
			X:     unit(k.x, k.dx, l.w, r.Width, r.Height),
			Y:     unit(k.y, k.dy, l.h, r.Height, r.Width),
			Angle: angle, Level: k.level,
		}
		bits[i] = make([]uint64, (len(tests)+63)/64)
		answer(s, k.x, k.y, turned[angle], bits[i])
	})
	return points, bits
}

// each calls do for every keypoint, level by level, with the sums of its level.
func each(levels []level, found []keypoint, do func(l *level, s *sums, i int)) {
	var s sums
	for n := range levels {
		ready := false
		for i := range found {
			if int(found[i].level) != n {
				continue
			}
			if !ready {
				s.of(&levels[n])
				ready = true
			}
			do(&levels[n], &s, i)
		}
	}
}
