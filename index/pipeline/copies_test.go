//go:build unix

package pipeline_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// Of more copies than each is compared with, two that never met stay when all others are
// deleted: the scan that sees it compares them, and finds them.
func TestLastTwoOfManyCopies(t *testing.T) {
	if raceDetector {
		t.Skip("two thousand comparisons")
	}
	const n = 52
	w := newWorld(t)
	scene := drawn.Scene(78, 480, 320)
	for i := range n {
		d := float64(i) / 1000
		name := fmt.Sprintf("%02d.jpg", i)
		w.write(name, drawn.JPEG(drawn.Crop(scene, d, d/2, 0.94+d, 0.96), 88))
		w.age(w.path(name))
	}
	w.scan()
	if got := w.group(t); len(got) != n {
		t.Fatalf("%d of %d copies stand in a group", len(got), n)
	}
	a, b := w.apart(t)
	for i := range n {
		if name := fmt.Sprintf("%02d.jpg", i); name != a && name != b {
			must(t, os.Remove(w.path(name)))
		}
	}
	w.scan()
	if got := w.group(t); !slices.Equal(got, []string{a, b}) {
		t.Errorf("of %s and %s, which stay, %v stand in a group", a, b, got)
	}
	w.scan()
	if n, err := w.x.CountUncompared(t.Context(), 1<<62); err != nil || n != 2 {
		t.Errorf("%d contents are compared or wait to be, want the 2 that stay: %v", n, err)
	}
}

// group is the names of the files in all groups.
func (w *world) group(t *testing.T) (names []string) {
	t.Helper()
	for g, err := range w.x.ClusterRows(t.Context(), "normal", index.ByPath) {
		must(t, err)
		for _, r := range g.Rows {
			names = append(names, r.File.Name)
		}
	}
	slices.Sort(names)
	return names
}

// apart is the names of the files of two contents that were not compared with each other.
func (w *world) apart(t *testing.T) (a, b string) {
	t.Helper()
	last, err := w.x.LastContent(t.Context())
	must(t, err)
	var ids []int64
	for id := range last {
		ids = append(ids, id+1)
	}
	matches, err := w.x.MatchesOf(t.Context(), ids)
	must(t, err)
	met := make(map[[2]int64]bool)
	for _, m := range matches {
		met[[2]int64{min(m.A, m.B), max(m.A, m.B)}] = true
	}
	files, err := w.x.FilesOf(t.Context(), ids)
	must(t, err)
	for i, x := range ids {
		for _, y := range ids[i+1:] {
			if !met[[2]int64{x, y}] && len(files[x]) > 0 && len(files[y]) > 0 {
				a, b = files[x][0].Name, files[y][0].Name
				return min(a, b), max(a, b)
			}
		}
	}
	t.Fatal("all met each other: the test asks nothing")
	return "", ""
}
