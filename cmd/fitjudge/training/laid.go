package main

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/disintegration/imaging"
)

// meme writes large words over a picture, or on bars above and below it.
func meme(h *hand, img *image.RGBA) (*image.RGBA, string) {
	over := h.IntN(2) == 0
	if !over {
		k := between(h.rng, 0.1, 0.22)
		c := one(h.rng, white, black)
		img = framed(img, 0, k, 0, one(h.rng, 0, k), c)
	}
	s := onto(h.fonts, img)
	size := s.w() * between(h.rng, 0.06, 0.1)
	write := func(y float64) {
		line := title(h.rng, 2, 4)
		for s.wide(line, bold, size) > s.w()*0.98 && size > 9 {
			size *= 0.93
		}
		for _, d := range [][2]float64{{-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
			s.centre(s.w()/2+d[0]*size/16, y+d[1]*size/16, line, bold, size, black)
		}
		s.centre(s.w()/2, y, line, bold, size, one(h.rng, white, white, hsv(0.16, 1, 1)))
	}
	write(size * 1.2)
	write(s.h() - size*0.5)
	if over {
		return s.RGBA, "over"
	}
	return s.RGBA, "bars"
}

// stickers covers a share of a picture with discs, stars, faces and words.
func stickers(h *hand, img *image.RGBA) (*image.RGBA, string) {
	return h.covered(img, between(h.rng, 0.08, 0.26))
}

// covered lays stickers on about such a share of a picture.
func (h *hand) covered(img *image.RGBA, share float64) (*image.RGBA, string) {
	s := onto(h.fonts, img)
	area := s.w() * s.h()
	for covered := 0.0; covered < share*area; {
		q := between(h.rng, 0.05, 0.13) * math.Sqrt(area)
		x, y := h.Float64()*s.w(), h.Float64()*s.h()
		c := vivid(h.rng)
		switch h.IntN(4) {
		case 0: // a face
			s.disc(x, y, q, q, hsv(0.14, 0.85, 1))
			s.disc(x-q*0.35, y-q*0.25, q*0.12, q*0.18, black)
			s.disc(x+q*0.35, y-q*0.25, q*0.12, q*0.18, black)
			s.path(q*0.1, black, arc(x, y+q*0.1, q*0.5, q*0.45, 0.3, math.Pi-0.3)...)
		case 1: // a star
			var points [][2]float64
			for i := range 10 {
				sin, cos := math.Sincos(float64(i) * math.Pi / 5)
				r := q * one(h.rng, 1.1, 1.2)
				if i%2 == 1 {
					r = q * 0.5
				}
				points = append(points, [2]float64{x + r*sin, y - r*cos})
			}
			s.area(c, points...)
			q *= 0.85
		case 2: // a speech bubble
			s.round(x-q*1.3, y-q*0.7, q*2.6, q*1.4, q*0.4, white)
			s.area(white, [2]float64{x - q*0.4, y + q*0.6}, [2]float64{x + q*0.2, y + q*0.6}, [2]float64{x - q*0.5, y + q*1.2})
			s.centre(x, y+q*0.2, title(h.rng, 1, 1), bold, q*0.45, black)
		default: // a heart
			s.disc(x-q*0.45, y-q*0.3, q*0.55, q*0.55, c)
			s.disc(x+q*0.45, y-q*0.3, q*0.55, q*0.55, c)
			s.area(c, [2]float64{x - q*0.95, y - q*0.05}, [2]float64{x + q*0.95, y - q*0.05}, [2]float64{x, y + q*1.1})
		}
		covered += 3 * q * q
	}
	return s.RGBA, fmt.Sprintf("about %.2f covered", share)
}

// tiledWatermark writes a word all over, slanted.
func tiledWatermark(h *hand, img *image.RGBA) (*image.RGBA, string) {
	return h.watermarked(img, 0.2, 0.6)
}

// watermarked does so with an opacity between two.
func (h *hand) watermarked(img *image.RGBA, low, high float64) (*image.RGBA, string) {
	s := onto(h.fonts, img)
	tile := newSheet(h.fonts, img.Rect.Dx()*2, img.Rect.Dy()*2, black)
	words := one(h.rng, title(h.rng, 1, 1), title(h.rng, 1, 2), "SAMPLE", "preview", "(c) "+name(h.rng))
	size := s.w() * between(h.rng, 0.035, 0.09)
	step := tile.wide(words, bold, size) + size*between(h.rng, 0.6, 2)
	down := size * between(h.rng, 1.8, 3.5)
	for j, y := 0, size; y < tile.h(); j, y = j+1, y+down {
		for x := -float64(j%2) * step / 2; x < tile.w(); x += step {
			tile.text(x, y, words, bold, size, white)
		}
	}
	alpha := between(h.rng, low, high)
	turned := turnedInto(tile.RGBA, img.Rect.Dx(), img.Rect.Dy(), between(h.rng, -0.7, 0.7), 1, black)
	paint := one(h.rng, white, white, grey(128), vivid(h.rng))
	each(img, func(x, y int, px []uint8) {
		a := alpha * float64(turned.Pix[y*turned.Stride+4*x]) / 255
		px[0], px[1], px[2] = level(float64(px[0])*(1-a)+a*float64(paint.R)), level(float64(px[1])*(1-a)+a*float64(paint.G)), level(float64(px[2])*(1-a)+a*float64(paint.B))
	})
	return img, fmt.Sprintf("%.2f", alpha)
}

// blurredSides puts a picture of one shape on a blurred one of another.
func blurredSides(h *hand, img *image.RGBA) (*image.RGBA, string) {
	w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	k := between(h.rng, 1.3, 1.8)
	ow, oh := w*k, hh
	if h.IntN(2) == 0 {
		ow, oh = w, hh*k
	}
	back := newSheet(h.fonts, int(ow), int(oh), black)
	back.lay(img, 0, 0, float64(int(ow)), float64(int(oh)))
	out := onto(h.fonts, rgba(imaging.Blur(back.RGBA, between(h.rng, 6, 12))))
	out.lay(img, math.Floor((out.w()-w)/2), math.Floor((out.h()-hh)/2), w, hh)
	return out.RGBA, fmt.Sprintf("%.2f", k)
}

// chrome is how many kinds of window and phone the screenshots come from: few,
// so that other photos stand in the same window.
const chrome = 7

// desktopScreenshot shows a picture in a window of a viewer on a desktop.
func desktopScreenshot(h *hand, img *image.RGBA) (*image.RGBA, string) {
	style := rand.New(rand.NewPCG(uint64(h.IntN(chrome)), 41))
	l := newLook(style)
	area := between(h.rng, 0.5, 0.78)
	pw, ph := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	mx, my := pw*0.5*(1/math.Sqrt(area)-1), ph*0.5*(1/math.Sqrt(area)-1)
	k := 1 + h.Float64() // the chrome is drawn small against a large photo
	s := newSheet(h.fonts, int((pw+2*mx)*k), int((ph+2*my)*k), vivid(style))
	b := dark(style)
	for i := range 40 {
		s.box(0, s.h()*float64(i)/40, s.w(), s.h()/40+1, mix(vivid(style), b, 0.6+0.4*float64(i)/40))
	}
	for i := 0; float64(i)*70 < s.h()-60; i++ {
		s.round(14, 20+float64(i)*70, 34, 34, 7, vivid(style))
		s.text(8, 66+float64(i)*70, title(style, 1, 1), regular, 10, white)
	}
	x, y := mx*k*between(h.rng, 0.5, 1.3), my*k*between(h.rng, 0.5, 1)
	bar := []float64{34, 30, 26}[l.system]
	s.window(l, fileName(h.rng), x, y-bar, pw*k, ph*k+bar+24)
	s.lay(img, x, y, pw*k, ph*k)
	s.text(x+8, y+ph*k+17, fmt.Sprintf("%d x %d   %d %%", 100+h.IntN(5000), 100+h.IntN(4000), 10+h.IntN(90)), regular, 12, l.ink)
	s.box(0, s.h()-26, s.w(), 26, see(black, 0.8))
	s.right(s.w()-8, s.h()-8, fmt.Sprintf("%d:%02d", h.IntN(24), h.IntN(60)), regular, 13, white)
	for i := range 6 {
		s.round(10+float64(i)*30, s.h()-22, 18, 18, 3, vivid(style))
	}
	return fit(s.RGBA, between(h.rng, 420, 620)), fmt.Sprintf("about %.2f of the area", area)
}

// phoneScreenshot shows a picture on a phone, with bars above and below.
func phoneScreenshot(h *hand, img *image.RGBA) (*image.RGBA, string) {
	style := rand.New(rand.NewPCG(uint64(h.IntN(chrome)), 42))
	l := newLook(style)
	ground := one(style, black, white, l.ground)
	ph := 480 * float64(img.Rect.Dy()) / float64(img.Rect.Dx())
	tall := max(ph*between(h.rng, 1.2, 1.9), ph+170)
	s := newSheet(h.fonts, 480, int(tall), ground)
	ink := grey(235)
	if int(ground.R)+int(ground.G) > 256 {
		ink = grey(30)
	}
	s.text(16, 22, fmt.Sprintf("%d:%02d", h.IntN(24), h.IntN(60)), bold, 15, ink)
	s.right(464, 22, fmt.Sprint(5+h.IntN(95), "%"), regular, 14, ink)
	s.text(18, 66, "<", bold, 24, ink)
	s.text(60, 62, date(h.rng), medium, 18, ink)
	s.text(60, 80, name(h.rng), regular, 13, ink)
	y := math.Floor(max(96, (tall-ph)/2))
	s.lay(img, 0, y, 480, ph)
	for i := range 4 {
		s.disc(60+float64(i)*120, tall-36, 12, 12, mix(ink, ground, 0.2))
		s.centre(60+float64(i)*120, tall-10, title(style, 1, 1), regular, 12, ink)
	}
	return fit(s.RGBA, between(h.rng, 420, 620)), fmt.Sprintf("%.2f of the area", ph/tall)
}

// photographed is a photo of a print or a screen: slanted, uneven light, noise.
func photographed(h *hand, img *image.RGBA) (*image.RGBA, string) {
	k := between(h.rng, 0.05, 0.15)
	table := framed(img, k, k, k, k, one(h.rng, dark(h.rng), vivid(h.rng), grey(60)))
	out := h.perspective(table, between(h.rng, 0.02, 0.1))
	f := newFog(h.rng, 1.5)
	w, hh := float64(out.Rect.Dx()), float64(out.Rect.Dy())
	tint := [3]float64{between(h.rng, 0.9, 1.05), 1, between(h.rng, 0.75, 1)}
	depth, noise := between(h.rng, 0.2, 0.5), between(h.rng, 2, 8)
	each(out, func(x, y int, px []uint8) {
		light := 0.95 + depth*(f.at(float64(x)/w, float64(y)/hh)-0.6)
		n := h.NormFloat64() * noise
		for c := range 3 {
			px[c] = level((18+float64(px[c])*0.9)*light*tint[c] + n)
		}
	})
	return out, fmt.Sprintf("with %.2f around", k)
}

// paper is the ground of collages.
func paper(r *rng) color.RGBA { return one(r, white, white, black, pale(r), dark(r)) }

// collage lays out pictures in rows, whole or cut to shape, with gaps, and says
// how many; all are shown.
func collage(h *hand, pictures []*image.RGBA) (*image.RGBA, string) {
	n := len(pictures)
	rows := map[int][]int{2: one(h.rng, []int{2}, []int{1, 1}), 3: one(h.rng, []int{3}, []int{1, 2}, []int{2, 1}), 4: one(h.rng, []int{2, 2}, []int{1, 3}), 5: {2, 3}, 6: one(h.rng, []int{3, 3}, []int{2, 2, 2}), 7: {2, 3, 2}, 8: {3, 2, 3}, 9: {3, 3, 3}}[n]
	w, hh := between(h.rng, 800, 1100), between(h.rng, 650, 1000)
	gap := between(h.rng, 0, 18)
	s := newSheet(h.fonts, int(w), int(hh), paper(h.rng))
	whole := h.IntN(2) == 0
	i := 0
	for r, count := range rows {
		rh := (hh - gap) / float64(len(rows))
		for c := range count {
			cw := (w - gap) / float64(count)
			x, y, tw, th := gap+float64(c)*cw, gap+float64(r)*rh, cw-gap, rh-gap
			img := pictures[i]
			if whole {
				k := min(tw/float64(img.Rect.Dx()), th/float64(img.Rect.Dy()))
				pw, ph := k*float64(img.Rect.Dx()), k*float64(img.Rect.Dy())
				x, y, tw, th = x+(tw-pw)/2, y+(th-ph)/2, pw, ph
			}
			s.lay(img, x, y, tw, th)
			i++
		}
	}
	how := "cropped to shape"
	if whole {
		how = "whole"
	}
	return fit(s.RGBA, between(h.rng, 480, 640)), fmt.Sprintf("%d tiles %s", n, how)
}

// inset lays a picture over another; its share of the area comes back too.
func inset(h *hand, img, ground *image.RGBA) (*image.RGBA, string) {
	share := between(h.rng, 0.1, 0.4)
	s := onto(h.fonts, fit(ground, between(h.rng, 480, 640)))
	k := math.Sqrt(share * s.w() * s.h() / float64(img.Rect.Dx()*img.Rect.Dy()))
	k = min(k, 0.95*s.w()/float64(img.Rect.Dx()), 0.95*s.h()/float64(img.Rect.Dy()))
	w, hh := k*float64(img.Rect.Dx()), k*float64(img.Rect.Dy())
	x, y := h.Float64()*(s.w()-w), h.Float64()*(s.h()-hh)
	if h.IntN(2) == 0 {
		s.box(x-3, y-3, w+6, hh+6, one(h.rng, white, black))
	}
	s.lay(img, x, y, w, hh)
	return s.RGBA, fmt.Sprintf("%.2f of the area", w*hh/(s.w()*s.h()))
}

// onPage puts a picture on a printed page of one of few layouts, with a caption.
func onPage(h *hand, img *image.RGBA) (*image.RGBA, string) {
	style := rand.New(rand.NewPCG(uint64(h.IntN(chrome)), 43))
	words := h.rng
	if h.IntN(3) == 0 {
		words = style // the very same page with another picture
	}
	s := newSheet(h.fonts, 720, 1018, mix(white, pale(style), 0.4))
	share := between(h.rng, 0.14, 0.42)
	k := min(math.Sqrt(share*720*1018/float64(img.Rect.Dx()*img.Rect.Dy())), 620/float64(img.Rect.Dx()), 640/float64(img.Rect.Dy()))
	w, hh := k*float64(img.Rect.Dx()), k*float64(img.Rect.Dy())
	size := between(style, 12, 16)
	ink := grey(40)
	s.text(50, 80, title(words, 3, 5), bold, 30, ink)
	top := between(style, 110, 300)
	y := 120.0
	for y < top {
		y = s.paragraph(50, y, 620, top, sentenceWords(words, 30, 60), regular, size, size*1.35, ink) + 6
	}
	x := one(style, 50, (720-w)/2, 670-w)
	s.lay(img, x, y, w, hh)
	s.text(x, y+hh+18, title(words, 3, 5), italic, size*0.9, ink)
	for y += hh + 50; y < 960; {
		y = s.paragraph(50, y, 620, 960, sentenceWords(words, 30, 60), regular, size, size*1.35, ink) + 6
	}
	out := s.RGBA
	if h.IntN(3) == 0 {
		out = scanned(h.rng, out)
	}
	return fit(out, between(h.rng, 480, 640)), fmt.Sprintf("about %.2f of the area", w*hh/(720*1018))
}

// onWeb puts a picture on a web page in a browser of one of few sites.
func onWeb(h *hand, img *image.RGBA) (*image.RGBA, string) {
	seed := uint64(h.IntN(chrome)) + 9000
	p := &print{style: rand.New(rand.NewPCG(seed, 1)), fill: &filling{family: seed, number: 1 + uint64(h.IntN(3))}, fonts: h.fonts}
	browser(p)
	share := between(h.rng, 0.14, 0.34)
	k := min(math.Sqrt(share*1100*720/float64(img.Rect.Dx()*img.Rect.Dy())), 700/float64(img.Rect.Dx()), 520/float64(img.Rect.Dy()))
	w, hh := k*float64(img.Rect.Dx()), k*float64(img.Rect.Dy())
	x, y := between(h.rng, 60, 760-w), between(h.rng, 150, 700-hh)
	p.box(50, y-12, 720, hh+24, p.RGBAAt(45, 700))
	p.lay(img, x, y, w, hh)
	return fit(p.RGBA, between(h.rng, 480, 640)), fmt.Sprintf("about %.2f of the area", w*hh/(1100*720))
}

// cropSmall keeps a small part with something in it.
func cropSmall(h *hand, img *image.RGBA) (*image.RGBA, string) {
	share := between(h.rng, 0.08, 0.3)
	best, most := img, -1.0
	for range 4 {
		c := h.crop(img, share, 0.3)
		if t := texture(c); t > most {
			best, most = c, t
		}
	}
	return best, fmt.Sprintf("%.2f of the area left", share)
}

// texture is the share of blocks of 8 by 8 pixels that are not flat.
func texture(img *image.RGBA) float64 {
	n, rich := 0, 0
	for y := 0; y+8 <= img.Rect.Dy(); y += 8 {
		for x := 0; x+8 <= img.Rect.Dx(); x += 8 {
			low, high := 255.0, 0.0
			for i := range 64 {
				o := (y+i/8)*img.Stride + 4*(x+i%8)
				v := luma(img.Pix[o : o+3])
				low, high = min(low, v), max(high, v)
			}
			n++
			if high-low > 24 {
				rich++
			}
		}
	}
	return float64(rich) / float64(max(n, 1))
}
