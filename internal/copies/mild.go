package copies

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/disintegration/imaging"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

func sqrt(v float64) float64 { return math.Sqrt(v) }

// mild are the ordinary edits: the whole picture stays in view.
func mild() []Edit {
	return []Edit{
		{Kind: "resized", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(0.3, 0.9, 1.1, 1.5)
			return scaled(img, k), share(k)
		}},
		{Kind: "thumbnail", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			n := h.between(160, 300)
			return fitted(img, n), fmt.Sprintf("%.0f", n)
		}},
		{Kind: "recompressed", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			h.quality = 25 + h.IntN(50)
			return img, ""
		}},
		{Kind: "as-png", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			h.quality = 0
			return fitted(img, 512), ""
		}},
		{Kind: "brightness", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(-22, -8, 8, 22)
			return imaging.AdjustBrightness(img, k), fmt.Sprintf("%+.0f %%", k)
		}},
		{Kind: "contrast", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(-40, -10, 10, 40)
			return imaging.AdjustContrast(img, k), fmt.Sprintf("%+.0f %%", k)
		}},
		{Kind: "gamma", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(0.6, 0.85, 1.2, 1.7)
			return imaging.AdjustGamma(img, k), share(k)
		}},
		{Kind: "saturation", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(-80, -20, 20, 80)
			return imaging.AdjustSaturation(img, k), fmt.Sprintf("%+.0f %%", k)
		}},
		{Kind: "warmth", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.either(-0.16, -0.05, 0.05, 0.16)
			return imaging.AdjustFunc(img, func(c color.NRGBA) color.NRGBA {
				return color.NRGBA{level(float64(c.R) * (1 + k)), c.G, level(float64(c.B) * (1 - k)), 255}
			}), fmt.Sprintf("%+.2f", k)
		}},
		{Kind: "grey", do: func(_ *hand, img *image.NRGBA) (image.Image, string) { return drawn.Grey(img), "" }},
		{Kind: "cropped", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.85, 0.98)
			return h.cropped(img, k), share(k) + " of the area"
		}},
		{Kind: "turned", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			n := 1 + h.IntN(3)
			var out image.Image = img
			for range n {
				out = drawn.Turn(out)
			}
			return out, fmt.Sprint(90 * n)
		}},
		{Kind: "mirrored", do: func(_ *hand, img *image.NRGBA) (image.Image, string) { return drawn.Mirror(img), "" }},
		{Kind: "captioned", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			out := opaque(img)
			h.line(out, 0.06, 0.9, h.between(0.035, 0.06), white)
			return out, ""
		}},
		{Kind: "watermarked", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			out := opaque(img)
			h.line(out, 0.55, h.between(0.05, 0.8), h.between(0.03, 0.07), color.NRGBA{255, 255, 255, 140})
			return out, ""
		}},
		{Kind: "framed", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.01, 0.035)
			return bordered(img, k, k, h.ground()), share(k)
		}},
		{Kind: "blurred", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.8, 2.2)
			return imaging.Blur(img, k), share(k)
		}},
		{Kind: "sharpened", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(0.8, 2.5)
			return imaging.Sharpen(img, k), share(k)
		}},
		{Kind: "noisy", do: func(h *hand, img *image.NRGBA) (image.Image, string) {
			k := h.between(4, 14)
			return h.noise(img, k), fmt.Sprintf("%.0f", k)
		}},
	}
}

func level(v float64) uint8 { return uint8(max(0, min(255, math.Round(v)))) }

// noise adds noise of a standard deviation in levels.
func (h *hand) noise(img *image.NRGBA, deviation float64) *image.NRGBA {
	out := opaque(img)
	for i := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = level(float64(out.Pix[i]) + deviation*h.NormFloat64())
		}
	}
	return out
}
