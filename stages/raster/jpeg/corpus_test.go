package jpeg

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus returns a folder of the test photos, or skips the test.
func corpus(tb testing.TB, elem ...string) string {
	tb.Helper()
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "corpus")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("no test photos at %s; set DEDUPIDX_CORPUS", path)
	}
	return path
}

// eachJPEG calls f for each file of the test photos that begins as a JPEG does.
func eachJPEG(tb testing.TB, dir string, f func(path string, data []byte)) {
	tb.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".csv") {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		var magic [3]byte
		if _, err := file.Read(magic[:]); err != nil || magic != [3]byte{0xFF, 0xD8, 0xFF} {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(path, data)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}
