package copies_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/dedupidx/dedupidx/internal/copies"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// Each kind gives a picture that can be decoded, the same from the same seed, other bytes
// than the kind before it, and leaves what it was made of as it was.
func TestEdits(t *testing.T) {
	img, ok := copies.Open(drawn.JPEG(drawn.Scene(7, 96, 72), 90), 1)
	if !ok || img.Rect != image.Rect(0, 0, 96, 72) {
		t.Fatalf("the photo is opened as %v, %v", img.Rect, ok)
	}
	other := copies.Small(copies.FromRGB(bytes.Repeat([]byte{200, 90, 30}, 30*20), 30, 20))
	others := []*image.NRGBA{other, other, other}
	before := bytes.Clone(img.Pix)
	seen, kinds := map[string]string{}, map[string]bool{}
	for i, e := range copies.Edits() {
		a := e.Make(rand.New(rand.NewPCG(1, 2)), img, others)
		if i%3 == 0 { // a third: drawing takes time
			if b := e.Make(rand.New(rand.NewPCG(1, 2)), img, others); !bytes.Equal(a.Bytes, b.Bytes) || a.How != b.How {
				t.Errorf("%s: one seed gives two copies", e.Kind)
			}
		}
		decode := jpeg.Decode
		if a.Ext == ".png" {
			decode = png.Decode
		}
		out, err := decode(bytes.NewReader(a.Bytes))
		if err != nil || min(out.Bounds().Dx(), out.Bounds().Dy()) < 20 {
			t.Errorf("%s: %v, %v", a.How, out, err)
		}
		if was, twice := seen[string(a.Bytes)]; twice {
			t.Errorf("%s is %s", e.Kind, was)
		}
		seen[string(a.Bytes)] = e.Kind
		if kinds[e.Kind] {
			t.Errorf("two kinds are named %s", e.Kind)
		}
		kinds[e.Kind] = true
		if !bytes.Equal(img.Pix, before) {
			t.Fatalf("%s changes what it is made of", e.Kind)
		}
	}
}

// A photo is turned upright, made smaller, laid on white; what cannot be decoded is refused.
func TestOpen(t *testing.T) {
	wide := drawn.JPEG(image.NewGray(image.Rect(0, 0, 1500, 100)), 80)
	for orientation := range 10 {
		img, ok := copies.Open(wide, orientation)
		want := image.Rect(0, 0, 1024, 68)
		if orientation >= 5 && orientation <= 8 {
			want = image.Rect(0, 0, 68, 1024)
		}
		if !ok || img.Rect != want {
			t.Errorf("orientation %d: %v, want %v", orientation, img.Rect, want)
		}
	}
	small := drawn.Scene(3, 60, 40)
	// Stored as a camera on its side stores it: 6 says that it must be turned clockwise.
	sideways := drawn.Turn(drawn.Turn(drawn.Turn(small)))
	img, ok := copies.Open(drawn.PNG(sideways), 6)
	if !ok || !bytes.Equal(img.Pix, small.Pix) {
		t.Error("a photo of orientation 6 does not come out upright")
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	if img, ok := copies.Open(drawn.PNG(clear), 1); !ok || img.Pix[0] != 255 {
		t.Error("what is clear is not white")
	}
	huge := drawn.PNG(image.NewGray(image.Rect(0, 0, 2, 2)))
	copy(huge[16:], []byte{0, 0, 0xf0, 0, 0, 0, 0xf0, 0}) // 61,440 by 61,440
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "cut off": drawn.JPEG(small, 80)[:300], "huge": huge} {
		if _, ok := copies.Open(data, 1); ok {
			t.Errorf("%s is opened", name)
		}
	}
}
