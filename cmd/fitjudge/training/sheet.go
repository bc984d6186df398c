package main

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// The faces that a sheet writes with.
const (
	regular = iota
	bold
	italic
	boldItalic
	medium
	mono
	monoBold
	smallCaps
)

// fonts holds the parsed faces, in the order of the constants.
type fonts [8]*opentype.Font

func readFonts() (fonts, error) {
	var f fonts
	for i, ttf := range [...][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomedium.TTF, gomono.TTF, gomonobold.TTF, gosmallcaps.TTF} {
		p, err := opentype.Parse(ttf)
		if err != nil {
			return f, err
		}
		f[i] = p
	}
	return f, nil
}

// sheet is a picture to draw on, in pixels from the upper left corner.
type sheet struct {
	*image.RGBA
	fonts *fonts
	faces map[faceOf]font.Face
}

type faceOf struct {
	style int
	size  float64
}

func newSheet(f *fonts, width, height int, ground color.RGBA) *sheet {
	s := onto(f, image.NewRGBA(image.Rect(0, 0, width, height)))
	draw.Draw(s.RGBA, s.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	return s
}

// onto makes a sheet of a picture, which is drawn over.
func onto(f *fonts, img *image.RGBA) *sheet {
	return &sheet{img, f, make(map[faceOf]font.Face)}
}

func (s *sheet) w() float64 { return float64(s.Rect.Dx()) }
func (s *sheet) h() float64 { return float64(s.Rect.Dy()) }

// box fills the box at (x, y) of a width and a height.
func (s *sheet) box(x, y, w, h float64, c color.RGBA) {
	r := image.Rect(int(math.Round(x)), int(math.Round(y)), int(math.Round(x+w)), int(math.Round(y+h)))
	draw.Draw(s.RGBA, r, image.NewUniform(c), image.Point{}, draw.Over)
}

// rule draws the outline of a box, t thick, inside.
func (s *sheet) rule(x, y, w, h, t float64, c color.RGBA) {
	s.box(x, y, w, t, c)
	s.box(x, y+h-t, w, t, c)
	s.box(x, y+t, t, h-2*t, c)
	s.box(x+w-t, y+t, t, h-2*t, c)
}

// area fills a closed path of points.
func (s *sheet) area(c color.RGBA, points ...[2]float64) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		x0, y0, x1, y1 = min(x0, p[0]), min(y0, p[1]), max(x1, p[0]), max(y1, p[1])
	}
	part := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1))+1, int(math.Ceil(y1))+1)
	if part.Dx() <= 0 || part.Dy() <= 0 || part.Dx() > 4000 || part.Dy() > 4000 {
		return
	}
	v := vector.NewRasterizer(part.Dx(), part.Dy())
	for i, p := range points {
		x, y := float32(p[0]-float64(part.Min.X)), float32(p[1]-float64(part.Min.Y))
		if i == 0 {
			v.MoveTo(x, y)
		} else {
			v.LineTo(x, y)
		}
	}
	v.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, part.Dx(), part.Dy()))
	v.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	draw.DrawMask(s.RGBA, part, image.NewUniform(c), image.Point{}, mask, image.Point{}, draw.Over)
}

// line draws a straight line, t thick.
func (s *sheet) line(x0, y0, x1, y1, t float64, c color.RGBA) {
	dx, dy := x1-x0, y1-y0
	l := math.Hypot(dx, dy)
	if l < 1e-6 {
		return
	}
	nx, ny := -dy/l*t/2, dx/l*t/2
	s.area(c, [2]float64{x0 + nx, y0 + ny}, [2]float64{x1 + nx, y1 + ny}, [2]float64{x1 - nx, y1 - ny}, [2]float64{x0 - nx, y0 - ny})
}

// path draws lines from point to point.
func (s *sheet) path(t float64, c color.RGBA, points ...[2]float64) {
	for i := 1; i < len(points); i++ {
		s.line(points[i-1][0], points[i-1][1], points[i][0], points[i][1], t, c)
	}
}

// disc fills an ellipse.
func (s *sheet) disc(cx, cy, rx, ry float64, c color.RGBA) {
	s.area(c, arc(cx, cy, rx, ry, 0, 2*math.Pi)...)
}

// round fills a box with round corners.
func (s *sheet) round(x, y, w, h, r float64, c color.RGBA) {
	r = min(r, w/2, h/2)
	var p [][2]float64
	p = append(p, arc(x+w-r, y+r, r, r, -math.Pi/2, 0)...)
	p = append(p, arc(x+w-r, y+h-r, r, r, 0, math.Pi/2)...)
	p = append(p, arc(x+r, y+h-r, r, r, math.Pi/2, math.Pi)...)
	p = append(p, arc(x+r, y+r, r, r, math.Pi, 3*math.Pi/2)...)
	s.area(c, p...)
}

func arc(cx, cy, rx, ry, from, to float64) [][2]float64 {
	n := 4 + int(math.Abs(to-from)*math.Sqrt(max(rx, ry)))
	p := make([][2]float64, 0, n+1)
	for i := range n + 1 {
		sin, cos := math.Sincos(from + (to-from)*float64(i)/float64(n))
		p = append(p, [2]float64{cx + rx*cos, cy + ry*sin})
	}
	return p
}

func (s *sheet) face(style int, size float64) font.Face {
	size = math.Round(4*size) / 4
	k := faceOf{style, size}
	f, ok := s.faces[k]
	if !ok {
		var err error
		f, err = opentype.NewFace(s.fonts[style], &opentype.FaceOptions{Size: max(size, 3), DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			panic(err) // the options above are never refused
		}
		s.faces[k] = f
	}
	return f
}

// text writes a line with its baseline at y, and returns where it ends.
func (s *sheet) text(x, y float64, line string, style int, size float64, c color.RGBA) float64 {
	d := font.Drawer{Dst: s.RGBA, Src: image.NewUniform(c), Face: s.face(style, size)}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)}
	d.DrawString(line)
	return float64(d.Dot.X) / 64
}

// wide is how wide a line would be.
func (s *sheet) wide(line string, style int, size float64) float64 {
	return float64(font.MeasureString(s.face(style, size), line)) / 64
}

// right writes a line that ends at x.
func (s *sheet) right(x, y float64, line string, style int, size float64, c color.RGBA) {
	s.text(x-s.wide(line, style, size), y, line, style, size, c)
}

// centre writes a line with its middle at x.
func (s *sheet) centre(x, y float64, line string, style int, size float64, c color.RGBA) {
	s.text(x-s.wide(line, style, size)/2, y, line, style, size, c)
}

// paragraph fills lines of a width with words, the first baseline at y, and
// returns the baseline after the last. It ends at the bottom.
func (s *sheet) paragraph(x, y, width, bottom float64, words []string, style int, size, leading float64, c color.RGBA) float64 {
	space := s.wide(" ", style, size)
	at := x
	for _, word := range words {
		l := s.wide(word, style, size)
		if at > x && at+l > x+width {
			at, y = x, y+leading
		}
		if y > bottom {
			return y
		}
		at = s.text(at, y, word, style, size, c) + space
	}
	return y + leading
}

// lay draws a picture into a box, scaled to fill it, cut where the shapes differ.
func (s *sheet) lay(img image.Image, x, y, w, h float64) {
	b := img.Bounds()
	k := max(w/float64(b.Dx()), h/float64(b.Dy()))
	cw, ch := w/k, h/k
	x0, y0 := float64(b.Min.X)+(float64(b.Dx())-cw)/2, float64(b.Min.Y)+(float64(b.Dy())-ch)/2
	part := image.Rect(int(x0), int(y0), int(math.Round(x0+cw)), int(math.Round(y0+ch))).Intersect(b)
	scaleInto(s.RGBA, image.Rect(int(x), int(y), int(x+w), int(y+h)), img, part)
}
