package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

type rng = rand.Rand

func level(v float64) uint8 { return uint8(max(0, min(255, math.Round(v)))) }

// each hands every pixel over to be changed in place, rows first.
func each(img *image.RGBA, change func(x, y int, px []uint8)) {
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:]
		for x := range img.Rect.Dx() {
			change(x, y, row[4*x:4*x+4:4*x+4])
		}
	}
}

// warp draws a picture of a size whose pixel (x, y) is the one at from(x, y),
// between four neighbours. What lies outside is ground.
func warp(img *image.RGBA, w, h int, ground color.RGBA, from func(x, y float64) (float64, float64)) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	sw, sh := img.Rect.Dx(), img.Rect.Dy()
	g := [4]float64{float64(ground.R), float64(ground.G), float64(ground.B), 255}
	each(out, func(x, y int, px []uint8) {
		u, v := from(float64(x)+0.5, float64(y)+0.5)
		u, v = u-0.5, v-0.5
		px[3] = 255
		if !(u > -1 && v > -1 && u < float64(sw) && v < float64(sh)) {
			px[0], px[1], px[2] = ground.R, ground.G, ground.B
			return
		}
		i, j := int(math.Floor(u)), int(math.Floor(v))
		fu, fv := u-float64(i), v-float64(j)
		at := func(i, j, c int) float64 {
			if i < 0 || j < 0 || i >= sw || j >= sh {
				return g[c]
			}
			return float64(img.Pix[j*img.Stride+4*i+c])
		}
		for c := range 3 {
			top := at(i, j, c)*(1-fu) + at(i+1, j, c)*fu
			low := at(i, j+1, c)*(1-fu) + at(i+1, j+1, c)*fu
			px[c] = level(top*(1-fv) + low*fv)
		}
	})
	return out
}

// turned turns a picture by an angle in radians, the size kept.
func turned(img *image.RGBA, angle float64, ground color.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	return turnedInto(img, w, h, angle, 1, ground)
}

// turnedInto turns a picture about its middle into another size, enlarged by zoom.
func turnedInto(img *image.RGBA, w, h int, angle, zoom float64, ground color.RGBA) *image.RGBA {
	sin, cos := math.Sincos(angle)
	cx, cy := float64(img.Rect.Dx())/2, float64(img.Rect.Dy())/2
	return warp(img, w, h, ground, func(x, y float64) (float64, float64) {
		x, y = (x-float64(w)/2)/zoom, (y-float64(h)/2)/zoom
		return cx + cos*x + sin*y, cy - sin*x + cos*y
	})
}

// cut is a copy of a part of a picture.
func cut(img *image.RGBA, x, y, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for j := range h {
		copy(out.Pix[j*out.Stride:j*out.Stride+4*w], img.Pix[(y+j)*img.Stride+4*x:])
	}
	return out
}

func clone(img *image.RGBA) *image.RGBA { return cut(img, 0, 0, img.Rect.Dx(), img.Rect.Dy()) }

// fog is smooth noise: random values on a grid and cubic steps between them.
type fog struct {
	grid  [32 * 32]float64
	cells float64
}

func newFog(r *rng, cells float64) *fog {
	f := &fog{cells: cells}
	for i := range f.grid {
		f.grid[i] = r.Float64()
	}
	return f
}

// at is the fog at a point, 0..1.
func (f *fog) at(u, v float64) float64 {
	x, y := u*f.cells, v*f.cells
	i, j := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(i), y-float64(j)
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	g := func(i, j int) float64 { return f.grid[(i&31)+32*(j&31)] }
	top := g(i, j) + (g(i+1, j)-g(i, j))*fx
	low := g(i, j+1) + (g(i+1, j+1)-g(i, j+1))*fx
	return top + (low-top)*fy
}
