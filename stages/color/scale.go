package color

const (
	side = 64 // of the square plane that is looked at
	unit = 16 // the plane's units in one level of 0..255
)

// pixel is a color in units of 1/unit level: y from 0, cb and cr around 0.
type pixel struct{ y, cb, cr int32 }

// scaleArea writes the mean color of side x side equal cells of the picture
// into dst, row-major. Sums are whole numbers, in units of 1/side pixel both
// ways, so that a turned picture gives exactly the turned cells.
func scaleArea(dst *[side * side]pixel, rgb []byte, w, h int) {
	var sums [side][3 * side]uint32 // at most 255*w*h, which is below 2^27
	var row [3 * side]uint32
	for y := range h {
		scaleRow(&row, rgb[3*y*w:3*(y+1)*w], w)
		// Row y covers [side*y, side*(y+1)); cell i covers [h*i, h*(i+1)).
		for from, end := side*y, side*(y+1); from < end; {
			cell := from / h
			to := min(end, (cell+1)*h)
			k := uint32(to - from)
			for i, v := range row {
				sums[cell][i] += k * v
			}
			from = to
		}
	}
	area := int64(w * h)
	for y := range side {
		for x := range side {
			s := sums[y][3*x:]
			dst[y*side+x] = convert(int64(s[0]), int64(s[1]), int64(s[2]), area)
		}
	}
}

// scaleRow sums one row of w pixels into side cells, in units of 1/side pixel.
func scaleRow(dst *[3 * side]uint32, row []byte, w int) {
	for cell := range side {
		from, to := cell*w, (cell+1)*w
		first, last := from/side, to/side // the pixels that hold the two ends
		out := dst[3*cell : 3*cell+3]
		p := row[3*first : 3*first+3]
		if first == last {
			k := uint32(to - from)
			out[0], out[1], out[2] = k*uint32(p[0]), k*uint32(p[1]), k*uint32(p[2])
			continue
		}
		var r, g, b uint32
		for in := row[3*first+3 : 3*last]; len(in) >= 3; in = in[3:] {
			r += uint32(in[0])
			g += uint32(in[1])
			b += uint32(in[2])
		}
		k := uint32((first+1)*side - from)
		r, g, b = side*r+k*uint32(p[0]), side*g+k*uint32(p[1]), side*b+k*uint32(p[2])
		if k := uint32(to - last*side); k > 0 {
			p := row[3*last : 3*last+3]
			r, g, b = r+k*uint32(p[0]), g+k*uint32(p[1]), b+k*uint32(p[2])
		}
		out[0], out[1], out[2] = r, g, b
	}
}

// convert turns a sum over an area of RGB into a mean in YCbCr: BT.601, full
// range, the matrix of JFIF 1.02 in parts of 2^16.
func convert(r, g, b, area int64) pixel {
	mean := func(v int64) int32 {
		d := area << 16 / unit
		if v < 0 {
			return int32((v - d/2) / d)
		}
		return int32((v + d/2) / d)
	}
	return pixel{
		y:  mean(19595*r + 38470*g + 7471*b),
		cb: mean(-11059*r - 21709*g + 32768*b),
		cr: mean(32768*r - 27439*g - 5329*b),
	}
}
