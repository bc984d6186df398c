package main

import (
	"fmt"
	"image/color"
	"math/rand/v2"
)

// look is the colours and the chrome of a desktop.
type look struct {
	dark                            bool
	ground, panel, ink, faint, mark color.RGBA
	system                          int // 0 buttons left as discs, 1 right as signs on a wide bar, 2 one cross, old bevels
}

func newLook(r *rand.Rand) look {
	l := look{system: r.IntN(3), mark: vivid(r)}
	if l.dark = r.IntN(5) < 2; l.dark {
		v := uint8(20 + r.IntN(30))
		l.ground, l.panel, l.ink, l.faint = grey(v), grey(v+14), grey(225), grey(120)
	} else {
		l.ground, l.panel, l.ink, l.faint = white, grey(uint8(225+r.IntN(25))), grey(25), grey(140)
	}
	return l
}

// window draws a frame over the whole sheet and returns the height of its bar.
func (s *sheet) window(l look, title string, x, y, w, h float64) float64 {
	bar := []float64{34, 30, 26}[l.system]
	s.box(x, y, w, h, l.ground)
	switch l.system {
	case 0:
		s.box(x, y, w, bar, l.panel)
		for i, c := range []color.RGBA{{255, 95, 87, 255}, {254, 188, 46, 255}, {40, 200, 64, 255}} {
			s.disc(x+18+float64(i)*20, y+bar/2, 6, 6, c)
		}
		s.centre(x+w/2, y+bar*0.65, title, medium, 14, l.ink)
	case 1:
		s.box(x, y, w, bar, mix(l.panel, l.mark, 0.15))
		s.box(x+8, y+8, 14, 14, l.mark)
		s.text(x+30, y+bar*0.66, title, regular, 13, l.ink)
		s.line(x+w-120, y+bar/2, x+w-108, y+bar/2, 1.3, l.ink)
		s.rule(x+w-76, y+bar/2-6, 12, 12, 1.2, l.ink)
		s.line(x+w-32, y+bar/2-6, x+w-20, y+bar/2+6, 1.3, l.ink)
		s.line(x+w-20, y+bar/2-6, x+w-32, y+bar/2+6, 1.3, l.ink)
	default:
		s.box(x, y, w, bar, l.mark)
		s.text(x+8, y+bar*0.7, title, bold, 14, white)
		s.box(x+w-24, y+4, 18, 18, grey(200))
		s.line(x+w-20, y+8, x+w-11, y+17, 2, black)
		s.line(x+w-11, y+8, x+w-20, y+17, 2, black)
		s.rule(x, y, w, h, 2, mix(l.mark, black, 0.3))
	}
	return bar
}

// side fills a list at the left edge.
func (p *print) side(l look, x, y, w, h float64, own bool) {
	p.box(x, y, w, h, l.panel)
	at := y + 26
	for at < y+h-10 {
		line := title(p.style, 1, 2)
		if own {
			line = p.fill.title(1, 3)
		}
		p.round(x+12, at-11, 13, 13, 3, mix(l.mark, l.faint, p.style.Float64()))
		p.text(x+32, at, line, regular, 13, l.ink)
		at += 25
	}
}

// files is a file manager.
func files(p *print) {
	r := p.style
	l := newLook(r)
	p.start(one(r, 900, 1100), 680, l.ground)
	bar := p.window(l, p.fill.title(1, 2), 0, 0, p.w(), p.h())
	p.side(l, 0, bar, 180, p.h()-bar, false)
	p.box(180, bar, p.w()-180, 36, mix(l.panel, l.ground, 0.5))
	p.text(200, bar+24, p.fill.title(1, 3), regular, 14, l.ink)
	if p.coin() {
		for y := bar + 64; y < p.h()-10; y += 24 {
			p.box(198, y-13, 14, 15, mix(vivid(p.fill.next()), l.panel, 0.4))
			p.text(222, y, fileName(p.fill.next()), regular, 13.5, l.ink)
			p.text(p.w()-330, y, p.fill.date(), regular, 13, l.faint)
			p.right(p.w()-40, y, fmt.Sprint(p.fill.count(1, 9000), " KB"), regular, 13, l.faint)
		}
		return
	}
	for y := bar + 60; y < p.h()-110; y += 125 {
		for x := 210.0; x < p.w()-100; x += 120 {
			switch p.fill.next().IntN(3) {
			case 0:
				p.lay(p.picture(84, 64), x, y, 84, 64)
			case 1:
				p.round(x, y+4, 80, 58, 6, hsv(0.13, 0.6, 0.95))
				p.round(x, y-4, 34, 16, 4, hsv(0.12, 0.65, 0.85))
			default:
				p.box(x+14, y-4, 52, 68, grey(245))
				p.rule(x+14, y-4, 52, 68, 1, grey(170))
				p.box(x+20, y+20, 40, 14, vivid(p.fill.next()))
			}
			n := fileName(p.fill.next())
			p.text(x-8, y+86, n[:min(len(n), 15)], regular, 12.5, l.ink)
		}
	}
}

// browser is a browser with a page of one site.
func browser(p *print) {
	r := p.style
	l := newLook(r)
	p.start(1100, 720, white)
	bar := p.window(l, p.fill.title(2, 4), 0, 0, 1100, 720)
	p.box(0, bar, 1100, 38, l.panel)
	p.round(120, bar+6, 760, 26, 13, l.ground)
	p.text(140, bar+24, "www."+word(r)+"."+one(r, "com", "de", "fr", "org")+"/"+p.fill.line(1, 1), regular, 13, l.faint)
	p.text(24, bar+26, "<   >   o", bold, 16, l.faint)
	top := bar + 38
	page := one(r, white, white, pale(r))
	p.box(0, top, 1100, 720-top, page)
	accent := vivid(r)
	p.box(0, top, 1100, 60, one(r, accent, white, dark(r)))
	p.logo(40, top+10, 40)
	for i := range 5 {
		p.text(420+float64(i)*130, top+38, title(r, 1, 1), medium, 16, mix(accent, grey(128), 0.5))
	}
	switch r.IntN(3) {
	case 0:
		p.lay(p.picture(700, 260), 60, top+80, 700, 240)
		p.paragraph(60, top+360, 700, top+400, p.fill.words(4, 8), bold, 32, 36, grey(25))
		for y := top + 410; y < 715; {
			y = p.paragraph(60, y, 700, 715, p.fill.words(30, 60), regular, 15, 21, grey(50)) + 8
		}
	case 1:
		y := p.paragraph(60, top+110, 700, top+160, p.fill.words(4, 8), bold, 34, 40, grey(25))
		for y < 715 {
			y = p.paragraph(60, y, 700, 715, p.fill.words(30, 60), regular, 16, 22, grey(50)) + 10
		}
	default:
		for y := top + 90; y < 700; y += 84 {
			p.text(60, y, p.fill.title(4, 8), regular, 20, hsv(0.62, 0.8, 0.7))
			p.text(60, y+20, p.fill.line(2, 4), regular, 13, hsv(0.38, 0.8, 0.45))
			p.paragraph(60, y+40, 660, y+60, p.fill.words(18, 28), regular, 14, 18, grey(70))
		}
	}
	p.box(800, top+80, 260, 560, mix(page, accent, 0.1))
	own := p.coin()
	for i := range 4 {
		words := sentenceWords(r, 8, 16)
		if own {
			words = p.fill.words(8, 16)
		}
		p.box(812, top+96+float64(i)*130, 236, 26, mix(accent, white, 0.2))
		p.paragraph(816, top+146+float64(i)*130, 230, top+210+float64(i)*130, words, regular, 14, 19, grey(60))
	}
}

// editor is an editor with code.
func editor(p *print) {
	r := p.style
	l := newLook(r)
	p.start(1100, 720, l.ground)
	bar := p.window(l, fileName(p.fill.next()), 0, 0, 1100, 720)
	p.side(l, 0, bar, 200, 720-bar, p.coin())
	for i := range 3 {
		p.box(200+float64(i)*150, bar, 148, 28, mix(l.panel, l.ground, float64(i)/3))
		p.text(214+float64(i)*150, bar+19, fileName(p.fill.next()), regular, 12.5, l.ink)
	}
	inks := []color.RGBA{l.ink, hsv(0.83, 0.5, 0.7), hsv(0.57, 0.6, 0.75), hsv(0.3, 0.5, 0.65), hsv(0.08, 0.6, 0.8)}
	size := between(r, 12, 16)
	indent := 0
	for i, y := 1, bar+50.0; y < 690; i, y = i+1, y+size*1.45 {
		p.right(236, y, fmt.Sprint(i), mono, size*0.85, l.faint)
		c := p.fill.next()
		x := 250 + float64(indent)*size*2.4
		for range c.IntN(8) {
			x = p.text(x, y, one(c, "if", "return", "func", "for", word(c), word(c)+"()", word(c)+"."+word(c), "=", "{", "}", "// "+word(c)), mono, size, one(c, inks...)) + size*0.6
			if x > 960 {
				break
			}
		}
		indent = max(0, min(4, indent+c.IntN(3)-1))
	}
	p.box(1040, bar+28, 60, 692-bar, mix(l.panel, l.ground, 0.5))
	p.box(0, 696, 1100, 24, l.mark)
	p.text(14, 713, title(r, 3, 4), regular, 12.5, white)
}

// terminal is a shell.
func terminal(p *print) {
	r := p.style
	l := newLook(r)
	l.ground = one(r, grey(15), dark(r), hsv(0.13, 0.1, 0.97))
	ink := grey(225)
	if l.ground.R > 128 {
		ink = grey(50)
	}
	p.start(one(r, 820, 1000), 620, l.ground)
	bar := p.window(l, title(r, 1, 2), 0, 0, p.w(), p.h())
	p.box(0, bar, p.w(), p.h()-bar, l.ground)
	size := between(r, 13, 17)
	prompt := word(r) + "@" + word(r) + ":~$ "
	for y := bar + 24; y < p.h()-8; y += size * 1.35 {
		c := p.fill.next()
		switch c.IntN(4) {
		case 0:
			x := p.text(12, y, prompt, monoBold, size, hsv(0.33, 0.7, 0.7))
			p.text(x, y, word(c)+" -"+word(c)[:1]+" "+fileName(c), mono, size, ink)
		case 1:
			p.text(12, y, fmt.Sprintf("-rw-r--r-- %6d %s %s", c.IntN(999999), date(c), fileName(c)), mono, size, ink)
		case 2:
			p.text(12, y, fmt.Sprintf("[%s] %s %d %s", one(c, "ok", "info", "warn"), word(c), c.IntN(1000), word(c)), mono, size, mix(ink, vivid(c), 0.4))
		default:
			p.text(12, y, fmt.Sprint(sentenceWords(c, 3, 9)), mono, size, ink)
		}
	}
}

// chat is a chat on a desktop.
func chat(p *print) {
	r := p.style
	l := newLook(r)
	p.start(one(r, 900, 1060), 700, l.ground)
	bar := p.window(l, title(r, 1, 1), 0, 0, p.w(), p.h())
	p.box(0, bar, 250, p.h()-bar, l.panel)
	own := p.coin()
	for y := bar + 20; y < p.h()-40; y += 62 {
		n, m := name(r), title(r, 2, 4)
		if own {
			n, m = p.fill.name(), p.fill.title(2, 4)
		}
		p.disc(32, y+20, 19, 19, mix(vivid(r), l.panel, 0.3))
		p.text(62, y+16, n, medium, 14, l.ink)
		p.text(62, y+34, m[:min(len(m), 24)], regular, 12.5, l.faint)
	}
	p.bubbles(l, 270, bar+20, p.w()-290, p.h()-70, 15)
	p.round(270, p.h()-50, p.w()-290, 36, 18, l.panel)
}

// bubbles draws what was said.
func (p *print) bubbles(l look, x, y, w, bottom, size float64) {
	mine, other := l.mark, mix(l.panel, l.ink, 0.06)
	for y < bottom-30 {
		c := p.fill.next()
		words := sentenceWords(c, 2, 22)
		bw := w * between(c, 0.35, 0.7)
		rows, at := 1.0, 0.0
		for _, s := range words {
			ww := p.wide(s+" ", regular, size)
			if at+ww > bw-24 {
				rows, at = rows+1, 0
			}
			at += ww
		}
		h := rows*size*1.3 + 14
		bx, paint, ink := x, other, l.ink
		if c.IntN(2) == 0 {
			bx, paint, ink = x+w-bw, mine, white
		}
		p.round(bx, y, bw, h, 12, paint)
		p.paragraph(bx+12, y+size+5, bw-24, y+h, words, regular, size, size*1.3, ink)
		y += h + 12
	}
}

// dialog is a dialog over a desktop that stays the same.
func dialog(p *print) {
	r := p.style
	l := newLook(r)
	a, b := vivid(r), dark(r)
	p.start(1000, 640, a)
	for i := range 64 {
		p.box(0, float64(i)*10, 1000, 10, mix(a, b, float64(i)/63))
	}
	for i := range 7 {
		p.round(30, 24+float64(i)*78, 44, 44, 8, vivid(r))
		p.text(20, 84+float64(i)*78, title(r, 1, 1), regular, 12, white)
	}
	p.box(0, 606, 1000, 34, see(black, 0.6))
	x, y, w, h := between(r, 130, 260), between(r, 50, 120), between(r, 560, 700), between(r, 400, 470)
	bar := p.window(l, p.fill.title(1, 3), x, y, w, h)
	p.box(x, y+bar, 150, h-bar, l.panel)
	for i := range 7 {
		p.text(x+16, y+bar+30+float64(i)*28, title(r, 1, 1), regular, 14, l.ink)
	}
	p.text(x+170, y+bar+36, p.fill.title(2, 4), bold, 21, l.ink)
	at := y + bar + 70
	for at < y+h-80 {
		switch p.fill.next().IntN(3) {
		case 0:
			p.rule(x+170, at-11, 14, 14, 1.3, l.ink)
			if p.fill.next().IntN(2) == 0 {
				p.box(x+173, at-8, 8, 8, l.mark)
			}
			p.text(x+194, at, p.fill.title(2, 5), regular, 14, l.ink)
			at += 30
		case 1:
			p.text(x+170, at, p.fill.title(1, 2), regular, 14, l.ink)
			p.rule(x+330, at-17, w-360, 26, 1, l.faint)
			p.text(x+340, at, p.fill.title(1, 3), regular, 14, l.ink)
			at += 38
		default:
			at = p.paragraph(x+170, at, w-200, y+h-70, p.fill.words(12, 30), regular, 14, 20, l.ink) + 10
		}
	}
	p.round(x+w-220, y+h-46, 90, 30, 5, l.mark)
	p.centre(x+w-175, y+h-26, "OK", medium, 14, white)
	p.round(x+w-115, y+h-46, 90, 30, 5, l.panel)
	p.centre(x+w-70, y+h-26, title(r, 1, 1), medium, 14, l.ink)
}

// spreadsheet is a window of cells.
func spreadsheet(p *print) {
	r := p.style
	l := newLook(r)
	p.start(1100, 700, white)
	bar := p.window(l, fileName(p.fill.next()), 0, 0, 1100, 700)
	p.box(0, bar, 1100, 700-bar, white) // cells are white, whatever the window
	p.box(0, bar, 1100, 70, l.panel)
	for i := range 26 {
		p.round(14+float64(i)*36, bar+10, 24, 22, 3, mix(l.panel, vivid(r), 0.35))
	}
	p.text(14, bar+60, "fx   "+p.fill.line(1, 3), mono, 14, l.ink)
	top := bar + 70
	p.box(0, top, 1100, 22, grey(225))
	for c := range 11 {
		p.centre(92+float64(c)*100, top+16, string(rune('A'+c)), regular, 13, grey(80))
	}
	for i := 0; top+22+float64(i)*22 < 690; i++ {
		y := top + 22 + float64(i)*22
		p.box(0, y, 42, 22, grey(225))
		p.right(34, y+16, fmt.Sprint(i+1), regular, 12, grey(80))
		p.box(0, y+21, 1100, 1, grey(205))
		for c := range 10 {
			if f, given := p.fill.next(), r.IntN(8) > 0; given && f.IntN(5) > 0 {
				if c == 0 {
					p.text(48, y+16, title(f, 1, 1), regular, 13, grey(30))
				} else {
					p.right(136+float64(c)*100, y+16, amount(f), regular, 13, grey(30))
				}
			}
		}
	}
	for c := range 12 {
		p.box(42+float64(c)*100, top, 1, 700-top, grey(205))
	}
	if p.coin() {
		p.box(520, 380, 460, 270, white)
		p.rule(520, 380, 460, 270, 1, grey(150))
		p.chart(540, 400, 420, 210)
	}
}

// mail is a mail program: folders, list, message.
func mail(p *print) {
	r := p.style
	l := newLook(r)
	p.start(1100, 700, l.ground)
	bar := p.window(l, title(r, 1, 1), 0, 0, 1100, 700)
	p.side(l, 0, bar, 170, 700-bar, false)
	own := p.coin()
	for y := bar + 10; y < 690; y += 70 {
		a, b, c := name(r), title(r, 3, 5), title(r, 4, 6)
		if own {
			a, b, c = p.fill.name(), p.fill.title(3, 5), p.fill.title(4, 6)
		}
		p.text(184, y+18, a, bold, 14, l.ink)
		p.text(184, y+36, b[:min(len(b), 34)], regular, 13, l.ink)
		p.text(184, y+54, c[:min(len(c), 36)], regular, 12, l.faint)
		p.box(176, y+64, 260, 1, l.panel)
	}
	p.box(440, bar, 1, 700-bar, l.faint)
	p.text(464, bar+44, p.fill.title(3, 6), bold, 24, l.ink)
	p.disc(482, bar+82, 18, 18, l.mark)
	p.text(512, bar+80, p.fill.name(), medium, 15, l.ink)
	p.text(512, bar+98, p.fill.date(), regular, 13, l.faint)
	for y := bar + 140; y < 690; {
		y = p.paragraph(464, y, 600, 690, p.fill.words(25, 60), regular, 15, 21, l.ink) + 12
	}
}
