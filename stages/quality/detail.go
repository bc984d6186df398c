package quality

const (
	// octaves is how many halvings of the raster are looked at.
	octaves = 3
	// block is the side of the squares whose detail is compared, in samples of
	// the finer of two levels.
	block = 16
)

// Limits of detail. Measured with 755 undistorted photos, and with 125 of them
// enlarged by 2, 3 and 4 with linear and Lanczos filters, some saved as JPEG of
// quality 75 afterwards (TestEnlarged measures it on its own pictures). Ratio of
// the finest octave: 1 % of the undistorted are below 131, 1 % of those enlarged
// twice above 139; of the second octave, enlarged four times, 1 % above 131.
const (
	minRatio = 128 // parts of 256
	// minTexture is the detail that a block must have at half size, in 1/64
	// grey level: five grey levels. At two the noise of rounding and of JPEG
	// passes for detail, at ten too few blocks are left.
	minTexture = 320
	// minBlocks is how many blocks must have it; else half of it will do, once.
	minBlocks = 4
)

// missingOctaves says how many of the finest octaves of a raster have no
// detail of their own, 0..3, and the ratio of the finest. Where a raster has
// too little texture to tell, none is missing and the ratio is 256.
func missingOctaves(luma []byte, w, h int) (missing uint8, finest int) {
	fine := level{w, h, make([]int16, w*h)}
	for i, v := range luma[:w*h] {
		fine.v[i] = int16(v) * 4
	}
	for o := range octaves {
		coarse := halve(fine)
		ratio := compareLevels(fine, coarse)
		if o == 0 {
			finest = ratio
		}
		if ratio >= minRatio {
			break
		}
		missing++
		fine = coarse
	}
	return missing, finest
}

// level is a plane of luma, row-major, in units of 1/4 grey level.
type level struct {
	w, h int
	v    []int16
}

// halve averages 2x2 samples; an odd last row or column is left out.
func halve(l level) level {
	out := level{w: l.w / 2, h: l.h / 2}
	out.v = make([]int16, out.w*out.h)
	for y := range out.h {
		a, b := l.v[2*y*l.w:], l.v[(2*y+1)*l.w:]
		row := out.v[y*out.w : (y+1)*out.w]
		for x := range row {
			row[x] = (a[2*x] + a[2*x+1] + b[2*x] + b[2*x+1] + 2) >> 2
		}
	}
	return out
}

// compareLevels returns the upper quartile, over the textured blocks, of the
// detail of fine against that of coarse, in parts of 256; 256 where there is no
// texture. The quartile, because what lies out of focus has no fine detail.
func compareLevels(fine, coarse level) int {
	const top = 1024
	for texture := minTexture; texture >= minTexture/2; texture /= 2 {
		var counts [top + 1]int // of blocks, by ratio
		n := 0
		for y := 0; y+block <= fine.h; y += block {
			for x := 0; x+block <= fine.w; x += block {
				c := detail(coarse, x/2, y/2, block/2)
				if c < texture {
					continue
				}
				counts[min(top, 256*detail(fine, x, y, block)/c)]++
				n++
			}
		}
		if n < minBlocks {
			continue
		}
		above := 0
		for r := top; r >= 0; r-- {
			if above += counts[r]; 4*above >= n {
				return r
			}
		}
	}
	return 256
}

// detail is the mean size of the second differences inside a square, along x
// and y together, in 1/64 grey level.
func detail(l level, x0, y0, side int) int {
	sum := 0
	for y := y0 + 1; y < y0+side-1; y++ {
		up, row, down := l.v[(y-1)*l.w+x0:][:side], l.v[y*l.w+x0:][:side], l.v[(y+1)*l.w+x0:][:side]
		for i := 1; i < side-1; i++ {
			twice := 2 * int(row[i])
			dx := int(row[i-1]) + int(row[i+1]) - twice
			dy := int(up[i]) + int(down[i]) - twice
			sum += max(dx, -dx) + max(dy, -dy)
		}
	}
	return 16 * sum / ((side - 2) * (side - 2))
}
