//go:build unix

package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// scanned is a world of eight photos in three folders and a text, scanned once.
func scanned(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	for i := range 8 {
		w.write(fmt.Sprintf("%c/%d.jpg", 'a'+i/3, i), small()[i])
	}
	w.write("a/notes.txt", []byte("no picture by content, no picture by name"))
	sum := w.scan()
	w.did(sum, "new 8", 9, 8, 8)
	if sum.Folders != 4 || sum.Files != 8 || sum.Other != 1 || sum.Failed != 0 || sum.Compared != 8 {
		t.Errorf("the first scan says %+v", sum)
	}
	for _, s := range stages.List() {
		if sum.Extracted[s.Name] != 8 {
			t.Errorf("%d features of stage %s, want 8", sum.Extracted[s.Name], s.Name)
		}
	}
	return w
}

// An unchanged folder costs no open file, and not a byte of the index.
func TestUnchangedFolder(t *testing.T) {
	w := scanned(t)
	log := func() (int64, time.Time) {
		info, err := os.Stat(w.x.Path() + "-wal")
		must(t, err)
		return info.Size(), info.ModTime()
	}
	size, at := log()
	before := w.x.Commits()
	sum := w.scan()
	w.did(sum, "unchanged 8", 0, 0, 0)
	if sum.Commits != 0 || w.x.Commits() != before {
		t.Errorf("it committed %d times", w.x.Commits()-before)
	}
	if s, a := log(); s != size || !a.Equal(at) {
		t.Error("the log of the index was written")
	}
	if sum.Other != 1 || sum.Files != 8 || sum.Folders != 4 || sum.Compared != 0 || sum.Bytes != 0 {
		t.Errorf("the second scan says %+v", sum)
	}
}

func TestTouchedFiles(t *testing.T) {
	w := scanned(t)
	before := w.report()
	for i := range 8 {
		w.age(w.path(fmt.Sprintf("%c/%d.jpg", 'a'+i/3, i)))
	}
	sum := w.scan()
	w.did(sum, "touched 8", 8, 8, 0)
	if len(sum.Extracted) != 0 || sum.Compared != 0 {
		t.Errorf("it extracted %v and compared %d", sum.Extracted, sum.Compared)
	}
	same(t, "after a touch", w.report(), before)
	w.did(w.scan(), "unchanged 8", 0, 0, 0)
}

// What is renamed or moved is not even opened; what is copied is hashed.
func TestMovesAndCopies(t *testing.T) {
	for _, c := range []struct {
		name           string
		do             func(w *world)
		reasons        string
		opened, hashed int64
	}{
		{"a file is renamed", func(w *world) { w.rename("a/0.jpg", "a/zero.jpg") }, "unchanged 7, moved 1", 0, 0},
		{"a file moves", func(w *world) { w.rename("c/7.jpg", "a/7.jpg") }, "unchanged 7, moved 1", 0, 0},
		{"a folder is renamed", func(w *world) { w.rename("a", "z") }, "unchanged 5, moved 3", 1, 0}, // the text is looked into
		{"a folder moves into another", func(w *world) { w.rename("b", "a/deep/b") }, "unchanged 5, moved 3", 0, 0},
		{"two files change names", func(w *world) {
			w.rename("a/0.jpg", "t")
			w.rename("a/1.jpg", "a/0.jpg")
			w.rename("t", "a/1.jpg")
		}, "unchanged 6, copied 2", 2, 2},
		{"a file takes another's place", func(w *world) { w.rename("a/0.jpg", "a/1.jpg") }, "unchanged 6, copied 1, gone 1", 1, 1},
		{"a file moves and a new one takes its name", func(w *world) {
			w.rename("a/0.jpg", "a/old.jpg")
			w.write("a/0.jpg", small()[1])
		}, "unchanged 7, moved 1, copied 1", 1, 1},
		{"a file is copied", func(w *world) { w.copy("a/0.jpg", "b/0.jpg") }, "unchanged 8, copied 1", 1, 1},
		{"a folder is copied", func(w *world) {
			for i := range 3 {
				w.copy(fmt.Sprintf("a/%d.jpg", i), fmt.Sprintf("a copy/%d.jpg", i))
			}
		}, "unchanged 8, copied 3", 3, 3},
		{"a file becomes another that is known", func(w *world) { w.copy("a/0.jpg", "b/3.jpg") }, "unchanged 7, copied 1", 1, 1},
		{"a hard link is made", func(w *world) { // which changes the inode, and so the known name is hashed
			must(w, os.Link(w.path("a/0.jpg"), w.path("b/link.jpg")))
		}, "unchanged 7, touched 1, copied 1", 1, 1},
		{"of two links one is renamed", func(w *world) {
			must(w, os.Link(w.path("a/0.jpg"), w.path("a/00.jpg")))
			w.scan()
			w.rename("a/0.jpg", "b/0.jpg")
		}, "unchanged 7, touched 1, moved 1", 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := scanned(t)
			w.TB = t
			c.do(w)
			sum := w.scan()
			w.did(sum, c.reasons, c.opened, c.hashed, 0)
			if len(sum.Extracted) > 0 || sum.Compared > 0 {
				t.Errorf("it extracted %v and compared %d", sum.Extracted, sum.Compared)
			}
			if !raceDetector {
				same(t, "its report", w.report(), w.fresh())
			}
			if again := w.scan(); again.Commits != 0 || w.disk.opens.Load() != 0 {
				t.Errorf("the next scan is not idle: %+v", again)
			}
		})
	}
}

// A hard link frees no space, also where a copy becomes one, or one a copy.
func TestLinksInTheReport(t *testing.T) {
	w := scanned(t)
	w.copy("a/0.jpg", "b/copy.jpg")
	w.scan()
	space := func() int64 {
		var sum int64
		for g, err := range w.x.ClusterRows(t.Context(), "normal", index.BySpace) {
			must(t, err)
			sum += g.Space
		}
		return sum
	}
	if got := space(); got != int64(len(small()[0])) {
		t.Errorf("a copy takes %d bytes, want %d", got, len(small()[0]))
	}
	w.remove("b/copy.jpg")
	must(t, os.Link(w.path("a/0.jpg"), w.path("b/copy.jpg")))
	w.scan()
	if got := space(); got != 0 {
		t.Errorf("a hard link takes %d bytes", got)
	}
	w.remove("b/copy.jpg")
	w.copy("a/0.jpg", "b/copy.jpg")
	w.scan()
	if got := space(); got != int64(len(small()[0])) {
		t.Errorf("a copy again takes %d bytes, want %d", got, len(small()[0]))
	}
}

func TestChangedAndGone(t *testing.T) {
	w := scanned(t)
	w.write("a/0.jpg", small()[20])
	w.write("b/new.jpg", small()[21])
	w.remove("c/7.jpg")
	w.write("a/1.jpg", []byte("no picture any more"))
	sum := w.scan()
	w.did(sum, "unchanged 5, changed 2, new 1, gone 1", 3, 3, 3) // the text is a content that failed
	if sum.Failed != 1 {
		t.Errorf("%d failed, want the text that is named .jpg", sum.Failed)
	}
	same(t, "its report", w.report(), w.fresh())
	w.remove("a")
	w.did(w.scan(), "unchanged 5, gone 3", 0, 0, 0)
	w.write("a/0.jpg", small()[0]) // known still, though no file had it for a while
	w.did(w.scan(), "unchanged 5, copied 1", 1, 1, 0)
	same(t, "its report", w.report(), w.fresh())
}

// A file that was written just before it was read is hashed once more.
func TestRacyFiles(t *testing.T) {
	w := newWorld(t)
	must(t, os.WriteFile(w.path("young.jpg"), small()[0], 0o644))
	w.write("old.jpg", small()[1])
	w.did(w.scan(), "new 2", 2, 2, 2)
	// Written again within the grain of its times: nothing shows but the bytes.
	// The minute to come keeps it racy on a machine that stands still for a while.
	soon := time.Now().Add(time.Minute)
	must(t, os.Chtimes(w.path("old.jpg"), soon, soon))
	w.age(w.path("young.jpg")) // two seconds go by
	w.did(w.scan(), "touched 2", 2, 2, 0)
	w.did(w.scan(), "unchanged 1, touched 1", 1, 1, 0)
	// The clock of a camera is years ahead: no reason to read its photos again and again.
	ahead := time.Now().AddDate(20, 0, 0)
	w.copy("young.jpg", "ahead.jpg")
	must(t, os.Chtimes(w.path("ahead.jpg"), ahead, ahead))
	w.did(w.scan(), "unchanged 1, touched 1, copied 1", 2, 2, 0)
	w.did(w.scan(), "unchanged 2, touched 1", 1, 1, 0)
	// Renamed while it is racy: one hash tells that it moved.
	w.rename("old.jpg", "renamed.jpg")
	w.did(w.scan(), "unchanged 2, moved 1", 1, 1, 0)
}

// raised is the list of stages with the version of one raised.
func raised(name string) []stages.Stage {
	list := stages.List()
	for i := range list {
		if list[i].Name == name {
			list[i].Version += 100
		}
	}
	return list
}

// A stage that was raised is extracted anew, and no other.
func TestStaleStage(t *testing.T) {
	for _, name := range []string{stages.Local, stages.Color} {
		if raceDetector && name == stages.Color {
			continue
		}
		w := newWorld(t)
		w.writeAll(family())
		w.copy("photos/a.jpg", "photos/a copy.jpg")
		files, contents := int64(len(family())+1), int64(len(family())-2) // two of the family are copies
		if sum := w.scan(); sum.Decoded != contents {
			t.Fatalf("%d contents, want %d", sum.Decoded, contents)
		}
		before := w.report()
		w.o.Stages = raised(name)
		w.age(w.path("others/1.jpg")) // touched, too: it is stale all the same
		w.rename("others/2.jpg", "others/moved.jpg")
		sum := w.scan()
		if sum.Decoded != contents || len(sum.Extracted) != 1 || sum.Extracted[name] != contents {
			t.Errorf("%s raised: decoded %d and extracted %v, want %d", name, sum.Decoded, sum.Extracted, contents)
		}
		if sum.Reasons["stale"] != files-2 || sum.Reasons["touched"] != 1 || sum.Reasons["moved"] != 1 || len(sum.Reasons) != 3 {
			t.Errorf("%s raised: reasons %v", name, sum.Reasons)
		}
		w.rename("others/moved.jpg", "others/2.jpg")
		if sum := w.scan(); sum.Decoded != 0 || sum.Hashed != 0 {
			t.Errorf("%s raised: the next scan decodes %d", name, sum.Decoded)
		}
		after := w.report()
		// others/1.jpg has another time now; nothing of it is in a group.
		same(t, name+" raised", after, before)
		stats, err := w.x.Status(t.Context())
		must(t, err)
		for _, f := range stats.Features {
			if f.Stage == name && f.Version < 100 {
				t.Errorf("%d features of version %d of %s are left", f.N, f.Version, name)
			}
		}
		if name == stages.Local {
			if n := postings(t, w.x, name, stages.List()[3].Version); n != 0 {
				t.Errorf("%d postings of the old version are left", n)
			}
		}
	}
}

// postings counts what the buckets of a stage's version hold.
func postings(t testing.TB, x *index.Index, stage string, version int) (n int) {
	t.Helper()
	keys := make([]uint32, 1<<17)
	for i := range keys {
		keys[i] = uint32(i)
	}
	for tiles, err := range x.Tiles(t.Context(), stage, version, keys) {
		must(t, err)
		for _, tile := range tiles {
			for i := range keys {
				n += len(tile.Bucket(i).Offsets)
			}
		}
	}
	return n
}

// A failure is tried again where another limit may help, and not before.
func TestRetried(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.write(fmt.Sprint(i, ".jpg"), small()[i])
	}
	w.write("0 again.jpg", small()[0])
	w.write("broken.jpg", []byte("a text"))
	w.o.Limits = raster.Limits{Pixels: 1000}
	sum := w.scan()
	w.did(sum, "copied 1, new 4", 5, 5, 4)
	if sum.Failed != 5 || len(sum.Extracted) != 0 {
		t.Errorf("%d failed, want 5; extracted %v", sum.Failed, sum.Extracted)
	}
	sum = w.scan()
	w.did(sum, "unchanged 5", 0, 0, 0)
	if sum.Failed != 5 || sum.Commits != 0 {
		t.Errorf("the second scan says %+v", sum)
	}
	w.o.Limits = raster.Limits{}
	w.age(w.path("2.jpg"))
	sum = w.scan()
	if sum.Reasons["retried"] != 5 || sum.Decoded != 4 || sum.Failed != 1 || sum.Extracted[stages.Local] != 3 {
		t.Errorf("with other limits: %+v", sum)
	}
	same(t, "its report", w.report(), w.fresh())
	w.did(w.scan(), "unchanged 5", 0, 0, 0)
}

// A file that cannot be read is a failed file, and tried by each scan at the
// cost of an open.
func TestUnreadableFile(t *testing.T) {
	w := scanned(t)
	w.write("a/secret.jpg", small()[10])
	refused := &fs.PathError{Op: "open", Path: "secret.jpg", Err: errors.New("permission denied")}
	w.disk.onOpen = func(path string) error {
		if strings.HasSuffix(path, "secret.jpg") || strings.HasSuffix(path, "0.jpg") {
			return refused
		}
		return nil
	}
	sum := w.scan()
	w.did(sum, "unchanged 8, new 1", 1, 0, 0)
	if sum.Failed != 1 {
		t.Errorf("%d failed, want 1", sum.Failed)
	}
	f, found, err := w.x.FileAt(t.Context(), w.path("a/secret.jpg"))
	must(t, err)
	if !found || f.State != index.Failed || f.Reason != "open: permission denied" {
		t.Errorf("its row is %+v", f)
	}
	sum = w.scan()
	w.did(sum, "unchanged 9", 1, 0, 0)
	if sum.Commits != 0 || sum.Failed != 1 {
		t.Errorf("tried again it says %+v", sum)
	}
	w.age(w.path("a/0.jpg")) // and a known one that cannot be read any more
	w.did(w.scan(), "unchanged 8, changed 1", 2, 0, 0)
	w.disk.onOpen = nil
	sum = w.scan()
	if sum.Reasons["retried"] != 2 || sum.Decoded != 1 || sum.Failed != 0 {
		t.Errorf("readable again it says %+v", sum)
	}
	same(t, "its report", w.report(), w.fresh())
}

// A film is no picture however long it is; a picture that is too long fails and says by what.
func TestFileSizeLimit(t *testing.T) {
	w := newWorld(t)
	w.o.Limits = raster.Limits{FileSize: 4000}
	w.write("film.mp4", make([]byte, 100_000))
	w.write("big.jpg", append(slices.Clone(small()[0]), make([]byte, 10_000)...))
	sum := w.scan()
	if sum.Other != 1 || sum.Failed != 1 || sum.Files != 1 {
		t.Errorf("it says %+v", sum)
	}
	f, _, err := w.x.FileAt(t.Context(), w.path("big.jpg"))
	must(t, err)
	if !strings.Contains(f.Reason, "--max-file-size") {
		t.Errorf("its reason is %q", f.Reason)
	}
	if sum := w.scan(); sum.Commits != 0 || sum.Failed != 1 {
		t.Errorf("the next scan says %+v", sum)
	}
	w.o.Limits = raster.Limits{}
	if sum := w.scan(); sum.Reasons["retried"] != 1 || sum.Failed != 0 {
		t.Errorf("with the limit raised it says %+v", sum)
	}
}

// A file that changes while it is read is read again, and if it never rests it is
// left for the next scan.
func TestFileThatChangesWhileItIsRead(t *testing.T) {
	w := scanned(t)
	restless, n := 1, 0
	w.disk.onOpen = func(path string) error {
		if filepath.Base(path) == "growing.jpg" && n < restless {
			n++
			w.write("a/growing.jpg", small()[10+n])
		}
		return nil
	}
	w.write("a/growing.jpg", small()[10])
	w.did(w.scan(), "unchanged 8, new 1", 2, 1, 1)
	same(t, "its report", w.report(), w.fresh())

	restless, n = 100, 0
	w.age(w.path("a/growing.jpg"))
	sum := w.scan()
	w.did(sum, "unchanged 8", 3, 0, 0)
	if len(sum.Warnings) != 1 || !strings.Contains(sum.Warnings[0], "growing.jpg changed each time it was read") {
		t.Errorf("it warns %q", sum.Warnings)
	}
	jobs, err := w.x.DueJobs(t.Context(), time.Now().UnixNano(), 10)
	must(t, err)
	if len(jobs) != 1 || jobs[0].Path != w.path("a/growing.jpg") {
		t.Errorf("the queue holds %+v", jobs)
	}
	restless = 0
	w.did(w.scan(), "unchanged 8, changed 1", 1, 1, 1)
	jobs, err = w.x.DueJobs(t.Context(), time.Now().UnixNano(), 10)
	must(t, err)
	if len(jobs) != 0 {
		t.Errorf("the queue holds %+v still", jobs)
	}
	same(t, "its report", w.report(), w.fresh())
}

// Several workers meet the same bytes at the same time: one extracts.
func TestSameBytesAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	w.o.Budget = pipeline.Budget{Workers: 8, Batch: 1}
	for i := range 40 {
		w.write(fmt.Sprintf("%02d.jpg", i), small()[i%2])
	}
	w.write("x.jpg", []byte("a text"))
	w.write("y.jpg", []byte("a text"))
	sum := w.scan()
	w.did(sum, "copied 39, new 3", 42, 42, 3)
	if sum.Failed != 2 || sum.Files != 42 {
		t.Errorf("it says %+v", sum)
	}
	w.did(w.scan(), "unchanged 42", 0, 0, 0)
}
