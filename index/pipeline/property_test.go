//go:build unix

package pipeline_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// pool are bytes that files of the property test hold: three scenes with copies in
// other coding and size, a part of one, a picture of one in another, and a text.
var pool = sync.OnceValue(func() [][]byte {
	var out [][]byte
	for i := range 3 {
		s := drawn.Scene(uint64(600+i), 180, 120)
		out = append(out, drawn.JPEG(s, 92), drawn.JPEG(drawn.Resize(s, 150, 100), 75))
	}
	s := drawn.Scene(600, 180, 120)
	return append(out, drawn.PNG(s), drawn.JPEG(drawn.Crop(s, 0.3, 0.3, 1, 1), 90),
		drawn.JPEG(drawn.Inset(drawn.Scene(604, 180, 120), s, 0.1, 0.1, 0.6), 90), []byte("a text"))
})

// Whatever is done to the folders between scans, the report of the index that
// followed is that of a new one, and the scan after has nothing to do.
func TestAnyHistoryEndsInTheSameReport(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	n := "12"
	if raceDetector {
		n = "2"
	}
	must(t, checks.Value.Set(n))
	defer func() { must(t, checks.Value.Set(before)) }()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		w.write("a/keep.jpg", small()[0]) // so that the root never looks empty
		place := rapid.SampledFrom([]string{"a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg", "b/c/1.jpg", "d/1.jpg", "d/2.jpg"})
		content := rapid.SampledFrom(pool())
		var history []string
		there := func(what string) (string, bool) {
			name := place.Draw(r, what)
			_, err := os.Lstat(w.path(name))
			return name, err == nil
		}
		steps := rapid.IntRange(4, 24).Draw(r, "steps")
		for range steps {
			act := rapid.SampledFrom([]string{"write", "write", "write", "remove", "rename", "copy", "link", "touch", "folder", "scan"}).Draw(r, "act")
			name, ok := there("name")
			other, taken := there("other")
			history = append(history, fmt.Sprint(act, " ", name, " ", other))
			switch {
			case act == "scan":
				w.scan()
			case act == "write":
				w.remove(name)
				w.write(name, content.Draw(r, "content"))
			case !ok || name == other:
			case act == "remove":
				w.remove(name)
			case act == "rename":
				w.rename(name, other)
			case act == "copy":
				w.remove(other)
				w.copy(name, other)
			case act == "touch":
				w.age(w.path(name))
			case act == "link" && !taken:
				must(t, os.MkdirAll(w.path(other[:strings.LastIndexByte(other, '/')]), 0o755))
				must(t, os.Link(w.path(name), w.path(other)))
			case act == "folder":
				if from := name[:1]; from != "a" && !exists(w.path("e")) {
					w.rename(from, "e")
					w.rename("e", from+"/e") // and so deeper each time
				}
			}
		}
		w.scan()
		got, want := w.report(), w.fresh()
		if got != want {
			same(t, "the report", got, want)
			r.Fatalf("after %s", strings.Join(history, "\n"))
		}
		if sum := w.scan(); sum.Commits != 0 {
			r.Fatalf("the next scan is not idle: %+v, after %s", sum, strings.Join(history, "\n"))
		}
	})
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
