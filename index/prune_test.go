package index

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

const day = int64(24 * time.Hour)

// at lets the clock of an index show a time.
func at(x *Index, now int64) { x.now = func() int64 { return now } }

// lostSince is since when a content has no file, 0 where it has one.
func lostSince(t testing.TB, x *Index, name string) int64 {
	t.Helper()
	h := hash(name)
	return number(t, x, "SELECT lost FROM content WHERE hash = ?1", h[:])
}

// Since when a content has no file is known whatever took the file away, and
// forgotten whatever gives one back.
func TestLost(t *testing.T) {
	ctx := t.Context()
	b := twoPhotos()
	b.Contents = append(b.Contents, photo("none"))
	b.Files = append(b.Files, fileOf("2020", "again.jpg", "a"))
	x := withRoot(t, b)
	for name, want := range map[string]int64{"a": 0, "b": 0, "none": today} {
		if have := lostSince(t, x, name); have != want {
			t.Errorf("%s: lost since %d, want %d", name, have, want)
		}
	}
	steps := []struct {
		what string
		do   func() error
		a, b int64
	}{
		{"one of two files goes", func() error { return x.Write(ctx, Batch{Gone: []Place{{1, "", "a.jpg"}}}) }, 0, 0},
		{"a folder goes", func() error { return x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, "2020"}}}) }, 2, 2},
		{"a flag for another reason", func() error {
			return x.WriteComparison(ctx, 5, ids(t, x, "a", "b"), []Match{match(t, x, "near", "a", "b")})
		}, 2, 2},
		{"a file comes", func() error { return x.Write(ctx, Batch{Files: []FileWrite{fileOf("", "new.jpg", "a")}}) }, 0, 2},
		{"it becomes another", func() error { return x.Write(ctx, Batch{Files: []FileWrite{fileOf("", "new.jpg", "b")}}) }, 5, 0},
		{"both have one", func() error { return x.Write(ctx, Batch{Files: []FileWrite{fileOf("y", "a.jpg", "a")}}) }, 0, 0},
		{"a move in one batch", func() error {
			return x.Write(ctx, Batch{Gone: []Place{{1, "y", "a.jpg"}}, Files: []FileWrite{fileOf("z", "a.jpg", "a")}})
		}, 0, 0},
		{"the root goes", func() error { return x.RemoveRoot(ctx, 1) }, 8, 8},
	}
	for i, s := range steps {
		at(x, int64(i+1))
		must(t, s.do())
		if a, b := lostSince(t, x, "a"), lostSince(t, x, "b"); a != s.a || b != s.b {
			t.Errorf("%s: lost since %d and %d, want %d and %d", s.what, a, b, s.a, s.b)
		}
	}
}

// aged is an index that has lived: a and b are copies and at hand, c lies on a disk
// that is offline, d lost its file 40 days ago and stands in a group that was
// not made anew since, e lost it 10 days ago; old versions and old scans are in it.
func aged(t testing.TB) *Index {
	t.Helper()
	ctx := t.Context()
	x := create(t)
	at(x, today-100*day)
	_, err := x.AddRoot(ctx, "/photos", 1)
	must(t, err)
	var b Batch
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		b.Contents = append(b.Contents, photo(n))
		b.Files = append(b.Files, fileOf(map[string]string{"c": "usb"}[n], n+".jpg", n))
	}
	b.Folders = []FolderWrite{{Root: 1, Path: "usb", Device: 9, State: Offline}}
	must(t, x.Write(ctx, b))
	must(t, x.WriteComparison(ctx, 5, ids(t, x, "a", "b", "c", "d", "e"), []Match{
		match(t, x, "near", "a", "b"), match(t, x, "near", "a", "d"), match(t, x, "none", "d", "e"),
	}))
	calm(t, x)
	id := ids(t, x, "a", "b", "d")
	must(t, x.WriteClusters(ctx, nil, map[string]Regrouped{"normal": {Clusters: []Cluster{{ID: id[2], Similarity: 0.9, Files: 3, Path: "/photos/a.jpg", Members: []Member{
		{id[2], Best, 1, Transform{}}, {id[0], "near", 0.9, Transform{}}, {id[1], "near", 0.9, Transform{}},
	}}}}}, nil))
	must(t, x.Decide(ctx, hash("d"), hash("a"), 3))
	calm(t, x)
	at(x, today-40*day)
	must(t, x.Write(ctx, Batch{Gone: []Place{{1, "", "d.jpg"}}}))
	at(x, today-10*day)
	must(t, x.Write(ctx, Batch{Gone: []Place{{1, "", "e.jpg"}}}))
	at(x, today)
	calm(t, x)
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{{ // an old version of another stage, and its postings
		Content:  photo("c").Content,
		Features: []Feature{{"global", 1, make([]byte, 700)}, {"smell", 4, make([]byte, 300)}},
		Keys:     []Keys{{Stage: "global", Version: 1, Keys: []Key{{7, 0}}}, {Stage: "smell", Version: 4, Keys: []Key{{7, 0}}}},
	}}}))
	must(t, x.WriteComparison(ctx, 5, ids(t, x, "c"), nil))
	calm(t, x)
	for i := range int64(12) {
		must(t, x.AddScan(ctx, today-(60-i)*day, today-(60-i)*day+1, `{}`))
	}
	return x
}

var versionsNow = map[string]int{"wavelet": 1, "global": 2}

func TestPrune(t *testing.T) {
	ctx := t.Context()
	x := aged(t)
	want := Pruned{Contents: 1, Waiting: 1, Matches: 2, Features: 1, OldFeatures: 2, OldRuns: 2, Scans: 2}
	want.Bytes = 32 + 1000 + number(t, x, "SELECT sum(length(bytes)) FROM posting_block JOIN posting_run ON posting_block.id >= first AND posting_block.id < first + blocks WHERE stage <> 'wavelet'")
	commits := x.Commits()
	dry := got(x.Prunable(ctx, today-30*day, versionsNow))(t)
	if dry != want || x.Commits() != commits {
		t.Errorf("would forget %+v with %d commits, want %+v with none", dry, x.Commits()-commits, want)
	}
	if p := got(x.Prune(ctx, today-30*day, versionsNow))(t); p != want {
		t.Errorf("forgot %+v, want %+v", p, want)
	}
	intact(t, x.writer)
	if _, found, err := x.ContentByHash(ctx, hash("d")); found || err != nil {
		t.Errorf("d is there: %v, %v", found, err)
	}
	ids(t, x, "a", "b", "c", "e") // they are there
	flagged(t, x, "a", "b")       // they stood in a group with d
	if g := groups(t, x, "normal", BySpace); len(g) != 0 {
		t.Errorf("the group that d stood for: %q", g)
	}
	if d := got(x.Decisions(ctx))(t); len(d) != 1 {
		t.Errorf("decisions %v: the user's word stays", d)
	}
	for what, q := range map[string]string{
		"features of old versions": "SELECT count(*) FROM feature WHERE stage <> 'wavelet'",
		"runs of old versions":     "SELECT count(*) FROM posting_run WHERE stage <> 'wavelet'",
		"matches of d":             "SELECT count(*) - 1 FROM match",
		"features too few":         "SELECT count(*) - 4 FROM feature",
		"scans but ten":            "SELECT count(*) - 10 FROM scan",
	} {
		if n := number(t, x, q); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	commits = x.Commits()
	again := got(x.Prune(ctx, today-30*day, versionsNow))(t)
	if !again.Nothing() || again.Waiting != 1 || x.Commits() != commits {
		t.Errorf("pruned again: %+v with %d commits", again, x.Commits()-commits)
	}
	if p := got(x.Prune(ctx, today, versionsNow))(t); p.Contents != 1 {
		t.Errorf("without grace: %+v", p)
	}
	ids(t, x, "a", "b", "c") // what is offline stays
	must(t, x.Write(ctx, twoPhotos()))
}

// More than goes in one transaction goes as well, and a file that came back keeps its content.
func TestPruneMany(t *testing.T) {
	ctx := t.Context()
	var b Batch
	for i := range 17 {
		c := photo(fmt.Sprint("lost ", i))
		c.Keys = nil
		c.Features = append(c.Features, Feature{"color", 1, []byte{1}})
		b.Contents = append(b.Contents, c)
	}
	b.Files = []FileWrite{fileOf("", "kept.jpg", "lost 3")}
	x := withRoot(t, b)
	p := got(x.prune(ctx, today, map[string]int{"wavelet": 1}, 5))(t)
	if p.Contents != 16 || p.OldFeatures != 1 {
		t.Errorf("%+v", p)
	}
	if n := number(t, x, "SELECT count(*) FROM content"); n != 1 {
		t.Errorf("%d contents are left", n)
	}
	if n := number(t, x, "SELECT count(*) FROM feature"); n != 1 {
		t.Errorf("%d features are left", n)
	}
	if p := got(x.Prunable(ctx, today, map[string]int{"wavelet": 1}))(t); !reflect.DeepEqual(p, Pruned{}) {
		t.Errorf("left: %+v", p)
	}
}

// A reader can say what would go, and forgets nothing.
func TestPruneByReader(t *testing.T) {
	ctx := t.Context()
	x := aged(t)
	r, err := OpenReader(ctx, x.Path())
	must(t, err)
	defer r.Close()
	if p := got(r.Prunable(ctx, today, versionsNow))(t); p.Contents != 2 {
		t.Errorf("%+v", p)
	}
	if _, err := r.Prune(ctx, today, versionsNow); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a reader prunes: %v", err)
	}
	if have := got(oldVersions(ctx, &x.readers, versionsNow))(t); !slices.Equal(have, []stageVersion{{"global", 1}, {"smell", 4}}) {
		t.Errorf("old versions %v", have)
	}
}
