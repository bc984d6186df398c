package raster

import (
	"image"
	"image/color"
)

// rowsOf gives the rows of a decoded image without a copy of the whole in another
// form. Alpha is laid over white and 16 bits are rounded to 8, pixel by pixel.
func rowsOf(img image.Image) rowSource {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.YCbCr:
		if b.Min.X == 0 { // else a row may begin within a chroma sample
			return yccRows{m}
		}
	case *image.Gray:
		return greyRows{m}
	}
	return &rgbRows{img: img, bounds: b, buf: make([]byte, 3*b.Dx()), palette: paletteRGB(img)}
}

type greyRows struct{ m *image.Gray }

func (greyRows) format() (int, bool) { return 1, false }

func (r greyRows) row(y int) ([]byte, error) {
	return r.m.Pix[r.m.PixOffset(r.m.Rect.Min.X, r.m.Rect.Min.Y+y):], nil
}

// yccRows reads the planes as they are: the mean is taken in YCbCr, and the raster's
// pixels alone are converted. It differs from the mean of converted pixels only
// where these would have left the range of RGB.
type yccRows struct{ m *image.YCbCr }

func (yccRows) format() (int, bool) { return 3, true }

func (yccRows) row(int) ([]byte, error) { panic("raster: planes have rows of their own") }

func (yccRows) alike() int { return 1 }

func (r yccRows) plane(channel, y int) (samples []byte, step int) {
	y += r.m.Rect.Min.Y
	if channel == 0 {
		return r.m.Y[r.m.YOffset(0, y):], 1
	}
	step = 1
	switch r.m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		step = 2
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		step = 4
	}
	at := r.m.COffset(0, y)
	if channel == 1 {
		return r.m.Cb[at:], step
	}
	return r.m.Cr[at:], step
}

// yccToRGB converts pixels in place after JFIF 1.02.
func yccToRGB(p []byte) {
	for i := 0; i+3 <= len(p); i += 3 {
		p[i], p[i+1], p[i+2] = color.YCbCrToRGB(p[i], p[i+1], p[i+2])
	}
}

// rgbRows converts rows of all other image types.
type rgbRows struct {
	img     image.Image
	bounds  image.Rectangle
	buf     []byte
	palette [256][3]byte
}

func (*rgbRows) format() (int, bool) { return 3, false }

func (r *rgbRows) row(y int) ([]byte, error) {
	x0, y0, n := r.bounds.Min.X, r.bounds.Min.Y+y, r.bounds.Dx()
	out := r.buf
	switch m := r.img.(type) {
	case *image.Paletted:
		for i, v := range m.Pix[m.PixOffset(x0, y0):][:n] {
			c := &r.palette[v]
			out[3*i], out[3*i+1], out[3*i+2] = c[0], c[1], c[2]
		}
	case *image.RGBA:
		p := m.Pix[m.PixOffset(x0, y0):][:4*n]
		for i := range n {
			s := p[4*i : 4*i+4]
			white := 255 - uint32(s[3]) // RGBA is premultiplied
			for c := range 3 {
				out[3*i+c] = byte(min(uint32(s[c])+white, 255))
			}
		}
	case *image.NRGBA:
		p := m.Pix[m.PixOffset(x0, y0):][:4*n]
		for i := range n {
			s := p[4*i : 4*i+4]
			if s[3] == 255 {
				out[3*i], out[3*i+1], out[3*i+2] = s[0], s[1], s[2]
				continue
			}
			for c := range 3 {
				out[3*i+c] = overWhite(s[c], s[3])
			}
		}
	case *image.Gray16:
		p := m.Pix[m.PixOffset(x0, y0):][:2*n]
		for i := range n {
			v := to8(uint32(p[2*i])<<8 | uint32(p[2*i+1]))
			out[3*i], out[3*i+1], out[3*i+2] = v, v, v
		}
	case *image.RGBA64:
		p := m.Pix[m.PixOffset(x0, y0):][:8*n]
		for i := range n {
			s := p[8*i : 8*i+8]
			white := 65535 - (uint32(s[6])<<8 | uint32(s[7]))
			for c := range 3 {
				out[3*i+c] = to8(min(uint32(s[2*c])<<8|uint32(s[2*c+1])+white, 65535))
			}
		}
	case *image.NRGBA64:
		p := m.Pix[m.PixOffset(x0, y0):][:8*n]
		for i := range n {
			s := p[8*i : 8*i+8]
			a := uint32(s[6])<<8 | uint32(s[7])
			for c := range 3 {
				out[3*i+c] = overWhite16(uint32(s[2*c])<<8|uint32(s[2*c+1]), a)
			}
		}
	case *image.CMYK:
		p := m.Pix[m.PixOffset(x0, y0):][:4*n]
		for i := range n {
			s := p[4*i : 4*i+4]
			out[3*i], out[3*i+1], out[3*i+2] = color.CMYKToRGB(s[0], s[1], s[2], s[3])
		}
	case *image.NYCbCrA:
		for i := range n {
			yi, ci := m.YOffset(x0+i, y0), m.COffset(x0+i, y0)
			a := m.A[m.AOffset(x0+i, y0)]
			red, green, blue := color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
			out[3*i], out[3*i+1], out[3*i+2] = overWhite(red, a), overWhite(green, a), overWhite(blue, a)
		}
	default:
		for i := range n {
			red, green, blue, a := m.At(x0+i, y0).RGBA()
			white := 65535 - a
			out[3*i], out[3*i+1], out[3*i+2] = to8(red+white), to8(green+white), to8(blue+white)
		}
	}
	return out, nil
}

// paletteRGB lays the colours of a palette over white. Indexes beyond it are black.
func paletteRGB(img image.Image) (rgb [256][3]byte) {
	m, ok := img.(*image.Paletted)
	if !ok {
		return rgb
	}
	for i, c := range m.Palette {
		if i < 256 {
			n := color.NRGBA64Model.Convert(c).(color.NRGBA64)
			rgb[i] = [3]byte{overWhite16(uint32(n.R), uint32(n.A)), overWhite16(uint32(n.G), uint32(n.A)), overWhite16(uint32(n.B), uint32(n.A))}
		}
	}
	return rgb
}

// overWhite lays a sample of opacity a over white, rounded.
func overWhite(v, a byte) byte {
	return byte((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// overWhite16 is overWhite for 16 bits; the result has 8.
func overWhite16(v, a uint32) byte {
	return to8(uint32((uint64(v)*uint64(a) + 65535*(65535-uint64(a)) + 32767) / 65535))
}

// to8 rounds 16 bits to 8, so that 8 bits written as 16 come back as they were.
func to8(v uint32) byte { return byte((v*255 + 32767) / 65535) }
