package main

import (
	"fmt"
	"image/color"
	"math"
)

// calendar is a month of one calendar.
func calendar(p *print) {
	r := p.style
	p.start(820, one(r, 640, 1000), one(r, white, pale(r)))
	accent := vivid(r)
	top := 110.0
	if p.h() > 800 {
		p.lay(p.picture(820, 400), 0, 0, 820, 400)
		top = 500
	}
	m := p.fill.next()
	p.text(40, top-30, fmt.Sprint(months[m.IntN(12)], " ", 1995+m.IntN(30)), bold, 44, accent)
	cw, ch := 740/7.0, (p.h()-top-60)/6
	for i, d := range weekdays {
		p.text(50+float64(i)*cw, top+22, d, medium, 18, grey(70))
	}
	first, days := m.IntN(7), 28+m.IntN(4)
	own := p.coin()
	for i := range 42 {
		x, y := 40+float64(i%7)*cw, top+34+float64(i/7)*ch
		p.rule(x, y, cw, ch, 1, grey(180))
		c := p.fill.next()
		if d := i - first + 1; d >= 1 && d <= days {
			p.text(x+6, y+20, fmt.Sprint(d), bold, 18, grey(40))
			if own && c.IntN(4) == 0 {
				p.round(x+4, y+ch*0.45, cw-8, ch*0.3, 4, mix(vivid(c), white, 0.4))
				p.text(x+8, y+ch*0.68, title(c, 1, 1), regular, 13, grey(30))
			}
		}
	}
}

// streetMap is a map of another part, in the style of one map.
func streetMap(p *print) {
	r := p.style
	land, water, park, road, ink := pale(r), hsv(0.55, 0.3, 0.9), hsv(0.3, 0.3, 0.85), one(r, white, hsv(0.13, 0.4, 1)), grey(90)
	p.start(900, one(r, 640, 900), land)
	c := p.fill.next()
	w, h := p.w(), p.h()
	for range 3 + c.IntN(4) {
		x, y := c.Float64()*w, c.Float64()*h
		var points [][2]float64
		for i := range 9 {
			sin, cos := math.Sincos(float64(i) / 9 * 2 * math.Pi)
			q := between(c, 40, 150)
			points = append(points, [2]float64{x + q*cos, y + q*sin})
		}
		p.area(one(c, water, park, park), points...)
	}
	for i := range 9 + c.IntN(16) {
		t := one(c, 4.0, 6, 10, 14)
		x, y, a := c.Float64()*w, c.Float64()*h, float64(i%2)*math.Pi/2+between(c, -0.4, 0.4)
		points := [][2]float64{{x - 1000*math.Cos(a), y - 1000*math.Sin(a)}, {x, y}, {x + 1000*math.Cos(a+0.2), y + 1000*math.Sin(a+0.2)}}
		p.path(t+3, grey(180), points...)
		p.path(t, road, points...)
	}
	for range 8 + c.IntN(16) {
		p.text(c.Float64()*w*0.9, c.Float64()*h, title(c, 1, 2), one(c, regular, medium, italic), between(c, 11, 20), ink)
	}
	for range 1 + c.IntN(4) {
		x, y := c.Float64()*w, c.Float64()*h
		p.disc(x, y-14, 10, 10, hsv(0, 0.8, 0.85))
		p.area(hsv(0, 0.8, 0.85), [2]float64{x - 8, y - 9}, [2]float64{x + 8, y - 9}, [2]float64{x, y + 6})
	}
	p.box(20, 20, 260, 40, white)
	p.text(32, 46, p.fill.title(1, 2), regular, 18, grey(60))
	p.box(w-50, h-110, 34, 70, white)
	p.centre(w-33, h-84, "+", bold, 24, grey(60))
	p.centre(w-33, h-50, "-", bold, 24, grey(60))
}

// diagram is a flow chart: the same places, other words and other arrows.
func diagram(p *print) {
	r := p.style
	p.start(1000, 700, one(r, white, white, pale(r)))
	cols, rows := 3+r.IntN(3), 3+r.IntN(3)
	cw, ch := 1000/float64(cols), 620/float64(rows)
	a, ink := pale(r), grey(50)
	p.text(30, 44, p.fill.title(3, 5), bold, 26, ink)
	centre := func(i int) (float64, float64) {
		return (float64(i%cols) + 0.5) * cw, 70 + (float64(i/cols)+0.5)*ch
	}
	for i := range cols*rows - 1 {
		c := p.fill.next()
		x0, y0 := centre(i)
		x1, y1 := centre(i + 1 + c.IntN(min(cols*rows-i-1, cols)))
		p.line(x0, y0, x1, y1, 2, ink)
		t := math.Atan2(y1-y0, x1-x0)
		mx, my := (x0+x1)/2, (y0+y1)/2
		p.area(ink, [2]float64{mx + 10*math.Cos(t), my + 10*math.Sin(t)}, [2]float64{mx + 9*math.Cos(t+2.5), my + 9*math.Sin(t+2.5)}, [2]float64{mx + 9*math.Cos(t-2.5), my + 9*math.Sin(t-2.5)})
	}
	for i := range cols * rows {
		c := p.fill.next()
		x, y := centre(i)
		w, h := cw*0.66, ch*0.5
		switch c.IntN(3) {
		case 0:
			p.round(x-w/2, y-h/2, w, h, 14, ink)
			p.round(x-w/2+2, y-h/2+2, w-4, h-4, 12, a)
		case 1:
			p.box(x-w/2, y-h/2, w, h, a)
			p.rule(x-w/2, y-h/2, w, h, 2, ink)
		default:
			p.area(ink, [2]float64{x - w/2 - 8, y}, [2]float64{x, y - h/2 - 10}, [2]float64{x + w/2 + 8, y}, [2]float64{x, y + h/2 + 10})
			p.area(mix(a, vivid(c), 0.3), [2]float64{x - w/2 - 4, y}, [2]float64{x, y - h/2 - 8}, [2]float64{x + w/2 + 4, y}, [2]float64{x, y + h/2 + 8})
		}
		p.centre(x, y+5, title(c, 1, 2), regular, 16, ink)
	}
}

// plot is a figure of a paper: axes and curves on white.
func plot(p *print) {
	r := p.style
	p.start(800, 600, white)
	ink := grey(20)
	p.rule(80, 50, 680, 470, 1.5, ink)
	for i := range 7 {
		x, y := 80+680*float64(i)/6, 50+470*float64(i)/6
		p.box(x, 514, 1.5, 6, ink)
		p.box(80, y, 6, 1.5, ink)
		p.centre(x, 540, fmt.Sprint(i*one(r, 1, 2, 10, 50)), regular, 15, ink)
		p.right(72, y+5, fmt.Sprintf("%.1f", 6-float64(i)), regular, 15, ink)
	}
	p.centre(420, 32, p.fill.title(2, 4), regular, 20, ink)
	p.centre(420, 575, title(r, 1, 3), regular, 18, ink)
	dots := p.coin()
	for s := range 1 + r.IntN(4) {
		paint := vivid(r)
		c := p.fill.next()
		v, slope := between(c, 0.1, 0.9), 0.0
		var line [][2]float64
		for i := range 60 {
			slope = 0.85*slope + 0.018*c.NormFloat64()
			v = max(0.03, min(0.97, v+slope))
			x, y := 85+670*float64(i)/59, 515-460*v
			if dots && i%2 == 0 {
				p.disc(x, y, 3.5, 3.5, paint)
			}
			line = append(line, [2]float64{x, y})
		}
		if !dots {
			p.path(2, paint, line...)
		}
		p.box(600, 70+float64(s)*22, 24, 3, paint)
		p.text(632, 76+float64(s)*22, title(r, 1, 1), regular, 14, ink)
	}
}

// flat is a picture with next to nothing in it: a gradient, a fog, a sky, paper.
func flat(p *print) {
	r := p.style
	kind := r.IntN(5)
	p.start(one(r, 400, 600), 450, white)
	c := p.fill.next()
	p.fill.keep = 0
	var a, b color.RGBA
	switch kind {
	case 0: // all grey
		a, b = grey(uint8(c.IntN(256))), grey(uint8(c.IntN(256)))
	case 1: // blue
		h := between(r, 0.5, 0.65)
		a, b = hsv(h+between(c, -0.05, 0.05), between(c, 0.2, 0.8), between(c, 0.4, 1)), hsv(h, between(c, 0, 0.4), between(c, 0.6, 1))
	default:
		a, b = one(c, vivid(c), pale(c), dark(c)), one(c, vivid(c), pale(c), dark(c))
	}
	angle, curve := c.Float64()*2*math.Pi, between(c, 0.5, 2)
	cx, cy := c.Float64(), c.Float64()
	radial := c.IntN(2) == 0
	fog := newFog(c, between(c, 1.5, 5))
	depth := between(c, 0, 0.5)
	grain := between(c, 0, 5)
	sin, cos := math.Sincos(angle)
	each(p.RGBA, func(x, y int, px []uint8) {
		u, v := float64(x)/p.w(), float64(y)/p.h()
		t := 0.5 + (u-0.5)*cos + (v-0.5)*sin
		if radial {
			t = math.Hypot(u-cx, v-cy)
		}
		t = math.Pow(max(0, min(1, t)), curve) + depth*(fog.at(u, v)-0.5)
		m := mix(a, b, max(0, min(1, t)))
		n := c.NormFloat64() * grain
		px[0], px[1], px[2] = level(float64(m.R)+n), level(float64(m.G)+n), level(float64(m.B)+n)
	})
	if kind == 4 {
		rr := between(c, 8, 60)
		p.disc(c.Float64()*p.w(), c.Float64()*p.h(), rr, rr, mix(a, white, 0.7))
	}
}

// music is a sheet of music.
func music(p *print) {
	r := p.style
	p.start(720, 1018, mix(white, pale(r), 0.4))
	p.centre(360, 70, p.fill.title(2, 4), bold, 30, grey(20))
	gap := between(r, 7, 10)
	ink := grey(20)
	for y := 130.0; y < 940; y += gap * one(r, 11.0, 13) {
		for i := range 5 {
			p.box(50, y+float64(i)*gap, 620, 1.2, ink)
		}
		p.text(54, y+gap*3.4, "G", boldItalic, gap*4.5, ink)
		p.box(50, y, 1.5, gap*4, ink)
		p.box(670, y, 1.5, gap*4, ink)
		c := p.fill.next()
		for x := 110.0; x < 650; x += between(c, 18, 50) {
			ny := y + gap*float64(c.IntN(10))/2 - gap/2
			p.disc(x, ny, gap*0.62, gap*0.45, ink)
			p.line(x+gap*0.55, ny, x+gap*0.55, ny-gap*3, 1.4, ink)
			if c.IntN(4) == 0 {
				p.line(x+gap*0.55, ny-gap*3, x+gap*1.8, ny-gap*2, 2.5, ink)
			}
			if c.IntN(6) == 0 {
				p.box(x+16, y, 1.5, gap*4, ink)
			}
		}
	}
}

// puzzle is a grid of numbers or of black and white squares.
func puzzle(p *print) {
	r := p.style
	p.start(700, 760, white)
	n := one(r, 9, 9, 13, 15, 17)
	m := 600 / float64(n)
	p.text(50, 60, title(r, 1, 2)+" "+fmt.Sprint(p.fill.count(1, 999)), bold, 30, grey(20))
	for i := range n * n {
		x, y := 50+float64(i%n)*m, 100+float64(i/n)*m
		p.rule(x, y, m, m, 1, grey(60))
		c := p.fill.next()
		if n == 9 {
			if c.IntN(5) < 2 {
				p.centre(x+m/2, y+m*0.7, fmt.Sprint(1+c.IntN(9)), regular, m*0.6, black)
			}
		} else if c.IntN(4) == 0 {
			p.box(x, y, m, m, black)
		} else if c.IntN(4) == 0 {
			p.text(x+2, y+m*0.35, fmt.Sprint(c.IntN(90)), regular, m*0.35, black)
		}
	}
	for i := range 4 {
		if n == 9 {
			p.box(50+float64(i)*200-1, 100, 3, 600, black)
			p.box(50, 100+float64(i)*200-1, 600, 3, black)
		}
	}
}

// notebook is a ruled page written by hand.
func notebook(p *print) {
	r := p.style
	p.start(700, 960, mix(white, pale(r), 0.8))
	step := between(r, 26, 40)
	squares := p.coin()
	for y := step * 2; y < 950; y += step {
		p.box(0, y, 700, 1, hsv(0.58, 0.3, 0.85))
	}
	if squares {
		for x := 0.0; x < 700; x += step {
			p.box(x, 0, 1, 960, hsv(0.58, 0.3, 0.85))
		}
	}
	p.box(90, 0, 1.5, 960, hsv(0, 0.4, 0.9))
	pen := one(r, hsv(0.63, 0.8, 0.5), grey(40), hsv(0.66, 0.6, 0.3))
	for y := step * 2; y < 940; y += step {
		c := p.fill.next()
		if c.IntN(9) == 0 {
			continue
		}
		for x := 105.0; x < between(c, 480, 680); {
			var points [][2]float64
			for range 3 + c.IntN(9) { // letters: loops of one hand
				points = append(points, [2]float64{x, y - 2}, [2]float64{x + between(c, 2, 5), y - between(c, 0.2, 0.65)*step}, [2]float64{x + between(c, 4, 9), y - between(c, 0, 0.3)*step})
				x += between(c, 6, 11)
			}
			p.path(1.8, pen, points...)
			x += between(c, 8, 16)
		}
	}
}

// lineArt is a drawing of lines on paper, of one hand.
func lineArt(p *print) {
	r := p.style
	p.start(760, one(r, 600, 900), mix(white, pale(r), r.Float64()))
	ink, t := one(r, black, dark(r), vivid(r)), between(r, 1, 4)
	c := p.fill.next()
	w, h := p.w(), p.h()
	for range 10 + c.IntN(14) {
		x, y, q := c.Float64()*w, c.Float64()*h, between(c, 20, 140)
		switch c.IntN(4) {
		case 0:
			p.path(t, ink, arc(x, y, q, q*between(c, 0.4, 1), 0, 2*math.Pi)...)
		case 1:
			a := c.Float64() * math.Pi
			for i := range 8 {
				d := float64(i) * 7
				p.line(x+d, y-d, x+d+q*math.Cos(a), y-d+q*math.Sin(a), t*0.7, ink)
			}
		case 2:
			var points [][2]float64
			for i := range 24 {
				points = append(points, [2]float64{x + float64(i)*q/12, y + q/3*math.Sin(float64(i)*between(c, 0.4, 0.6))})
			}
			p.path(t, ink, points...)
		default:
			p.path(t, ink, [2]float64{x, y}, [2]float64{x + q, y - q/2}, [2]float64{x + q*1.4, y + q*0.6}, [2]float64{x + q*0.2, y + q}, [2]float64{x, y})
		}
	}
	if p.coin() {
		p.rule(20, 20, w-40, h-40, t*1.5, ink)
	}
}
