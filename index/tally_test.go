package index

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
)

// counted fails where a kept number is not that of the rows.
func counted(t testing.TB, db *sql.DB) {
	t.Helper()
	for what, query := range map[string]string{
		"kinds":   `SELECT subject || ' ' || name || ' ' || detail || ': ' || off FROM (` + selectMiscounted + `)`,
		"folders": `SELECT path || ': ' || ok || ', ' || failed || ', ' || other FROM folder WHERE id IN (` + selectMiscountedFolders + `)`,
	} {
		must(t, ask(t.Context(), db, query, nil, func(rows *sql.Rows) error {
			var wrong string
			err := rows.Scan(&wrong)
			t.Errorf("%s counted wrongly: %s", what, wrong)
			return err
		}))
	}
}

// After each kind of write the kept numbers are those of the rows.
func TestEachWriteIsCounted(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	at(x, today-100*day)
	for _, path := range []string{"/photos", "/more"} {
		_, err := x.AddRoot(ctx, path, 1)
		must(t, err)
	}
	failed := func(c ContentWrite) ContentWrite {
		c.Failure, c.Attempt, c.Features, c.Keys = "cut off", "1", nil, nil
		return c
	}
	newer := photo("b")
	newer.Features[0].Version, newer.Keys[0].Version = 2, 2
	second := photo("c")
	second.Features = append(second.Features, Feature{"global", 1, []byte{1}})
	state := func(folder, name string, s FileState) FileWrite {
		return FileWrite{File: File{Place: Place{1, folder, name}, State: s, Reason: "why"}}
	}
	elsewhere := fileOf("", "a.jpg", "a")
	elsewhere.Root = 2
	compare := func(version int64, m ...Match) error {
		return x.WriteComparison(ctx, version, ids(t, x, "a", "b", "c", "d"), m)
	}
	group := func(names ...string) map[string]Regrouped {
		c := Cluster{ID: ids(t, x, names[0])[0], Similarity: 0.9, Path: "/photos/a.jpg"}
		for i, n := range names {
			c.Members = append(c.Members, Member{ids(t, x, n)[0], []string{Best, "near"}[min(i, 1)], 0.9, Transform{}})
		}
		return map[string]Regrouped{"normal": {Removed: ids(t, x, "a", "c"), Clusters: []Cluster{c}}, "loose": {Clusters: []Cluster{c}}}
	}
	var last Status
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"scan", func() error {
			return x.Write(ctx, Batch{
				Contents: []ContentWrite{photo("a"), photo("b"), photo("c"), photo("d"), failed(photo("e"))},
				Files: []FileWrite{fileOf("", "a.jpg", "a"), fileOf("x", "b.jpg", "b"), fileOf("x", "c.jpg", "c"), fileOf("x/y", "d.jpg", "d"),
					fileOf("x/y", "d too.jpg", "d"), state("x", "e.jpg", Failed), state("", "notes", Other), state("x", "unread", Failed), elsewhere},
			})
		}},
		{"compare", func() error { return compare(5, match(t, x, "near", "a", "b"), match(t, x, "partial", "c", "d")) }},
		{"group", func() error { return x.WriteClusters(ctx, got(x.Flagged(ctx, 100))(t), group("a", "b"), nil) }},
		{"another judge", func() error { return compare(6, match(t, x, "transformed", "a", "b"), match(t, x, "none", "a", "c")) }},
		{"group otherwise", func() error {
			return x.WriteClusters(ctx, got(x.Flagged(ctx, 100))(t), group("c", "b"), []Match{match(t, x, "none", "b", "c")})
		}},
		{"a stage of a higher version", func() error { return x.Write(ctx, Batch{Contents: []ContentWrite{newer}}) }},
		{"a second stage", func() error { return x.Write(ctx, Batch{Contents: []ContentWrite{second}}) }},
		{"a content fails", func() error { return x.Write(ctx, Batch{Contents: []ContentWrite{failed(photo("d"))}}) }},
		{"a content that failed is well", func() error { return x.Write(ctx, Batch{Contents: []ContentWrite{photo("e")}}) }},
		{"files change what they are", func() error {
			return x.Write(ctx, Batch{Files: []FileWrite{fileOf("x", "e.jpg", "e"), state("", "notes", Failed), state("x/y", "d.jpg", Other)}})
		}},
		{"a file moves", func() error {
			return x.Write(ctx, Batch{Gone: []Place{{1, "x", "b.jpg"}}, Files: []FileWrite{fileOf("new", "b.jpg", "b")}})
		}},
		{"a disk goes offline", func() error { return x.Write(ctx, Batch{Folders: []FolderWrite{{1, "x", 7, Offline}}}) }},
		{"a root goes offline", func() error { return x.Write(ctx, Batch{Roots: []Root{{ID: 2, State: Offline}}}) }},
		{"a folder goes", func() error { return x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, "x"}}}) }},
		{"a root is forgotten", func() error { return x.RemoveRoot(ctx, 2) }},
		{"a decision", func() error { return x.Decide(ctx, hash("a"), hash("c"), 1) }},
		{"prune", func() error { _, err := x.Prune(ctx, today, map[string]int{"wavelet": 2}); return err }},
		{"compact", func() error { _, err := x.Compact(ctx); return err }},
		{"all goes", func() error { return x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, ""}}}) }},
	} {
		must(t, step.do())
		before := last
		last = got(x.Status(ctx))(t)
		if t.Run(step.what, func(t *testing.T) { counted(t, x.writer) }); t.Failed() {
			t.Fatalf("before %+v, after %+v", before, last)
		}
	}
	if last.Contents != 2 || last.Roots[0].OK != 0 || last.Roots[0].Failed != 0 || len(last.Features) != 1 {
		t.Errorf("it ends with %+v", last)
	}
}

// Offline are the files at and below mount points that are away, each once, wherever such points lie in each other.
func TestOfflineFilesAreCountedOnce(t *testing.T) {
	ctx := t.Context()
	join := func(parts ...string) (p string) {
		for i, part := range parts {
			if i > 0 {
				p += separator
			}
			p += part
		}
		return p
	}
	var b Batch
	for i, f := range []string{"", "usb", join("usb", "in"), join("usb", "in", "deep"), "usb 2", "zip", join("zip", "a")} {
		for n := range 1 << i { // each folder is a bit of the sum
			b.Files = append(b.Files, FileWrite{File: File{Place: Place{1, f, fmt.Sprint(n)}, State: []FileState{Failed, Other}[n%2]}})
		}
	}
	x := withRoot(t, b)
	for _, c := range []struct {
		offline []string
		want    int64
	}{
		{nil, 0},
		{[]string{join("usb", "in")}, 4 + 8},
		{[]string{"usb", join("usb", "in"), join("usb", "in", "deep")}, 2 + 4 + 8},
		{[]string{"usb", "zip"}, 2 + 4 + 8 + 32 + 64},
		{[]string{"", "usb"}, 127},
	} {
		var fs []FolderWrite
		for _, f := range []string{"", "usb", join("usb", "in"), join("usb", "in", "deep"), "zip"} {
			w := FolderWrite{Root: 1, Path: f}
			if slices.Contains(c.offline, f) {
				w.State = Offline
			}
			fs = append(fs, w)
		}
		must(t, x.Write(ctx, Batch{Folders: fs}))
		if r := got(x.Status(ctx))(t).Roots[0]; r.Offline != c.want || r.Failed+r.Other != 127 {
			t.Errorf("offline %q: %+v, want %d", c.offline, r, c.want)
		}
	}
}
