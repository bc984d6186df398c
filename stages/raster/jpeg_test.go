package raster

import (
	"bytes"
	"context"
	"image"
	stdjpeg "image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
)

// A camera's photo gives the raster that a full decoding gives, but for what the means of
// blocks cannot tell where a raster pixel begins within a block: least where a side of 512
// goes into the reduced size evenly, most in sharp photos of a little more than 4,096
// pixels (6.7 at 4,160).
func TestReducedJPEG(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(corpus(t, "camera-original"), "*.jpg"))
	for i, path := range paths {
		if testing.Short() && i%4 != 0 {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(context.Background(), data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := standardRaster(data)
		if err != nil {
			t.Fatal(err)
		}
		if got.Width != want.Width || got.Height != want.Height || got.Decoder != "raster/jpeg" {
			t.Fatalf("%s: %d x %d by %s, want %d x %d", path, got.Width, got.Height, got.Decoder, want.Width, want.Height)
		}
		luma, rgb := rms(got.Luma, want.Luma), rms(got.RGB, want.RGB)
		t.Logf("%-40s rms of luma %.2f, of RGB %.2f", filepath.Base(path), luma, rgb)
		if luma > 8 || rgb > 8 {
			t.Errorf("%s: rms of luma %.2f, of RGB %.2f", path, luma, rgb)
		}
	}
}

// standardRaster makes a raster of what image/jpeg decodes.
func standardRaster(data []byte) (*Raster, error) {
	img, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	full := decoded{exif: readJPEG(data).exif, rows: rowsOf(img), width: img.Bounds().Dx(), height: img.Bounds().Dy()}
	return full.raster()
}

// rms is the root of the mean square of differences.
func rms(a, b []byte) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += float64(d * d)
	}
	return math.Sqrt(sum / float64(len(a)))
}

// Planes at a reduced scale are averaged as if each sample were written for all pixels
// that it stands for, those beyond the edge not counted.
func TestReducedRows(t *testing.T) {
	for _, size := range [][2]int{{3845, 71}, {70, 4001}, {1029, 55}} {
		m := image.NewYCbCr(image.Rect(0, 0, size[0], size[1]), image.YCbCrSubsampleRatio420)
		for i := range m.Y {
			m.Y[i] = byte(i * 7919 >> 5)
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = byte(100+i%61), byte(90+i%53)
		}
		img, err := jpeg.Decode(encodeJPEG(t, m, 90), jpeg.ScaleFor(size[0], size[1], Side), jpeg.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		n := int(img.Scale)
		dw, dh := reducedSize(size[0], size[1])
		got, err := reduce(rowsAtOne(t, img), size[0], size[1], dw, dh)
		if err != nil {
			t.Fatal(err)
		}
		want := refReduce(func(x, y int) (p [3]byte) {
			for i, plane := range img.Planes {
				step := n * 2 / img.Components[i].H
				p[i] = plane.Pix[y/step*plane.Stride+x/step]
			}
			return p
		}, size[0], size[1], dw, dh)
		yccToRGB(want)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%v at 1/%d: sample %d is %d, want %d", size, n, i, got[i], want[i])
			}
		}
	}
}

// rowsAtOne gives the rows of a picture whose units are pixels.
func rowsAtOne(t *testing.T, img *jpeg.Image) rowSource {
	t.Helper()
	rows, across, down := rowsOfJPEG(img)
	if across != 1 || down != 1 {
		t.Fatalf("a pixel has %d x %d units", across, down)
	}
	return rows
}
