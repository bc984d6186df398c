package main

import (
	"image"
	"math"
	"math/rand/v2"
)

// small is the number of pixels below which a picture is enlarged.
const small = 2_000_000

// grain is the standard deviation of the noise of an enlarged picture, in grey levels of
// 255. With it a photo of 12 megapixels takes some 2.5 MB at cameraQuality, as those of
// phones do.
const grain = 3

// cut makes a picture of some megapixels of src, in its shape, at a place that random
// chooses. With 0 it is nearly as large as src.
func cut(src *image.YCbCr, megapixels float64, random *rand.Rand) *image.YCbCr {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	scale := 0.95
	if megapixels > 0 {
		scale = math.Sqrt(megapixels * 1e6 / float64(w*h))
	}
	width, height := max(int(float64(w)*scale)&^15, 16), max(int(float64(h)*scale)&^15, 16)
	switch {
	case w >= width && h >= height && w-width+h-height >= 16: // there are some hundred places, or many more
		// The grid of blocks moves along by whole pixels, so that all coefficients change.
		x, y := src.Rect.Min.X+random.IntN(w-width+1), src.Rect.Min.Y+random.IntN(h-height+1)
		return src.SubImage(image.Rect(x, y, x+width, y+height)).(*image.YCbCr)
	case w*h >= small:
		return tiled(src, width, height, random.IntN(w), random.IntN(h))
	}
	return enlarged(src, width, height, random)
}

// tiled continues src by its mirror images; the picture begins at x, y.
func tiled(src *image.YCbCr, width, height, x, y int) *image.YCbCr {
	out := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	w, h, at := src.Rect.Dx(), src.Rect.Dy(), src.Rect.Min
	for row := range height {
		sy := at.Y + mirrored(y+row, h)
		for col := range width {
			sx := at.X + mirrored(x+col, w)
			out.Y[row*out.YStride+col] = src.Y[src.YOffset(sx, sy)]
			if row&1 == 0 && col&1 == 0 {
				from, to := src.COffset(sx, sy), row/2*out.CStride+col/2
				out.Cb[to], out.Cr[to] = src.Cb[from], src.Cr[from]
			}
		}
	}
	return out
}

// mirrored folds a coordinate into 0..n-1, there and back.
func mirrored(v, n int) int {
	if v %= 2 * n; v >= n {
		return 2*n - 1 - v
	}
	return v
}

// enlarged scales nine tenths of src up, and adds grain.
func enlarged(src *image.YCbCr, width, height int, random *rand.Rand) *image.YCbCr {
	out := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	w, h := float64(src.Rect.Dx()), float64(src.Rect.Dy())
	left, top := random.Float64()*0.1*w, random.Float64()*0.1*h
	noise := make([]int8, 1<<16) // drawn once: to draw it for each pixel would cost more than to encode it
	for i := range noise {
		noise[i] = int8(max(-100, min(100, math.Round(random.NormFloat64()*grain))))
	}
	for row := range height {
		y := top + 0.9*h*float64(row)/float64(height)
		y0 := min(int(y), src.Rect.Dy()-2)
		fy := int(256 * (y - float64(y0)))
		shift := random.IntN(len(noise)) // so that no pattern repeats
		for col := range width {
			x := left + 0.9*w*float64(col)/float64(width)
			x0 := min(int(x), src.Rect.Dx()-2)
			fx := int(256 * (x - float64(x0)))
			at := src.YOffset(src.Rect.Min.X+x0, src.Rect.Min.Y+y0)
			a := int(src.Y[at])*(256-fx) + int(src.Y[at+1])*fx
			b := int(src.Y[at+src.YStride])*(256-fx) + int(src.Y[at+src.YStride+1])*fx
			v := (a*(256-fy)+b*fy)>>16 + int(noise[(shift+col)&(len(noise)-1)])
			out.Y[row*out.YStride+col] = uint8(max(0, min(255, v)))
			if row&1 == 0 && col&1 == 0 {
				from, to := src.COffset(src.Rect.Min.X+x0, src.Rect.Min.Y+y0), row/2*out.CStride+col/2
				out.Cb[to], out.Cr[to] = src.Cb[from], src.Cr[from]
			}
		}
	}
	return out
}
