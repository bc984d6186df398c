package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestQueue(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	if s := got(x.JobStats(ctx))(t); s != (JobStats{}) {
		t.Errorf("an empty queue: %+v", s)
	}
	for _, j := range []Job{
		{Path: "/b", Cause: "event", Due: 20},
		{Path: "/a\xff", Cause: "event", Due: 20, Tries: 2, Reason: "busy"},
		{Path: "/c", Cause: "event", Due: 30},
		{Path: "/a\xff", Cause: "walk", Due: 90},   // later: stays at 20, with two tries and its reason
		{Path: "/c", Cause: "event", Due: 10},      // earlier
		{Path: "/later", Cause: "event", Due: 100}, // not due
	} {
		must(t, x.PutJob(ctx, j))
	}
	want := []Job{{"/c", "event", 10, 0, ""}, {"/a\xff", "walk", 20, 2, "busy"}, {"/b", "event", 20, 0, ""}}
	if j := got(x.DueJobs(ctx, 50, 10))(t); !slices.Equal(j, want) {
		t.Errorf("due: %+v", j)
	}
	if j := got(x.DueJobs(ctx, 50, 1))(t); !slices.Equal(j, want[:1]) {
		t.Errorf("first due: %+v", j)
	}
	commits := x.Commits()
	must(t, x.PutJob(ctx, Job{Path: "/c", Cause: "event", Due: 40}))
	must(t, x.DoneJob(ctx, "/never"))
	if x.Commits() != commits {
		t.Error("nothing new was committed")
	}
	must(t, x.DoneJob(ctx, "/c"))
	if s := got(x.JobStats(ctx))(t); s != (JobStats{3, 20}) {
		t.Errorf("queue: %+v", s)
	}
}

// Files are offline where their root or a mount point above them is.
func TestOffline(t *testing.T) {
	ctx := t.Context()
	b := Batch{Contents: []ContentWrite{photo("a")}, Folders: []FolderWrite{{1, "usb", 7, Offline}, {1, "usb" + separator + "deep", 8, Online}, {1, "disk", 9, Online}}}
	for _, f := range []string{"", "usb", "usb" + separator + "deep" + separator + "er", "usb2", "disk"} {
		b.Files = append(b.Files, fileOf(f, "a.jpg", "a"))
	}
	x := withRoot(t, b)
	states := func() map[string]State {
		m := map[string]State{}
		for _, files := range got(x.FilesOf(ctx, ids(t, x, "a", "a")))(t) {
			for i, f := range files {
				m[f.Folder] = f.State
				if i > 0 && files[i-1].Path >= f.Path {
					t.Errorf("%q stands before %q", files[i-1].Path, f.Path)
				}
			}
		}
		return m
	}
	want := map[string]State{"": Online, "usb": Offline, "usb" + separator + "deep" + separator + "er": Offline, "usb2": Online, "disk": Online}
	if s := states(); fmt.Sprint(s) != fmt.Sprint(want) {
		t.Errorf("states %v, want %v", s, want)
	}
	s := got(x.Status(ctx))(t)
	if r := s.Roots[0]; r.OK != 5 || r.Offline != 2 {
		t.Errorf("status %+v", r)
	}
	must(t, x.Write(ctx, Batch{Roots: []Root{{ID: 1, State: Offline}}}))
	for folder, s := range states() {
		if s != Offline {
			t.Errorf("%q is %s on a root that is offline", folder, s)
		}
	}
	must(t, x.Write(ctx, Batch{Roots: []Root{{ID: 1, State: Online}}, Folders: []FolderWrite{{1, "usb", 7, ""}}}))
	for folder, s := range states() {
		if s != Online {
			t.Errorf("%q is %s after all came back", folder, s)
		}
	}
	for f, err := range x.Folders(ctx, 1) {
		must(t, err)
		if f.Path == "disk" && (f.Device != 9 || f.State != Online || f.Root != 1) {
			t.Errorf("folder %+v", f)
		}
	}
}

func TestFileAt(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	for _, p := range []string{"/", "/photos", "/photos/2020"} { // ids 1, 2, 3
		_, err := x.AddRoot(ctx, p, 0)
		must(t, err)
	}
	if _, err := x.AddRoot(ctx, "photos", 0); err == nil {
		t.Error("a root that is relative was taken")
	}
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{photo("a")}, Files: []FileWrite{
		{File: File{Place: Place{1, "", "top"}, State: OK}, Hash: hash("a")},
		{File: File{Place: Place{2, "2020", "both"}, State: OK}},
		{File: File{Place: Place{3, "", "both"}, State: OK}},
		{File: File{Place: Place{2, "2020", "outer"}, State: OK}},
	}}))
	for path, root := range map[string]int64{"/top": 1, "/photos/2020/both": 3, "/photos/2020/outer": 2, "/photos/2020/none": 0, "/photos": 0, "": 0} {
		f, ok, err := x.FileAt(ctx, path)
		must(t, err)
		if f.Root != root || ok != (root != 0) {
			t.Errorf("%q: %+v", path, f)
		}
	}
	for _, files := range got(x.FilesOf(ctx, ids(t, x, "a")))(t) {
		if files[0].Path != "/top" {
			t.Errorf("path %q", files[0].Path)
		}
	}
}

func TestManyFolders(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	_, err := x.AddRoot(ctx, "/photos", 0)
	must(t, err)
	var b Batch
	for i := range 2500 { // three pages
		b.Folders = append(b.Folders, FolderWrite{Root: 1, Path: fmt.Sprintf("%04d", i)})
	}
	must(t, x.Write(ctx, b))
	n := 0
	for f, err := range x.Folders(ctx, 1) {
		must(t, err)
		if f.Path != fmt.Sprintf("%04d", n) {
			t.Fatalf("folder %d is %q", n, f.Path)
		}
		n++
	}
	if n != 2500 {
		t.Errorf("%d folders", n)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range x.Folders(cancelled, 1) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

func TestStatus(t *testing.T) {
	ctx := t.Context()
	x, id := scene(t)
	must(t, x.Write(ctx, Batch{Files: []FileWrite{
		{File: File{Place: Place{1, "", "1"}, State: Failed, Reason: "cut off"}},
		{File: File{Place: Place{1, "", "2"}, State: Failed, Reason: "cut off"}},
		{File: File{Place: Place{1, "", "3"}, State: Failed, Reason: "a text"}},
		{File: File{Place: Place{1, "", "4"}, State: Other}},
	}}))
	must(t, x.WriteComparison(ctx, 5, []int64{id["a"]}, []Match{match(t, x, "near", "a", "b")}))
	must(t, x.PutJob(ctx, Job{Path: "/b", Cause: "event", Due: 20}))
	for i := range int64(12) {
		must(t, x.AddScan(ctx, i, i+1, `{}`))
	}
	s := got(x.Status(ctx))(t)
	if r := s.Roots; len(r) != 1 || r[0].OK != 7 || r[0].Failed != 3 || r[0].Other != 1 || r[0].Offline != 0 || r[0].Path != "/photos" {
		t.Errorf("roots %+v", r)
	}
	if s.Contents != 6 || s.Uncompared != 5 || s.Flagged != 2 {
		t.Errorf("contents %d, uncompared %d, flagged %d", s.Contents, s.Uncompared, s.Flagged)
	}
	if !slices.Equal(s.Failures, []Count{{"cut off", 2}, {"a text", 1}}) {
		t.Errorf("failures %+v", s.Failures)
	}
	var failed []Failure
	for f, err := range x.FailedFiles(ctx) {
		must(t, err)
		failed = append(failed, f)
		if f.Path == "/photos/3" {
			break
		}
	}
	if want := []Failure{{"/photos/1", "cut off"}, {"/photos/2", "cut off"}, {"/photos/3", "a text"}}; !slices.Equal(failed, want) {
		t.Errorf("failed files %+v", failed)
	}
	if !slices.Equal(s.Features, []FeatureCount{{"wavelet", 1, 6}}) || !slices.Equal(s.Matches, []Count{{"near", 1}}) ||
		!slices.Equal(s.Clusters, []Count{{"normal", 3}, {"strict", 1}}) || s.Jobs != (JobStats{1, 20}) {
		t.Errorf("status %+v", s)
	}
	if len(s.Scans) != 10 || s.Scans[0] != (Scan{11, 12, "{}"}) {
		t.Errorf("scans %+v", s.Scans)
	}
	var sum int64
	if all, err := x.TableSizes(t.Context()); err != nil || !slices.Equal(all, s.Tables) {
		t.Errorf("TableSizes says %+v, %v; Status %+v", all, err, s.Tables)
	}
	for _, table := range s.Tables {
		sum += table.Bytes
	}
	if len(s.Tables) < 10 || sum > s.Bytes || sum < s.Bytes*9/10 {
		t.Errorf("tables of %d bytes in a file of %d: %+v", sum, s.Bytes, s.Tables)
	}
}

// Each question ends with its context.
func TestCancelledQuestions(t *testing.T) {
	x, _ := scene(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ask := range map[string]func() error{
		"roots":     func() error { _, err := x.Roots(ctx); return err },
		"files":     func() error { _, err := x.FilesIn(ctx, 1, ""); return err },
		"files of":  func() error { _, err := x.FilesOf(ctx, []int64{1}); return err },
		"file at":   func() error { _, _, err := x.FileAt(ctx, "/photos/a"); return err },
		"contents":  func() error { _, err := x.Contents(ctx, []int64{1}); return err },
		"by hash":   func() error { _, _, err := x.ContentByHash(ctx, hash("a")); return err },
		"features":  func() error { _, err := x.Features(ctx, "wavelet", 1, []int64{1}); return err },
		"matches":   func() error { _, err := x.MatchesOf(ctx, []int64{1}); return err },
		"queue":     func() error { _, err := x.JobStats(ctx); return err },
		"decisions": func() error { _, err := x.Decisions(ctx); return err },
		"status":    func() error { _, err := x.Status(ctx); return err },
		"add root":  func() error { _, err := x.AddRoot(ctx, "/x", 0); return err },
		"failed files": func() (err error) {
			for _, err = range x.FailedFiles(ctx) {
			}
			return err
		},
		"groups": func() (err error) {
			for _, err = range x.ClusterRows(ctx, "normal", BySpace) {
			}
			return err
		},
	} {
		if err := ask(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
