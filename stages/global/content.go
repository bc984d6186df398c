package global

// box is a part of a raster, in pixels: x0 <= x < x1, y0 <= y < y1.
type box struct{ x0, y0, x1, y1 int }

// What counts as a flat border. Measured on the test photos, together with the
// inset of scaleArea (TestCorpus measures it again): of the copies that the
// wavelet stage loses, the vector finds 29 of 87 hard ones with the cut and 20
// without. A tolerance of 3 or 10 grey levels, or a share of 90 or 95 %, loses
// more of the rest (skies are cut in one copy and not in the other).
const (
	flatRange = 5 // grey levels around the median of the outermost line
	flatShare = 50
	flatParts = 51 // flatShare of flatParts pixels must lie in that range: 98 %
	maxCut    = 2  // of 5 parts, from each side
)

// content returns the picture within its flat border: lines at an edge that
// are of one grey, the same as the outermost of them, belong to the border. A
// second round finds what a caption or a second frame has left.
//
// All four sides are judged by the box of the round before, so that the result
// turns with the picture.
func content(luma []byte, w, h int) box {
	b := box{0, 0, w, h}
	for range 2 {
		from := b
		row := func(y int) line { return line{luma[y*w+from.x0:], 1, from.x1 - from.x0} }
		column := func(x int) line { return line{luma[from.y0*w+x:], w, from.y1 - from.y0} }
		cutX, cutY := w*maxCut/5, h*maxCut/5
		b.y0 = flatUpTo(from.y0, cutY, row)
		b.x0 = flatUpTo(from.x0, cutX, column)
		b.y1 = h - flatUpTo(h-from.y1, cutY, func(i int) line { return row(h - 1 - i) })
		b.x1 = w - flatUpTo(w-from.x1, cutX, func(i int) line { return column(w - 1 - i) })
	}
	return b
}

// flatUpTo returns the first line from start on that is not flat, or limit.
func flatUpTo(start, limit int, at func(int) line) int {
	grey := -1
	i := start
	for ; i < limit; i++ {
		var counts [256]int
		l := at(i)
		l.count(&counts)
		if grey < 0 {
			grey = median(&counts, l.n)
		}
		within := 0
		for v := max(0, grey-flatRange); v <= min(255, grey+flatRange); v++ {
			within += counts[v]
		}
		if within*flatParts < l.n*flatShare {
			break
		}
	}
	return i
}

// line is a row or a column of pixels: n bytes, step apart.
type line struct {
	bytes   []byte
	step, n int
}

func (l line) count(counts *[256]int) {
	for i := range l.n {
		counts[l.bytes[i*l.step]]++
	}
}

// median is the smallest grey that at least half of n pixels do not exceed.
func median(counts *[256]int, n int) int {
	sum := 0
	for v, c := range counts {
		if sum += c; 2*sum >= n {
			return v
		}
	}
	return 255
}
