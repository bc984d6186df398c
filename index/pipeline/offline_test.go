//go:build unix

package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
)

// warned checks that a scan said one thing, and what.
func warned(t testing.TB, sum pipeline.Summary, what string) {
	t.Helper()
	if len(sum.Warnings) != 1 || !strings.Contains(sum.Warnings[0], what) {
		t.Errorf("it warns %q, want one with %q", sum.Warnings, what)
	}
}

// A root that is missing or empty is offline, no row is lost, and when it is back
// nothing is read.
func TestOfflineRoot(t *testing.T) {
	w := scanned(t)
	w.copy("a/0.jpg", "b/copy.jpg")
	w.scan()
	before := w.report()
	must(t, os.Rename(w.root, w.root+" away"))
	for _, state := range []string{"missing", "empty", "strange"} {
		switch state {
		case "empty":
			must(t, os.Mkdir(w.root, 0o755))
		case "strange":
			w.write("another.jpg", small()[12])
		}
		sum := w.scan()
		w.did(sum, "offline 9", 0, 0, 0)
		warned(t, sum, "photos is offline, what is known of it is kept")
		same(t, state, strings.ReplaceAll(w.report(), ",offline\n", ",online\n"), before)
		if got := w.roots()[0].State; got != index.Offline {
			t.Errorf("%s: the root is %s", state, got)
		}
		if again := w.scan(); again.Commits != 0 {
			t.Errorf("%s: the next scan commits", state)
		}
	}
	must(t, os.RemoveAll(w.root))
	must(t, os.Rename(w.root+" away", w.root))
	w.did(w.scan(), "unchanged 9", 0, 0, 0)
	same(t, "back", w.report(), before)
	if got := w.roots()[0].State; got != index.Online {
		t.Errorf("the root that is back is %s", got)
	}
}

// What the user says is gone for good is gone.
func TestForget(t *testing.T) {
	t.Run("a missing root", func(t *testing.T) {
		w := scanned(t)
		w.TB = t
		second := filepath.Join(t.TempDir(), "second")
		must(t, os.MkdirAll(second, 0o755))
		must(t, os.WriteFile(filepath.Join(second, "0.jpg"), small()[0], 0o644))
		w.age(filepath.Join(second, "0.jpg"))
		w.add(second)
		w.scan()
		if !strings.Contains(w.report(), second) {
			t.Fatal("the copy makes no group")
		}
		must(t, os.RemoveAll(second))
		w.o.Forget = []string{second}
		w.did(w.scan(), "unchanged 8, gone 1", 0, 0, 0)
		if got := len(w.roots()); got != 1 {
			t.Errorf("%d roots are left, want 1", got)
		}
		w.o.Forget = nil
		if sum := w.scan(); sum.Commits != 0 || len(sum.Warnings) > 0 {
			t.Errorf("the next scan says %+v", sum)
		}
		same(t, "its report", w.report(), w.fresh())
	})
	t.Run("an empty root", func(t *testing.T) {
		w := scanned(t)
		w.TB = t
		w.remove("a")
		w.remove("b")
		w.remove("c")
		w.o.Forget = []string{filepath.Dir(w.root)} // at or below
		w.did(w.scan(), "gone 8", 0, 0, 0)
		w.o.Forget = nil
		w.write("new.jpg", small()[9])
		sum := w.scan()
		w.did(sum, "new 1", 1, 1, 1)
		if len(sum.Warnings) > 0 {
			t.Errorf("it warns %q", sum.Warnings)
		}
	})
}

// Who renames all files of a folder, or its one folder, has not put another disk in its
// place: nothing is offline, and nothing is read.
func TestAllRenamed(t *testing.T) {
	w := newWorld(t)
	for i, name := range []string{"1.jpg", "2.jpg", "3.jpg"} {
		w.write(name, small()[i])
	}
	w.did(w.scan(), "new 3", 3, 3, 3)
	for _, name := range []string{"1", "2", "3"} {
		w.rename(name+".jpg", "2020 "+name+".jpg")
	}
	w.did(w.scan(), "moved 3", 0, 0, 0)

	w = newWorld(t)
	w.write("DCIM/1.jpg", small()[0])
	w.write("DCIM/2.jpg", small()[1])
	w.did(w.scan(), "new 2", 2, 2, 2)
	must(t, os.Rename(w.path("DCIM"), w.path("Paris")))
	w.did(w.scan(), "moved 2", 0, 0, 0)
}

// Files that are sorted from one root into another leave an empty root behind, not one
// that is away; what is imported there next is found.
func TestEmptiedByMoves(t *testing.T) {
	w := newWorld(t)
	imports := filepath.Join(filepath.Dir(w.root), "imports")
	at := func(name string) string {
		path, err := filepath.Rel(w.root, filepath.Join(imports, name))
		must(t, err)
		return filepath.ToSlash(path)
	}
	w.write("old.jpg", small()[0])
	w.write(at("DCIM/1.jpg"), small()[1])
	w.write(at("2.jpg"), small()[2])
	w.write(at("2.txt"), []byte("no picture"))
	w.add(imports)
	w.did(w.scan(), "new 3", 4, 3, 3)
	w.rename(at("DCIM/1.jpg"), "sorted/1.jpg")
	w.rename(at("2.jpg"), "sorted/2.jpg")
	w.rename(at("2.txt"), "sorted/2.txt")
	must(t, os.Remove(filepath.Join(imports, "DCIM")))
	sum := w.scan()
	w.did(sum, "unchanged 1, moved 2", 1, 0, 0)
	if len(sum.Warnings) > 0 {
		t.Errorf("it warns %q", sum.Warnings)
	}
	w.write(at("3.jpg"), small()[3])
	w.did(w.scan(), "unchanged 3, new 1", 1, 1, 1)
	for _, r := range w.roots() {
		if r.State != index.Online {
			t.Errorf("%s is %s", r.Path, r.State)
		}
	}
	same(t, "the report", w.report(), w.fresh())

	// One that is emptied by nobody knows whom is kept.
	must(t, os.Remove(filepath.Join(imports, "3.jpg")))
	sum = w.scan()
	w.did(sum, "unchanged 3, offline 1", 0, 0, 0)
	warned(t, sum, "imports is offline, what is known of it is kept: it is empty")
}

// A folder that cannot be read keeps its rows, and so do those below it.
func TestUnreadableFolder(t *testing.T) {
	w := scanned(t)
	w.rename("b", "a/b")
	w.scan()
	d := &failingDisk{disk: w.disk, folder: "a"}
	sum, err := pipeline.Scan(t.Context(), w.x, d, w.roots(), w.o)
	must(t, err)
	warned(t, sum, "photos/a could not be read, what is known of it is kept")
	if sum.Closed != 1 {
		t.Errorf("%d folders could not be read", sum.Closed)
	}
	if sum.Reasons["offline"] != 6 || sum.Reasons["unchanged"] != 2 || sum.Reasons["gone"] != 0 {
		t.Errorf("reasons %v", sum.Reasons)
	}
	w.did(w.scan(), "unchanged 8", 0, 0, 0)
	w.o.Forget = []string{w.path("a")}
	sum, err = pipeline.Scan(t.Context(), w.x, d, w.roots(), w.o)
	must(t, err)
	if sum.Reasons["gone"] != 6 || sum.Reasons["unchanged"] != 2 {
		t.Errorf("forgotten: reasons %v", sum.Reasons)
	}
}

// failingDisk cannot read one folder.
type failingDisk struct {
	*disk
	folder string
}

func (d *failingDisk) Walk(ctx context.Context, root string, visit func(pipeline.Folder) error) error {
	return d.disk.Walk(ctx, root, func(f pipeline.Folder) error {
		switch {
		case f.Path == d.folder:
			f = pipeline.Folder{Path: f.Path, Err: errors.New("input/output error")}
		case strings.HasPrefix(f.Path, d.folder+"/"):
			return nil
		}
		return visit(f)
	})
}

// paths are those of a report, in order.
func paths(report string) string {
	var out []string
	for _, line := range strings.Split(report, "\n") {
		if fields := strings.Split(line, ","); len(fields) > 1 {
			out = append(out, fields[1])
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// A disk that is pulled out in mid-scan loses no row, neither of what the walk
// did not come to nor of what it listed and nobody could read any more.
func TestRootThatGoesInMidScan(t *testing.T) {
	for _, folder := range []string{"in the walk", "behind the walk"} {
		w := scanned(t)
		w.copy("a/0.jpg", "c/copy.jpg")
		w.scan()
		before := paths(w.report())
		for i := range 8 {
			w.age(w.path(fmt.Sprintf("%c/%d.jpg", 'a'+i/3, i)))
		}
		pull := func() { must(t, os.Rename(w.root, w.root+" away")) }
		if folder == "in the walk" {
			w.disk.onWalk = func(path string) error {
				if path == "b" {
					pull()
				}
				return nil
			}
		} else {
			walked := make(chan bool)
			w.disk.onEnd = func() { pull(); close(walked) }
			w.disk.onOpen = func(string) error { <-walked; return nil } // and finds nothing
			w.o.Budget = pipeline.Budget{Workers: 8, Batch: 1}          // enough to take what the walk finds
		}
		sum := w.scan()
		if sum.Reasons["gone"] != 0 {
			t.Errorf("%s: %d files are taken for gone", folder, sum.Reasons["gone"])
		}
		if len(sum.Warnings) == 0 {
			t.Errorf("%s: nobody is warned", folder)
		}
		w.disk.onWalk, w.disk.onOpen, w.disk.onEnd = nil, nil, nil
		same(t, folder, paths(w.report()), before)
		must(t, os.Rename(w.root+" away", w.root))
		sum = w.scan()
		if sum.Decoded != 0 || sum.Reasons["new"] != 0 {
			t.Errorf("%s: when it is back, the scan says %+v", folder, sum)
		}
		same(t, folder+", and back", w.report(), w.fresh())
	}
}

// A file that vanishes between the walk and its turn is gone, not offline.
func TestFileThatVanishes(t *testing.T) {
	w := scanned(t)
	w.write("a/extra.jpg", small()[10])
	w.age(w.path("b/3.jpg"))
	w.disk.onOpen = func(path string) error {
		if base := filepath.Base(path); base == "extra.jpg" || base == "3.jpg" {
			must(t, os.Remove(path))
			return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return nil
	}
	w.did(w.scan(), "unchanged 7, gone 1", 2, 0, 0)
	same(t, "its report", w.report(), w.fresh())
	if sum := w.scan(); sum.Commits != 0 {
		t.Error("the next scan commits")
	}
}
