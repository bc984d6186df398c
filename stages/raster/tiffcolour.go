package raster

import (
	"image/color"
	"math"
)

// tiffColour makes colours of samples of 8 bits.
type tiffColour struct {
	*tiffInfo
	stride  int // samples of a pixel
	alphaAt int // 0 for none
	palette [256][3]byte
	ycc     *tiffYCC
	lab     *labTable
}

func newTIFFColour(t *tiffInfo) tiffColour {
	c := tiffColour{tiffInfo: t, stride: int(t.samples), alphaAt: int(t.alpha)}
	if t.planar {
		c.stride = int(t.colours)
		if t.alpha > 0 {
			c.alphaAt = c.stride
			c.stride++
		}
	}
	switch t.photometric {
	case tiffPalette:
		c.palette = t.readPalette()
	case tiffYCbCr:
		c.ycc = t.readYCC()
	case tiffCIELab, tiffICCLab:
		c.lab = newLabTable()
	}
	return c
}

// readPalette reads the red, then the green, then the blue values, of 16 bits each. Some
// write them with 8.
func (t *tiffInfo) readPalette() (rgb [256][3]byte) {
	m := t.table(tagColorMap)
	n := int64(m.n / 3)
	narrow := true
	for i := range min(3*n, 3*256) {
		v, _ := m.at(i)
		narrow = narrow && v < 256
	}
	for i := range min(n, 256) {
		for k := range int64(3) {
			v, _ := m.at(k*n + i)
			if narrow {
				rgb[i][k] = byte(v)
			} else {
				rgb[i][k] = to8(uint32(min(v, 65535)))
			}
		}
	}
	return rgb
}

// convert makes a row of colours, grey or RGB, alpha laid over white. Of subsampled
// YCbCr the samples are taken from the stored row, line k of those that share chroma.
func (c *tiffColour) convert(out, samples, stored []byte, k int) {
	if c.unitX*c.unitY > 1 {
		c.subsampled(out, stored, k)
		return
	}
	if c.colours == 1 && c.photometric != tiffPalette {
		for i := range out {
			p := samples[i*c.stride:]
			v := p[0]
			if c.photometric == tiffWhiteIsZero {
				v = 255 - v
			}
			if c.alphaAt > 0 {
				v = c.over(v, p[c.alphaAt])
			}
			out[i] = v
		}
		return
	}
	if c.photometric == tiffRGB && c.stride == 3 {
		copy(out, samples)
		return
	}
	for ; len(out) >= 3; out, samples = out[3:], samples[c.stride:] {
		var rgb [3]byte
		s := samples
		switch c.photometric {
		case tiffPalette:
			rgb = c.palette[s[0]]
		case tiffRGB:
			rgb = [3]byte{s[0], s[1], s[2]}
		case tiffSeparated:
			rgb[0], rgb[1], rgb[2] = color.CMYKToRGB(s[0], s[1], s[2], s[3])
		case tiffYCbCr:
			rgb = c.ycc.rgb(s[0], s[1], s[2])
		case tiffCIELab:
			rgb = c.lab.rgb(s[0], int32(int8(s[1])), int32(int8(s[2])))
		case tiffICCLab:
			rgb = c.lab.rgb(s[0], int32(s[1])-128, int32(s[2])-128)
		}
		if c.alphaAt > 0 {
			for i := range rgb {
				rgb[i] = c.over(rgb[i], s[c.alphaAt])
			}
		}
		out[0], out[1], out[2] = rgb[0], rgb[1], rgb[2]
	}
}

// over lays a sample of opacity a over white.
func (c *tiffColour) over(v, a byte) byte {
	if c.premultiplied {
		return byte(min(int(v)+255-int(a), 255))
	}
	return overWhite(v, a)
}

// subsampled reads line k of units of some pixels of luma, then Cb and Cr of them all
// (TIFF 6.0, section 21).
func (c *tiffColour) subsampled(out, stored []byte, k int) {
	across, size := int(c.unitX), int(c.unitX*c.unitY)
	for ; len(out) >= 3; stored = stored[size+2:] {
		for i := range across {
			if len(out) < 3 {
				return
			}
			rgb := c.ycc.rgb(stored[k*across+i], stored[size], stored[size+1])
			out[0], out[1], out[2] = rgb[0], rgb[1], rgb[2]
			out = out[3:]
		}
	}
}

// tiffYCC holds what each sample of YCbCr adds to red, green and blue, in 16-bit fixed point.
type tiffYCC struct{ luma, crRed, cbGreen, crGreen, cbBlue [256]int32 }

// readYCC makes the tables from the weights of luma and the reference black and white (TIFF
// 6.0, sections 20 and 21).
func (t *tiffInfo) readYCC() *tiffYCC {
	weights := t.rationals(tagYCbCrWeights, []float64{0.299, 0.587, 0.114})
	if weights[0] <= 0 || weights[1] <= 0 || weights[2] <= 0 || weights[0]+weights[1]+weights[2] > 2 {
		weights = []float64{0.299, 0.587, 0.114}
	}
	usual := []float64{0, 255, 128, 255, 128, 255}
	ref := t.rationals(tagReferenceBlack, usual)
	for i := 0; i < 6; i += 2 {
		if d := ref[i+1] - ref[i]; !(d >= 1 && d <= 1024) {
			ref = usual
		}
	}
	y := new(tiffYCC)
	fixed := func(v float64) int32 { return int32(math.Floor(float64(min(max(v, -4096), 4096)*65536) + 0.5)) }
	for v := range 256 {
		luma := float64((float64(v) - ref[0]) * 255 / (ref[1] - ref[0]))
		cb := float64((float64(v) - ref[2]) * 127 / (ref[3] - ref[2]))
		cr := float64((float64(v) - ref[4]) * 127 / (ref[5] - ref[4]))
		red, blue := float64(cr*(2-float64(2*weights[0]))), float64(cb*(2-float64(2*weights[2])))
		y.luma[v], y.crRed[v], y.cbBlue[v] = fixed(luma), fixed(red), fixed(blue)
		y.crGreen[v] = fixed(float64(-red * weights[0] / weights[1]))
		y.cbGreen[v] = fixed(float64(-blue * weights[2] / weights[1]))
	}
	return y
}

func (y *tiffYCC) rgb(luma, cb, cr byte) [3]byte {
	v := int64(y.luma[luma]) + 1<<15
	clamp := func(v int64) byte { return byte(min(max(v>>16, 0), 255)) }
	return [3]byte{clamp(v + int64(y.crRed[cr])), clamp(v + int64(y.cbGreen[cb]) + int64(y.crGreen[cr])), clamp(v + int64(y.cbBlue[cb]))}
}

// rationals reads as many fractions as there are in otherwise, which is taken where they
// are not all there.
func (d *directory) rationals(tag uint16, otherwise []float64) []float64 {
	kind, n, value, ok := d.field(tag)
	if !ok || kind != 5 || n < uint64(len(otherwise)) {
		return otherwise
	}
	out := make([]float64, len(otherwise))
	for i := range out {
		above, below := d.order.Uint32(value[8*i:]), d.order.Uint32(value[8*i+4:])
		if below == 0 {
			return otherwise
		}
		out[i] = float64(above) / float64(below)
	}
	return out
}

// labTable holds the sRGB transfer function (IEC 61966-2-1) of linear values in 4096 steps.
type labTable struct{ gamma [4097]byte }

func newLabTable() *labTable {
	t := new(labTable)
	for i := range t.gamma {
		v := float64(i) / 4096
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = float64(1.055*math.Pow(v, 1/2.4)) - 0.055
		}
		t.gamma[i] = byte(float64(v*255) + 0.5)
	}
	return t
}

// rgb makes CIE L*a*b* sRGB: L from 0 to 255, a and b as they are. The white of the file,
// whichever it is, becomes white. In fixed point, since no two processors shall differ.
func (t *labTable) rgb(l byte, a, b int32) [3]byte {
	// 1 is 1<<12. CIE 15, section 8.2.1: fy = (L + 16) / 116, fx = fy + a/500, fz = fy - b/200.
	fy := (int64(l)*100*4096/255 + 16*4096) / 116
	fx, fz := fy+int64(a)*4096/500, fy-int64(b)*4096/200
	cube := func(f int64) int64 { // in units of 1<<16
		if f > 6*4096/29 {
			return f * f * f >> 20
		}
		return (f - 4*4096/29) * 16 * 108 / 841
	}
	// The matrix of sRGB times its white, so that each row adds up to 1.
	x, y, z := cube(fx)*9505/10000, cube(fy), cube(fz)*10891/10000
	linear := func(v int64) byte { return t.gamma[min(max(v/10000>>4, 0), 4096)] }
	return [3]byte{
		linear(32405*x - 15371*y - 4985*z),
		linear(-9693*x + 18760*y + 416*z),
		linear(556*x - 2040*y + 10572*z),
	}
}
