package main

import (
	"fmt"
	"image/color"
	"math"
)

// slide is a slide of one talk: title, points, perhaps a picture.
func slide(p *print) {
	r := p.style
	ground, accent := one(r, white, pale(r), dark(r)), vivid(r)
	p.start(1000, one(r, 562, 750), ground)
	ink := grey(25)
	if int(ground.R)+int(ground.G)+int(ground.B) < 380 {
		ink = grey(240)
	}
	switch r.IntN(3) {
	case 0:
		p.box(0, 0, 1000, 110, accent)
	case 1:
		p.box(0, 0, 60, p.h(), accent)
	default:
		p.box(60, 105, 880, 4, accent)
	}
	p.text(80, 75, p.fill.title(3, 6), bold, 44, ink)
	picture := r.IntN(3) == 0
	w := 850.0
	if picture {
		w = 480
		p.lay(p.picture(360, 300), 590, 160, 360, p.h()-240)
	}
	y, size := 180.0, between(r, 22, 30)
	for y < p.h()-90 {
		p.disc(95, y-size*0.3, size*0.2, size*0.2, accent)
		y = p.paragraph(120, y, w-40, p.h()-70, p.fill.words(5, 14), regular, size, size*1.25, ink) + size*0.5
	}
	p.logo(920, p.h()-60, 40)
	p.text(80, p.h()-25, title(r, 3, 5), regular, 14, mix(ink, ground, 0.4))
	p.right(900, p.h()-25, fmt.Sprint(p.fill.count(1, 60)), regular, 16, ink)
}

// chartSlide is a slide with a chart of other numbers.
func chartSlide(p *print) {
	r := p.style
	p.start(1000, one(r, 562, 750), one(r, white, white, pale(r)))
	p.text(60, 70, p.fill.title(3, 6), bold, 38, grey(30))
	p.box(60, 90, 880, 3, vivid(r))
	p.chart(60, 120, 620, p.h()-200)
	y := 160.0
	for range 4 {
		y = p.paragraph(710, y, 250, p.h()-80, p.fill.words(6, 12), regular, 20, 26, grey(40)) + 16
	}
	p.text(60, p.h()-25, title(r, 3, 5), regular, 14, grey(120))
}

// chart draws bars, lines, a cake or points.
func (p *print) chart(x, y, w, h float64) {
	r := p.style
	ink, palette := grey(70), []color.RGBA{vivid(r), vivid(r), vivid(r), vivid(r), vivid(r), vivid(r)}
	size := max(9, h*0.035)
	kind := r.IntN(5)
	if kind == 3 {
		total, parts := 0.0, make([]float64, 3+r.IntN(4))
		for i := range parts {
			parts[i] = p.fill.between(0.3, 2)
			total += parts[i]
		}
		at := -math.Pi / 2
		for i, v := range parts {
			to := at + 2*math.Pi*v/total
			cx, cy, rr := x+w/2, y+h/2, min(w, h)*0.42
			p.area(palette[i%6], append(arc(cx, cy, rr, rr, at, to), [2]float64{cx, cy})...)
			p.text(cx+rr*0.6*math.Cos((at+to)/2)-12, cy+rr*0.6*math.Sin((at+to)/2), fmt.Sprintf("%.0f %%", 100*v/total), bold, size, white)
			at = to
		}
		return
	}
	for i := range 6 {
		ly := y + h - h*float64(i)/5.5
		p.box(x+30, ly, w-30, 1, grey(205))
		p.right(x+26, ly+size*0.3, fmt.Sprint(i*one(r, 5, 10, 20, 100)), regular, size, ink)
	}
	p.box(x+30, y, 1.5, h, ink)
	n := 5 + r.IntN(8)
	step := (w - 40) / float64(n)
	series := 1 + r.IntN(3)
	for s := range series {
		var line [][2]float64
		for i := range n {
			v := h * 0.9 * p.fill.between(0.05, 1)
			cx := x + 40 + step*(float64(i)+0.5)
			switch kind {
			case 0, 1:
				bw := step * 0.8 / float64(series)
				p.box(cx-step*0.4+bw*float64(s), y+h-v, bw*0.92, v, palette[s])
			case 4:
				p.disc(cx+p.fill.between(-1, 1)*step/2, y+h-v, size*0.4, size*0.4, palette[s])
			default:
				line = append(line, [2]float64{cx, y + h - v})
			}
			if s == 0 {
				p.centre(cx, y+h+size*1.3, title(r, 1, 1)[:2], regular, size, ink)
			}
		}
		p.path(3, palette[s], line...)
	}
}

// poster is a poster of one series: other words, other colours, other picture.
func poster(p *print) {
	r := p.style
	ground := hsv(r.Float64(), 0.6, 0.6)
	if p.coin() {
		ground = vivid(p.fill.next())
	}
	p.start(680, 960, ground)
	light := pale(r)
	switch r.IntN(4) {
	case 0:
		p.lay(p.picture(600, 420), 40, 250, 600, 420)
	case 1:
		c := p.fill.next()
		for range 7 {
			rr := between(c, 30, 150)
			p.disc(between(c, 60, 620), between(c, 260, 700), rr, rr, see(vivid(c), 0.8))
		}
	case 2:
		c := p.fill.next()
		p.area(see(vivid(c), 0.9), [2]float64{0, between(c, 300, 600)}, [2]float64{680, between(c, 200, 500)}, [2]float64{680, 720}, [2]float64{0, 720})
		p.area(see(vivid(c), 0.9), [2]float64{between(c, 50, 300), 680}, [2]float64{between(c, 200, 500), 240}, [2]float64{between(c, 400, 680), 690})
	default:
		for i := range 12 {
			p.box(0, 240+float64(i)*40, 680, 20, see(light, 0.25))
		}
		p.centre(340, 560, fmt.Sprint(p.fill.count(1, 99)), bold, 330, light)
	}
	p.paragraph(40, 110, 600, 230, []string{p.fill.title(1, 2), p.fill.title(1, 1)}, bold, between(r, 54, 76), 76, light)
	p.rule(20, 20, 640, 920, 4, light)
	p.text(50, 760, p.fill.date(), bold, 36, light)
	p.text(50, 800, p.fill.title(2, 4), regular, 26, light)
	p.paragraph(50, 840, 560, 890, p.fill.words(10, 20), regular, 17, 22, light)
	p.text(50, 920, title(r, 3, 5), smallCaps, 15, light)
	p.logo(580, 860, 56)
}

// card is a visiting card, ticket, voucher or badge.
func card(p *print) {
	r := p.style
	p.start(900, 540, one(r, white, pale(r), dark(r), vivid(r)))
	panel := one(r, white, pale(r))
	p.round(40, 40, 820, 460, one(r, 0.0, 12, 40), panel)
	accent := vivid(r)
	if p.coin() {
		p.box(40, 40, 220, 460, accent)
	} else {
		p.box(40, 400, 820, 100, accent)
	}
	p.logo(90, 90, 120)
	x := 300.0
	p.text(x, 150, p.fill.name(), bold, 52, grey(30))
	p.text(x, 195, p.fill.title(2, 3), italic, 28, grey(80))
	for i := range 3 {
		p.text(x, 260+float64(i)*38, title(r, 1, 1), medium, 22, accent)
		p.text(x+140, 260+float64(i)*38, one(p.fill.next(), p.fill.date(), p.fill.title(1, 2), fmt.Sprint(p.fill.count(10000, 99999999))), regular, 24, grey(40))
	}
	if r.IntN(2) == 0 {
		p.code(690, 230, 150)
	}
}

// code draws a square of modules that looks as if it could be read by a machine.
func (p *print) code(x, y, size float64) {
	const n = 25
	m := size / n
	p.box(x, y, size, size, white)
	c := p.fill.next()
	for i := range n * n {
		if c.IntN(2) == 0 {
			p.box(x+float64(i%n)*m, y+float64(i/n)*m, m, m, black)
		}
	}
	for _, at := range [][2]float64{{0, 0}, {n - 7, 0}, {0, n - 7}} {
		p.box(x+at[0]*m, y+at[1]*m, 7*m, 7*m, white)
		p.rule(x+at[0]*m, y+at[1]*m, 7*m, 7*m, m, black)
		p.box(x+(at[0]+2)*m, y+(at[1]+2)*m, 3*m, 3*m, black)
	}
}

// certificate has a border, a name and a seal.
func certificate(p *print) {
	r := p.style
	p.start(1000, 700, mix(white, pale(r), 0.7))
	c := dark(r)
	p.rule(25, 25, 950, 650, 10, c)
	p.rule(45, 45, 910, 610, 2, vivid(r))
	for i := range 40 {
		p.disc(37+float64(i)*23.7, 37, 5, 5, vivid(r))
	}
	p.centre(500, 150, title(r, 2, 3), smallCaps, 56, c)
	p.centre(500, 220, title(r, 4, 6), italic, 24, grey(70))
	p.centre(500, 320, p.fill.name(), boldItalic, 62, vivid(r))
	p.box(200, 340, 600, 2, c)
	p.paragraph(180, 400, 640, 500, p.fill.words(20, 34), regular, 22, 30, grey(50))
	p.text(120, 600, p.fill.date(), regular, 24, grey(40))
	p.text(650, 600, p.fill.name(), italic, 28, hsv(0.63, 0.7, 0.5))
	p.disc(500, 580, 55, 55, vivid(r))
	p.disc(500, 580, 42, 42, mix(vivid(r), white, 0.4))
}

// label is a label of a parcel or a bottle.
func label(p *print) {
	r := p.style
	p.start(640, 860, one(r, white, hsv(0.1, 0.3, 0.85)))
	p.rule(20, 20, 600, 820, 4, black)
	p.text(40, 90, title(r, 1, 1), bold, 60, black)
	p.logo(520, 40, 70)
	p.box(20, 120, 600, 4, black)
	for i := range 4 {
		p.text(40, 170+float64(i)*34, one(p.fill.next(), p.fill.name(), p.fill.title(2, 3)), regular, 26, black)
	}
	p.box(20, 310, 600, 4, black)
	for i, y := range []float64{340, 600} {
		c := p.fill.next()
		for x, j := 60.0, 0; x < 580; j++ {
			w := float64(2 + c.IntN(5))
			if j%2 == 0 {
				p.box(x, y, w, []float64{180, 120}[i], black)
			}
			x += w
		}
		p.centre(320, y+[]float64{210, 145}[i], fmt.Sprint(p.fill.count(100000000, 999999999)), mono, 24, black)
	}
	p.code(460, 750, 80)
	p.text(40, 800, p.fill.date(), bold, 30, black)
}
