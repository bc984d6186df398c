package raster

import (
	"errors"
	"image/color"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

// paintJPEG decodes a tile that is a JPEG (Adobe Photoshop TIFF Technical Note 2), at a
// reduced size where samples then lie on the same pixels in all tiles.
func (p *tiffPainter) paintJPEG(c *canvas, tile int64, a tiffArea) error {
	planes := make([]tiffPlane, 0, len(p.planes))
	rows, every := a.height, int64(1)
	missing, where := 0.0, uint64(0)
	for _, plane := range p.planes {
		data, at := p.bytesOf(tile, plane)
		if where = at; data == nil {
			p.blank(c, a, 0, at, "a strip or tile lies nowhere in the file")
			return nil
		}
		p.work -= int64(len(data))
		img, err := p.decodeJPEG(data, a)
		var unsupported *jpeg.UnsupportedError
		var limit *jpeg.LimitError
		switch {
		case errors.As(err, &unsupported), errors.As(err, &limit):
			return jpegFailure(err)
		case err != nil || len(img.Planes) != int(p.samples) && !p.planar:
			p.blank(c, a, 0, at, "the JPEG of a strip or tile is damaged")
			return nil
		}
		rows, every = min(rows, int64(img.Height)), int64(img.Scale)
		if img.Damage != nil {
			missing = max(missing, img.Damage.Missing, leastDamage)
		}
		hMax, vMax := mostSampled(img.Header)
		for i, part := range img.Components {
			planes = append(planes, tiffPlane{&img.Planes[i], hMax * int(img.Scale), part.H, vMax * int(img.Scale), part.V})
		}
	}
	n := int(a.width)
	for y := int64(0); y < rows; y += every {
		out := p.out[:n*c.channels]
		if p.colours == 4 {
			for x := range n {
				out[3*x], out[3*x+1], out[3*x+2] = color.CMYKToRGB(planes[0].at(x, int(y)), planes[1].at(x, int(y)), planes[2].at(x, int(y)), planes[3].at(x, int(y)))
			}
		} else {
			for i := range c.channels {
				planes[i].spread(out[i:], c.channels, n, int(y))
			}
		}
		if p.photometric == tiffWhiteIsZero {
			for i := range out {
				out[i] = 255 - out[i]
			}
		}
		c.add(int(a.x), int(a.y+y), 1, int(min(every, rows-y)), out)
	}
	if lost := int64(missing * float64(a.width*rows)); lost > 0 {
		if p.lost == 0 {
			p.first, p.where = "the JPEG of a strip or tile is damaged", where
		}
		p.lost += lost
	}
	if rows < a.height {
		p.blank(c, a, rows, where, "the JPEG of a strip or tile is too small")
	}
	return nil
}

// errNoTile says that a JPEG is none of the tile's size.
var errNoTile = errors.New("another size than the tile's")

// decodeJPEG decodes the JPEG of a tile, whose tables may stand in a tag of their own.
func (p *tiffPainter) decodeJPEG(data []byte, a tiffArea) (*jpeg.Image, error) {
	if tables := p.tables; tables != nil && len(data) > 2 {
		end := len(tables)
		if tables[end-2] == 0xFF && tables[end-1] == 0xD9 {
			end -= 2
		}
		data = append(append(make([]byte, 0, end+len(data)), tables[:end]...), data[2:]...)
	}
	h, err := jpeg.ReadHeader(data)
	if err != nil {
		return nil, err
	}
	if int64(h.Width) < a.width || int64(h.Width) > p.tileW+64 || int64(h.Height) > p.tileH+64 {
		return nil, errNoTile
	}
	scale := jpeg.ScaleFor(int(p.width), int(p.height), Side)
	hMax, vMax := mostSampled(h)
	even := true // a sample of each component stands for whole pixels
	for _, c := range h.Components {
		even = even && hMax%c.H == 0 && vMax%c.V == 0
	}
	for scale > jpeg.Full && (p.colours == 4 || !even ||
		p.across > 1 && p.tileW%int64(int(scale)*hMax) != 0 || p.down > 1 && p.tileH%int64(int(scale)*vMax) != 0) {
		scale /= 2
	}
	return p.jpeg.Decode(data, scale, jpeg.Limits{Memory: p.limits.Memory})
}

// mostSampled returns the largest sampling factors.
func mostSampled(h jpeg.Header) (hMax, vMax int) {
	for _, c := range h.Components {
		hMax, vMax = max(hMax, c.H), max(vMax, c.V)
	}
	return hMax, vMax
}

// tiffPlane is a component of a JPEG: v of its samples stand for down pixels.
type tiffPlane struct {
	*jpeg.Plane
	across, h, down, v int
}

// at is the sample at a pixel.
func (t *tiffPlane) at(x, y int) byte {
	return t.Pix[y*t.v/t.down*t.Stride+x*t.h/t.across]
}

// spread writes the samples of n pixels of a row to every step-th place.
func (t *tiffPlane) spread(out []byte, step, n, y int) {
	row := t.Pix[y*t.v/t.down*t.Stride:]
	if t.across%t.h != 0 {
		for x := range n {
			out[x*step] = row[x*t.h/t.across]
		}
		return
	}
	each := t.across / t.h
	for x := 0; x < n; row = row[1:] {
		for range min(each, n-x) {
			out[x*step] = row[0]
			x++
		}
	}
}
