package main

import (
	"image"
	"image/color"
	"math/rand/v2"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// template is what one family is drawn by: the style is the same in all its
// fillings, what is filled in comes from fill.
type template struct {
	kind string
	draw func(p *print)
}

// print is one filling on its way to the sheet.
type print struct {
	*sheet
	style *rand.Rand // decides on the layout; draws the same for all fillings
	fill  *filling
	fonts *fonts
}

// templates are all kinds of templates. The order is part of what a seed means.
func templates() []template {
	return []template{
		{"letter", letter}, {"invoice", invoice}, {"form", form}, {"table", table}, {"book", book}, {"article", article},
		{"receipt", receipt}, {"slide", slide}, {"chart-slide", chartSlide}, {"poster", poster}, {"card", card}, {"certificate", certificate},
		{"files", files}, {"browser", browser}, {"editor", editor}, {"terminal", terminal}, {"chat", chat}, {"dialog", dialog},
		{"spreadsheet", spreadsheet}, {"mail", mail}, {"phone-chat", phoneChat}, {"phone-settings", phoneSettings}, {"phone-feed", phoneFeed}, {"phone-apps", phoneApps},
		{"calendar", calendar}, {"map", streetMap}, {"diagram", diagram}, {"plot", plot}, {"flat", flat}, {"music", music},
		{"puzzle", puzzle}, {"label", label}, {"dashboard", dashboard}, {"notebook", notebook}, {"shop", shop}, {"line-art", lineArt},
	}
}

// family is a template with a style.
type family struct {
	name string
	kind int
	seed uint64
	keep float64 // the share of fields that its fillings have in common
	scan bool    // went through a scanner
}

// drawFilling draws filling number n, from 1, of a family.
func drawFilling(fs *fonts, f family, n uint64) *image.RGBA {
	p := &print{
		style: rand.New(rand.NewPCG(f.seed, 1)),
		fill:  &filling{family: f.seed, number: n, keep: f.keep},
		fonts: fs,
	}
	templates()[f.kind].draw(p)
	img := p.RGBA
	if f.scan {
		img = scanned(rand.New(rand.NewPCG(f.seed, 77+n)), img)
	}
	return img
}

// start begins the sheet.
func (p *print) start(width, height int, ground color.RGBA) {
	p.sheet = newSheet(p.fonts, width, height, ground)
}

// picture is a drawn scene that stands nowhere else, in no other filling either:
// two pages with one photo would share a part.
func (p *print) picture(width, height int) image.Image {
	return drawn.Scene(p.fill.own().Uint64(), max(width, 8), max(height, 8))
}

// coin is a toss that falls the same for all fillings.
func (p *print) coin() bool { return p.style.IntN(2) == 0 }

// logo draws a sign of a firm into a square.
func (p *print) logo(x, y, size float64) {
	r := p.style
	c, d := vivid(r), vivid(r)
	switch r.IntN(4) {
	case 0:
		p.disc(x+size/2, y+size/2, size/2, size/2, c)
		p.disc(x+size/2, y+size*0.4, size/4, size/4, d)
	case 1:
		p.round(x, y, size, size, size/5, c)
		p.centre(x+size/2, y+size*0.75, string(rune('A'+r.IntN(26))), bold, size*0.7, white)
	case 2:
		p.area(c, [2]float64{x, y + size}, [2]float64{x + size/2, y}, [2]float64{x + size, y + size})
		p.disc(x+size/2, y+size*0.7, size/6, size/6, d)
	default:
		for i := range 4 {
			p.box(x+float64(i%2)*size*0.52, y+float64(i/2)*size*0.52, size*0.46, size*0.46, mix(c, d, float64(i)/3))
		}
	}
}
