//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index/evaluate"
)

// The figures that are pinned here fall when a stage, the judge or grouping gets worse. What
// gets better raises them: run with -v, which logs the figures, and write down what is found.

// floor is the least that must be found of a relation.
type floor struct {
	name  string
	got   evaluate.Recall
	found int
}

func (p *program) figures(labels string, flags ...string) (f evaluate.Figures) {
	p.Helper()
	out, _ := p.run(0, append([]string{"evaluate", labels, "--json", "--strangers", "--by", "kind"}, flags...)...)
	must(p, json.Unmarshal([]byte(out), &f))
	var text strings.Builder
	must(p, printFigures(&text, f, true))
	p.Logf("%v\n%s", flags, &text)
	return f
}

// All that the drawn sample holds is found at each sensitivity, and nothing else is claimed.
func TestSampleFigures(t *testing.T) {
	p := build(t)
	p.run(0, "sample", p.photos, "--scenes", "6")
	csv := filepath.Join(p.photos, "labels.csv")
	p.scan(0)
	for _, sensitivity := range []string{"strict", "normal", "loose"} {
		f := p.figures(csv, "--sensitivity", sensitivity)
		for _, r := range []floor{{"byte", f.Byte, 6}, {"pixel", f.Pixel, 6}, {"near", f.Near, 17}, {"hard", f.Hard, 3}, {"partial", f.Partial, 5}} {
			if r.got.Found < r.found {
				t.Errorf("%s: of %d %s files %d are found, it were %d", sensitivity, r.got.Of, r.name, r.got.Found, r.found)
			}
		}
		if f.None.Alone != 6 || f.Pairs.False != 0 || f.Pairs.Claimed < 133 || f.Mixed.Groups != 0 || f.Best.Right != f.Best.Of {
			t.Errorf("%s: none %+v, pairs %+v, mixed %+v, best %+v", sensitivity, f.None, f.Pairs, f.Mixed, f.Best)
		}
	}
}

// Strong edits of drawn scenes, some of which are missed: scenes are smoother than photos.
func TestSelftestFigures(t *testing.T) {
	p := build(t)
	p.run(0, "sample", p.photos, "--scenes", "4")
	out, _ := p.run(0, "selftest", filepath.Join(p.photos, "Photos"), "--sample", "3", "--json", "--kinds", "captioned,meme,posterized,slanted,detail")
	var s selftested
	must(t, json.Unmarshal([]byte(out), &s))
	t.Logf("%+v", s.Kinds)
	for name, found := range map[string]int{"byte": 3, "pixel": 3, "near": 3, "hard": 7, "partial": 3} {
		if got := s.Recall[name]; got.Found < found {
			t.Errorf("of %d %s copies %d are found, it were %d", got.Of, name, got.Found, found)
		}
	}
	if s.Pairs.False != 0 || len(s.Alike) != 0 {
		t.Errorf("claimed wrongly: %+v, alike: %+v", s.False, s.Alike)
	}
}

// The labelled test photos with the strangers beside them, or an index that was made of them.
func TestCorpusFigures(t *testing.T) {
	if os.Getenv("DEDUPIDX_MEASURE") == "" {
		t.Skip("scans 1,900 photos: set DEDUPIDX_MEASURE=1")
	}
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = "../../../shared/corpus"
	}
	root, err := filepath.Abs(root)
	must(t, err)
	labels := filepath.Join(root, "photos", "labels.csv")
	if _, err := os.Stat(labels); err != nil {
		t.Skipf("no test photos at %s; set DEDUPIDX_CORPUS", root)
	}
	p := build(t)
	if made := os.Getenv("DEDUPIDX_CORPUS_INDEX"); made != "" {
		p.index = made
	} else {
		p.run(exitSomeFailed, "scan", "--quiet", filepath.Join(root, "photos"), filepath.Join(root, "distractors"))
	}
	f := p.figures(labels)
	for _, r := range []struct {
		name  string
		got   *float64
		least float64
	}{
		{"byte", f.Byte.Share, 1}, {"pixel", f.Pixel.Share, 1}, {"near", f.Near.Share, 0.995}, {"hard", f.Hard.Share, 0.95},
		{"partial", f.Partial.Share, 0.9}, {"none", f.None.Share, 0.99}, {"true pairs", f.Pairs.Precision, 0.999},
		{"best file", f.Best.Share, 0.98},
	} {
		if r.got == nil || *r.got < r.least {
			t.Errorf("%s: %s, it were %g and more", r.name, percent(r.got), r.least)
		}
	}
	if f.Mixed.Largest > 2 {
		t.Errorf("a group shows %d pictures", f.Mixed.Largest)
	}
}
