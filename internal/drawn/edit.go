package drawn

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// JPEG encodes a picture, quality 1..100.
func JPEG(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a buffer takes everything; the picture is larger than JPEG allows
	}
	return b.Bytes()
}

// PNG encodes a picture.
func PNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // as above
	}
	return b.Bytes()
}

// Resize scales a picture.
func Resize(img image.Image, width, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// Crop cuts a part out; left, top, right and bottom are shares of the sides.
func Crop(img image.Image, left, top, right, bottom float64) *image.RGBA {
	b := img.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	part := image.Rect(int(left*w), int(top*h), int(right*w), int(bottom*h))
	out := image.NewRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	draw.Copy(out, image.Point{}, img, part.Add(b.Min), draw.Src, nil)
	return out
}

// Turn turns a picture by a quarter, clockwise.
func Turn(img image.Image) *image.RGBA {
	b := img.Bounds()
	return remap(img, b.Dy(), b.Dx(), func(x, y int) (int, int) { return y, b.Dy() - 1 - x })
}

// Mirror swaps left and right.
func Mirror(img image.Image) *image.RGBA {
	b := img.Bounds()
	return remap(img, b.Dx(), b.Dy(), func(x, y int) (int, int) { return b.Dx() - 1 - x, y })
}

func remap(img image.Image, width, height int, from func(x, y int) (int, int)) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	o := img.Bounds().Min
	for y := range height {
		for x := range width {
			sx, sy := from(x, y)
			out.Set(x, y, img.At(o.X+sx, o.Y+sy))
		}
	}
	return out
}

// Rotate turns a picture by any angle, in degrees, on grey.
func Rotate(img image.Image, degrees float64) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(b.Dx())/2, float64(b.Dy())/2
	m := f64.Aff3{cos, -sin, cx - cos*cx + sin*cy, sin, cos, cy - sin*cx - cos*cy}
	draw.BiLinear.Transform(out, m, img, b, draw.Over, nil)
	return out
}

// Grey takes the colours away.
func Grey(img image.Image) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Src)
	return out
}

// Inset lays a picture over another, with its upper left corner at (x, y) and
// its width being wide, all shares of the lower picture's width and height.
func Inset(page, img image.Image, x, y, wide float64) *image.RGBA {
	b := page.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Copy(out, image.Point{}, page, b, draw.Src, nil)
	w := int(wide * float64(b.Dx()))
	h := w * img.Bounds().Dy() / img.Bounds().Dx()
	at := image.Rect(0, 0, w, h).Add(image.Pt(int(x*float64(b.Dx())), int(y*float64(b.Dy()))))
	draw.CatmullRom.Scale(out, at, img, img.Bounds(), draw.Src, nil)
	return out
}

// Collage lays four pictures out, two by two, with a white seam.
func Collage(width, height int, four [4]image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	const seam = 6
	w, h := (width-3*seam)/2, (height-3*seam)/2
	for i, img := range four {
		at := image.Rect(0, 0, w, h).Add(image.Pt(seam+(i%2)*(w+seam), seam+(i/2)*(h+seam)))
		draw.CatmullRom.Scale(out, at, img, img.Bounds(), draw.Src, nil)
	}
	return out
}
