package copies

import (
	"fmt"
	"image"
	"image/color"

	"github.com/disintegration/imaging"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// strong are edits after which a person still knows the picture at once.
func strong() []Edit {
	return []Edit{
		{Kind: "cropped-much", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.5, 0.75)
			return h.cropped(img, k), share(k) + " of the area"
		}},
		{Kind: "slanted", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(-20, -4, 4, 20)
			return drawn.Rotate(img, k), fmt.Sprintf("%+.0f degrees", k)
		}},
		{Kind: "stretched", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(0.7, 0.85, 1.18, 1.4)
			return drawn.Resize(img, max(1, int(k*float64(img.Rect.Dx()))), img.Rect.Dy()), share(k)
		}},
		{Kind: "blurred-much", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(3, 6) * float64(max(img.Rect.Dx(), img.Rect.Dy())) / Side
			return imaging.Blur(img, k), share(k)
		}},
		{Kind: "quality-10", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			h.quality = 6 + h.IntN(9)
			return fitted(img, 640), ""
		}},
		{Kind: "tiny", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			n := h.between(80, 130)
			return fitted(img, n), fmt.Sprintf("%.0f", n)
		}},
		{Kind: "posterized", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			n := 3 + h.IntN(4)
			return imaging.AdjustFunc(img, func(c color.NRGBA) color.NRGBA {
				step := func(v uint8) uint8 { return level(float64(int(v)*n/256) * 255 / float64(n-1)) }
				return color.NRGBA{step(c.R), step(c.G), step(c.B), 255}
			}), fmt.Sprint(n, " levels")
		}},
		{Kind: "sepia", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			grey := imaging.Grayscale(img)
			return imaging.AdjustFunc(imaging.AdjustContrast(grey, h.between(-20, 10)), func(c color.NRGBA) color.NRGBA {
				v := float64(c.R)
				return color.NRGBA{level(1.07*v + 12), level(0.9 * v), level(0.7 * v), 255}
			}), ""
		}},
		{Kind: "filtered", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			out := imaging.AdjustSaturation(imaging.AdjustGamma(img, h.either(0.65, 0.85, 1.2, 1.5)), h.either(-60, -20, 20, 50))
			out = imaging.AdjustContrast(out, h.either(-35, -15, 15, 35))
			return bordered(out, 0.03, 0.03, h.ground()), ""
		}},
		{Kind: "meme", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			out := bordered(img, 0, 0.12, white)
			h.line(out, 0.05, 0.03, 0.05, black)
			h.line(out, 0.05, 0.9, 0.05, black)
			return out, ""
		}},
		{Kind: "stickers", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			out := opaque(img)
			n := 2 + h.IntN(3)
			for range n {
				side := h.between(0.1, 0.2)
				x, y := h.between(0, 1-side), h.between(0, 1-side)
				h.block(out, x, y, side, side, h.ground())
				h.line(out, x+0.01, y+side/2, 0.03, white)
			}
			return out, fmt.Sprint(n)
		}},
		{Kind: "framed-wide", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.06, 0.14)
			return bordered(img, k, k, h.ground()), share(k)
		}},
		{Kind: "letterboxed", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.1, 0.25)
			if h.IntN(2) == 0 {
				return bordered(img, 0, k, black), share(k)
			}
			return bordered(img, k, 0, black), share(k)
		}},
		{Kind: "phone-screenshot", do: phone},
		{Kind: "desktop-screenshot", do: desktop},
	}
}

// parts show only a part of the photo, or the photo as a part.
func parts() []Edit {
	return []Edit{
		{Kind: "detail", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.12, 0.35)
			return h.cropped(img, k), share(k) + " of the area"
		}},
		{Kind: "inset", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			ground := drawn.Scene(h.Uint64(), 600, 400)
			k := h.between(0.3, 0.5)
			return drawn.Inset(ground, img, h.between(0.02, 0.45), h.between(0.02, 0.3), k), share(k) + " of the width"
		}},
		{Kind: "on-page", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			out := page(700, 990, white)
			for i := range 24 {
				if i < 8 || i > 17 {
					h.line(out, 0.08, 0.04+float64(i)*0.038, 0.02, black)
				}
			}
			place(out, fitted(img, 360), 0.08, 0.35)
			return out, ""
		}},
		{Kind: "collage", Others: 3, do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			four := [4]image.Image{h.others[0], h.others[1], h.others[2]}
			at := h.IntN(4)
			four[3], four[at] = four[at], img
			return drawn.Collage(1000, 800, four), "of 4"
		}},
	}
}
