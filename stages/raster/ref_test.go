package raster

import (
	"image"
	"image/color"
	"math/big"
)

// refRGB converts a pixel by Go's own colour models, then lays it over white with
// the textbook formula on 16 bits.
func refRGB(c color.Color) [3]byte {
	n := color.NRGBA64Model.Convert(c).(color.NRGBA64)
	var out [3]byte
	for i, v := range []uint16{n.R, n.G, n.B} {
		over := (int64(v)*int64(n.A) + 65535*(65535-int64(n.A)) + 32767) / 65535
		out[i] = byte((over*255 + 32767) / 65535)
	}
	return out
}

// refReduce is the area filter in exact fractions: the mean over the rectangle
// [x W/w, (x+1) W/w) x [y H/h, (y+1) H/h), rounded half up.
func refReduce(at func(x, y int) [3]byte, width, height, dw, dh int) []byte {
	overlap := func(i, n, dn, s int) *big.Rat { // of raster pixel i with source pixel s
		lo, hi := big.NewRat(int64(i)*int64(n), int64(dn)), big.NewRat(int64(i+1)*int64(n), int64(dn))
		if a := big.NewRat(int64(s), 1); lo.Cmp(a) < 0 {
			lo = a
		}
		if b := big.NewRat(int64(s+1), 1); hi.Cmp(b) > 0 {
			hi = b
		}
		return new(big.Rat).Sub(hi, lo)
	}
	area := big.NewRat(int64(width)*int64(height), int64(dw)*int64(dh))
	var out []byte
	for y := range dh {
		for x := range dw {
			var sum [3]big.Rat
			for sy := y * height / dh; sy*dh < (y+1)*height; sy++ {
				for sx := x * width / dw; sx*dw < (x+1)*width; sx++ {
					w := new(big.Rat).Mul(overlap(x, width, dw, sx), overlap(y, height, dh, sy))
					p := at(sx, sy)
					for c := range 3 {
						sum[c].Add(&sum[c], new(big.Rat).Mul(w, big.NewRat(int64(p[c]), 1)))
					}
				}
			}
			for c := range 3 {
				v := new(big.Rat).Quo(&sum[c], area)
				v.Add(v, big.NewRat(1, 2))
				out = append(out, byte(new(big.Int).Quo(v.Num(), v.Denom()).Int64()))
			}
		}
	}
	return out
}

// refRaster reduces any image by the reference.
func refRaster(img image.Image, dw, dh int) []byte {
	b := img.Bounds()
	if dw == b.Dx() && dh == b.Dy() {
		var out []byte
		for y := range dh {
			for x := range dw {
				p := refRGB(img.At(b.Min.X+x, b.Min.Y+y))
				out = append(out, p[:]...)
			}
		}
		return out
	}
	return refReduce(func(x, y int) [3]byte { return refRGB(img.At(b.Min.X+x, b.Min.Y+y)) }, b.Dx(), b.Dy(), dw, dh)
}
