package raster

import "image"

// stretch brings a picture whose samples use the range of television (16 to 235, chroma
// to 240; ITU-T H.273, section 8.3) to the full range of JFIF, which all else here expects.
// Lossy WebP always has the former (RFC 6386, section 9.2), HEIC where it says so.
func stretch(img image.Image) {
	var luma, chroma [256]byte
	for v := range 256 {
		luma[v] = byte(min(max((2*255*(v-16)+219)/(2*219), 0), 255))
		c := 2*255*(v-128) + 224
		chroma[v] = byte(min(max(128+floorDiv(c, 2*224), 0), 255))
	}
	each := func(table *[256]byte, planes ...[]byte) {
		for _, p := range planes {
			for i, v := range p {
				p[i] = table[v]
			}
		}
	}
	switch m := img.(type) {
	case *image.YCbCr:
		each(&luma, m.Y)
		each(&chroma, m.Cb, m.Cr)
	case *image.NYCbCrA:
		each(&luma, m.Y)
		each(&chroma, m.Cb, m.Cr)
	case *image.Gray:
		each(&luma, m.Pix)
	}
}

// floorDiv divides and rounds down.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
