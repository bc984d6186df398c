package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"

	"github.com/disintegration/imaging"
	"golang.org/x/image/draw"
)

// hand does edits: it holds the random source of one file. A gentle one leaves
// enough of a page that the fillings of a template can be told apart.
type hand struct {
	*rng
	fonts  *fonts
	gentle bool
	// The encoding of the file, where an edit decides on it; 0 where not.
	quality int
	whole   bool // not to be resized afterwards
}

// edit changes a picture and says what it did. It may draw into its argument.
type edit struct {
	kind string
	do   func(h *hand, img *image.RGBA) (*image.RGBA, string)
}

// nearEdits are the ordinary edits. The whole picture stays in view.
func nearEdits() []edit {
	return []edit{
		{"resize", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.4, 0.95), between(h.rng, 0.4, 0.95), between(h.rng, 1.05, 1.5))
			h.whole = true
			return scaled(img, k), fmt.Sprintf("%.2f", k)
		}},
		{"thumbnail", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := between(h.rng, 160, 300)
			h.whole = true
			return fit(img, n), fmt.Sprintf("%.0f", n)
		}},
		{"recompress", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			h.quality = 25 + h.IntN(70)
			return img, fmt.Sprint(h.quality)
		}},
		{"recompress-chain", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := 3 + h.IntN(5)
			for range n {
				if h.IntN(2) == 0 {
					img = fit(img, between(h.rng, 0.9, 1.05)*float64(max(img.Rect.Dx(), img.Rect.Dy())))
				}
				img = throughJPEG(img, 40+h.IntN(50))
			}
			return img, fmt.Sprint(n, " times")
		}},
		{"brightness", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.6, 0.9), between(h.rng, 1.1, 1.45))
			return curve(img, func(v float64) float64 { return k * v }), fmt.Sprintf("%.2f", k)
		}},
		{"contrast", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.55, 0.88), between(h.rng, 1.12, 1.6))
			m := between(h.rng, 0.4, 0.6)
			return curve(img, func(v float64) float64 { return m + k*(v-m) }), fmt.Sprintf("%.2f", k)
		}},
		{"gamma", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.55, 0.9), between(h.rng, 1.1, 1.8))
			return curve(img, func(v float64) float64 { return math.Pow(v, k) }), fmt.Sprintf("%.2f", k)
		}},
		{"tone-curve", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, -0.12, 0.14)
			return curve(img, func(v float64) float64 { return v - k*math.Sin(2*math.Pi*v) }), fmt.Sprintf("%.2f", k)
		}},
		{"autocontrast", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0, 0.02)
			return autocontrast(img, k), fmt.Sprintf("%.3f", k)
		}},
		{"saturation", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.2, 0.8), between(h.rng, 1.2, 2))
			return saturation(img, k), fmt.Sprintf("%.2f", k)
		}},
		{"white-balance", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, -1.0, 1) * between(h.rng, 0.04, 0.18)
			return channels(img, [3]float64{1 + k, 1, 1 - k}), fmt.Sprintf("%+.2f", k)
		}},
		{"hue", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, -1.0, 1) * between(h.rng, 4, 30)
			return hue(img, k*math.Pi/180), fmt.Sprintf("%+.0f", k)
		}},
		{"grey", func(h *hand, img *image.RGBA) (*image.RGBA, string) { return saturation(img, 0), "" }},
		{"crop", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.85, 0.98)
			return h.crop(img, k, 0.05), fmt.Sprintf("%.2f of the area left", k)
		}},
		{"turn", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := 1 + h.IntN(3)
			return quarter(img, n), fmt.Sprint(90 * n)
		}},
		{"mirror", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			if h.IntN(4) == 0 {
				return quarter(rgba(imaging.FlipH(img)), 1+h.IntN(3)), "turned"
			}
			return rgba(imaging.FlipH(img)), ""
		}},
		{"caption", caption},
		{"date-stamp", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			s := onto(h.fonts, img)
			size := s.w() * between(h.rng, 0.025, 0.055)
			s.right(s.w()-size, s.h()-size, date(h.rng), one(h.rng, mono, monoBold, regular), size, hsv(between(h.rng, 0, 0.16), 0.9, 1))
			return s.RGBA, ""
		}},
		{"corner-watermark", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			s := onto(h.fonts, img)
			size := s.w() * between(h.rng, 0.03, 0.07)
			x, y := one(h.rng, size/2, s.w()*0.6), one(h.rng, size*1.5, s.h()-size)
			c := see(one(h.rng, white, white, vivid(h.rng)), between(h.rng, 0.4, 0.9))
			s.disc(x+size*0.6, y-size*0.35, size*0.5, size*0.5, c)
			s.text(x+size*1.3, y, title(h.rng, 1, 2), one(h.rng, bold, italic, smallCaps), size, c)
			return s.RGBA, ""
		}},
		{"frame", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.008, 0.035)
			return framed(img, k, k, k, k, one(h.rng, black, white, vivid(h.rng), dark(h.rng))), fmt.Sprintf("%.3f of the side", k)
		}},
		{"blur", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.5, 1.6)
			return rgba(imaging.Blur(img, k)), fmt.Sprintf("%.1f", k)
		}},
		{"sharpen", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.6, 2.2)
			return rgba(imaging.Sharpen(img, k)), fmt.Sprintf("%.1f", k)
		}},
		{"noise", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 4, 13)
			return h.noise(img, k), fmt.Sprintf("%.0f", k)
		}},
		{"denoise", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := 3
			if !h.gentle && h.IntN(2) == 0 {
				n = 5
			}
			return median(img, n), fmt.Sprint("median ", n)
		}},
		{"few-colours", func(h *hand, img *image.RGBA) (*image.RGBA, string) { return dithered(img), "" }},
		{"stretch-small", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.92, 0.97), between(h.rng, 1.03, 1.09))
			return sized(img, int(k*float64(img.Rect.Dx())), img.Rect.Dy()), fmt.Sprintf("%.2f", k)
		}},
		{"copy", func(h *hand, img *image.RGBA) (*image.RGBA, string) { return img, "" }},
	}
}

func rgba(img *image.NRGBA) *image.RGBA { // opaque pictures are the same bytes in both
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

func scaled(img *image.RGBA, k float64) *image.RGBA {
	return fit(img, k*float64(max(img.Rect.Dx(), img.Rect.Dy())))
}

// throughJPEG is what is left of a picture after JPEG.
func throughJPEG(img *image.RGBA, quality int) *image.RGBA {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a buffer takes everything; the pictures are small
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		panic(err) // it was just written
	}
	return opaque(back)
}

// opaque is a copy on white whose corner is at the origin.
func opaque(img image.Image) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, b.Min, draw.Over)
	return out
}

// curve changes all channels by one function of 0..1.
func curve(img *image.RGBA, f func(v float64) float64) *image.RGBA {
	return curves(img, func(_ int, v float64) float64 { return f(v) })
}

// curves changes each channel by a function of 0..1.
func curves(img *image.RGBA, f func(channel int, v float64) float64) *image.RGBA {
	var table [3][256]uint8
	for c := range 3 {
		for i := range 256 {
			table[c][i] = level(255 * f(c, float64(i)/255))
		}
	}
	each(img, func(_, _ int, px []uint8) {
		for c := range 3 {
			px[c] = table[c][px[c]]
		}
	})
	return img
}

func channels(img *image.RGBA, k [3]float64) *image.RGBA {
	return curves(img, func(c int, v float64) float64 { return k[c] * v })
}

func luma(px []uint8) float64 {
	return 0.299*float64(px[0]) + 0.587*float64(px[1]) + 0.114*float64(px[2])
}

func saturation(img *image.RGBA, k float64) *image.RGBA {
	each(img, func(_, _ int, px []uint8) {
		y := luma(px)
		for c := range 3 {
			px[c] = level(y + k*(float64(px[c])-y))
		}
	})
	return img
}

// hue turns the colours about the axis of greys, by an angle in radians.
func hue(img *image.RGBA, angle float64) *image.RGBA {
	sin, cos := math.Sincos(angle)
	d, e, f := cos+(1-cos)/3, (1-cos)/3-sin/math.Sqrt(3), (1-cos)/3+sin/math.Sqrt(3)
	each(img, func(_, _ int, px []uint8) {
		r, g, b := float64(px[0]), float64(px[1]), float64(px[2])
		px[0], px[1], px[2] = level(d*r+e*g+f*b), level(f*r+d*g+e*b), level(e*r+f*g+d*b)
	})
	return img
}

// autocontrast spreads each channel, a share of the darkest and lightest cut.
func autocontrast(img *image.RGBA, share float64) *image.RGBA {
	var low, high [3]float64
	for c := range 3 {
		count := histogram(img, func(px []uint8) uint8 { return px[c] })
		n := share * float64(img.Rect.Dx()*img.Rect.Dy())
		l, h := 0, 255
		for s := 0.0; l < 255; l++ {
			if s += float64(count[l]); s > n {
				break
			}
		}
		for s := 0.0; h > 0; h-- {
			if s += float64(count[h]); s > n {
				break
			}
		}
		low[c], high[c] = float64(l)/255, float64(max(h, l+1))/255
	}
	return curves(img, func(c int, v float64) float64 { return (v - low[c]) / (high[c] - low[c]) })
}

func histogram(img *image.RGBA, of func(px []uint8) uint8) (count [256]int) {
	each(img, func(_, _ int, px []uint8) { count[of(px)]++ })
	return count
}

// crop cuts a share of the area out, anywhere, its shape off by up to a share.
func (h *hand) crop(img *image.RGBA, share, bend float64) *image.RGBA {
	k := math.Sqrt(share)
	b := 1 + bend*(2*h.Float64()-1)
	w, hh := min(1, k*b), min(1, k/b)
	pw, ph := max(8, int(w*float64(img.Rect.Dx()))), max(8, int(hh*float64(img.Rect.Dy())))
	return cut(img, h.IntN(img.Rect.Dx()-pw+1), h.IntN(img.Rect.Dy()-ph+1), pw, ph)
}

// quarter turns by so many quarters.
func quarter(img *image.RGBA, n int) *image.RGBA {
	switch n % 4 {
	case 1:
		return rgba(imaging.Rotate90(img))
	case 2:
		return rgba(imaging.Rotate180(img))
	case 3:
		return rgba(imaging.Rotate270(img))
	}
	return img
}

// framed puts a frame around, in shares of the longer side: left, top, right, bottom.
func framed(img *image.RGBA, l, t, r, b float64, c color.RGBA) *image.RGBA {
	n := float64(max(img.Rect.Dx(), img.Rect.Dy()))
	il, it, ir, ib := int(l*n+1), int(t*n+1), int(r*n+1), int(b*n+1)
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()+il+ir, img.Rect.Dy()+it+ib))
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	draw.Draw(out, img.Rect.Add(image.Pt(il, it)), img, image.Point{}, draw.Src)
	return out
}

// caption writes a line on the picture, with or without a bar below it.
func caption(h *hand, img *image.RGBA) (*image.RGBA, string) {
	s := onto(h.fonts, img)
	size := s.w() * between(h.rng, 0.025, 0.06)
	words := title(h.rng, 2, 5)
	y := one(h.rng, s.h()*0.93, s.h()*0.93, s.h()*0.1)
	if h.IntN(2) == 0 {
		s.box(0, y-size*1.2, s.w(), size*1.7, see(one(h.rng, black, white, vivid(h.rng)), 0.6))
	}
	s.centre(s.w()/2, y, words, one(h.rng, bold, regular, italic), size, one(h.rng, white, black, hsv(0.16, 1, 1)))
	return s.RGBA, fmt.Sprintf("size %.0f", size)
}

func (h *hand) noise(img *image.RGBA, k float64) *image.RGBA {
	one := h.IntN(2) == 0
	each(img, func(_, _ int, px []uint8) {
		n := h.NormFloat64() * k
		for c := range 3 {
			px[c] = level(float64(px[c]) + n)
			if !one {
				n = h.NormFloat64() * k
			}
		}
	})
	return img
}

// median takes the middle of a square of n by n, each channel for itself.
func median(img *image.RGBA, n int) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var values [25]uint8
	each(out, func(x, y int, px []uint8) {
		px[3] = 255
		for c := range 3 {
			v := values[:0]
			for j := y - n/2; j <= y+n/2; j++ {
				for i := x - n/2; i <= x+n/2; i++ {
					v = append(v, img.Pix[max(0, min(h-1, j))*img.Stride+4*max(0, min(w-1, i))+c])
				}
			}
			slices.Sort(v)
			px[c] = v[len(v)/2]
		}
	})
	return out
}

// dithered has 216 colours, as an old GIF.
func dithered(img *image.RGBA) *image.RGBA {
	var p color.Palette
	for i := range 216 {
		p = append(p, color.RGBA{uint8(i / 36 * 51), uint8(i / 6 % 6 * 51), uint8(i % 6 * 51), 255})
	}
	out := image.NewPaletted(img.Rect, p)
	draw.FloydSteinberg.Draw(out, out.Rect, img, image.Point{})
	return opaque(out)
}
