package raster

// painter is a picture that comes in pieces: tiles, or the passes of an interlaced file.
type painter interface {
	// format is that of rowSource.
	format() (channels int, ycc bool)
	// paint adds each pixel of the picture to the canvas once.
	paint(c *canvas) error
}

// canvas sums up pixels that come in any order: it gives what reduce gives, and holds the
// raster's sums, not the picture. Units are those of reduce.
type canvas struct {
	width, height, dw, dh, channels int
	sums                            []uint64 // of the raster's samples
	across                          []uint64 // of one piece of a row
}

func newCanvas(width, height, dw, dh, channels int) *canvas {
	return &canvas{width: width, height: height, dw: dw, dh: dh, channels: channels,
		sums: make([]uint64, dw*dh*channels), across: make([]uint64, dw*channels)}
}

// add adds pixels of the rows y to y+rows, which are all alike: the k-th lies in column
// x + k*step. What lies beyond the right or lower edge is left out.
func (c *canvas) add(x, y, step, rows int, pixels []byte) {
	n := min(len(pixels)/c.channels, (c.width-x+step-1)/step)
	rows = min(rows, c.height-y)
	if n <= 0 || rows <= 0 {
		return
	}
	first, last := 0, c.dw
	if n == c.width {
		sumRow(c.across, pixels, c.width, c.dw, c.channels)
	} else {
		first, last = c.column(x), c.column(x+(n-1)*step+1)+1
		last = min(last, c.dw)
		clear(c.across[first*c.channels : last*c.channels])
		if c.channels == 1 {
			c.sumGrey(x, step, pixels[:n])
		} else {
			c.sumRGB(x, step, pixels[:3*n])
		}
	}
	piece := c.across[first*c.channels : last*c.channels]
	for from, to := y*c.dh, (y+rows)*c.dh; from < to; {
		i := from / c.height
		end := min((i+1)*c.height, to)
		w := uint64(end - from)
		sums := c.sums[(i*c.dw+first)*c.channels:][:len(piece)]
		for k, s := range piece {
			sums[k] += s * w
		}
		from = end
	}
}

// column is the raster's column in which a pixel begins.
func (c *canvas) column(x int) int { return x * c.dw / c.width }

// sumGrey adds samples to across, each shared out to the one or two columns it lies in.
func (c *canvas) sumGrey(x, step int, pixels []byte) {
	at, i := x*c.dw, c.column(x)
	end := (i + 1) * c.width
	for _, v := range pixels {
		for at >= end {
			i, end = i+1, end+c.width
		}
		w := min(c.dw, end-at)
		c.across[i] += uint64(v) * uint64(w)
		if w < c.dw {
			c.across[i+1] += uint64(v) * uint64(c.dw-w)
		}
		at += step * c.dw
	}
}

// sumRGB is sumGrey for three channels.
func (c *canvas) sumRGB(x, step int, pixels []byte) {
	at, i := x*c.dw, c.column(x)
	end := (i + 1) * c.width
	whole := uint64(c.dw)
	for ; len(pixels) >= 3; pixels = pixels[3:] {
		for at >= end {
			i, end = i+1, end+c.width
		}
		r, g, b := uint64(pixels[0]), uint64(pixels[1]), uint64(pixels[2])
		a := c.across[3*i : 3*i+3]
		if at+c.dw <= end {
			a[0] += r * whole
			a[1] += g * whole
			a[2] += b * whole
		} else {
			w := uint64(end - at)
			a[0] += r * w
			a[1] += g * w
			a[2] += b * w
			a, w = c.across[3*i+3:3*i+6], whole-w
			a[0] += r * w
			a[1] += g * w
			a[2] += b * w
		}
		at += step * c.dw
	}
}

// means divides the sums by the area of a raster pixel, rounded half up.
func (c *canvas) means() []byte {
	out := make([]byte, len(c.sums))
	area := uint64(c.width) * uint64(c.height)
	for i, s := range c.sums {
		out[i] = byte((s + area/2) / area)
	}
	return out
}

// rgbOf makes samples of the raster RGB.
func rgbOf(samples []byte, channels int, ycc bool) []byte {
	switch {
	case channels == 1:
		return greyToRGB(samples)
	case ycc:
		yccToRGB(samples)
	}
	return samples
}

// painted brings the picture of a painter to dw x dh pixels, as reduce does.
func painted(src painter, width, height, dw, dh int) ([]byte, error) {
	channels, ycc := src.format()
	c := newCanvas(width, height, dw, dh, channels)
	if err := src.paint(c); err != nil {
		return nil, err
	}
	if m, ok := src.(interface{ means(*canvas) []byte }); ok {
		return rgbOf(m.means(c), channels, ycc), nil
	}
	return rgbOf(c.means(), channels, ycc), nil
}
