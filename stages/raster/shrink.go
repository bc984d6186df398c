package raster

// Shrink returns the picture with a long side of at most side pixels, for the
// eyes: RGB, interleaved, row-major, each pixel the mean of the area that it
// covers. A picture that is as small already comes back as it is. side is 1 or more.
func (r *Raster) Shrink(side int) (rgb []byte, width, height int, err error) {
	long := max(r.Width, r.Height)
	if long <= side {
		return r.RGB, r.Width, r.Height, nil
	}
	width = max(1, (r.Width*side+long/2)/long)
	height = max(1, (r.Height*side+long/2)/long)
	rgb, err = reduce(packedRows{r.RGB, r.Width}, r.Width, r.Height, width, height)
	return rgb, width, height, err
}

// packedRows gives the rows of interleaved RGB.
type packedRows struct {
	rgb   []byte
	width int
}

func (packedRows) format() (int, bool) { return 3, false }

func (r packedRows) row(y int) ([]byte, error) {
	return r.rgb[3*r.width*y:][:3*r.width], nil
}
