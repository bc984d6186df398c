package jpeg

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// all says to compare all test photos, not every twentieth of the larger folders, which takes
// some minutes:
//
//	DEDUPIDX_MEASURE=1 go test -v -timeout 30m ./stages/raster/jpeg
var all = os.Getenv("DEDUPIDX_MEASURE") != ""

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

// eachJPEG calls f for each file of the test photos that begins as a JPEG does: the cameras'
// and those of formats, of the others every twentieth or, with DEDUPIDX_MEASURE, each.
func eachJPEG(tb testing.TB, f func(path string, data []byte)) {
	tb.Helper()
	dir := corpus(tb)
	n := 0
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
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if n++; !all && n%20 != 0 && (strings.HasPrefix(name, "photos") || strings.HasPrefix(name, "distractors")) {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(filepath.ToSlash(name), data)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}
