package raster

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestReducedSize(t *testing.T) {
	for _, c := range [][4]int{
		{1, 1, 1, 1}, {512, 512, 512, 512}, {512, 3, 512, 3}, {513, 512, 512, 511}, {513, 513, 512, 512},
		{4000, 3000, 512, 384}, {3000, 4000, 384, 512}, {65535, 1, 512, 1}, {1, 65535, 1, 512},
		{1024, 1, 512, 1}, {600, 1, 512, 1}, {1024, 3, 512, 2}, {1 << 24, 1 << 24, 512, 512},
	} {
		if w, h := reducedSize(c[0], c[1]); w != c[2] || h != c[3] {
			t.Errorf("%d x %d becomes %d x %d, want %d x %d", c[0], c[1], w, h, c[2], c[3])
		}
	}
}

// noise is a picture of one of all the types that decoders return.
func noise(kind string, w, h int, seed uint64) image.Image {
	r := rand.New(rand.NewPCG(seed, 1))
	fill := func(p []byte) {
		for i := range p {
			p[i] = byte(r.Uint32())
		}
	}
	at := image.Rect(0, 0, w, h)
	switch kind {
	case "gray":
		m := image.NewGray(at)
		fill(m.Pix)
		return m
	case "gray16":
		m := image.NewGray16(at)
		fill(m.Pix)
		return m
	case "rgba":
		m := image.NewRGBA(at)
		fill(m.Pix)
		for i := 0; i < len(m.Pix); i += 4 { // premultiplied
			if r.IntN(2) == 0 {
				m.Pix[i+3] = 255
			}
			for c := range 3 {
				m.Pix[i+c] = min(m.Pix[i+c], m.Pix[i+3])
			}
		}
		return m
	case "nrgba":
		m := image.NewNRGBA(at)
		fill(m.Pix)
		return m
	case "nrgba64":
		m := image.NewNRGBA64(at)
		fill(m.Pix)
		return m
	case "rgba64 opaque":
		m := image.NewRGBA64(at)
		fill(m.Pix)
		for i := 0; i < len(m.Pix); i += 8 {
			m.Pix[i+6], m.Pix[i+7] = 255, 255
		}
		return m
	case "cmyk":
		m := image.NewCMYK(at)
		fill(m.Pix)
		return m
	case "paletted":
		m := image.NewPaletted(at, nil)
		for range 256 {
			m.Palette = append(m.Palette, color.NRGBA{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())})
		}
		fill(m.Pix)
		return m
	case "nycbcra":
		m := image.NewNYCbCrA(at, image.YCbCrSubsampleRatio420)
		fill(m.Y)
		fill(m.Cb)
		fill(m.Cr)
		fill(m.A)
		return m
	case "uniform":
		return struct{ image.Image }{noise("nrgba64", w, h, seed)} // a type that is not known
	}
	panic(kind)
}

var imageKinds = []string{"gray", "gray16", "rgba", "nrgba", "nrgba64", "rgba64 opaque", "cmyk", "paletted", "nycbcra", "uniform"}

// Each pixel of each type must come as the reference has it. Alpha and black ink may
// differ by one where a type has 8 bits, since the reference goes by 16 bits.
func TestRowsAgainstReference(t *testing.T) {
	for _, kind := range imageKinds {
		img := noise(kind, 17, 5, 3)
		got, err := reduce(rowsOf(img), 17, 5, 17, 5)
		if err != nil {
			t.Fatal(err)
		}
		tolerance := 0
		switch kind {
		case "cmyk", "rgba", "nrgba", "paletted", "nycbcra", "uniform":
			tolerance = 1
		}
		compare(t, kind, got, refRaster(img, 17, 5), tolerance)
	}
}

func compare(t *testing.T, what string, got, want []byte, tolerance int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d bytes, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := int(got[i]) - int(want[i]); d > tolerance || d < -tolerance {
			t.Fatalf("%s: byte %d is %d, want %d", what, i, got[i], want[i])
		}
	}
}

func TestReduceAgainstReference(t *testing.T) {
	for _, kind := range []string{"gray", "gray16", "rgba64 opaque"} {
		for _, c := range [][4]int{{31, 7, 5, 2}, {64, 64, 32, 32}, {9, 40, 3, 13}, {13, 1, 12, 1}, {5, 5, 5, 4}, {6, 5, 1, 1}} {
			img := noise(kind, c[0], c[1], 9)
			got, err := reduce(rowsOf(img), c[0], c[1], c[2], c[3])
			if err != nil {
				t.Fatal(err)
			}
			compare(t, fmt.Sprint(kind, c), got, refRaster(img, c[2], c[3]), 0)
		}
	}
}

// For JPEG the mean is taken in YCbCr, of chroma samples repeated as image.YCbCr
// repeats them.
func TestReduceYCbCrAgainstReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ratio := image.YCbCrSubsampleRatio(rapid.IntRange(0, 5).Draw(rt, "ratio"))
		w, h := rapid.IntRange(1, 33).Draw(rt, "w"), rapid.IntRange(1, 17).Draw(rt, "h")
		dw, dh := rapid.IntRange(1, w).Draw(rt, "dw"), rapid.IntRange(1, h).Draw(rt, "dh")
		m := image.NewYCbCr(image.Rect(0, 0, 40, 24), ratio)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		for _, p := range [][]byte{m.Y, m.Cb, m.Cr} {
			for i := range p {
				p[i] = byte(r.Uint32())
			}
		}
		m = m.SubImage(image.Rect(0, 0, w, h)).(*image.YCbCr)
		want := refReduce(func(x, y int) [3]byte {
			c := m.YCbCrAt(x, y)
			return [3]byte{c.Y, c.Cb, c.Cr}
		}, w, h, dw, dh)
		for i := 0; i < len(want); i += 3 {
			want[i], want[i+1], want[i+2] = color.YCbCrToRGB(want[i], want[i+1], want[i+2])
		}
		got, err := reduce(rowsOf(m), w, h, dw, dh)
		if err != nil || !bytes.Equal(got, want) {
			rt.Fatalf("%v %dx%d to %dx%d: %v\n%v\n%v", ratio, w, h, dw, dh, err, got, want)
		}
	})
}

func TestReduceKeepsTheMean(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 3001, 1999))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	got, err := reduce(rowsOf(m), 3001, 1999, 512, 341)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != 255 {
			t.Fatalf("white becomes %d at %d", v, i)
		}
	}
}

func TestLuma(t *testing.T) {
	for _, c := range []struct {
		rgb  [3]byte
		want byte
	}{{[3]byte{255, 255, 255}, 255}, {[3]byte{0, 0, 0}, 0}, {[3]byte{255, 0, 0}, 76}, {[3]byte{0, 255, 0}, 150}, {[3]byte{0, 0, 255}, 29}, {[3]byte{77, 77, 77}, 77}} {
		if got := lumaOf(c.rgb[:]); got[0] != c.want {
			t.Errorf("luma of %v is %d, want %d", c.rgb, got[0], c.want)
		}
	}
}

func TestTo8(t *testing.T) {
	for v := range uint32(256) {
		if got := to8(v * 257); got != byte(v) {
			t.Errorf("%d written with 16 bits comes back as %d", v, got)
		}
	}
}

func TestSumBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 70 {
		b := make([]byte, n)
		var want uint64
		for i := range b {
			b[i] = byte(r.IntN(2) * 255)
			want += uint64(b[i])
		}
		if got := sumBytes(b); got != want {
			t.Errorf("%d bytes add up to %d, want %d", n, got, want)
		}
	}
	if got := sumBytes(bytes.Repeat([]byte{255}, 64)); got != 64*255 {
		t.Errorf("64 times 255 is %d", got)
	}
}

// The product is the quotient, at the sums where it would first be off, too.
func TestMeanIsTheQuotient(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 200_000 {
		area := 1 + r.Uint64N(1<<r.IntN(30))
		m := meanOver(area)
		for _, sum := range []uint64{r.Uint64N(255*area + 1), area * r.Uint64N(256), max(area*(1+r.Uint64N(255)), area/2+1) - area/2 - 1, 255 * area} {
			if got, want := m.of(sum), byte((sum+area/2)/area); got != want {
				t.Fatalf("%d over %d: %d, want %d", sum, area, got, want)
			}
		}
	}
}
