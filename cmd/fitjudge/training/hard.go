package main

import (
	"fmt"
	"image"
	"math"

	"github.com/disintegration/imaging"
	"golang.org/x/image/draw"
)

// hardEdits are the strong edits.
func hardEdits() []edit {
	return []edit{
		{"crop-half", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.4, 0.75)
			if h.gentle {
				k = between(h.rng, 0.6, 0.8)
			}
			return h.crop(img, k, 0.25), fmt.Sprintf("%.2f of the area left", k)
		}},
		{"rotate", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			a := h.angle()
			sin, cos := math.Sincos(math.Abs(a) * math.Pi / 180)
			w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
			return turnedInto(img, int(w*cos+hh*sin), int(w*sin+hh*cos), a*math.Pi/180, 1, one(h.rng, black, white, grey(128), vivid(h.rng))), fmt.Sprintf("%.1f filled", a)
		}},
		{"rotate-crop", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			a := h.angle() * 0.6
			t := math.Abs(a) * math.Pi / 180
			w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
			k := math.Cos(t) + max(w/hh, hh/w)*math.Sin(t) // the largest box of the same shape inside
			return turnedInto(img, int(w/k), int(hh/k), a*math.Pi/180, 1, black), fmt.Sprintf("%.1f", a)
		}},
		{"rotate-small", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			a := one(h.rng, -1.0, 1) * between(h.rng, 0.5, 4)
			return turned(img, a*math.Pi/180, one(h.rng, black, white)), fmt.Sprintf("%.1f", a)
		}},
		{"stretch", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.6, 0.85), between(h.rng, 1.18, 1.6))
			return sized(img, int(k*float64(img.Rect.Dx())), img.Rect.Dy()), fmt.Sprintf("%.2f", k)
		}},
		{"perspective", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.03, 0.14)
			return h.perspective(img, k), fmt.Sprintf("up to %.2f of a side", k)
		}},
		{"shear", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, -1.0, 1) * between(h.rng, 0.06, 0.25)
			w, hh := img.Rect.Dx(), img.Rect.Dy()
			return warp(img, w+int(math.Abs(k)*float64(hh)), hh, one(h.rng, black, white, grey(128)), func(x, y float64) (float64, float64) {
				return x - max(k, 0)*float64(hh) + k*y, y
			}), fmt.Sprintf("%.2f", k)
		}},
		{"lens", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, -1.0, 1) * between(h.rng, 0.04, 0.15)
			w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
			return warp(img, int(w), int(hh), black, func(x, y float64) (float64, float64) {
				u, v := 2*x/w-1, 2*y/hh-1
				s := (1 + k*(u*u+v*v)) / (1 + max(k, 0)*2)
				return (u*s + 1) * w / 2, (v*s + 1) * hh / 2
			}), fmt.Sprintf("%.2f", k)
		}},
		{"strong-blur", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 2.5, 9)
			if h.gentle {
				k = between(h.rng, 1.6, 3)
			}
			return rgba(imaging.Blur(img, k)), fmt.Sprintf("%.1f", k)
		}},
		{"motion-blur", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k, a := between(h.rng, 5, 18), h.Float64()*math.Pi
			if h.gentle {
				k = between(h.rng, 3, 6)
			}
			return moved(img, k*math.Cos(a), k*math.Sin(a)), fmt.Sprintf("%.0f", k)
		}},
		{"pixelate", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 2.5, 6)
			if h.gentle {
				k = between(h.rng, 1.8, 2.6)
			}
			small := scaled(img, 1/k)
			out := image.NewRGBA(img.Rect)
			draw.NearestNeighbor.Scale(out, out.Rect, small, small.Rect, draw.Src, nil)
			return out, fmt.Sprintf("%.1f", k)
		}},
		{"strong-noise", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 24, 52)
			return h.noise(img, k), fmt.Sprintf("%.0f", k)
		}},
		{"low-quality", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			h.quality = 4 + h.IntN(12)
			return img, fmt.Sprint(h.quality)
		}},
		{"strong-gamma", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := one(h.rng, between(h.rng, 0.3, 0.55), between(h.rng, 1.9, 3))
			return curve(img, func(v float64) float64 { return math.Pow(v, k) }), fmt.Sprintf("%.2f", k)
		}},
		{"posterize", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := 2 + h.IntN(2)
			m := float64(int(1)<<n - 1)
			return curve(img, func(v float64) float64 { return math.Floor(v*(m+0.999)) / m }), fmt.Sprint(n, " bits")
		}},
		{"equalize", func(h *hand, img *image.RGBA) (*image.RGBA, string) { return equalized(img, h.IntN(2) == 0), "" }},
		{"sepia", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.6, 1)
			return duotone(img, k, [3]float64{0.05, 0.02, 0}, [3]float64{1, between(h.rng, 0.85, 0.95), between(h.rng, 0.65, 0.8)}), ""
		}},
		{"duotone", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			a, b := dark(h.rng), pale(h.rng)
			f := func(c [4]float64) [3]float64 { return [3]float64{c[0] / 255, c[1] / 255, c[2] / 255} }
			return duotone(img, 1, f([4]float64{float64(a.R), float64(a.G), float64(a.B)}), f([4]float64{float64(b.R), float64(b.G), float64(b.B)})), ""
		}},
		{"filter", filter}, {"filter", filter},
		{"vignette", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.5, 0.95)
			return vignette(img, k, between(h.rng, 1.5, 3)), fmt.Sprintf("%.2f", k)
		}},
		{"light-leak", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			c := hsv(between(h.rng, 0, 0.15), 0.8, 1)
			x, y, s := h.Float64()*float64(img.Rect.Dx()), h.Float64()*float64(img.Rect.Dy()), between(h.rng, 0.2, 0.5)*float64(img.Rect.Dx())
			each(img, func(i, j int, px []uint8) {
				d := math.Hypot(float64(i)-x, float64(j)-y) / s
				k := math.Exp(-d * d)
				px[0], px[1], px[2] = level(float64(px[0])+k*float64(c.R)), level(float64(px[1])+k*float64(c.G)), level(float64(px[2])+k*float64(c.B))
			})
			return img, ""
		}},
		{"meme", meme},
		{"stickers", stickers},
		{"tiled-watermark", tiledWatermark},
		{"wide-frame", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.07, 0.22)
			c := one(h.rng, black, white, vivid(h.rng), pale(h.rng), dark(h.rng))
			if h.IntN(3) == 0 { // an instant photo
				return framed(img, k/2, k/2, k/2, k*1.5, white), fmt.Sprintf("%.2f, below", k)
			}
			return framed(img, k, k, k, k, c), fmt.Sprintf("%.2f of the side", k)
		}},
		{"letterbox", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.1, 0.35)
			if h.IntN(2) == 0 {
				return framed(img, k, 0, k, 0, one(h.rng, black, white)), "sides"
			}
			return framed(img, 0, k, 0, k, one(h.rng, black, white)), ""
		}},
		{"blurred-sides", blurredSides},
		{"tiny-thumbnail", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := between(h.rng, 48, 100)
			if h.gentle {
				n = between(h.rng, 110, 150)
			}
			h.whole = true
			return fit(img, n), fmt.Sprintf("%.0f", n)
		}},
		{"desktop-screenshot", desktopScreenshot},
		{"phone-screenshot", phoneScreenshot},
		{"photographed", photographed},
		{"halftone", halftone},
		{"combo", combo}, {"combo", combo}, {"combo", combo}, {"combo", combo},
	}
}

// angle is a turn in degrees, of any size but more often small.
func (h *hand) angle() float64 {
	return one(h.rng, -1.0, 1) * one(h.rng, between(h.rng, 2, 12), between(h.rng, 5, 32), between(h.rng, 20, 45))
}

// perspective moves the corners inwards by up to a share of a side.
func (h *hand) perspective(img *image.RGBA, k float64) *image.RGBA {
	w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	// The picture is seen through u' = (x + a) / (1 + p x + q y), x and y in -1..1.
	p, q := between(h.rng, -k, k), between(h.rng, -k, k)
	zoom := 1.0
	inside := h.IntN(2) == 0
	if !inside {
		zoom = 1 + math.Abs(p) + math.Abs(q)
	}
	shear := between(h.rng, -k/2, k/2)
	return warp(img, int(w), int(hh), one(h.rng, black, white, grey(128)), func(x, y float64) (float64, float64) {
		u, v := 2*x/w-1, 2*y/hh-1
		z := 1 + p*u + q*v
		if inside {
			z *= 1 + math.Abs(p) + math.Abs(q)
		}
		u, v = (u*zoom+shear*v)/z, v*zoom/z
		return (u + 1) * w / 2, (v + 1) * hh / 2
	})
}

// moved smears a picture along a way.
func moved(img *image.RGBA, dx, dy float64) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	const steps = 12
	out := image.NewRGBA(img.Rect)
	each(out, func(x, y int, px []uint8) {
		var sum [3]int
		for i := range steps {
			t := float64(i)/(steps-1) - 0.5
			sx, sy := max(0, min(w-1, x+int(math.Round(t*dx)))), max(0, min(h-1, y+int(math.Round(t*dy))))
			o := sy*img.Stride + 4*sx
			for c := range 3 {
				sum[c] += int(img.Pix[o+c])
			}
		}
		for c := range 3 {
			px[c] = uint8(sum[c] / steps)
		}
		px[3] = 255
	})
	return out
}

// equalized spreads the histogram, of each channel or of all together.
func equalized(img *image.RGBA, apart bool) *image.RGBA {
	n := float64(img.Rect.Dx() * img.Rect.Dy())
	var table [3][256]float64
	for c := range 3 {
		count := histogram(img, func(px []uint8) uint8 {
			if apart {
				return px[c]
			}
			return uint8(luma(px))
		})
		sum := 0
		for i, v := range count {
			sum += v
			table[c][i] = float64(sum) / n
		}
	}
	return curves(img, func(c int, v float64) float64 { return table[c][int(math.Round(255*v))] })
}

// duotone replaces the colours by those on the way from a to b, as far as k says.
func duotone(img *image.RGBA, k float64, a, b [3]float64) *image.RGBA {
	each(img, func(_, _ int, px []uint8) {
		t := luma(px) / 255
		for c := range 3 {
			px[c] = level((1-k)*float64(px[c]) + k*255*(a[c]+t*(b[c]-a[c])))
		}
	})
	return img
}

// filter is one of the looks of photo programs.
func filter(h *hand, img *image.RGBA) (*image.RGBA, string) {
	name := one(h.rng, "vintage", "cross", "teal-orange", "bleach", "high-key", "low-key", "faded", "matte")
	k := between(h.rng, 0.6, 1.2)
	s := func(v, a float64) float64 { return v - a*math.Sin(2*math.Pi*v)/2 }
	switch name {
	case "vintage":
		img = duotone(img, 0.35*k, [3]float64{0.1, 0.05, 0.1}, [3]float64{1, 0.92, 0.75})
		img = curves(img, func(c int, v float64) float64 { return [3]float64{0.12, 0.08, 0.16}[c]*k + v*(1-0.25*k) })
		img = vignette(img, 0.4*k, 2)
	case "cross":
		img = curves(img, func(c int, v float64) float64 {
			return []float64{s(v, 0.3*k), s(v, 0.2*k), 0.15*k + v*(1-0.35*k)}[c]
		})
	case "teal-orange":
		img = curves(img, func(c int, v float64) float64 {
			return []float64{s(v, 0.3*k), v, v + 0.12*k*(1-2*v)}[c]
		})
		img = saturation(img, 1.2)
	case "bleach":
		img = curve(saturation(img, 0.4), func(v float64) float64 { return s(v, 0.45*k) })
	case "high-key":
		img = curve(img, func(v float64) float64 { return 0.25*k + math.Pow(v, 0.65)*0.9 })
	case "low-key":
		img = curve(img, func(v float64) float64 { return 0.75 * math.Pow(v, 1+0.8*k) })
	case "faded":
		img = curve(saturation(img, 0.6), func(v float64) float64 { return 0.2*k + v*(1-0.4*k) })
	default:
		img = curves(img, func(c int, v float64) float64 { return max(v, 0.15*k) * [3]float64{0.97, 1, 0.93}[c] })
	}
	return img, name
}

func vignette(img *image.RGBA, k, power float64) *image.RGBA {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	each(img, func(x, y int, px []uint8) {
		d := math.Hypot(2*float64(x)/w-1, 2*float64(y)/h-1) / math.Sqrt2
		f := 1 - k*math.Pow(d, power)
		for c := range 3 {
			px[c] = level(float64(px[c]) * f)
		}
	})
	return img
}

// halftone prints a picture in grey dots.
func halftone(h *hand, img *image.RGBA) (*image.RGBA, string) {
	k := between(h.rng, 2.2, 4)
	if h.gentle {
		k = 1.8
	}
	a := between(h.rng, 0.2, 1.3)
	sin, cos := math.Sincos(a)
	depth := between(h.rng, 0.4, 1)
	each(img, func(x, y int, px []uint8) {
		u, v := (float64(x)*cos+float64(y)*sin)*math.Pi/k, (float64(y)*cos-float64(x)*sin)*math.Pi/k
		dots := 60 * (math.Sin(u) * math.Sin(v)) * depth
		g := level((luma(px)-128)*1.2 + 128 + dots)
		px[0], px[1], px[2] = g, g, g
	})
	return img, fmt.Sprintf("%.1f", k)
}

// combo does two or three things after each other.
func combo(h *hand, img *image.RGBA) (*image.RGBA, string) {
	near, hard := nearEdits(), hardEdits()
	said := ""
	used := map[string]bool{"combo": true, "thumbnail": true, "tiny-thumbnail": true, "recompress": true, "low-quality": true, "copy": true, "desktop-screenshot": h.gentle, "phone-screenshot": h.gentle}
	strong := 0
	for n := 2 + h.IntN(2); n > 0; {
		e := near[h.IntN(len(near))]
		if strong < 1+h.IntN(2) && h.IntN(3) > 0 {
			e = hard[h.IntN(len(hard))]
			if used[e.kind] {
				continue
			}
			strong++
		}
		if n == 1 && !used["mirror"] && h.IntN(3) == 0 {
			e = edit{"mirror", func(_ *hand, img *image.RGBA) (*image.RGBA, string) { return rgba(imaging.FlipH(img)), "" }}
		}
		if used[e.kind] {
			continue
		}
		used[e.kind] = true
		out, how := e.do(h, img)
		img = out
		if said != "" {
			said += " + "
		}
		said += e.kind
		if how != "" {
			said += " " + how
		}
		n--
	}
	return img, "of " + said
}
