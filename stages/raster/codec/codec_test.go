package codec

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// read returns a file of the test photos, or skips the test.
func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "corpus")
	}
	path := filepath.Join(append([]string{root, "formats"}, elem...)...)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no test photo at %s; set DEDUPIDX_CORPUS", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The modules are those that lib/README.md names.
func TestModules(t *testing.T) {
	text, err := os.ReadFile("lib/README.md")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(heifModule))
	if err != nil {
		t.Fatal(err)
	}
	heif, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for name, module := range map[string][]byte{"heif": heif, "avif": avifModule, "jxl": jxlModule} {
		sum := sha256.Sum256(module)
		if !strings.Contains(string(text), hex.EncodeToString(sum[:])) {
			t.Errorf("%s: SHA-256 is %x", name, sum)
		}
	}
	if _, err := mendCr(append(heif, heif...)); err == nil {
		t.Error("two places to mend")
	}
	if _, err := mendCr(nil); err == nil {
		t.Error("nothing to mend")
	}
}

func TestDecoders(t *testing.T) {
	ctx := context.Background()
	var c Codecs
	defer c.Close()
	jxl := func(w, h, bits int) func(context.Context, []byte, Limits) (*Picture, error) {
		return func(ctx context.Context, data []byte, l Limits) (*Picture, error) {
			return c.JXL(ctx, data, w, h, bits, l)
		}
	}
	refuse := errors.New("no")
	for _, k := range []struct {
		file   string
		decode func(context.Context, []byte, Limits) (*Picture, error)
	}{
		{"heic/base-a.heic", c.HEIC}, {"avif/base-a.avif", c.AVIF}, {"jxl/base-a.jxl", jxl(320, 240, 8)},
	} {
		data := read(t, filepath.FromSlash(k.file))
		var first []byte
		for range 2 { // an instance knows nothing of the one before
			p, err := k.decode(ctx, data, Limits{})
			if err != nil {
				t.Fatalf("%s: %v", k.file, err)
			}
			if s := p.Bounds().Size(); s.X != 320 || s.Y != 240 || p.Memory() < 320*240 || p.Memory() > 64<<20 {
				t.Errorf("%s: %v in %d bytes", k.file, s, p.Memory())
			}
			var pixels []byte
			for y := range 240 {
				red, green, blue, _ := p.At(y, y).RGBA()
				pixels = append(pixels, byte(red>>8), byte(green>>8), byte(blue>>8))
			}
			if first == nil {
				first = pixels
			}
			if !bytes.Equal(first, pixels) {
				t.Errorf("%s: other pixels the second time", k.file)
			}
			p.Close()
		}
		for name, broken := range map[string][]byte{"half": data[:len(data)/2], "nothing": nil, "zeros": make([]byte, 1000)} {
			if p, err := k.decode(ctx, broken, Limits{}); err == nil {
				t.Errorf("%s: %s is a picture of %v", k.file, name, p.Bounds())
			}
		}
		if _, err := k.decode(ctx, data, Limits{Size: func(int, int) error { return refuse }}); !errors.Is(err, refuse) {
			t.Errorf("%s: refused for its size: %v", k.file, err)
		}
	}
	// A header read wrong must not give a picture.
	data := read(t, "jxl", "base-a.jxl")
	for _, size := range [][3]int{{321, 240, 8}, {320, 239, 8}, {320, 240, 16}, {0, 240, 8}, {1 << 24, 1, 8}, {1 << 23, 1 << 10, 8}} {
		if _, err := c.JXL(ctx, data, size[0], size[1], size[2], Limits{}); err == nil {
			t.Errorf("decoded as %v", size)
		}
	}
	if _, err := jxl(924, 1386, 8)(ctx, read(t, "jxl", "real-sunset-logo.jxl"), Limits{Memory: 64 << 20}); !errors.Is(err, ErrMemory) {
		t.Errorf("82 MiB in 64: %v", err)
	}
}

// Pictures whose rows, or rows of colour, the library makes longer than they are. Red grows
// from left to right, green from top to bottom, and blue is what red lacks.
func TestNarrow(t *testing.T) {
	var c Codecs
	defer c.Close()
	for _, size := range []image.Point{{40, 30}, {90, 20}} {
		path := filepath.Join("testdata", fmt.Sprintf("narrow-%dx%d.heic", size.X, size.Y))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.HEIC(context.Background(), data, Limits{})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if p.Bounds().Size() != size {
			t.Fatalf("%s: %v", path, p.Bounds())
		}
		most := 0
		for y := range size.Y {
			for x := range size.X {
				r, g, b, _ := p.At(x, y).RGBA()
				red, green := x*255/(size.X-1), y*255/(size.Y-1)
				for _, d := range []int{int(r>>8) - red, int(g>>8) - green, int(b>>8) - 255 + red} {
					most = max(most, d, -d)
				}
			}
		}
		if most > 24 { // of half the colours, at this quality
			t.Errorf("%s: %d grey levels off", path, most)
		}
		p.Close()
	}
}

func TestMemory(t *testing.T) {
	m := &memory{limit: 1 << 20}
	m.reserve(1 << 32)
	b := m.Reallocate(1 << 16)
	b[1<<16-1] = 7
	if c := m.Reallocate(1 << 20); &c[0] != &b[0] || c[1<<16-1] != 7 || c[1<<20-1] != 0 {
		t.Error("memory moves, or forgets")
	}
	if m.Reallocate(1<<20+1) != nil || !m.full {
		t.Error("memory grows beyond its limit")
	}
	m.Free()
	m.Free()
	if m.Reallocate(1) != nil {
		t.Error("memory after its end")
	}
}
