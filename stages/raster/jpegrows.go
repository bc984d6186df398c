package raster

import (
	"image/color"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

// jpegRows gives the planes of a JPEG that was decoded at a reduced scale as rows of the
// full picture: a sample stands for all that it is the mean of, so that the area filter
// knows nothing of scales.
//
// Rows and columns are counted in units. A unit is a pixel but where factors do not divide
// the largest, as 2 of 3: a sample of such a component stands for one and a half pixels, and
// a pixel has two units along that side.
type jpegRows struct {
	img  *jpeg.Image
	step [4][2]int // units across and down that a sample of each component stands for
	grid [2]int    // the largest units that all steps are multiples of
}

// rowsOfJPEG gives the rows of a picture and the units of a pixel across and down.
func rowsOfJPEG(img *jpeg.Image) (rows rowSource, across, down int) {
	r := jpegRows{img: img}
	var most, units [2]int
	for _, c := range img.Components {
		most[0], most[1] = max(most[0], c.H), max(most[1], c.V)
	}
	for side := range 2 {
		units[side] = 1
		for _, c := range img.Components {
			f := [2]int{c.H, c.V}[side]
			units[side] = leastMultiple(units[side], f/greatestDivisor(most[side], f))
		}
		for i, c := range img.Components {
			f := [2]int{c.H, c.V}[side]
			r.step[i][side] = units[side] * most[side] / f * int(img.Scale)
			r.grid[side] = greatestDivisor(r.grid[side], r.step[i][side])
		}
	}
	if len(img.Planes) < 4 {
		return r, units[0], units[1]
	}
	width := (img.Width*units[0] + r.grid[0] - 1) / r.grid[0]
	k := &inkRows{jpegRows: r, last: -1}
	for i := range k.rgb {
		k.rgb[i] = make([]byte, width)
	}
	return k, units[0], units[1]
}

// greatestDivisor is the greatest common divisor of numbers of which one may be 0.
func greatestDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// leastMultiple is the least common multiple of positive numbers.
func leastMultiple(a, b int) int { return a / greatestDivisor(a, b) * b }

func (r jpegRows) format() (int, bool) {
	return len(r.img.Planes), r.img.Model == jpeg.YCbCr
}

func (jpegRows) row(int) ([]byte, error) { panic("raster: planes have rows of their own") }

func (r jpegRows) alike() int { return r.grid[1] }

func (r jpegRows) plane(channel, y int) (samples []byte, step int) {
	p := &r.img.Planes[channel]
	return p.Pix[y/r.step[channel][1]*p.Stride:][:p.Stride], r.step[channel][0]
}

// inkRows gives pictures of four components as RGB, a row of the finest samples at a time.
type inkRows struct {
	jpegRows
	rgb  [3][]byte
	last int // row of the grid that rgb holds, -1 for none
}

func (*inkRows) format() (int, bool) { return 3, false }

func (r *inkRows) plane(channel, y int) (samples []byte, step int) {
	if row := y / r.grid[1]; row != r.last {
		r.last = row
		r.convert(row)
	}
	return r.rgb[channel], r.grid[0]
}

// convert makes the RGB of a row of the grid. Samples of CMYK are inverted, as Photoshop
// writes them: they say how much light passes, and what passes an ink and black is the
// product. Files without an Adobe segment do not tell; they are read alike, as browsers do.
func (r *inkRows) convert(row int) {
	var lines [4][]byte
	var step [4]int
	for i := range lines {
		lines[i], step[i] = r.jpegRows.plane(i, row*r.grid[1])
	}
	for x := range r.rgb[0] {
		var s [4]byte
		for i := range s {
			s[i] = lines[i][x*r.grid[0]/step[i]]
		}
		if r.img.Model == jpeg.YCCK {
			// What passes was inverted before it became YCbCr, black was not.
			red, green, blue := color.YCbCrToRGB(s[0], s[1], s[2])
			s[0], s[1], s[2] = 255-red, 255-green, 255-blue
		}
		for i := range r.rgb {
			r.rgb[i][x] = byte((uint32(s[i])*uint32(s[3]) + 127) / 255)
		}
	}
}

// scaleFor chooses the scale to decode at. Four components become RGB by products, so that
// the mean of products is not the product of means: they are decoded at twice the
// raster's side at least, which differs from a full decoding by 0.5 to 0.8 rms (1.2 to
// 2.2 otherwise; measured on three photos of 14 to 22 megapixels with full black generation).
func scaleFor(h jpeg.Header) jpeg.Scale {
	if len(h.Components) == 4 {
		return jpeg.ScaleFor(h.Width, h.Height, 2*Side)
	}
	return jpeg.ScaleFor(h.Width, h.Height, Side)
}
