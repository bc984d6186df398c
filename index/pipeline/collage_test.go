//go:build unix

package pipeline_test

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// four photos, a collage of them and a page with the second as an inset, by what is
// the largest: a small collage of large photos, or a large one of small photos.
var collages = sync.OnceValue(func() map[string]map[string][]byte {
	var scenes [4]image.Image
	for i := range scenes {
		scenes[i] = drawn.Scene(uint64(400+i), 640, 428)
	}
	page := drawn.Scene(500, 640, 428)
	out := map[string]map[string][]byte{}
	for what, photo := range map[string]int{"large photos": 640, "large collage": 400} {
		set := map[string][]byte{}
		for i, s := range scenes {
			set[fmt.Sprintf("%d.jpg", i)] = drawn.JPEG(drawn.Resize(s, photo, photo*428/640), 90)
		}
		width, quality := 560, 70
		if what == "large collage" {
			width, quality = 1280, 97
		}
		set["collage.jpg"] = drawn.JPEG(drawn.Collage(width, width*428/640, scenes), quality)
		set["inset.jpg"] = drawn.JPEG(drawn.Resize(drawn.Inset(page, scenes[1], 0.2, 0.3, 0.55), width, width*428/640), quality)
		out[what] = set
	}
	return out
})

// A collage and an inset hang under what they show, and never tie it together,
// whichever file is the largest and whichever comes first.
func TestCollageTiesNothing(t *testing.T) {
	names := []string{"0.jpg", "1.jpg", "2.jpg", "3.jpg", "collage.jpg", "inset.jpg"}
	for what, set := range collages() {
		if raceDetector && what == "large collage" {
			continue
		}
		first := ""
		for i, order := range [][]string{
			names,
			{"collage.jpg", "inset.jpg", "0.jpg", "1.jpg", "2.jpg", "3.jpg"},
			{"0.jpg", "3.jpg", "collage.jpg", "2.jpg", "inset.jpg", "1.jpg"},
		} {
			if raceDetector && i > 0 {
				break
			}
			w := newWorld(t)
			for _, n := range order {
				w.write(n, set[n])
				w.age(w.path(n))
				w.scan()
			}
			found := map[string]int{}
			var all []string
			for _, s := range []string{"strict", "normal", "loose"} {
				for g, err := range w.x.ClusterRows(t.Context(), s, index.ByPath) {
					must(t, err)
					photos, parts := 0, 0
					line := s
					for _, r := range g.Rows {
						line += fmt.Sprintf(" %s %s;", r.File.Name, r.Kind)
						switch {
						case strings.Contains("0.jpg 1.jpg 2.jpg 3.jpg", r.File.Name):
							photos++
						case r.Kind == "partial":
							parts++
						case r.Kind != "best": // which it may be of what shares a part with it
							t.Errorf("%s, order %d, %s: %s is %s in a group of %d", what, i, s, r.File.Name, r.Kind, len(g.Rows))
						}
					}
					if photos == 0 {
						parts = 0
					}
					if photos > 1 {
						t.Errorf("%s, order %d: %d of the four photos are in one group: %s", what, i, photos, line)
					}
					found[s] += parts
					all = append(all, line)
				}
			}
			if found["normal"] != 5 {
				t.Errorf("%s, order %d: the collage and the inset hang %d times, want 5: %v", what, i, found["normal"], all)
			}
			slices.Sort(all)
			if report := strings.Join(all, "\n"); first == "" {
				first = report
				t.Logf("%s:\n%s", what, report)
			} else {
				same(t, fmt.Sprintf("%s, order %d", what, i), report, first)
			}
		}
	}
}
