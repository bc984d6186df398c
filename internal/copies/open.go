package copies

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"github.com/disintegration/imaging"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

const (
	// Side is the long side of the picture that copies are made of: twice what the stages see, so
	// that a copy loses what copies lose, at a tenth of the work on a photo of 12 megapixels.
	Side = 1024

	// maxPixels bounds what is decoded in full: three bytes each, at most.
	maxPixels = 60 << 20
)

// Open decodes a JPEG or PNG, reduces it to [Side] and turns it upright by an EXIF
// orientation (1..8). It reports false for another format, a damaged file, and one that is too
// large to be decoded in full.
func Open(data []byte, orientation int) (*image.NRGBA, bool) {
	c, format, err := config(data)
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return nil, false
	}
	decode := jpeg.Decode
	if format == "png" {
		decode = png.Decode
	}
	img, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	return upright(reduced(img), orientation), true
}

func config(data []byte) (image.Config, string, error) {
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		c, err := png.DecodeConfig(bytes.NewReader(data))
		return c, "png", err
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	return c, "jpeg", err
}

// upright undoes an orientation (EXIF 2.3, section 4.6.4, tag 274).
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	undo := map[int]func(image.Image) *image.NRGBA{
		2: imaging.FlipH, 3: imaging.Rotate180, 4: imaging.FlipV, 5: imaging.Transpose,
		6: imaging.Rotate270, 7: imaging.Transverse, 8: imaging.Rotate90, // those count counter-clockwise
	}[orientation]
	if undo == nil {
		return img
	}
	return undo(img)
}

// FromRGB is the picture of rows of three bytes a pixel, as a raster has them.
func FromRGB(rgb []byte, width, height int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		copy(out.Pix[4*i:4*i+3], rgb[3*i:])
		out.Pix[4*i+3] = 255
	}
	return out
}

// reduced lays a picture on white and reduces it to Side.
func reduced(img image.Image) *image.NRGBA {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if long := max(w, h); long > Side {
		img = drawn.Resize(img, max(1, w*Side/long), max(1, h*Side/long))
	}
	return opaque(img)
}

// opaque is a copy on white whose corner is at the origin.
func opaque(img image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
	return out
}
