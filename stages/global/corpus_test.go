package global_test

import (
	"context"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/stages/color"
	"github.com/dedupidx/dedupidx/stages/global"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/stages/wavelet"
)

// photo is a test photo with the features of the whole-frame stages.
type photo struct {
	path, group, relation string // relation is "" for a distractor
	wavelet               wavelet.Feature
	global                global.Feature
	color                 color.Feature
}

// TestCorpus measures on the test photos what the comments beside the limits of
// the wavelet, global and color stages say: the share of copies whose original
// is found, and how many strangers come along. By default it looks at an eighth
// of the groups; DEDUPIDX_MEASURE=1 takes all (a minute or two). Formats that
// only the decode helper opens are left out.
func TestCorpus(t *testing.T) {
	photos := corpus(t, os.Getenv("DEDUPIDX_MEASURE") == "")
	originals := map[string]int{}
	for i := range photos {
		if photos[i].relation == "original" {
			originals[photos[i].group] = i
		}
	}
	w := stage{name: "wavelet", keys: func(p *photo) []uint32 { return wavelet.Keys(p.wavelet) },
		near: func(a, b *photo) bool { return wavelet.Compare(a.wavelet, b.wavelet).Near() }}
	g := stage{name: "global", keys: func(p *photo) []uint32 { return global.Keys(p.global) },
		near: func(a, b *photo) bool { return global.Compare(a.global, b.global).Near() }}
	fromWavelet, fromGlobal := w.candidates(t, photos), g.candidates(t, photos)
	var agreement []float64
	for _, relation := range []string{"pixel", "near", "hard"} {
		n, byWavelet, byGlobal, byEither := 0, 0, 0, 0
		for i := range photos {
			o, ok := originals[photos[i].group]
			if !ok || photos[i].relation != relation {
				continue
			}
			n++
			a, b := slices.Contains(fromWavelet[i], o), slices.Contains(fromGlobal[i], o)
			if a {
				byWavelet++
			}
			if b {
				byGlobal++
			}
			if a || b {
				byEither++
			}
			if e := color.Compare(photos[i].color, photos[o].color); relation == "near" && !e.Forgiven {
				agreement = append(agreement, e.Agreement[global.Compare(photos[i].global, photos[o].global).Turn])
			}
		}
		if n == 0 {
			continue
		}
		share := func(k int) float64 { return float64(k) / float64(n) }
		t.Logf("%s, %d copies: wavelet %.3f, global %.3f, either %.3f", relation, n, share(byWavelet), share(byGlobal), share(byEither))
		floor := map[string]float64{"pixel": 0.98, "near": 0.98, "hard": 0.6}[relation]
		if share(byEither) < floor {
			t.Errorf("%s: %.3f found, want %.3f", relation, share(byEither), floor)
		}
	}
	slices.Sort(agreement)
	t.Logf("color agreement of near copies: 5 %% below %.2f, half below %.2f", agreement[len(agreement)/20], agreement[len(agreement)/2])
	if agreement[len(agreement)/2] < 0.95 {
		t.Error("half of the near copies disagree in color")
	}
}

type stage struct {
	name string
	keys func(*photo) []uint32
	near func(a, b *photo) bool
}

// candidates returns for each photo the others that share a key and are near,
// and checks that the relation is symmetric.
func (s *stage) candidates(t *testing.T, photos []photo) [][]int {
	buckets := map[uint32][]int{}
	for i := range photos {
		for _, k := range s.keys(&photos[i]) {
			buckets[k] = append(buckets[k], i)
		}
	}
	found := make([][]int, len(photos))
	read, met, near, strangers := 0, 0, 0, 0
	for i := range photos {
		var seen []int
		for _, k := range s.keys(&photos[i]) {
			seen = append(seen, buckets[k]...)
		}
		read += len(seen)
		slices.Sort(seen)
		for _, j := range slices.Compact(seen) {
			if j == i {
				continue
			}
			met++
			if s.near(&photos[i], &photos[j]) {
				near++
				found[i] = append(found[i], j)
				if photos[i].group != photos[j].group {
					strangers++
				}
			}
		}
	}
	for i := range found {
		for _, j := range found[i] {
			if !slices.Contains(found[j], i) {
				t.Errorf("%s: %s finds %s, but not the other way round", s.name, photos[i].path, photos[j].path)
			}
		}
	}
	per := func(n int) float64 { return float64(n) / float64(len(photos)) }
	t.Logf("%s, %d pictures, per query: %.1f postings read, %.1f pictures before the distance test, %.2f after, of them %.2f strangers",
		s.name, len(photos), per(read), per(met), per(near), per(strangers))
	return found
}

// corpus decodes the test photos, or skips the test where they are missing.
func corpus(t *testing.T, part bool) []photo {
	t.Helper()
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	f, err := os.Open(filepath.Join(root, "photos", "labels.csv"))
	if err != nil {
		t.Skipf("no test photos at %s; set DEDUPIDX_CORPUS", root)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var photos []photo
	for _, row := range rows[1:] {
		photos = append(photos, photo{path: filepath.Join(root, "photos", row[0]), group: row[1], relation: row[2]})
	}
	err = filepath.WalkDir(filepath.Join(root, "distractors"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			photos = append(photos, photo{path: path, group: path})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []photo
	for i, p := range photos {
		if part && !(strings.HasSuffix(p.group, "7") || p.relation == "" && i%8 == 0) {
			continue
		}
		data, err := os.ReadFile(p.path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := raster.Decode(context.Background(), data, raster.Limits{})
		if err != nil {
			continue // a format of the decode helper
		}
		p.wavelet, p.global, p.color = wavelet.Extract(r), global.Extract(r), color.Extract(r)
		out = append(out, p)
	}
	return out
}
