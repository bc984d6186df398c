// Package painted makes rasters for the tests of stages: seeded scenes and flat
// pictures, turned and mildly edited ones. Unlike internal/drawn it needs no decoder.
package painted

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/disintegration/imaging"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Scene makes a picture from a seed: waves of light and color, discs and bars
// over them, fine grain.
func Scene(seed uint64, w, h int) *raster.Raster {
	rnd := rand.New(rand.NewPCG(seed, 97))
	type wave struct{ fx, fy, phase, size float64 }
	var waves [3][8]wave
	for c := range waves {
		for i := range waves[c] {
			f := 1.5 * float64(i+1)
			waves[c][i] = wave{f * rnd.NormFloat64(), f * rnd.NormFloat64(), 7 * rnd.Float64(), 60 / float64(i+1)}
		}
	}
	type disc struct {
		x, y, r float64
		color   [3]float64
	}
	var discs [12]disc
	for i := range discs {
		discs[i] = disc{rnd.Float64(), rnd.Float64(), 0.02 + 0.13*rnd.Float64(),
			[3]float64{255 * rnd.Float64(), 255 * rnd.Float64(), 255 * rnd.Float64()}}
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := (float64(x)+0.5)/float64(w), (float64(y)+0.5)/float64(h)
			grain := 8 * (rnd.Float64() - 0.5)
			for c := range 3 {
				s := 128 + grain
				for _, a := range waves[c] {
					s += a.size * math.Cos(a.fx*u+a.fy*v+a.phase)
				}
				for i, d := range discs {
					dx, dy := u-d.x, (v-d.y)*float64(1+i%3) // some are flat
					if dx*dx+dy*dy < d.r*d.r {
						s = d.color[c] + grain
					}
				}
				img.Pix[4*(y*w+x)+c] = uint8(max(0, min(255, s)))
			}
			img.Pix[4*(y*w+x)+3] = 255
		}
	}
	return FromImage(img)
}

// Flat makes a raster of one grey.
func Flat(grey byte, w, h int) *raster.Raster {
	r := &raster.Raster{Width: w, Height: h, RGB: make([]byte, 3*w*h), Luma: make([]byte, w*h)}
	for i := range r.RGB {
		r.RGB[i] = grey
	}
	for i := range r.Luma {
		r.Luma[i] = grey
	}
	r.Picture = raster.Picture{Width: w, Height: h}
	return r
}

// FromImage makes an opaque picture a raster, without reducing it.
func FromImage(img *image.NRGBA) *raster.Raster {
	r := Flat(0, img.Rect.Dx(), img.Rect.Dy())
	for i := range r.Luma {
		p := img.Pix[4*i : 4*i+3]
		copy(r.RGB[3*i:], p)
		r.Luma[i] = byte((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return r
}

// ToImage is FromImage undone.
func ToImage(r *raster.Raster) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, r.Width, r.Height))
	for i := range r.Luma {
		copy(img.Pix[4*i:], r.RGB[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img
}

// Turn turns a raster pixel by pixel, as the comment of raster.Turn says.
func Turn(r *raster.Raster, t raster.Turn) *raster.Raster {
	w, h := r.Width, r.Height
	if t&4 != 0 {
		w, h = h, w
	}
	out := Flat(0, w, h)
	for y := range r.Height {
		for x := range r.Width {
			u, v := x, y
			if t&4 != 0 {
				u, v = v, u
			}
			if t&1 != 0 {
				u = w - 1 - u
			}
			if t&2 != 0 {
				v = h - 1 - v
			}
			from, to := y*r.Width+x, v*w+u
			out.Luma[to] = r.Luma[from]
			copy(out.RGB[3*to:], r.RGB[3*from:3*from+3])
		}
	}
	return out
}

// MildEdits are what every copy must survive.
var MildEdits = map[string]func(image.Image) *image.NRGBA{
	"blur":     func(m image.Image) *image.NRGBA { return imaging.Blur(m, 1) },
	"brighter": func(m image.Image) *image.NRGBA { return imaging.AdjustBrightness(m, 10) },
	"contrast": func(m image.Image) *image.NRGBA { return imaging.AdjustContrast(m, 15) },
	"gamma":    func(m image.Image) *image.NRGBA { return imaging.AdjustGamma(m, 1.3) },
	"smaller":  func(m image.Image) *image.NRGBA { return imaging.Resize(m, m.Bounds().Dx()/2, 0, imaging.Linear) },
	"sharper":  func(m image.Image) *image.NRGBA { return imaging.Sharpen(m, 1) },
}

// Edited edits a raster as an image.
func Edited(r *raster.Raster, edit func(image.Image) *image.NRGBA) *raster.Raster {
	return FromImage(edit(ToImage(r)))
}
