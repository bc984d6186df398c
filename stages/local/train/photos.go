package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// gray is a picture without colour: descriptors see none.
type gray struct {
	w, h int
	pix  []uint8
}

// load reads the photos below dirs, in the order of their paths, and scales
// them to rasters. What does not decode is left out.
func load(dirs []string, limit int) ([]gray, error) {
	var photos []gray
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || len(photos) >= limit {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("read photo: %w", err)
			}
			if img, _, err := image.Decode(bytes.NewReader(data)); err == nil {
				photos = append(photos, reduced(img))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(photos) < 2 {
		return nil, fmt.Errorf("no photos below %v", dirs)
	}
	return photos, nil
}

// reduced scales a picture to at most raster.Side pixels, over white.
func reduced(img image.Image) gray {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > raster.Side {
		w, h = max(1, w*raster.Side/long), max(1, h*raster.Side/long)
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	draw.BiLinear.Scale(out, out.Rect, img, b, draw.Over, nil)
	return gray{w, h, out.Pix}
}

func (g gray) raster() *raster.Raster {
	r := &raster.Raster{Width: g.w, Height: g.h, Luma: g.pix, RGB: make([]byte, 3*len(g.pix))}
	for i, v := range g.pix {
		r.RGB[3*i], r.RGB[3*i+1], r.RGB[3*i+2] = v, v, v
	}
	return r
}

// edited returns a copy of a photo as people make them, and the map from the
// photo's pixels to the copy's.
func edited(g gray, rnd *rand.Rand) (gray, raster.Affine) {
	// Turned, scaled, stretched around the middle.
	angle := 0.0
	switch rnd.IntN(4) {
	case 0:
		angle = rnd.Float64() * 2 * math.Pi
	case 1:
		angle = float64(rnd.IntN(4)) * math.Pi / 2
	case 2:
		angle = rnd.NormFloat64() * 0.1
	}
	scale := math.Exp2(rnd.Float64()*1.4 - 1)
	stretch := 1.0
	if rnd.IntN(3) == 0 {
		stretch = math.Exp2(rnd.Float64()*0.6 - 0.3)
	}
	sin, cos := math.Sincos(angle)
	m := raster.Affine{A: scale * stretch * cos, B: -scale * stretch * sin, D: scale / stretch * sin, E: scale / stretch * cos}
	w := min(max(int(math.Abs(m.A)*float64(g.w)+math.Abs(m.B)*float64(g.h)), 48), 640)
	h := min(max(int(math.Abs(m.D)*float64(g.w)+math.Abs(m.E)*float64(g.h)), 48), 640)
	x, y := m.Apply(float64(g.w)/2, float64(g.h)/2)
	m.C, m.F = float64(w)/2-x, float64(h)/2-y
	back, _ := m.Invert()
	out := gray{w, h, make([]uint8, w*h)}
	const sub = 2 // samples a side
	for py := range h {
		for px := range w {
			sum := 0.0
			for i := range sub * sub {
				sx, sy := back.Apply(float64(px)+(float64(i%sub)+0.5)/sub, float64(py)+(float64(i/sub)+0.5)/sub)
				sum += g.sample(sx-0.5, sy-0.5)
			}
			out.pix[py*w+px] = clamp(sum / (sub * sub))
		}
	}
	for range 1 + rnd.IntN(2) {
		out = retouched(out, rnd)
	}
	return out, m
}

// retouched changes the tones of a picture, or spoils it.
func retouched(g gray, rnd *rand.Rand) gray {
	out := gray{g.w, g.h, bytes.Clone(g.pix)}
	tones := func(f func(v float64) float64) {
		var table [256]uint8
		for i := range table {
			table[i] = clamp(f(float64(i)))
		}
		for i, v := range out.pix {
			out.pix[i] = table[v]
		}
	}
	switch rnd.IntN(8) {
	case 0: // blur
		for range 1 + rnd.IntN(4) {
			for y := range g.h {
				for x := range g.w {
					fx, fy := float64(x), float64(y)
					sum := 4*g.sample(fx, fy) + 2*(g.sample(fx-1, fy)+g.sample(fx+1, fy)+g.sample(fx, fy-1)+g.sample(fx, fy+1)) +
						g.sample(fx-1, fy-1) + g.sample(fx+1, fy-1) + g.sample(fx-1, fy+1) + g.sample(fx+1, fy+1)
					out.pix[y*g.w+x] = clamp(sum / 16)
				}
			}
			g = gray{g.w, g.h, bytes.Clone(out.pix)}
		}
	case 1: // noise
		sigma := 4 + 14*rnd.Float64()
		for i, v := range out.pix {
			out.pix[i] = clamp(float64(v) + sigma*rnd.NormFloat64())
		}
	case 2: // gamma
		gamma := math.Exp2(rnd.Float64()*2 - 1)
		tones(func(v float64) float64 { return 255 * math.Pow(v/255, gamma) })
	case 3: // contrast
		gain, lift := 0.5+1.3*rnd.Float64(), 60*rnd.Float64()-30
		tones(func(v float64) float64 { return (v-128)*gain + 128 + lift })
	case 4: // posterize
		steps := float64(4 + rnd.IntN(5))
		tones(func(v float64) float64 { return math.Round(v/255*steps) / steps * 255 })
	case 5: // equalize
		var count [256]int
		for _, v := range out.pix {
			count[v]++
		}
		sum := 0
		var rank [256]float64
		for i, n := range count {
			sum += n
			rank[i] = float64(sum) / float64(len(out.pix)) * 255
		}
		tones(func(v float64) float64 { return rank[int(v)] })
	default: // JPEG
		img := &image.Gray{Pix: out.pix, Stride: out.w, Rect: image.Rect(0, 0, out.w, out.h)}
		var b bytes.Buffer
		if jpeg.Encode(&b, img, &jpeg.Options{Quality: 15 + rnd.IntN(60)}) == nil {
			if back, err := jpeg.Decode(&b); err == nil {
				for i := range out.pix {
					out.pix[i] = color.GrayModel.Convert(back.At(i%out.w, i/out.w)).(color.Gray).Y
				}
			}
		}
	}
	return out
}

// sample is bilinear; outside lies mid grey.
func (g gray) sample(x, y float64) float64 {
	if x < -0.5 || y < -0.5 || x > float64(g.w)-0.5 || y > float64(g.h)-0.5 {
		return 128
	}
	x, y = min(max(x, 0), float64(g.w-1)), min(max(y, 0), float64(g.h-1))
	ix, iy := min(int(x), max(g.w-2, 0)), min(int(y), max(g.h-2, 0))
	fx, fy := x-float64(ix), y-float64(iy)
	jx, jy := min(ix+1, g.w-1), min(iy+1, g.h-1)
	top := float64(g.pix[iy*g.w+ix])*(1-fx) + float64(g.pix[iy*g.w+jx])*fx
	low := float64(g.pix[jy*g.w+ix])*(1-fx) + float64(g.pix[jy*g.w+jx])*fx
	return top*(1-fy) + low*fy
}

func clamp(v float64) uint8 { return uint8(min(max(math.Round(v), 0), 255)) }
