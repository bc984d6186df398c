package global

const (
	side     = 64 // of the square plane whose gradients are taken
	greyUnit = 16 // the plane's units in one grey level
)

// scaleArea writes the mean luma of side x side equal cells into dst, in units
// of 1/greyUnit grey level. The cells cover the box but a margin of 1/32 on
// each side, where the ragged end of a border, an anti-aliased line or the
// loss of a slight crop lies. (Margins of 0 and of 1/25 find less, see content.)
//
// Sums are whole numbers, so that a turned picture gives exactly the turned
// plane.
func scaleArea(dst *[side * side]int32, luma []byte, w int, b box) {
	// In units of 1/1024 pixel a side of n pixels has a margin of 32n, and a
	// cell is 15n long: 2*32n + 64*15n = 1024n.
	nx, ny := b.x1-b.x0, b.y1-b.y0
	var sums [side][side]int64 // at most 255 * (15*512)^2
	var row [side]int64
	for y := range ny {
		lo, hi := max(1024*y, 32*ny), min(1024*(y+1), 1024*ny-32*ny)
		if lo >= hi {
			continue
		}
		scaleRow(&row, luma[(b.y0+y)*w+b.x0:][:nx])
		for lo < hi {
			cell := (lo - 32*ny) / (15 * ny)
			end := min(hi, 32*ny+15*ny*(cell+1))
			for i, v := range row {
				sums[cell][i] += int64(end-lo) * v
			}
			lo = end
		}
	}
	area := int64(15*nx) * int64(15*ny)
	for y := range side {
		for x := range side {
			dst[y*side+x] = int32((greyUnit*sums[y][x] + area/2) / area)
		}
	}
}

// scaleRow sums the pixels of one row into side cells, in 1/1024 pixel.
func scaleRow(dst *[side]int64, row []byte) {
	n := len(row)
	for cell := range dst {
		from := 32*n + 15*n*cell
		to := from + 15*n
		first, last := from/1024, to/1024
		if first == last {
			dst[cell] = int64(15*n) * int64(row[first])
			continue
		}
		whole := 0
		for _, v := range row[first+1 : last] {
			whole += int(v)
		}
		sum := (1024*(first+1)-from)*int(row[first]) + 1024*whole
		if rest := to - 1024*last; rest > 0 {
			sum += rest * int(row[last])
		}
		dst[cell] = int64(sum)
	}
}
