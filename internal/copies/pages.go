package copies

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	xdraw "golang.org/x/image/draw"
)

var (
	white = color.NRGBA{255, 255, 255, 255}
	black = color.NRGBA{0, 0, 0, 255}
)

// ground is the colour of a frame or a sticker.
func (h *hand) ground() color.NRGBA {
	switch h.IntN(4) {
	case 0:
		return black
	case 1:
		return white
	}
	return color.NRGBA{uint8(h.IntN(256)), uint8(h.IntN(256)), uint8(h.IntN(256)), 255}
}

func page(w, h int, c color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return out
}

// bordered lays a picture on a ground that is larger on each side by shares of its long side.
func bordered(img *image.NRGBA, sides, ends float64, c color.NRGBA) *image.NRGBA {
	long := float64(max(img.Rect.Dx(), img.Rect.Dy()))
	x, y := int(sides*long), int(ends*long)
	out := page(img.Rect.Dx()+2*x, img.Rect.Dy()+2*y, c)
	draw.Draw(out, img.Rect.Add(image.Pt(x, y)), img, image.Point{}, draw.Src)
	return out
}

// place lays a picture on another, its corner at shares of the sides.
func place(on *image.NRGBA, img image.Image, x, y float64) {
	at := image.Pt(int(x*float64(on.Rect.Dx())), int(y*float64(on.Rect.Dy())))
	draw.Draw(on, img.Bounds().Add(at), img, img.Bounds().Min, draw.Src)
}

// block paints a box; all are shares of the sides.
func (h *hand) block(on *image.NRGBA, x, y, w, t float64, c color.NRGBA) {
	dx, dy := float64(on.Rect.Dx()), float64(on.Rect.Dy())
	box := image.Rect(int(x*dx), int(y*dy), int((x+w)*dx), int((y+t)*dy))
	draw.Draw(on, box.Intersect(on.Rect), image.NewUniform(c), image.Point{}, draw.Over)
}

// words are what captions and pages are filled with.
var words = [...]string{"summer", "by", "the", "lake", "with", "Anna", "2019", "our", "house", "before", "a", "long", "winter", "copy", "of", "her", "garden", "first", "day", "at", "school"}

// line writes three to eight words from a place, shares of the sides, as high as a share of the
// height. What has no room is cut off.
func (h *hand) line(on *image.NRGBA, x, y, size float64, c color.NRGBA) {
	text := ""
	for range 3 + h.IntN(6) {
		text += words[h.IntN(len(words))] + " "
	}
	face := basicfont.Face7x13
	small := image.NewAlpha(image.Rect(0, 0, 7*len(text), 13))
	(&font.Drawer{Dst: small, Src: image.Opaque, Face: face, Dot: fixed.P(0, 11)}).DrawString(text)
	high := max(6, int(size*float64(on.Rect.Dy())))
	box := image.Rect(0, 0, high*7*len(text)/13, high)
	mask := image.NewAlpha(box)
	xdraw.ApproxBiLinear.Scale(mask, box, small, small.Rect, draw.Src, nil)
	at := image.Pt(int(x*float64(on.Rect.Dx())), int(y*float64(on.Rect.Dy())))
	draw.DrawMask(on, box.Add(at).Intersect(on.Rect), image.NewUniform(c), image.Point{}, mask, image.Point{}, draw.Over)
}

// phone is a screenshot of a phone that shows the picture across its width.
func phone(h *hand, img *image.NRGBA) (image.Image, string) {
	ground, ink := black, white
	if h.IntN(2) == 0 {
		ground, ink = white, black
	}
	shown := fitted(img, 540)
	if shown.Rect.Dx() < 540 { // an upright picture
		shown = scaled(shown, 540/float64(shown.Rect.Dx()))
	}
	out := page(540, max(1000, shown.Rect.Dy()+220), ground)
	tall := float64(out.Rect.Dy())
	h.line(out, 0.04, 0.012, 18/tall, ink)
	h.line(out, 0.12, 0.055, 24/tall, ink)
	place(out, shown, 0, float64(out.Rect.Dy()-shown.Rect.Dy())/2/tall)
	for i := range 4 {
		h.block(out, 0.1+0.22*float64(i), 1-60/tall, 0.06, 30/tall, ink)
	}
	return out, ""
}

// desktop is a screenshot of a window that shows the picture.
func desktop(h *hand, img *image.NRGBA) (image.Image, string) {
	out := page(1280, 800, color.NRGBA{uint8(40 + h.IntN(180)), uint8(40 + h.IntN(180)), uint8(60 + h.IntN(180)), 255})
	bar := color.NRGBA{235, 235, 238, 255}
	h.block(out, 0.05, 0.04, 0.9, 0.92, color.NRGBA{250, 250, 250, 255})
	h.block(out, 0.05, 0.04, 0.9, 0.05, bar)
	h.line(out, 0.07, 0.05, 0.024, black)
	for i := range 9 {
		h.line(out, 0.06, 0.13+0.06*float64(i), 0.018, color.NRGBA{90, 90, 90, 255})
	}
	h.block(out, 0.155, 0.09, 0.8, 0.87, color.NRGBA{250, 250, 250, 255})
	k := min(1000/float64(img.Rect.Dx()), 670/float64(img.Rect.Dy()))
	shown := scaled(img, k)
	place(out, shown, 0.165+(0.78-float64(shown.Rect.Dx())/1280)/2, 0.105)
	return out, ""
}
