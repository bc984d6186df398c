package wavelet

// side is the length of the square that is transformed. It is odd, so that
// four levels, 65 -> 33+32 -> 17+16 -> 9+8 -> 5+4, stay centred.
const side = 65

// scaleArea writes the mean luma of each of side x side equal cells of the
// picture into dst, row-major. Sums are whole numbers, in units of 1/side pixel
// both ways, so that a turned picture gives exactly the turned cells.
func scaleArea(dst *[side * side]float64, luma []byte, w, h int) {
	var sums [side][side]uint32 // at most 255*w*h, which is below 2^27
	var row [side]uint32
	for y := range h {
		scaleRow(&row, luma[y*w:(y+1)*w])
		// Row y covers [side*y, side*(y+1)); cell i covers [h*i, h*(i+1)).
		for from, end := side*y, side*(y+1); from < end; {
			cell := from / h
			to := min(end, (cell+1)*h)
			for i, v := range row {
				sums[cell][i] += uint32(to-from) * v
			}
			from = to
		}
	}
	area := float64(w * h)
	for y := range side {
		for x := range side {
			dst[y*side+x] = float64(sums[y][x]) / area
		}
	}
}

// scaleRow sums one row of pixels into side cells, in units of 1/side pixel.
func scaleRow(dst *[side]uint32, row []byte) {
	w := len(row)
	for cell := range dst {
		from, to := cell*w, (cell+1)*w
		first, last := from/side, to/side // the pixels that hold the two ends
		if first == last {
			dst[cell] = uint32(to-from) * uint32(row[first])
			continue
		}
		var whole uint32
		for _, v := range row[first+1 : last] {
			whole += uint32(v)
		}
		sum := uint32((first+1)*side-from)*uint32(row[first]) + side*whole
		if rest := to - last*side; rest > 0 {
			sum += uint32(rest) * uint32(row[last])
		}
		dst[cell] = sum
	}
}
