package local

import (
	"bytes"
	_ "embed"
	"image"
	"image/jpeg"

	"github.com/dedupidx/dedupidx/stages/raster"
)

const (
	// ThumbnailSide is the long side of the thumbnail, in pixels. 128 would
	// cost 1.2 KB more for each photo.
	ThumbnailSide    = 96
	thumbnailQuality = 80
)

// small is a thumbnail as JPEG (ITU T.81, baseline, 4:2:0) from behind its
// start-of-scan header: the headers are the same for all but the size.
type small struct {
	w, h int
	scan []byte // entropy-coded data and the end marker
}

// header is what image/jpeg writes before the scan at thumbnailQuality, for a
// picture of 1x1. Stored, not asked of the encoder at hand, so that what was
// written with one release of Go is read with any other.
//
//go:embed thumbnail_header_v1.bin
var header []byte

// sizeAt is where header holds the height and then the width, two bytes each.
const sizeAt = 2 + 2 + 132 + 2 + 3

// Thumbnail returns the small picture kept in a feature: RGB, interleaved,
// row-major, at most ThumbnailSide pixels a side. It has no pixels where the
// feature holds none that decode.
func Thumbnail(f Feature) (rgb []byte, width, height int) {
	img := f.small.decode()
	if img == nil {
		return nil, 0, 0
	}
	width, height = f.small.w, f.small.h
	rgb = make([]byte, 0, 3*width*height)
	for y := range height {
		for x := range width {
			r, g, b, _ := img.YCbCrAt(x, y).RGBA()
			rgb = append(rgb, uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
	}
	return rgb, width, height
}

// shrink makes the thumbnail of a raster.
func shrink(r *raster.Raster) small {
	w, h := r.Width, r.Height
	if long := max(w, h); long > ThumbnailSide {
		w = max(1, (w*ThumbnailSide+long/2)/long)
		h = max(1, (h*ThumbnailSide+long/2)/long)
	}
	return encodeSmall(&image.RGBA{Pix: areaRGBA(r, w, h), Stride: 4 * w, Rect: image.Rect(0, 0, w, h)})
}

func encodeSmall(img *image.RGBA) small {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return small{} // a buffer takes every byte: does not happen
	}
	s := small{w: img.Rect.Dx(), h: img.Rect.Dy()}
	s.scan = bytes.TrimPrefix(out.Bytes(), headerOf(s.w, s.h))
	return s
}

// decode returns the pixels, or nil where the bytes are no JPEG scan.
func (s small) decode() *image.YCbCr {
	if len(s.scan) == 0 || s.w < 1 || s.h < 1 || s.w > ThumbnailSide || s.h > ThumbnailSide {
		return nil
	}
	data := s.scan
	if !bytes.HasPrefix(data, []byte{0xff, 0xd8}) { // else an encoder with other tables wrote it whole
		data = append(headerOf(s.w, s.h), data...)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds() != image.Rect(0, 0, s.w, s.h) {
		return nil
	}
	c, _ := img.(*image.YCbCr)
	return c
}

func headerOf(w, h int) []byte {
	b := bytes.Clone(header)
	b[sizeAt], b[sizeAt+1] = uint8(h>>8), uint8(h)
	b[sizeAt+2], b[sizeAt+3] = uint8(w>>8), uint8(w)
	return b
}

// areaRGBA scales a raster down to w*h, each pixel the mean of the area that
// it covers, in steps of 1/256 of a source pixel.
func areaRGBA(r *raster.Raster, w, h int) []uint8 {
	across, down := covers(r.Width, w), covers(r.Height, h)
	// First across, for every source row, then down.
	line := make([]uint32, 3*w)
	acc := make([]uint64, 3*w)
	out := make([]uint8, 4*w*h)
	for y, c := range down {
		clear(acc)
		for sy := c.first; sy <= c.last; sy++ {
			src := r.RGB[3*sy*r.Width:][:3*r.Width]
			for x, cx := range across {
				var r, g, b uint32 // those between the first and the last count in full
				for i := 3 * (cx.first + 1); i < 3*cx.last; i += 3 {
					p := src[i : i+3 : i+3]
					r, g, b = r+uint32(p[0]), g+uint32(p[1]), b+uint32(p[2])
				}
				first, last := src[3*cx.first:][:3], src[3*cx.last:][:3]
				sum := line[3*x:][:3]
				sum[0] = 256*r + cx.firstPart*uint32(first[0]) + cx.lastPart*uint32(last[0])
				sum[1] = 256*g + cx.firstPart*uint32(first[1]) + cx.lastPart*uint32(last[1])
				sum[2] = 256*b + cx.firstPart*uint32(first[2]) + cx.lastPart*uint32(last[2])
			}
			part := uint64(c.part(sy))
			for i, v := range line {
				acc[i] += part * uint64(v)
			}
		}
		for x, cx := range across {
			all := uint64(cx.total) * uint64(c.total)
			for i := range 3 {
				out[4*(y*w+x)+i] = uint8((acc[3*x+i] + all/2) / all)
			}
			out[4*(y*w+x)+3] = 255
		}
	}
	return out
}

// cover is the run of source pixels that one pixel of the result covers; of
// the first and the last only a part, of 256.
type cover struct {
	first, last         int
	firstPart, lastPart uint32
	total               uint32
}

func (c cover) part(i int) uint32 {
	switch i {
	case c.first:
		return c.firstPart
	case c.last:
		return c.lastPart
	}
	return 256
}

func covers(from, to int) []cover {
	c := make([]cover, to)
	for i := range c {
		a, b := i*from*256/to, (i+1)*from*256/to
		b = max(b, a+1)
		c[i] = cover{first: a / 256, last: (b - 1) / 256, total: uint32(b - a)}
		if c[i].first == c[i].last {
			c[i].firstPart = uint32(b - a)
		} else {
			c[i].firstPart = uint32(256 - a%256)
			c[i].lastPart = uint32((b-1)%256 + 1)
		}
	}
	return c
}
