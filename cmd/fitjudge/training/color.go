package main

import (
	"image/color"
	"math"
	"math/rand/v2"
)

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{0, 0, 0, 255}
)

func grey(v uint8) color.RGBA { return color.RGBA{v, v, v, 255} }

// hsv is a colour of a hue in turns, a saturation and a value, 0..1.
func hsv(h, s, v float64) color.RGBA {
	channel := func(n float64) uint8 {
		k := math.Mod(n+6*h, 6)
		return uint8(math.Round(255 * (v - v*s*max(0, min(k, 4-k, 1)))))
	}
	return color.RGBA{channel(5), channel(3), channel(1), 255}
}

// mix is a colour on the way from a to b.
func mix(a, b color.RGBA, t float64) color.RGBA {
	m := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*t)) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), m(a.A, b.A)}
}

// see is a colour that lets what is below show through; alpha 0..1.
func see(c color.RGBA, alpha float64) color.RGBA {
	m := func(v uint8) uint8 { return uint8(float64(v) * alpha) }
	return color.RGBA{m(c.R), m(c.G), m(c.B), uint8(255 * alpha)}
}

func vivid(r *rand.Rand) color.RGBA {
	return hsv(r.Float64(), 0.5+0.5*r.Float64(), 0.4+0.5*r.Float64())
}
func pale(r *rand.Rand) color.RGBA {
	return hsv(r.Float64(), 0.02+0.2*r.Float64(), 0.88+0.12*r.Float64())
}
func dark(r *rand.Rand) color.RGBA { return hsv(r.Float64(), 0.1+0.7*r.Float64(), 0.1+0.3*r.Float64()) }

// between is a number in a range, even.
func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// one picks one of a list.
func one[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }
