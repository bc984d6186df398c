package main

import (
	"image"
	"math"
)

// view is another view of a scene, as if the camera had moved: its parts are
// displaced by a few hundredths of the long side, each in its own direction, so
// that no affine map takes one view to the other; things came and went, the
// light changed. The strange picture lends the things that came.
func view(h *hand, img, strange *image.RGBA) *image.RGBA {
	w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	long := max(w, hh)
	type push struct{ x, y, reach, dx, dy float64 }
	var pushes []push
	turn := h.Float64() * 2 * math.Pi
	for range 6 + h.IntN(5) { // one after the other about a third of a turn apart
		turn += between(h.rng, 1.5, 2.8)
		d := between(h.rng, 0.025, 0.055) * long
		sin, cos := math.Sincos(turn)
		pushes = append(pushes, push{h.Float64() * w, h.Float64() * hh, between(h.rng, 0.16, 0.3) * long, d * cos, d * sin})
	}
	things(h, img, strange)
	shadows(h, img)
	k := math.Sqrt(between(h.rng, 0.72, 0.93))
	ox, oy := h.Float64()*w*(1-k), h.Float64()*hh*(1-k)
	sin, cos := math.Sincos(h.NormFloat64() * 0.03)
	p, q := between(h.rng, -0.05, 0.05), between(h.rng, -0.05, 0.05)
	out := warp(img, int(w*k), int(hh*k), grey(90), func(x, y float64) (float64, float64) {
		x, y = x+ox-w/2, y+oy-hh/2
		z := 1 + p*x/w + q*y/hh
		x, y = (cos*x-sin*y)/z+w/2, (sin*x+cos*y)/z+hh/2
		dx, dy := 0.0, 0.0
		for _, u := range pushes {
			a, b := (x-u.x)/u.reach, (y-u.y)/u.reach
			g := math.Exp(-(a*a + b*b) * 2)
			dx, dy = dx+g*u.dx, dy+g*u.dy
		}
		// Nothing from outside comes in: the edge gives way.
		return max(0.5, min(w-0.5, x+dx)), max(0.5, min(hh-0.5, y+dy))
	})
	gain, gamma := between(h.rng, 0.8, 1.2), between(h.rng, 0.8, 1.25)
	warm := between(h.rng, -0.06, 0.06)
	out = curves(out, func(c int, v float64) float64 {
		return gain * math.Pow(v, gamma) * (1 + warm*float64(1-c))
	})
	return h.noise(out, between(h.rng, 0.5, 4))
}

// things puts parts of a strange picture into a scene, with soft edges.
func things(h *hand, img, strange *image.RGBA) {
	w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	for range 1 + h.IntN(3) {
		cx, cy := h.Float64()*w, between(h.rng, 0.3, 1)*hh
		rx, ry := between(h.rng, 0.05, 0.13)*w, between(h.rng, 0.06, 0.16)*hh
		dx, dy := h.IntN(strange.Rect.Dx()), h.IntN(strange.Rect.Dy())
		each(img, func(x, y int, px []uint8) {
			d := math.Hypot((float64(x)-cx)/rx, (float64(y)-cy)/ry)
			a := max(0, min(1, (1.05-d)*8))
			if a == 0 {
				return
			}
			o := (y+dy)%strange.Rect.Dy()*strange.Stride + 4*((x+dx)%strange.Rect.Dx())
			for c := range 3 {
				px[c] = level(float64(px[c])*(1-a) + a*float64(strange.Pix[o+c]))
			}
		})
	}
}

// shadows lays one or two soft shadows over a scene.
func shadows(h *hand, img *image.RGBA) {
	w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	for range 1 + h.IntN(2) {
		sin, cos := math.Sincos(h.Float64() * 2 * math.Pi)
		at, wide, depth := between(h.rng, -0.4, 0.4), between(h.rng, 0.05, 0.3), between(h.rng, 0.15, 0.5)
		each(img, func(x, y int, px []uint8) {
			t := (float64(x)/w-0.5)*cos + (float64(y)/hh-0.5)*sin - at
			k := 1 - depth*max(0, min(1, (wide-math.Abs(t))*25))
			for c := range 3 {
				px[c] = level(float64(px[c]) * k)
			}
		})
	}
}
