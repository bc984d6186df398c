package index

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// withRoot is a new index with the root /photos, whose id is 1, in which
// nothing waits to be grouped.
func withRoot(t testing.TB, b Batch) *Index {
	t.Helper()
	x := create(t)
	_, err := x.AddRoot(t.Context(), "/photos", 1)
	must(t, err)
	must(t, x.Write(t.Context(), b))
	calm(t, x)
	return x
}

// calm lowers all flags.
func calm(t testing.TB, x *Index) {
	t.Helper()
	must(t, x.WriteClusters(t.Context(), got(x.Flagged(t.Context(), 1e6))(t), nil, nil))
	if left := got(x.Flagged(t.Context(), 1e6))(t); len(left) > 0 {
		t.Fatalf("flags of %v did not fall", left)
	}
}

// flagged fails where other contents than those of the names are flagged.
func flagged(t testing.TB, x *Index, names ...string) {
	t.Helper()
	want := ids(t, x, names...)
	slices.Sort(want)
	if have := got(x.Flagged(t.Context(), 1e6))(t); !slices.Equal(have, want) {
		t.Errorf("flagged %v, want %v", have, want)
	}
}

// ordered names two contents in the order of their hashes.
func ordered(a, b string) (string, string) {
	if hash(b).Less(hash(a)) {
		return b, a
	}
	return a, b
}

// match is what the names' contents have in common.
func match(t testing.TB, x *Index, kind, a, b string) Match {
	t.Helper()
	a, b = ordered(a, b)
	at := ids(t, x, a, b)
	return Match{
		A: at[0], B: at[1], Kind: kind, Probability: 0.987654, Similarity: 0.9, Contains: 1,
		Transform: Transform{1, 0, 0.25, 0, 1, -0.5}, Scores: `{"wavelet":1}`, Reason: "whole frame", Version: 5,
	}
}

func twoPhotos() Batch {
	return Batch{
		Contents: []ContentWrite{photo("a"), photo("b")},
		Files:    []FileWrite{fileOf("", "a.jpg", "a"), fileOf("2020", "b.jpg", "b")},
	}
}

func TestWriteAndReadBack(t *testing.T) {
	ctx := t.Context()
	b := twoPhotos()
	b.Files[0].Inode, b.Files[0].Device = math.MaxUint64, math.MaxUint64-1 // all 64 bits
	b.Files = append(b.Files,
		FileWrite{File: File{Place: Place{1, "2020", "\xff\n,\"'=x"}, Stat: Stat{Size: 3}, State: Failed, Racy: true, Reason: "no picture: \xff"}},
		FileWrite{File: File{Place: Place{1, "2020", ""}, State: Other}})
	x := withRoot(t, b)

	top := got(x.FilesIn(ctx, 1, ""))(t)
	want := b.Files[0].File
	want.Content = ids(t, x, "a")[0]
	if len(top) != 1 || top[0] != want {
		t.Errorf("files of the root: %+v, want %+v", top, want)
	}
	files := got(x.FilesIn(ctx, 1, "2020"))(t)
	if len(files) != 3 || files[0] != b.Files[3].File || files[1].Name != "b.jpg" || files[2] != b.Files[2].File {
		t.Errorf("files of 2020, by name: %+v", files)
	}
	if by := got(x.FilesByInode(ctx, math.MaxUint64, math.MaxUint64-1))(t); len(by) != 1 || by[0] != want {
		t.Errorf("by inode: %+v", by)
	}
	if by := got(x.FilesByInode(ctx, 0, 0))(t); len(by) != 0 {
		t.Errorf("inode 0 is none, found %+v", by)
	}

	c, ok, err := x.ContentByHash(ctx, hash("a"))
	must(t, err)
	wanted := photo("a").Content
	wanted.ID = c.ID
	if !ok || c != wanted {
		t.Errorf("content %+v, want %+v", c, wanted)
	}
	if m := got(x.Contents(ctx, []int64{c.ID, 999}))(t); len(m) != 1 || m[c.ID] != c {
		t.Errorf("contents: %+v", m)
	}
	if _, ok, err := x.ContentByHash(ctx, hash("nobody")); ok || err != nil {
		t.Errorf("an unknown hash: %v, %v", ok, err)
	}
	h := hash("a")
	if f := got(x.Features(ctx, "wavelet", 1, []int64{c.ID, 999}))(t); len(f) != 1 || string(f[c.ID]) != string(h[:]) {
		t.Errorf("features: %x", f)
	}
	if f := got(x.Features(ctx, "wavelet", 2, []int64{c.ID}))(t); len(f) != 0 {
		t.Errorf("features of another version: %x", f)
	}
	if s := got(x.SamePicture(ctx, hash("picture of a")))(t); !slices.Equal(s, []int64{c.ID}) {
		t.Errorf("same picture: %v", s)
	}
	if s := got(x.SamePicture(ctx, Hash{}))(t); len(s) != 0 {
		t.Errorf("no picture hash is nobody's, found %v", s)
	}
}

// The same batch again changes no row, and so commits nothing.
func TestSameBatchCommitsNothing(t *testing.T) {
	ctx := t.Context()
	b := twoPhotos()
	b.Roots = []Root{{ID: 1, Path: "/photos", Device: 9, State: Online, Walked: 77}}
	b.Folders = []FolderWrite{{Root: 1, Path: "usb", Device: 3, State: Offline}}
	x := withRoot(t, b)
	must(t, x.WriteComparison(ctx, 5, ids(t, x, "a", "b"), []Match{match(t, x, "near", "a", "b")}))
	calm(t, x)

	b.Gone = []Place{{1, "2020", "never"}, {1, "nowhere", "x"}, {2, "", "x"}}
	b.GoneFolders = []GoneFolder{{1, "never"}, {2, ""}}
	commits := x.Commits()
	for _, again := range []Batch{b, {}, {Files: b.Files}, {Contents: b.Contents}} {
		must(t, x.Write(ctx, again))
	}
	must(t, x.WriteComparison(ctx, 5, ids(t, x, "a", "b"), []Match{match(t, x, "near", "a", "b")}))
	if _, err := x.AddRoot(ctx, "/photos", 55); err != nil {
		t.Error(err)
	}
	if n := x.Commits() - commits; n != 0 {
		t.Errorf("%d transactions were committed", n)
	}
	flagged(t, x)
	if n := number(t, x, "SELECT count(*) FROM posting_run"); n != 1 {
		t.Errorf("%d runs", n)
	}
	if r := got(x.Roots(ctx))(t); r[0] != b.Roots[0] {
		t.Errorf("root %+v", r[0])
	}
}

func TestWhatAFileFlags(t *testing.T) {
	touched := fileOf("", "a.jpg", "a")
	touched.Mtime++
	lost := FileWrite{File: File{Place: Place{1, "", "a.jpg"}, State: Failed, Reason: "no permission"}}
	for _, c := range []struct {
		name  string
		batch Batch
		flags []string
	}{
		{"touched", Batch{Files: []FileWrite{touched}}, nil},
		{"a copy comes", Batch{Files: []FileWrite{fileOf("new", "copy.jpg", "a")}}, []string{"a"}},
		{"goes", Batch{Gone: []Place{{1, "2020", "b.jpg"}}}, []string{"b"}},
		{"moves", Batch{Gone: []Place{{1, "2020", "b.jpg"}}, Files: []FileWrite{fileOf("2021", "b.jpg", "b")}}, []string{"b"}},
		{"changes", Batch{Files: []FileWrite{fileOf("", "a.jpg", "b")}}, []string{"a", "b"}},
		{"cannot be read any more", Batch{Files: []FileWrite{lost}}, []string{"a"}},
		{"its folder goes", Batch{GoneFolders: []GoneFolder{{1, "2020"}}}, []string{"b"}},
		{"all go", Batch{GoneFolders: []GoneFolder{{1, ""}}}, []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := withRoot(t, twoPhotos())
			must(t, x.Write(t.Context(), c.batch))
			flagged(t, x, c.flags...)
			intact(t, x.writer)
		})
	}
}

// What is below a folder goes with it, what only begins like it stays.
func TestGoneFolder(t *testing.T) {
	ctx := t.Context()
	b := Batch{Contents: []ContentWrite{photo("a")}}
	folders := []string{"", "x", "x/y", "x/y/z", "x!", "x0", "xy", "X", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"}
	for _, f := range folders {
		b.Files = append(b.Files, fileOf(strings.ReplaceAll(f, "/", separator), "a.jpg", "a"))
	}
	left := func(x *Index) (paths []string) {
		for f, err := range x.Folders(ctx, 1) {
			must(t, err)
			paths = append(paths, strings.ReplaceAll(f.Path, separator, "/"))
		}
		return paths
	}
	x := withRoot(t, b)
	must(t, x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, "x"}}}))
	if have := left(x); !slices.Equal(have, []string{"", "X", "x!", "x0", "xy", folders[8]}) {
		t.Errorf("left: %q", have)
	}
	must(t, x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, ""}}}))
	if have := left(x); len(have) > 0 {
		t.Errorf("left: %q", have)
	}
	if n := number(t, x, "SELECT count(*) FROM file"); n != 0 {
		t.Errorf("%d files left", n)
	}
	if n := number(t, x, "SELECT count(*) FROM content"); n != 1 {
		t.Error("the content went with its files")
	}
}

// A content that is extracted anew loses what was found of it, and keeps the
// features that were not made anew.
func TestExtractedAnew(t *testing.T) {
	ctx := t.Context()
	b := twoPhotos()
	for i := range b.Contents {
		b.Contents[i].Features = append(b.Contents[i].Features, Feature{"color", 1, []byte("blue")})
	}
	x := withRoot(t, b)
	at := ids(t, x, "a", "b")
	must(t, x.WriteComparison(ctx, 5, at, []Match{match(t, x, "near", "a", "b")}))
	calm(t, x)

	anew := photo("a")
	anew.Features[0] = Feature{"wavelet", 2, []byte("better")}
	anew.Keys[0].Version = 2
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{anew}}))

	flagged(t, x, "a", "b")
	if m := got(x.MatchesOf(ctx, at))(t); len(m) != 0 {
		t.Errorf("matches stay: %+v", m)
	}
	if u := got(x.Uncompared(ctx, 5, 10))(t); len(u) != 1 || u[0].ID != at[0] {
		t.Errorf("to be compared: %+v", u)
	}
	if f := got(x.Features(ctx, "wavelet", 2, at))(t); len(f) != 1 || string(f[at[0]]) != "better" {
		t.Errorf("features: %x", f)
	}
	if f := got(x.Features(ctx, "color", 1, at))(t); len(f) != 2 {
		t.Errorf("the other stage's features: %x", f)
	}
	if s := got(x.Stale(ctx, "wavelet", 2, 0, 10))(t); !slices.Equal(s, at[1:]) {
		t.Errorf("stale: %v, want b alone", s)
	}
}

func TestStale(t *testing.T) {
	ctx := t.Context()
	b := twoPhotos()
	failed := photo("c")
	failed.Features, failed.Keys, failed.Failure = nil, nil, "cut off"
	b.Contents = append(b.Contents, failed)
	x := withRoot(t, b)
	at := ids(t, x, "a", "b")
	for _, c := range []struct {
		stage   string
		version int
		after   int64
		limit   int
		want    []int64
	}{
		{"wavelet", 1, 0, 10, nil},
		{"wavelet", 2, 0, 10, at},
		{"wavelet", 0, 0, 10, at},
		{"color", 1, 0, 10, at},
		{"color", 1, 0, 1, at[:1]},
		{"color", 1, at[0], 10, at[1:]},
	} {
		if s := got(x.Stale(ctx, c.stage, c.version, c.after, c.limit))(t); !slices.Equal(s, c.want) {
			t.Errorf("%+v: %v", c, s)
		}
	}
}

func TestFailureAndRetry(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, twoPhotos())
	at := ids(t, x, "a", "b")
	must(t, x.WriteComparison(ctx, 5, at, []Match{match(t, x, "near", "a", "b")}))
	calm(t, x)
	failed := photo("a")
	failed.Features, failed.Keys = nil, nil
	failed.Failure, failed.Attempt = "cut off", "decoders 1"
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{failed}}))
	flagged(t, x, "a", "b")
	if f := got(x.Features(ctx, "wavelet", 1, at))(t); len(f) != 1 {
		t.Errorf("features of what has failed: %x", f)
	}
	if u := got(x.Uncompared(ctx, 5, 10))(t); len(u) != 0 {
		t.Errorf("what has failed waits to be compared: %+v", u)
	}
	if r := got(x.Retriable(ctx, "decoders 1", 0, 10))(t); len(r) != 0 {
		t.Errorf("tried again with the same decoders: %+v", r)
	}
	if r := got(x.Retriable(ctx, "decoders 2", at[0], 10))(t); len(r) != 0 {
		t.Errorf("none is after a: %+v", r)
	}
	if r := got(x.Retriable(ctx, "decoders 2", 0, 10))(t); len(r) != 1 || r[0].Hash != hash("a") || r[0].Failure != "cut off" {
		t.Errorf("tried again with others: %+v", r)
	}
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{photo("a")}}))
	if u := got(x.Uncompared(ctx, 5, 10))(t); len(u) != 1 || u[0].Failure != "" {
		t.Errorf("after it was read at last: %+v", u)
	}
}

func TestUncomparedInTurns(t *testing.T) {
	ctx := t.Context()
	var b Batch
	for i := range 6 {
		b.Contents = append(b.Contents, photo(fmt.Sprint(i)))
	}
	x := withRoot(t, b)
	at := ids(t, x, "0", "1", "2", "3", "4", "5")
	must(t, x.WriteComparison(ctx, 5, at[:2], nil)) // older than 7
	must(t, x.WriteComparison(ctx, 9, at[2:3], nil))
	must(t, x.WriteComparison(ctx, 7, at[3:4], nil))
	waiting := func(limit int) (list []int64) {
		for _, c := range got(x.Uncompared(ctx, 7, limit))(t) {
			list = append(list, c.ID)
		}
		return list
	}
	if w := waiting(10); !slices.Equal(w, []int64{at[0], at[1], at[2], at[4], at[5]}) {
		t.Errorf("%v waits, of %v", w, at)
	}
	if n := got(x.CountUncompared(ctx, 7))(t); n != 5 {
		t.Errorf("%d wait", n)
	}
	if w := waiting(3); !slices.Equal(w, []int64{at[0], at[4], at[5]}) {
		t.Errorf("never compared comes first: %v", w)
	}
}

// A batch that cannot be written whole leaves nothing.
func TestWholeOrNothing(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, twoPhotos())
	rows := func() int64 {
		return number(t, x, "SELECT (SELECT count(*) FROM file) + (SELECT count(*) FROM content) + (SELECT count(*) FROM folder) + (SELECT count(*) FROM posting_block)")
	}
	before, commits := rows(), x.Commits()
	nameless := photo("d")
	nameless.Hash = Hash{}
	unreal := photo("e")
	unreal.Damaged = math.NaN()
	for name, bad := range map[string]Batch{
		"content that is nowhere": {Files: []FileWrite{fileOf("", "n.jpg", "nobody")}},
		"no hash":                 {Contents: []ContentWrite{nameless}},
		"no number":               {Contents: []ContentWrite{unreal}},
		"no such root":            {Files: []FileWrite{{File: File{Place: Place{99, "", "x"}, State: OK}}}},
		"no such state":           {Files: []FileWrite{{File: File{Place: Place{1, "", "x"}, State: "odd"}}}},
	} {
		bad.Contents = append([]ContentWrite{photo("c")}, bad.Contents...)
		bad.Files = append([]FileWrite{fileOf("new", "c.jpg", "c")}, bad.Files...)
		err := x.Write(ctx, bad)
		if err == nil || !strings.HasPrefix(err.Error(), "write a batch: ") {
			t.Errorf("%s: %v", name, err)
		}
		if after := rows(); after != before {
			t.Errorf("%s: %d rows, before %d", name, after, before)
		}
	}
	if x.Commits() != commits {
		t.Error("something was committed")
	}
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{photo("c")}}))
}
