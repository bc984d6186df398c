package raster

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// decoded is a picture as its decoder gave it: not upright, not reduced.
type decoded struct {
	rows          rowSource
	pieces        painter // in place of rows, for a picture that comes in pieces
	width, height int     // as stored, before the orientation
	across, down  int     // units of rows a pixel, where samples stand for no whole pixels; 0 for one
	decoder       string
	damaged       func() float64 // share that is missing, known when all rows are read; nil for none
	share         float64        // what damaged said
	exif          []byte         // TIFF structure of the metadata, nil where there is none
	extras        int            // metadata blocks beside EXIF
	jpegQuality   int
	more          []byte // a second TIFF structure, nil for none
	gps           bool   // a place is told outside of these
	source        Source // Full where empty
	fullWidth     int    // of the upright picture where the rows are of a smaller one; 0: as the rows
	fullHeight    int
	orientation   int    // of the container, 1..8; 0 where EXIF tells it
	upright       bool   // the decoder has turned the picture already
	done          func() // gives the rows' memory back; nil for none
}

// A rowSource gives the rows of a picture, each once, from the upper edge down.
type rowSource interface {
	// format tells how many bytes a pixel has in a row: 1 grey, 3 RGB, or 3 as
	// YCbCr where ycc is true.
	format() (channels int, ycc bool)
	// row returns row y, width x channels bytes, valid until the next call.
	row(y int) ([]byte, error)
}

// planar is a rowSource whose channels have rows of their own, each sample
// standing for step pixels of the picture, the first for pixels 0..step-1.
type planar interface {
	rowSource
	plane(channel, y int) (samples []byte, step int)
	// alike is how many rows from each multiple of it on are the same.
	alike() int
}

// reducedSize is the size of the raster of a picture: its own where the long side
// is Side at most, else the long side is Side and the other is rounded, at least 1.
func reducedSize(width, height int) (int, int) {
	if max(width, height) <= Side {
		return width, height
	}
	scale := func(short, long int) int { return max(1, int((2*int64(short)*Side+int64(long))/(2*int64(long)))) }
	if width >= height {
		return Side, scale(height, width)
	}
	return scale(width, height), Side
}

// reduce brings a picture to dw x dh pixels, neither side more than the picture's:
// each pixel is the exact mean of the rectangle that it covers, rounded half up.
//
// Coordinates are scaled so that no fraction arises: along x, a source pixel is dw
// units long and a raster pixel is width units, so the weight of a source pixel in
// a raster pixel is the length of their overlap, and weights add up to width.
func reduce(src rowSource, width, height, dw, dh int) (rgb []byte, err error) {
	channels, ycc := src.format()
	n := dw * channels
	across := make([]uint64, n) // weighted sums of one source row
	sums := make([]uint64, n)   // weighted sums of the rows of a raster row
	out := make([]byte, 0, n*dh)
	mean := meanOver(uint64(width) * uint64(height))
	flat, _ := src.(planar)
	alike := 1 // source rows that are taken as one
	if flat != nil {
		alike = flat.alike()
	}

	y, left := 0, 0 // next source row, and units of those before it not yet used
	for range dh {
		clear(sums)
		for need := height; need > 0; {
			if left == 0 {
				if flat != nil {
					for c := range channels {
						samples, step := flat.plane(c, y)
						sumPlane(across[c:], samples, width, dw, channels, step)
					}
				} else {
					samples, err := src.row(y)
					if err != nil {
						return nil, err
					}
					sumRow(across, samples, width, dw, channels)
				}
				n := min(alike, height-y)
				y += n
				left = dh * n
			}
			w := min(left, need)
			for i, s := range across {
				sums[i] += s * uint64(w)
			}
			left -= w
			need -= w
		}
		for _, s := range sums {
			out = append(out, mean.of(s))
		}
	}
	return rgbOf(out, channels, ycc), nil
}

// mean divides sums of bytes, weighted by so much together, rounding half up: by a
// product where that is exact, for processors take ten times as long to divide.
type mean struct{ area, inverse uint64 }

// meanOver is exact for sums up to 255 times the area. With inverse = (2^64 + e) / area, e
// < area, the product is s/area + s*e/(area*2^64): the second part stays below 1/area,
// and so changes no whole part, where s*e < 2^64 (Granlund and Montgomery, "Division by
// invariant integers using multiplication", 1994).
func meanOver(area uint64) mean {
	m := mean{area: area}
	if area > 1 && area < 1<<27 {
		m.inverse = math.MaxUint64/area + 1
	}
	return m
}

func (m mean) of(sum uint64) byte {
	sum += m.area / 2
	if m.inverse == 0 {
		return byte(sum / m.area)
	}
	n, _ := bits.Mul64(sum, m.inverse)
	return byte(n)
}

// sumRow writes the weighted sums of a row of interleaved samples, one for each
// raster pixel and channel.
func sumRow(across []uint64, row []byte, width, dw, channels int) {
	if dw == width {
		for i, v := range row[:len(across)] {
			across[i] = uint64(v) * uint64(width)
		}
		return
	}
	if channels == 1 {
		sumPlane(across, row, width, dw, 1, 1)
		return
	}
	unit := uint64(dw)
	x, left := 0, dw
	for i := 0; i < dw; i++ {
		need := width
		var r, g, b uint64
		if left < dw { // the rest of a pixel begun before
			p, w := row[3*x:3*x+3], min(left, need)
			r, g, b = uint64(p[0])*uint64(w), uint64(p[1])*uint64(w), uint64(p[2])*uint64(w)
			need -= w
			if left -= w; left == 0 {
				x, left = x+1, dw
			}
		}
		whole := need / dw
		var wr, wg, wb uint64
		for p := row[3*x : 3*(x+whole)]; len(p) >= 3; p = p[3:] {
			wr += uint64(p[0])
			wg += uint64(p[1])
			wb += uint64(p[2])
		}
		x += whole
		r, g, b = r+wr*unit, g+wg*unit, b+wb*unit
		if need -= whole * dw; need > 0 {
			p, w := row[3*x:3*x+3], uint64(need)
			r, g, b = r+uint64(p[0])*w, g+uint64(p[1])*w, b+uint64(p[2])*w
			left -= need
		}
		across[3*i], across[3*i+1], across[3*i+2] = r, g, b
	}
}

// sumPlane is sumRow for one channel, whose samples each stand for step pixels;
// across has a sum at every stride-th place.
func sumPlane(across []uint64, samples []byte, width, dw, stride, step int) {
	unit := dw * step
	x, left := 0, unit
	for i := 0; i < dw; i++ {
		need := width
		var sum uint64
		if left < unit {
			w := min(left, need)
			sum = uint64(samples[x]) * uint64(w)
			need -= w
			if left -= w; left == 0 {
				x, left = x+1, unit
			}
		}
		if need >= unit {
			whole := need / unit
			sum += sumBytes(samples[x:x+whole]) * uint64(unit)
			x += whole
			need -= whole * unit
		}
		if need > 0 {
			sum += uint64(samples[x]) * uint64(need)
			left -= need
		}
		across[i*stride] = sum
	}
}

// sumBytes adds up bytes, eight at a time: even and odd bytes become four sums of 16
// bits, and the product adds these up in its uppermost 16 bits (2,040 at most).
func sumBytes(b []byte) (sum uint64) {
	const even = 0x00FF00FF00FF00FF
	for ; len(b) >= 8; b = b[8:] {
		v := binary.LittleEndian.Uint64(b)
		sum += (v&even + v>>8&even) * 0x0001000100010001 >> 48
	}
	for _, v := range b {
		sum += uint64(v)
	}
	return sum
}

// greyToRGB repeats each byte three times.
func greyToRGB(grey []byte) []byte {
	rgb := make([]byte, 3*len(grey))
	for i, v := range grey {
		rgb[3*i], rgb[3*i+1], rgb[3*i+2] = v, v, v
	}
	return rgb
}

// lumaOf returns the luma of RGB pixels after ITU-R BT.601, full range, rounded:
// 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, the weights adding up to 65536.
func lumaOf(rgb []byte) []byte {
	luma := make([]byte, len(rgb)/3)
	for i := range luma {
		p := rgb[3*i : 3*i+3]
		luma[i] = byte((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return luma
}
