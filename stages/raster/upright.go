package raster

// turnOf gives the turn that makes a picture stored in an EXIF orientation upright
// (CIPA DC-008, tag 0x0112). Values outside 1..8 mean 1.
func turnOf(orientation int) Turn {
	const transpose, mirrorX, mirrorY = 4, 1, 2
	switch orientation {
	case 2:
		return mirrorX
	case 3:
		return mirrorX | mirrorY
	case 4:
		return mirrorY
	case 5:
		return transpose
	case 6:
		return transpose | mirrorX
	case 7:
		return transpose | mirrorX | mirrorY
	case 8:
		return transpose | mirrorY
	}
	return 0
}

// orientationOf is the EXIF orientation of a turn.
func orientationOf(t Turn) int {
	for o := 1; o <= 8; o++ {
		if turnOf(o) == t {
			return o
		}
	}
	return 1
}

// turnRGB turns interleaved pixels of width x height and returns the new size.
func turnRGB(rgb []byte, width, height int, t Turn) ([]byte, int, int) {
	if t == 0 {
		return rgb, width, height
	}
	w, h := width, height
	if t&4 != 0 {
		w, h = h, w
	}
	out := make([]byte, len(rgb))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			if t&1 != 0 {
				sx = w - 1 - sx
			}
			if t&2 != 0 {
				sy = h - 1 - sy
			}
			if t&4 != 0 {
				sx, sy = sy, sx
			}
			from, to := 3*(sy*width+sx), 3*(y*w+x)
			out[to], out[to+1], out[to+2] = rgb[from], rgb[from+1], rgb[from+2]
		}
	}
	return out, w, h
}
