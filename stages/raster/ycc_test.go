package raster

import (
	"image"
	"testing"
)

func TestStretch(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 4, 2), image.YCbCrSubsampleRatio422)
	copy(m.Y, []byte{16, 235, 126, 0, 255, 17, 234, 125})
	copy(m.Cb, []byte{16, 240, 128, 255})
	copy(m.Cr, []byte{0, 129, 127, 72})
	stretch(m)
	for i, want := range []byte{0, 255, 128, 0, 255, 1, 254, 127} {
		if m.Y[i] != want {
			t.Errorf("luma %d is %d, want %d", i, m.Y[i], want)
		}
	}
	for i, want := range []byte{1, 255, 128, 255} {
		if m.Cb[i] != want {
			t.Errorf("Cb %d is %d, want %d", i, m.Cb[i], want)
		}
	}
	for i, want := range []byte{0, 129, 127, 64} {
		if m.Cr[i] != want {
			t.Errorf("Cr %d is %d, want %d", i, m.Cr[i], want)
		}
	}
	grey := &image.Gray{Pix: []byte{16, 235}, Stride: 2, Rect: image.Rect(0, 0, 2, 1)}
	stretch(grey)
	if grey.Pix[0] != 0 || grey.Pix[1] != 255 {
		t.Errorf("grey %v", grey.Pix)
	}
	rgb := &image.RGBA{Pix: []byte{16, 235, 16, 255}, Stride: 4, Rect: image.Rect(0, 0, 1, 1)}
	if stretch(rgb); rgb.Pix[0] != 16 {
		t.Error("RGB is stretched")
	}
}
