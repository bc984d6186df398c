package main

import (
	"fmt"
	"image"
	"math"
	"strings"
)

// strongEdits are the edits by which most copies are lost, at strengths at which a person
// still knows the picture: what covers it, what spreads its tones unevenly, what bends it.
func strongEdits() []edit {
	return []edit{
		{"stickers", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			return h.covered(img, between(h.rng, 0.15, 0.42))
		}},
		{"stickers", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			return h.covered(img, between(h.rng, 0.15, 0.42))
		}},
		{"tiled-watermark", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			return h.watermarked(img, 0.35, 0.85)
		}},
		{"equalize", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			if h.IntN(3) == 0 {
				k := one(h.rng, between(h.rng, 0.5, 0.8), between(h.rng, 1.3, 2))
				return curve(equalized(img, h.IntN(2) == 0), func(v float64) float64 { return math.Pow(v, k) }), fmt.Sprintf("gamma %.2f", k)
			}
			return equalized(img, h.IntN(2) == 0), ""
		}},
		{"vignette", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.7, 1)
			return vignette(img, k, between(h.rng, 1, 2.5)), fmt.Sprintf("%.2f", k)
		}},
		{"perspective", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 0.1, 0.2)
			return h.perspective(img, k), fmt.Sprintf("up to %.2f of a side", k)
		}},
		{"rotate-crop", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			a := one(h.rng, -1.0, 1) * between(h.rng, 8, 30)
			t := math.Abs(a) * math.Pi / 180
			w, hh := float64(img.Rect.Dx()), float64(img.Rect.Dy())
			k := math.Cos(t) + max(w/hh, hh/w)*math.Sin(t)
			return turnedInto(img, int(w/k), int(hh/k), a*math.Pi/180, 1, black), fmt.Sprintf("%.1f", a)
		}},
		{"strong-noise", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			k := between(h.rng, 40, 75)
			return h.noise(img, k), fmt.Sprintf("%.0f", k)
		}},
		{"tiny-thumbnail", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			n := between(h.rng, 44, 84)
			if h.gentle {
				n = between(h.rng, 110, 150)
			}
			h.whole = true
			return fit(img, n), fmt.Sprintf("%.0f", n)
		}},
		{"two-strong", twoStrong}, {"two-strong", twoStrong},
	}
}

// twoStrong does two strong edits after each other, the first of them one of strongEdits.
func twoStrong(h *hand, img *image.RGBA) (*image.RGBA, string) {
	var said []string
	first := strongEdits()[:7] // what noise or a thumbnail leaves is too little for another
	for _, list := range [][]edit{first, hardEdits()} {
		e := list[h.IntN(len(list))]
		for len(said) > 0 && (e.kind == "combo" || e.kind == "tiny-thumbnail" || e.kind == "strong-blur" || e.kind == "halftone" || strings.HasPrefix(said[0], e.kind)) {
			e = list[h.IntN(len(list))]
		}
		out, how := e.do(h, img)
		img = out
		said = append(said, strings.TrimSpace(e.kind+" "+how))
	}
	return img, "of " + strings.Join(said, " + ")
}
