package raster

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pixelHash hashes a file that has a hash.
func pixelHash(t *testing.T, data []byte) [32]byte {
	t.Helper()
	sum, ok, err := PixelHash(context.Background(), data, Limits{})
	if err != nil || !ok {
		t.Fatalf("%t, %v", ok, err)
	}
	return sum
}

// A PNG has one hash however hard it was compressed and whatever its colour type, and
// another where a pixel or the depth differs.
func TestPixelHashPNG(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 40, 30))
	rgb := image.NewRGBA(grey.Rect) // opaque, which image/png writes as RGB
	deep := image.NewGray16(grey.Rect)
	for i := range grey.Pix {
		v := byte(i * 7 >> 2)
		grey.Pix[i] = v
		rgb.Set(i%40, i/40, color.Gray{Y: v})
		deep.Set(i%40, i/40, color.Gray{Y: v})
	}
	encode := func(m image.Image, level png.CompressionLevel) []byte {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	want := pixelHash(t, encode(grey, png.BestSpeed))
	if pixelHash(t, encode(grey, png.NoCompression)) != want || pixelHash(t, encode(rgb, png.BestCompression)) != want {
		t.Error("other coding, another hash")
	}
	if pixelHash(t, encode(deep, png.BestSpeed)) == want {
		t.Error("16 bits have the hash of 8")
	}
	grey.Pix[1199]++
	if pixelHash(t, encode(grey, png.BestSpeed)) == want {
		t.Error("another pixel, the same hash")
	}
	rgb.Pix[3] = 7
	cut := encode(grey, png.BestSpeed)
	for name, data := range map[string][]byte{"transparent": encode(rgb, png.BestSpeed), "cut": cut[:len(cut)/2], "text": []byte("text"), "GIF": []byte("GIF89a")} {
		if _, ok, err := PixelHash(context.Background(), data, Limits{}); ok || err != nil {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, ok, err := PixelHash(ctx, encode(grey, png.BestSpeed), Limits{}); ok || err == nil {
		t.Errorf("cancelled: %t, %v", ok, err)
	}
}

// A photo and what jpegtran makes of it have one hash and one raster; turned by its tag it
// is another.
func TestPixelHashJPEG(t *testing.T) {
	if _, err := exec.LookPath("jpegtran"); err != nil {
		t.Skip("no jpegtran (package libjpeg-turbo-progs)")
	}
	dir := corpus(t, "formats", "jpeg")
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	data := read("real-canon-7d.jpg")
	want := pixelHash(t, data)
	cmd := exec.Command("jpegtran", "-progressive", "-copy", "all")
	cmd.Stdin = bytes.NewReader(data)
	other, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if pixelHash(t, other) != want {
		t.Error("the progressive version has another hash")
	}
	a, errA := Decode(context.Background(), data, Limits{})
	b, errB := Decode(context.Background(), other, Limits{})
	if errA != nil || errB != nil || !bytes.Equal(a.RGB, b.RGB) {
		t.Errorf("the progressive version has another raster: %v, %v", errA, errB)
	}
	if pixelHash(t, read("orientation-1.jpg")) == pixelHash(t, read("orientation-6.jpg")) {
		t.Error("the same hash under another orientation")
	}
	if _, ok, _ := PixelHash(context.Background(), read("arithmetic.jpg"), Limits{}); ok {
		t.Error("a hash of what is not decoded")
	}
}
