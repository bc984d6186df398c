package raster

import (
	"bytes"
	"context"
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

// drawnJPEG makes planes of noise as a decoder gives them.
func drawnJPEG(width, height int, scale jpeg.Scale, model jpeg.Model, factors ...[2]int) *jpeg.Image {
	rng := rand.New(rand.NewPCG(uint64(width), uint64(height)))
	img := &jpeg.Image{Header: jpeg.Header{Width: width, Height: height, Model: model, Adobe: -1}, Scale: scale}
	hMax, vMax := 0, 0
	for _, f := range factors {
		hMax, vMax = max(hMax, f[0]), max(vMax, f[1])
	}
	up := func(a, b int) int { return (a + b - 1) / b }
	for _, f := range factors {
		p := jpeg.Plane{Width: up(up(width*f[0], hMax), int(scale)), Height: up(up(height*f[1], vMax), int(scale))}
		p.Stride = (p.Width + 15) / 8 * 8
		p.Pix = make([]byte, p.Stride*(p.Height+1))
		for i := range p.Pix {
			p.Pix[i] = byte(rng.Uint32())
		}
		img.Components = append(img.Components, jpeg.Component{H: f[0], V: f[1]})
		img.Planes = append(img.Planes, p)
	}
	return img
}

// Whatever the sampling factors, each sample weighs as much as its rectangle covers of a
// raster pixel: those of 2 of 3 are one and a half pixels wide.
func TestUnevenSampling(t *testing.T) {
	for _, factors := range [][][2]int{
		{{3, 1}, {2, 1}, {1, 1}},
		{{1, 3}, {1, 2}, {2, 1}},
		{{4, 3}, {3, 2}, {1, 1}},
		{{2, 2}, {2, 1}, {1, 1}},
		{{1, 1}, {2, 2}, {1, 2}},
		{{4, 4}, {3, 3}, {2, 2}},
	} {
		for _, scale := range []jpeg.Scale{jpeg.Full, jpeg.Eighth} {
			img := drawnJPEG(52, 36, scale, jpeg.RGB, factors...)
			rows, across, down := rowsOfJPEG(img)
			const dw, dh = 13, 9 // 4 x 4 pixels each
			got, err := reduce(rows, img.Width*across, img.Height*down, dw, dh)
			if err != nil {
				t.Fatal(err)
			}
			hMax, vMax := 0, 0
			for _, f := range factors {
				hMax, vMax = max(hMax, f[0]), max(vMax, f[1])
			}
			const fine = 12 // units of a pixel that all factors divide
			var want []byte
			for i := range dw * dh * 3 {
				plane, f := img.Planes[i%3], factors[i%3]
				sum := 0
				for y := i / 3 / dw * 4 * fine; y < (i/3/dw+1)*4*fine; y++ {
					for x := i / 3 % dw * 4 * fine; x < (i/3%dw+1)*4*fine; x++ {
						sum += int(plane.Pix[y/(fine*vMax/f[1]*int(scale))*plane.Stride+x/(fine*hMax/f[0]*int(scale))])
					}
				}
				want = append(want, byte((sum+8*fine*fine)/(16*fine*fine)))
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%v at 1/%d: differs", factors, scale)
			}
		}
	}
}

// The four components of CMYK and YCCK become RGB as Go's models have it, within rounding,
// inverted with an Adobe segment and without.
func TestInk(t *testing.T) {
	for _, c := range []struct {
		model jpeg.Model
		adobe int
		rgb   func(s [4]byte) (r, g, b uint8)
	}{
		{jpeg.CMYK, -1, func(s [4]byte) (r, g, b uint8) { return color.CMYKToRGB(255-s[0], 255-s[1], 255-s[2], 255-s[3]) }},
		{jpeg.CMYK, 0, func(s [4]byte) (r, g, b uint8) { return color.CMYKToRGB(255-s[0], 255-s[1], 255-s[2], 255-s[3]) }},
		{jpeg.YCCK, 2, func(s [4]byte) (r, g, b uint8) {
			red, green, blue := color.YCbCrToRGB(s[0], s[1], s[2])
			return color.CMYKToRGB(red, green, blue, 255-s[3])
		}},
	} {
		for _, factors := range [][][2]int{{{1, 1}, {1, 1}, {1, 1}, {1, 1}}, {{2, 2}, {1, 1}, {1, 2}, {2, 2}}, {{3, 1}, {2, 1}, {1, 1}, {1, 1}}} {
			img := drawnJPEG(50, 41, jpeg.Full, c.model, factors...)
			img.Adobe = c.adobe
			rows, across, down := rowsOfJPEG(img)
			got, err := reduce(rows, img.Width*across, img.Height*down, 50, 41)
			if err != nil {
				t.Fatal(err)
			}
			if across > 1 {
				continue // means of parts of pixels: that the samples are found is enough
			}
			for y := range 41 {
				for x := range 50 {
					var s [4]byte
					for i, p := range img.Planes {
						s[i] = p.Pix[y*factors[i][1]/factors[0][1]*p.Stride+x*factors[i][0]/factors[0][0]]
					}
					var want [3]byte
					want[0], want[1], want[2] = c.rgb(s)
					for i, w := range want {
						if g := got[3*(y*50+x)+i]; g > w+1 && w < 255 || g < w-1 && w > 0 {
							t.Fatalf("%s, Adobe %d, %v: channel %d at (%d, %d) is %d, want %d", c.model, c.adobe, factors, i, x, y, g, w)
						}
					}
				}
			}
		}
	}
}

// The files of the test photos that image/jpeg decodes in its own ways (four components,
// colours by an Adobe segment) look the same by ours.
func TestColoursLikeStandard(t *testing.T) {
	dir := corpus(t, "formats", "jpeg")
	for _, name := range []string{"cmyk-adobe.jpg", "ycck-adobe.jpg", "real-cmyk.jpg", "real-cmyk-2.jpg", "rgb.jpg", "no-jfif.jpg", "s410.jpg", "s411.jpg", "s440.jpg", "qtables-16bit.jpg", "grey-sampling-2x2.jpg"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(context.Background(), data, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, err := standardRaster(data)
		if err != nil {
			t.Logf("%s: image/jpeg: %v", name, err)
			continue
		}
		if off := rms(got.RGB, want.RGB); off > 1.5 || got.Decoder != "raster/jpeg" {
			t.Errorf("%s by %s: rms of RGB %.2f", name, got.Decoder, off)
		} else {
			t.Logf("%s: rms of RGB %.2f", name, off)
		}
	}
}
