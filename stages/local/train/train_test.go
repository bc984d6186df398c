package main

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/dedupidx/dedupidx/stages/local"
)

// folder holds a few pictures of random blots.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(9, 9))
	for n := range 4 {
		img := image.NewGray(image.Rect(0, 0, 400, 300))
		for range 600 {
			x, y, r := rnd.IntN(400), rnd.IntN(300), 3+rnd.IntN(14)
			v := color.Gray{Y: uint8(rnd.IntN(256))}
			for dy := -r; dy <= r; dy++ {
				for dx := -r; dx <= r; dx++ {
					if dx*dx+dy*dy <= r*r {
						img.SetGray(x+dx, y+dy, v)
					}
				}
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.jpg", n)), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTablesAreTheSameEachTime(t *testing.T) {
	dir := folder(t)
	tables := func(name string) (pattern, words []byte) {
		p, w := filepath.Join(t.TempDir(), name+".go"), filepath.Join(t.TempDir(), name+".bin")
		if err := run(p, "", 1<<30, []string{dir}); err != nil {
			t.Fatal(err)
		}
		if err := run("", w, 1<<30, []string{dir}); err != nil {
			t.Fatal(err)
		}
		pattern, _ = os.ReadFile(p)
		words, _ = os.ReadFile(w)
		return pattern, words
	}
	p, w := tables("first")
	q, x := tables("second")
	if !bytes.Equal(p, q) || !bytes.Equal(w, x) {
		t.Error("the same photos give other tables")
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "pattern.go", p, 0); err != nil {
		t.Error(err)
	}
	if n := local.Words / 2; len(w) != 32*(128+n)+n {
		t.Errorf("vocabulary of %d bytes", len(w))
	}
}

func TestRunRefuses(t *testing.T) {
	for _, c := range []struct {
		pattern, words string
		dirs           []string
	}{
		{"", "", []string{"."}}, {"a", "b", []string{"."}}, {"a", "", nil},
		{"a", "", []string{t.TempDir()}}, {"a", "", []string{filepath.Join(t.TempDir(), "none")}},
	} {
		if err := run(c.pattern, c.words, 10, c.dirs); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
