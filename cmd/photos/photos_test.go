package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// Photos are of the size asked for, each other bytes than the others, and a larger count
// adds to a smaller one.
func TestPhotos(t *testing.T) {
	from := t.TempDir()
	for i, name := range []string{"a.jpg", "b.JPEG"} {
		if err := os.WriteFile(filepath.Join(from, name), drawn.JPEG(drawn.Scene(uint64(i), 240, 160), 85), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(from, "grey.jpg"), drawn.JPEG(drawn.Grey(drawn.Scene(7, 96, 96)), 85), 0o600); err != nil {
		t.Fatal(err)
	}
	made := func(count string) map[string][]byte {
		t.Helper()
		out := filepath.Join(t.TempDir(), "photos")
		var said bytes.Buffer
		if err := run(t.Context(), []string{"-o", out, "-count", count, "-megapixels", "0.1", from}, &said); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said.String(), "stay empty") {
			t.Errorf("of the grey one it says %q", said.String())
		}
		files := map[string][]byte{}
		names, err := filepath.Glob(filepath.Join(out, "000", "*.jpg"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = data
		}
		return files
	}
	few, many := made("4"), made("8")
	if len(few) != 3 || len(many) != 6 { // every third is of the grey one
		t.Fatalf("%d and %d photos, want 3 and 6", len(few), len(many))
	}
	for name, data := range few {
		if !bytes.Equal(data, many[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	seen := map[string]string{}
	for name, data := range many {
		if other, ok := seen[string(data)]; ok {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[string(data)] = name
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width != 384 || c.Height != 256 {
			t.Errorf("%s: %d x %d, %v", name, c.Width, c.Height, err)
		}
	}
	if err := run(t.Context(), []string{"-o", t.TempDir(), t.TempDir()}, &bytes.Buffer{}); err == nil {
		t.Error("a folder without originals is no error")
	}
}

// A picture is continued by its mirror images, and a large one is cut at other places.
func TestCut(t *testing.T) {
	src := image.NewYCbCr(image.Rect(0, 0, 40, 30), image.YCbCrSubsampleRatio422)
	for y := range 30 {
		for x := range 40 {
			src.Y[src.YOffset(x, y)] = uint8(4*x + 3*y)
			src.Cb[src.COffset(x, y)] = uint8(x)
		}
	}
	out := tiled(src, 96, 64, 5, 7)
	for _, at := range [][4]int{{0, 0, 5, 7}, {34, 0, 39, 7}, {35, 0, 39, 7}, {36, 0, 38, 7}, {0, 23, 5, 29}, {76, 54, 1, 1}} {
		if got, want := out.YCbCrAt(at[0], at[1]).Y, uint8(4*at[2]+3*at[3]); got != want {
			t.Errorf("at %d, %d it is %d, want that of %d, %d: %d", at[0], at[1], got, at[2], at[3], want)
		}
	}
	if got := out.YCbCrAt(0, 0).Cb; got != 4 && got != 5 { // the two share a sample
		t.Errorf("the colour at the first pixel is %d", got)
	}
	random := rand.New(rand.NewPCG(1, 1))
	a, b := cut(src, 0.0003, random), cut(src, 0.0003, random)
	if a.Rect.Size() != image.Pt(16, 16) || a.Rect == b.Rect {
		t.Errorf("cut at %v and %v", a.Rect, b.Rect)
	}
}
