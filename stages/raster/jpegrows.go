package raster

import "github.com/dedupidx/dedupidx/stages/raster/jpeg"

// jpegRows gives the planes of a JPEG that was decoded at a reduced scale as rows of the
// full picture: a sample stands for all pixels whose mean it is, so that the area filter
// knows nothing of scales.
type jpegRows struct{ img *jpeg.Image }

// evenlySampled says whether each sample of a component stands for a whole number of
// pixels.
func evenlySampled(h jpeg.Header) bool {
	hMax, vMax := mostSampled(h)
	for _, c := range h.Components {
		if hMax%c.H != 0 || vMax%c.V != 0 {
			return false
		}
	}
	return true
}

// mostSampled returns the largest sampling factors.
func mostSampled(h jpeg.Header) (hMax, vMax int) {
	for _, c := range h.Components {
		hMax, vMax = max(hMax, c.H), max(vMax, c.V)
	}
	return hMax, vMax
}

func (r jpegRows) format() (int, bool) {
	return len(r.img.Planes), r.img.Model == jpeg.YCbCr
}

func (jpegRows) row(int) ([]byte, error) { panic("raster: planes have rows of their own") }

// alike is the scale: the component that is sampled most has a new row that often.
func (r jpegRows) alike() int { return int(r.img.Scale) }

func (r jpegRows) plane(channel, y int) (samples []byte, step int) {
	hMax, vMax := mostSampled(r.img.Header)
	c, p := r.img.Components[channel], &r.img.Planes[channel]
	row := y / (vMax / c.V * int(r.img.Scale))
	return p.Pix[row*p.Stride:][:p.Stride], hMax / c.H * int(r.img.Scale)
}
