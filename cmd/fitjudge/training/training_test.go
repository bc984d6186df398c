//go:build !race

// Nothing here runs at the same time as anything else, and drawing takes twenty
// times as long under the race detector: these tests run without it.

package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// scenes stand for photos. They are drawn once, since that takes its time.
var scenes = sync.OnceValue(func() [][]byte {
	out := make([][]byte, 16)
	for i := range out {
		out[i] = drawn.JPEG(drawn.Scene(uint64(i+1), 320-10*(i%5), 240), 88)
	}
	return out
})

// photos writes the scenes into a folder.
func photos(t *testing.T) string {
	folder := t.TempDir()
	for i, data := range scenes() {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("p%02d.jpg", i)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "damaged.jpg"), []byte("\xff\xd8 nothing"), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

// tree reads all files below a folder.
func tree(t *testing.T, folder string) map[string][]byte {
	out := make(map[string][]byte)
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSet(t *testing.T) {
	from := photos(t)
	before := tree(t, from)
	parent := t.TempDir()
	out := filepath.Join(parent, "new", "set")
	const n = 100
	if err := run(context.Background(), []string{from}, out, 5, n, false); err != nil {
		t.Fatal(err)
	}
	if after := tree(t, from); len(after) != len(before) {
		t.Error("the folder of photos was changed")
	}
	files := tree(t, out)
	if all := tree(t, parent); len(all) != len(files) {
		t.Error("files were written outside the folder")
	}
	if len(files) != n+1 {
		t.Errorf("%d files, not %d and the labels", len(files), n)
	}
	labels, err := evaluate.ReadLabels(bytes.NewReader(files["labels.csv"]))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(files["labels.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	relations, groups, originals := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, r := range rows[1:] {
		groups[r[1]]++
		originals[r[1]] = originals[r[1]] || r[2] == evaluate.Original
	}
	families := map[string]map[string]bool{} // groups of a family
	for _, r := range rows[1:] {
		path, group, relation, of := r[0], r[1], r[2], r[4]
		relations[relation]++
		if _, ok := labels.Of(path); !ok {
			t.Errorf("%s is not in the labels", path)
		}
		c, _, err := image.DecodeConfig(bytes.NewReader(files[path]))
		if err != nil || strconv.Itoa(c.Width) != r[5] || strconv.Itoa(c.Height) != r[6] {
			t.Errorf("%s: %d x %d, labelled %s x %s, %v", path, c.Width, c.Height, r[5], r[6], err)
		}
		family, look := strings.CutPrefix(of, "family:")
		switch relation {
		case evaluate.Near, evaluate.Hard:
			if !originals[group] {
				t.Errorf("%s is a copy of nothing", path)
			}
		case evaluate.None:
			if groups[group] != 1 || of != "" && !look {
				t.Errorf("%s is alone, but its group has %d files and it is of %q", path, groups[group], of)
			}
		case evaluate.Partial:
			if groups[group] != 1 || of == "" {
				t.Errorf("%s shares a part with %q, and its group has %d files", path, of, groups[group])
			}
			for _, g := range strings.Split(of, ";") {
				if !originals[g] {
					t.Errorf("%s shares a part with %q, which has no original", path, g)
				}
			}
		}
		if look {
			if families[family] == nil {
				families[family] = map[string]bool{}
			}
			families[family][group] = true
		}
	}
	for _, r := range []string{evaluate.Original, evaluate.Near, evaluate.Hard, evaluate.Partial, evaluate.None} {
		if relations[r] < n/20 {
			t.Errorf("only %d files are %s", relations[r], r)
		}
	}
	for f, members := range families {
		if len(members) < 3 {
			t.Errorf("family %s has %d pictures", f, len(members))
		}
	}
}

func TestTwiceTheSame(t *testing.T) {
	from := photos(t)
	a, b, c := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b"), filepath.Join(t.TempDir(), "c")
	for i, out := range []string{a, b, c} {
		if err := run(context.Background(), []string{from}, out, uint64(9+i/2), 40, false); err != nil {
			t.Fatal(err)
		}
	}
	x, y, z := tree(t, a), tree(t, b), tree(t, c)
	for name := range x {
		if !bytes.Equal(x[name], y[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	if bytes.Equal(x["labels.csv"], z["labels.csv"]) {
		t.Error("another seed makes the same set")
	}
}

func TestStrongSet(t *testing.T) {
	fs, err := readFonts()
	if err != nil {
		t.Fatal(err)
	}
	strong := make(map[string]bool)
	for _, e := range strongEdits() {
		strong[e.kind] = true
	}
	for _, want := range []bool{false, true} {
		items, err := plan(3, &fs, strings.Fields("a b c d e f g h i j k l"), 120, want)
		if err != nil {
			t.Fatal(err)
		}
		var copies, alone [2]int
		for _, i := range items {
			n := &alone
			switch i.relation {
			case evaluate.Near, evaluate.Hard:
				n = &copies
			case evaluate.Original, evaluate.Partial:
				continue
			}
			n[1]++
			if strong[i.do.kind] {
				n[0]++
			}
		}
		if most := copies[0]*2 > copies[1]; most != want {
			t.Errorf("strong %v: %d of %d copies by strong edits", want, copies[0], copies[1])
		}
		if want && (alone[0] == 0 || alone[0]*2 > alone[1]*3/2) {
			t.Errorf("%d of %d pictures that are no copies by strong edits", alone[0], alone[1])
		}
	}
}

func TestFullFolderIsRefused(t *testing.T) {
	out := t.TempDir()
	if err := os.WriteFile(filepath.Join(out, "holiday.jpg"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), []string{photos(t)}, out, 1, 60, false); err == nil || len(tree(t, out)) != 1 {
		t.Errorf("wrote into a folder that holds something: %v", err)
	}
	if err := run(context.Background(), []string{photos(t)}, "", 1, 60, false); err == nil {
		t.Error("a folder without a name was taken")
	}
	if err := run(context.Background(), []string{photos(t)}, filepath.Join(t.TempDir(), "x"), 1, 5, false); err == nil {
		t.Error("a set of five was made")
	}
}

// Each kind of template draws something, the same for one filling, and another
// thing for the next, whatever the style.
func TestTemplates(t *testing.T) {
	fs, err := readFonts()
	if err != nil {
		t.Fatal(err)
	}
	list := templates()
	if len(list) < 30 {
		t.Errorf("only %d templates", len(list))
	}
	for kind, name := range list {
		for style := range uint64(2) {
			if (kind+int(style))%2 == 0 {
				continue // every other kind from a scanner
			}
			f := family{kind: kind, seed: 100*style + uint64(kind), scan: style == 1}
			one := drawFilling(&fs, f, 1)
			if !bytes.Equal(one.Pix, drawFilling(&fs, f, 1).Pix) {
				t.Errorf("%s: drawn twice, it differs", name.kind)
			}
			f.scan = false
			one, two := drawFilling(&fs, f, 1), drawFilling(&fs, f, 2)
			if one.Rect != two.Rect {
				t.Errorf("%s: fillings of different sizes", name.kind)
			}
			if alike(fit(one, 320), fit(two, 320)) {
				t.Logf("%s, style %d: two fillings are alike; another would be drawn", name.kind, style)
			}
			if bytes.Equal(one.Pix, two.Pix) {
				t.Errorf("%s: two fillings are the same", name.kind)
			}
		}
	}
}

// Every edit takes every picture, very small and very flat ones too.
func TestEdits(t *testing.T) {
	fs, err := readFonts()
	if err != nil {
		t.Fatal(err)
	}
	scene := fit(drawn.Scene(3, 300, 220), 240)
	flat := newSheet(&fs, 60, 44, white).RGBA
	whole := []string{"copy", "recompress", "low-quality"} // what their encoding does
	for i, e := range slices.Concat(nearEdits(), hardEdits(), strongEdits(), []edit{{"crop-small", cropSmall}, {"on-page", onPage}, {"on-web", onWeb}}) {
		for _, gentle := range []bool{false, true} {
			for _, img := range []*image.RGBA{scene, flat} {
				h := &hand{rng: rand.New(rand.NewPCG(uint64(i), 1)), fonts: &fs, gentle: gentle}
				out, _ := e.do(h, clone(img))
				if out.Rect.Min != (image.Point{}) || out.Rect.Dx() < 8 || out.Rect.Dy() < 8 {
					t.Errorf("%s: %v", e.kind, out.Rect)
				}
				if img == scene && bytes.Equal(out.Pix, scene.Pix) && !slices.Contains(whole, e.kind) {
					t.Errorf("%s changed nothing", e.kind)
				}
				for o := 3; o < len(out.Pix); o += 4 {
					if out.Pix[o] != 255 {
						t.Fatalf("%s left a hole", e.kind)
					}
				}
			}
		}
	}
}
