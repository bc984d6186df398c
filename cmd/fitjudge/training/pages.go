package main

import (
	"fmt"
	"math"
)

// letter is a letter of one firm: head, address, paragraphs, signature, foot.
func letter(p *print) {
	p.start(720, 1018, mix(white, pale(p.style), 0.3))
	left := between(p.style, 60, 100)
	size := between(p.style, 13, 17)
	ink := grey(uint8(p.style.IntN(60)))
	accent := vivid(p.style)
	p.logo(left, 50, between(p.style, 40, 90))
	p.right(720-left, 80, title(p.style, 2, 3), bold, size*1.6, accent)
	p.right(720-left, 100, title(p.style, 3, 5), regular, size*0.8, ink)
	if p.coin() {
		p.box(left, 150, 720-2*left, 2, accent)
	}
	for i := range 3 {
		p.text(left, 190+float64(i)*size*1.3, one(p.fill.next(), name(p.fill.next()), title(p.fill.next(), 2, 3)), regular, size, ink)
	}
	p.right(720-left, 270, p.fill.date(), regular, size, ink)
	p.text(left, 310, p.fill.title(3, 6), bold, size, ink)
	y := 350.0
	for range 3 + p.style.IntN(3) {
		y = p.paragraph(left, y, 720-2*left, 860, p.fill.words(35, 75), regular, size, size*1.35, ink) + size*0.7
	}
	p.text(left, 900, p.fill.name(), italic, size*1.3, mix(ink, vivid(p.style), 0.5))
	p.box(left, 940, 720-2*left, 1, grey(150))
	for i := range 3 {
		p.text(left+float64(i)*190, 960, title(p.style, 2, 3), regular, size*0.65, grey(110))
		p.text(left+float64(i)*190, 974, title(p.style, 2, 3), regular, size*0.65, grey(110))
	}
}

// invoice is a form of one shop with the values of one order.
func invoice(p *print) {
	p.start(720, 1018, white)
	r := p.style
	accent, ink := vivid(r), grey(uint8(r.IntN(50)))
	size := between(r, 12, 16)
	p.logo(50, 40, between(r, 50, 90))
	p.right(670, 90, one(r, "INVOICE", "Rechnung", "Facture", "Lieferschein", "Quotation", "Bon de commande"), bold, 34, accent)
	for i := range 4 {
		p.text(50, 180+float64(i)*18, one(p.fill.next(), name(p.fill.next()), title(p.fill.next(), 2, 3)), regular, size, ink)
	}
	if p.coin() {
		p.rule(400, 150, 270, 110, 1.5, accent)
	} else {
		p.box(400, 150, 270, 110, mix(accent, white, 0.85))
	}
	for i := range 4 {
		p.text(412, 175+float64(i)*24, title(r, 1, 2)+":", medium, size*0.9, ink)
		p.right(660, 175+float64(i)*24, one(p.fill.next(), p.fill.date(), fmt.Sprint(p.fill.count(1000, 999999))), regular, size*0.9, ink)
	}
	top, rows := 300.0, 7+r.IntN(8)
	step := between(r, 28, 38)
	p.box(50, top, 620, step, accent)
	columns := []float64{60, 120, 430, 530, 660}
	for i, c := range columns {
		if i < 2 {
			p.text(c, top+step*0.65, title(r, 1, 1), bold, size, white)
		} else {
			p.right(c, top+step*0.65, title(r, 1, 1), bold, size, white)
		}
	}
	used := p.fill.count(max(2, rows-5), rows)
	lines := p.coin()
	for i := range rows {
		y := top + step*float64(i+1)
		if lines {
			p.box(50, y+step-1, 620, 1, grey(170))
		} else if i%2 == 1 {
			p.box(50, y, 620, step, grey(238))
		}
		if i >= used {
			continue
		}
		p.text(60, y+step*0.65, fmt.Sprint(p.fill.count(1, 40)), regular, size, ink)
		p.text(120, y+step*0.65, p.fill.title(2, 4), regular, size, ink)
		p.right(430, y+step*0.65, fmt.Sprint(p.fill.count(1, 99)), regular, size, ink)
		p.right(530, y+step*0.65, p.fill.amount(), regular, size, ink)
		p.right(660, y+step*0.65, p.fill.amount(), regular, size, ink)
	}
	y := top + step*float64(rows+1) + 20
	for i := range 3 {
		p.text(430, y+float64(i)*24, title(r, 1, 1), one(r, regular, bold), size, ink)
		p.right(660, y+float64(i)*24, p.fill.amount(), bold, size*1.1, ink)
	}
	p.paragraph(50, y+100, 620, 950, sentenceWords(r, 20, 50), regular, size*0.8, size*1.1, grey(90))
	p.box(50, 970, 620, 2, accent)
	p.centre(360, 990, title(r, 5, 8), regular, size*0.7, grey(90))
}

// form is a questionnaire of boxes, filled in by hand or by machine.
func form(p *print) {
	r := p.style
	p.start(720, 1018, mix(white, pale(r), 0.5))
	accent := dark(r)
	size := between(r, 11, 15)
	hand := one(r, italic, boldItalic, mono, regular)
	pen := one(r, hsv(0.62, 0.8, 0.55), black, hsv(0.64, 0.9, 0.8))
	p.text(40, 60, title(r, 3, 5), bold, 26, accent)
	p.paragraph(40, 85, 640, 120, sentenceWords(r, 18, 28), regular, size*0.85, size*1.1, grey(70))
	y := 140.0
	for y < 930 {
		switch r.IntN(4) {
		case 0:
			p.box(40, y, 640, 22, accent)
			p.text(48, y+16, title(r, 2, 4), bold, size, white)
			y += 34
		case 1, 2:
			n := 1 + r.IntN(3)
			w := 640 / float64(n)
			for i := range n {
				x := 40 + float64(i)*w
				p.rule(x, y, w-6, 44, 1, accent)
				p.text(x+5, y+12, title(r, 1, 3), regular, size*0.75, grey(80))
				if p.fill.next().IntN(6) > 0 {
					p.text(x+10, y+36, one(p.fill.next(), p.fill.name(), p.fill.date(), p.fill.title(1, 2), fmt.Sprint(p.fill.count(10, 99999))), hand, size*1.3, pen)
				}
			}
			y += 54
		default:
			p.text(40, y+14, title(r, 2, 4), regular, size, accent)
			for i := range 4 {
				x := 300 + float64(i)*95
				p.rule(x, y+2, 14, 14, 1.2, accent)
				if p.fill.next().IntN(3) == 0 {
					p.line(x-1, y+1, x+16, y+18, 2.2, pen)
					p.line(x+16, y+1, x-1, y+18, 2.2, pen)
				}
				p.text(x+20, y+14, title(r, 1, 1), regular, size*0.85, accent)
			}
			y += 32
		}
	}
	p.text(440, 985, p.fill.name(), hand, size*1.7, pen)
	p.box(420, 990, 260, 1, accent)
}

// table is a printed list with a head.
func table(p *print) {
	r := p.style
	wide := p.coin()
	w, h := 720, 1018
	if wide {
		w, h = 1018, 720
	}
	p.start(w, h, white)
	size := between(r, 11, 16)
	head, stripe := vivid(r), pale(r)
	p.text(40, 60, p.fill.title(2, 5), bold, 26, grey(30))
	columns := 4 + r.IntN(5)
	step := size * between(r, 1.5, 2.2)
	cw := (p.w() - 80) / float64(columns)
	p.box(40, 80, p.w()-80, step, head)
	for i := range columns {
		p.text(46+float64(i)*cw, 80+step*0.7, title(r, 1, 1), bold, size*0.9, white)
	}
	for row := 1; 80+float64(row+1)*step < p.h()-60; row++ {
		y := 80 + float64(row)*step
		if row%2 == 0 {
			p.box(40, y, p.w()-80, step, stripe)
		}
		p.text(46, y+step*0.7, p.fill.title(1, 1), regular, size*0.9, grey(30))
		for i := 1; i < columns; i++ {
			if r.IntN(2) == 0 {
				p.right(36+float64(i+1)*cw, y+step*0.7, p.fill.amount(), regular, size*0.85, grey(30))
			} else {
				p.text(46+float64(i)*cw, y+step*0.7, p.fill.title(1, 1), regular, size*0.85, grey(30))
			}
		}
	}
	if p.coin() {
		for i := range columns + 1 {
			p.box(40+float64(i)*cw, 80, 1, p.h()-150, grey(140))
		}
	}
	p.centre(p.w()/2, p.h()-25, fmt.Sprint(p.fill.count(1, 300)), regular, size, grey(90))
}

// book is a page of text in one or two columns with a running head.
func book(p *print) {
	r := p.style
	p.start(680, 980, mix(white, hsv(0.12, 0.25, 0.95), r.Float64()))
	size := between(r, 13, 19)
	ink := grey(uint8(20 + r.IntN(40)))
	style := one(r, regular, regular, italic, mono)
	left := between(r, 50, 90)
	p.centre(340, 50, title(r, 2, 4), smallCaps, size*0.9, ink)
	columns := 1 + r.IntN(2)
	w := (680 - 2*left - 24*float64(columns-1)) / float64(columns)
	for c := range columns {
		y := 90.0
		for y < 900 {
			x := left + float64(c)*(w+24)
			if p.fill.next().IntN(7) == 0 {
				p.text(x, y+size*0.4, p.fill.title(1, 3), bold, size*1.15, ink)
				y += size * 2.2
			}
			y = p.paragraph(x, y, w, 900, p.fill.words(30, 90), style, size, size*1.4, ink)
		}
	}
	p.centre(340, 950, fmt.Sprint(p.fill.count(1, 600)), regular, size, ink)
}

// article is a page of a paper or magazine: title, columns and a picture.
func article(p *print) {
	r := p.style
	p.start(760, 1018, mix(white, pale(r), 0.6))
	size := between(r, 10, 13)
	ink := grey(uint8(10 + r.IntN(40)))
	p.text(40, 40, title(r, 1, 2), smallCaps, 16, vivid(r))
	p.box(40, 50, 680, 2, ink)
	y := p.paragraph(40, 100, 680, 200, p.fill.words(5, 9), bold, 38, 44, ink)
	y = p.paragraph(40, y, 680, 260, p.fill.words(12, 20), italic, 17, 22, grey(80)) + 10
	ph := between(r, 180, 320)
	full := p.coin()
	pw := 680.0
	if !full {
		pw = 450
	}
	p.lay(p.picture(int(pw), int(ph)), 40, 270, pw, ph)
	columns := 3
	w := (680 - 40.0) / float64(columns)
	_ = y
	for c := range columns {
		y := 270 + ph + 30
		if !full && c == 2 {
			y = 280
		}
		for y < 980 {
			y = p.paragraph(40+float64(c)*(w+20), y, w, 985, p.fill.words(40, 80), regular, size, size*1.3, ink) + 4
		}
	}
}

// receipt is a slip of a till.
func receipt(p *print) {
	r := p.style
	p.start(440, 900, one(r, grey(200), grey(90), dark(r)))
	paper := mix(white, pale(r), 0.4)
	p.box(30, 20, 380, 860, paper)
	ink := grey(uint8(30 + r.IntN(50)))
	p.centre(220, 70, title(r, 1, 2), bold, 28, ink)
	p.centre(220, 95, title(r, 3, 4), mono, 13, ink)
	p.centre(220, 125, p.fill.date(), mono, 13, ink)
	y := 160.0
	for range p.fill.count(9, 20) {
		p.text(50, y, p.fill.title(1, 2), mono, 15, ink)
		p.right(390, y, p.fill.amount(), mono, 15, ink)
		y += 26
	}
	p.box(50, 700, 340, 2, ink)
	p.text(50, 730, title(r, 1, 1), monoBold, 20, ink)
	p.right(390, 730, p.fill.amount(), monoBold, 20, ink)
	for i, x := 0, 70.0; x < 370; i++ {
		w := 1 + 4*p.fill.next().Float64()
		if i%2 == 0 {
			p.box(x, 770, math.Round(w), 60, ink)
		}
		x += math.Round(w) + 1
	}
	p.centre(220, 860, title(r, 3, 5), mono, 12, ink)
}
