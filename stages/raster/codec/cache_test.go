package codec

import (
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// Machine code is kept for the next process. What is broken there, or no folder, does no harm.
func TestCache(t *testing.T) {
	ctx := context.Background()
	var packed bytes.Buffer // a module of one function, which does nothing
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a\x04\x01\x02\x00\x0b")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "cache")
	makeReady := func(folder string) (cached bool) {
		t.Helper()
		c := Codecs{Cache: folder}
		defer c.Close()
		m, err := c.ready(ctx, &c.jxl, packed.Bytes(), api.CoreFeaturesV2)
		if err != nil {
			t.Fatal(err)
		}
		return m.cache != nil
	}
	var files []string
	list := func() {
		t.Helper()
		files = nil
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !makeReady(folder) {
		t.Error("no cache")
	}
	if list(); len(files) < 2 {
		t.Skipf("%d files: modules are interpreted here", len(files))
	}
	if !makeReady(folder) {
		t.Error("no cache the second time")
	}
	path := files[slices.IndexFunc(files, func(f string) bool { return filepath.Base(f) != sumFile })]
	code, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range code { // wherever it is broken, it is made anew
		broken := bytes.Clone(code)
		broken[at] ^= 0x55
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		makeReady(folder)
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, code) {
			t.Fatalf("byte %d: not made anew, %v", at, err)
		}
	}
	if err := os.Truncate(path, 20); err != nil {
		t.Fatal(err)
	}
	makeReady(folder)
	if err := os.Remove(filepath.Join(filepath.Dir(filepath.Dir(path)), sumFile)); err != nil {
		t.Fatal(err)
	}
	makeReady(folder)
	before := files
	if list(); !slices.Equal(files, before) {
		t.Errorf("%q is left, not %q", files, before)
	}
	if makeReady(filepath.Join(folder, "\x00")) {
		t.Error("a cache in no folder")
	}
}
