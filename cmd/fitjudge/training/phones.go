package main

import (
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
)

// phone begins a screenshot of a phone and returns where its content starts.
func (p *print) phone(l look) float64 {
	p.start(480, one(p.style, 854, 960, 1040), l.ground)
	c := p.fill.next()
	p.text(20, 24, fmt.Sprintf("%d:%02d", c.IntN(24), c.IntN(60)), bold, 15, l.ink)
	p.right(460, 24, fmt.Sprint(5+c.IntN(95), "%"), regular, 14, l.ink)
	for i := range 4 {
		p.box(370+float64(i)*6, 22-float64(i)*3, 4, 4+float64(i)*3, l.ink)
	}
	return 34
}

// phoneChat is a chat on a phone.
func phoneChat(p *print) {
	l := newLook(p.style)
	y := p.phone(l)
	p.box(0, y, 480, 56, l.mark)
	p.disc(60, y+28, 20, 20, pale(p.style))
	p.text(20, y+35, "<", bold, 22, white)
	p.text(92, y+35, p.fill.name(), bold, 19, white)
	if p.coin() {
		p.box(0, y+56, 480, p.h()-y-56, mix(l.ground, l.mark, 0.12))
	}
	p.bubbles(l, 14, y+70, 452, p.h()-80, 17)
	p.box(0, p.h()-60, 480, 60, l.panel)
	p.round(60, p.h()-48, 340, 36, 18, l.ground)
	p.disc(440, p.h()-30, 18, 18, l.mark)
}

// phoneSettings is a list of settings.
func phoneSettings(p *print) {
	r := p.style
	l := newLook(r)
	y := p.phone(l)
	p.text(24, y+50, p.fill.title(1, 2), bold, 30, l.ink)
	second, toggles := p.coin(), p.coin()
	for y += 100; y < p.h()-20; y += 66 {
		p.round(20, y-22, 34, 34, 9, vivid(p.fill.next()))
		p.text(70, y, p.fill.title(1, 3), regular, 19, l.ink)
		if second {
			p.text(70, y+20, p.fill.title(2, 4), regular, 14, l.faint)
		}
		if toggles {
			on := p.fill.next().IntN(2) == 0
			c, at := l.faint, 424.0
			if on {
				c, at = l.mark, 444
			}
			p.round(410, y-18, 48, 26, 13, c)
			p.disc(at, y-5, 11, 11, white)
		} else {
			p.text(444, y, ">", regular, 20, l.faint)
		}
		p.box(70, y+30, 410, 1, l.panel)
	}
}

// phoneFeed is a feed of pictures.
func phoneFeed(p *print) {
	l := newLook(p.style)
	y := p.phone(l)
	p.text(20, y+36, title(p.style, 1, 1), boldItalic, 26, l.ink)
	p.box(0, y+52, 480, 1, l.faint)
	y += 60
	ph := one(p.style, 300.0, 480, 380)
	for y < p.h()-60 {
		p.disc(36, y+26, 19, 19, vivid(p.fill.next()))
		p.text(66, y+32, p.fill.name(), medium, 16, l.ink)
		p.lay(p.picture(480, int(ph)), 0, y+54, 480, ph)
		p.disc(30, y+ph+78, 10, 10, l.mark)
		p.disc(70, y+ph+78, 10, 10, l.faint)
		p.text(20, y+ph+112, fmt.Sprint(p.fill.count(3, 5000), " likes"), bold, 15, l.ink)
		p.paragraph(20, y+ph+134, 440, y+ph+160, p.fill.words(6, 18), regular, 15, 20, l.ink)
		y += ph + 180
	}
	p.box(0, p.h()-54, 480, 54, l.panel)
	for i := range 5 {
		p.round(36+float64(i)*96, p.h()-40, 26, 26, 6, l.faint)
	}
}

// phoneApps is a home screen with other apps in its places.
func phoneApps(p *print) {
	r := p.style
	l := newLook(r)
	l.ink = white
	l.ground = dark(r)
	y := p.phone(l)
	if own := p.fill.next(); own.IntN(3) == 0 {
		p.lay(p.picture(480, int(p.h())), 0, y, 480, p.h()-y)
	}
	n := 4 + r.IntN(2)
	step := 480 / float64(n)
	for y += 60; y < p.h()-140; y += step * 1.15 {
		for i := range n {
			c := p.fill.next()
			if c.IntN(7) == 0 {
				continue
			}
			x := (float64(i) + 0.5) * step
			p.round(x-step*0.3, y, step*0.6, step*0.6, step*0.15, vivid(c))
			switch c.IntN(3) {
			case 0:
				p.disc(x, y+step*0.3, step*0.15, step*0.15, white)
			case 1:
				p.centre(x, y+step*0.45, capital(word(c))[:1], bold, step*0.45, white)
			default:
				p.box(x-step*0.15, y+step*0.2, step*0.3, step*0.2, pale(c))
			}
			p.centre(x, y+step*0.8, title(c, 1, 1), regular, 13, white)
		}
	}
	p.round(16, p.h()-110, 448, 92, 24, see(white, 0.25))
}

// shop is a grid of goods on a web page.
func shop(p *print) {
	r := p.style
	p.start(one(r, 900, 1000), 760, one(r, white, grey(240)))
	accent := vivid(r)
	p.box(0, 0, p.w(), 56, accent)
	p.logo(20, 8, 40)
	p.round(200, 12, 420, 32, 6, white)
	p.text(214, 34, p.fill.line(1, 2), regular, 15, grey(60))
	n := 3 + r.IntN(3)
	step := p.w() / float64(n)
	for y := 76.0; y < p.h()-step*0.6; y += step * 1.25 {
		for i := range n {
			x := float64(i)*step + 12
			p.box(x, y, step-24, step*1.15, white)
			p.lay(p.picture(int(step-44), int(step*0.7)), x+10, y+10, step-44, step*0.7)
			p.text(x+10, y+step*0.82, p.fill.title(1, 2), regular, 15, grey(40))
			p.text(x+10, y+step*0.95, "EUR "+p.fill.amount(), bold, 17, accent)
			p.round(x+10, y+step, step-44, step*0.1, 4, mix(accent, white, 0.3))
		}
	}
}

// dashboard is a page of charts and figures.
func dashboard(p *print) {
	r := p.style
	l := newLook(r)
	p.start(1100, 700, l.panel)
	p.box(0, 0, 1100, 50, l.mark)
	p.text(24, 34, title(r, 2, 3), bold, 22, white)
	for i := range 4 {
		x := 20 + float64(i)*270
		p.round(x, 66, 250, 96, 8, l.ground)
		p.text(x+16, 94, title(r, 1, 2), regular, 15, l.faint)
		p.text(x+16, 142, p.fill.amount(), bold, 36, l.ink)
	}
	for i := range 4 {
		x, y := 20+float64(i%2)*540, 178+float64(i/2)*258
		p.round(x, y, 520, 244, 8, mix(l.ground, white, 0.05))
		p.text(x+16, y+26, title(r, 1, 3), medium, 16, l.ink)
		p.chart(x+20, y+40, 480, 170)
	}
}

// scanned turns a page slightly, and gives it the paper, light and noise of a scanner.
func scanned(r *rng, page *image.RGBA) *image.RGBA {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	small := fit(page, between(r, 0.75, 1)*float64(max(w, h)))
	angle := r.NormFloat64() * 0.9 * math.Pi / 180
	out := turned(small, angle, grey(uint8(150+r.IntN(100))))
	paper, ink := between(r, 205, 252), between(r, 0, 50)
	slope := between(r, -20, 20)
	tint := [3]float64{between(r, 0.96, 1), between(r, 0.95, 1), between(r, 0.9, 1)}
	noise := between(r, 1, 9)
	oneGrey := r.IntN(2) == 0
	width := float64(out.Rect.Dx())
	each(out, func(x, y int, px []uint8) {
		light := slope * (float64(x)/width - 0.5)
		n := r.NormFloat64() * noise
		v := [3]float64{float64(px[0]), float64(px[1]), float64(px[2])}
		if oneGrey {
			g := 0.299*v[0] + 0.587*v[1] + 0.114*v[2]
			v = [3]float64{g, g, g}
		}
		for i := range 3 {
			t := tint[i]
			if oneGrey {
				t = 1
			}
			px[i] = level((ink+v[i]*(paper-ink)/255+light)*t + n)
		}
	})
	return out
}

// fit scales a picture to a long side.
func fit(img image.Image, long float64) *image.RGBA {
	b := img.Bounds()
	k := long / float64(max(b.Dx(), b.Dy()))
	return sized(img, max(1, int(math.Round(k*float64(b.Dx())))), max(1, int(math.Round(k*float64(b.Dy())))))
}

// sized scales a picture to a size.
func sized(img image.Image, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	scaleInto(out, out.Rect, img, img.Bounds())
	return out
}

func scaleInto(dst *image.RGBA, at image.Rectangle, src image.Image, part image.Rectangle) {
	if at.Empty() || part.Empty() {
		return
	}
	k := draw.Scaler(draw.BiLinear) // averages where it shrinks
	if at.Dx()+at.Dy() > part.Dx()+part.Dy() {
		k = draw.CatmullRom
	}
	k.Scale(dst, at, src, part, draw.Over, nil)
}
