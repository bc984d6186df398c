package jpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"strings"
	"testing"
)

// stdPlanes decodes by image/jpeg and returns its planes, each with a step of bytes from
// sample to sample.
func stdPlanes(data []byte) (planes []Plane, ok bool) {
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	switch m := img.(type) {
	case *image.Gray:
		return []Plane{{Pix: m.Pix, Stride: m.Stride, Width: m.Rect.Dx(), Height: m.Rect.Dy()}}, true
	case *image.YCbCr:
		cw, ch := m.Rect.Dx(), m.Rect.Dy()
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio422:
			cw = ceilDiv(cw, 2)
		case image.YCbCrSubsampleRatio420:
			cw, ch = ceilDiv(cw, 2), ceilDiv(ch, 2)
		case image.YCbCrSubsampleRatio440:
			ch = ceilDiv(ch, 2)
		case image.YCbCrSubsampleRatio411:
			cw = ceilDiv(cw, 4)
		case image.YCbCrSubsampleRatio410:
			cw, ch = ceilDiv(cw, 4), ceilDiv(ch, 2)
		}
		return []Plane{
			{Pix: m.Y, Stride: m.YStride, Width: m.Rect.Dx(), Height: m.Rect.Dy()},
			{Pix: m.Cb, Stride: m.CStride, Width: cw, Height: ch},
			{Pix: m.Cr, Stride: m.CStride, Width: cw, Height: ch},
		}, true
	}
	return nil, false
}

// rmsToBox compares a reduced plane with the means of n x n samples of a full one, where
// these lie in the picture whole. It returns the root of the mean square of the
// differences, and the largest of those where no sample is 0 or 255: there a full decoding
// clips what the mean of a block still knows.
func rmsToBox(p, full Plane, n int) (rms, worst float64) {
	sum, count := 0.0, 0
	for y := range full.Height / n {
		for x := range full.Width / n {
			mean, clipped := 0, false
			for dy := range n {
				for _, v := range full.Pix[(y*n+dy)*full.Stride+x*n:][:n] {
					mean += int(v)
					clipped = clipped || v == 0 || v == 255
				}
			}
			d := float64(p.Pix[y*p.Stride+x]) - float64(mean)/float64(n*n)
			sum += d * d
			if !clipped {
				worst = max(worst, math.Abs(d))
			}
			count++
		}
	}
	return math.Sqrt(sum / float64(max(count, 1))), worst
}

// At each scale the planes are those of a full decoding, reduced by a box.
func TestReduced(t *testing.T) {
	var d Decoder
	type record struct {
		rms, worst float64
		path       string
	}
	var most [9][2]record
	var sum [9]float64
	files := 0
	eachJPEG(t, func(path string, data []byte) {
		if strings.HasPrefix(path, "bad/") || len(data) > 1_500_000 && !all {
			return
		}
		full, ok := stdPlanes(data)
		if !ok {
			return
		}
		files++
		for s := Full; s <= Eighth; s *= 2 {
			img, err := d.Decode(data, s, Limits{})
			if err != nil || img.Damage != nil {
				t.Errorf("%s: %v", path, err)
				return
			}
			if len(img.Planes) != len(full) {
				t.Errorf("%s: %d planes, image/jpeg has %d", path, len(img.Planes), len(full))
				return
			}
			for i, p := range img.Planes {
				if w := ceilDiv(full[i].Width, int(s)); p.Width != w {
					t.Errorf("%s: plane %d at 1/%d is %d x %d", path, i, s, p.Width, p.Height)
				}
				rms, worst := rmsToBox(p, full[i], int(s))
				if i == 0 {
					sum[s] += rms
				}
				if m := &most[s][min(i, 1)]; rms > m.rms {
					*m = record{rms, worst, path}
				}
				if rms > 3 || s == Eighth && worst > 2 {
					t.Errorf("%s: plane %d at 1/%d: rms %.2f, largest %.1f", path, i, s, rms, worst)
				}
			}
		}
	})
	for s := Full; s <= Eighth; s *= 2 {
		t.Logf("1/%d: mean rms of luma %.3f; worst luma %+v, chroma %+v", s, sum[s]/float64(max(files, 1)), most[s][0], most[s][1])
	}
}
