//go:build unix

package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
)

func (w *world) contents() int64 {
	w.Helper()
	s, err := w.x.Status(w.Context())
	must(w, err)
	return s.Contents
}

// Cancelled, a scan commits what its workers finished, and the next one does the rest.
func TestCancelledScan(t *testing.T) {
	w := newWorld(t)
	for i, data := range small() {
		w.write(fmt.Sprintf("%02d.jpg", i), data)
	}
	want := w.fresh()
	n := int64(len(small()))
	for _, after := range []int64{1, 4, 9, 20} {
		if raceDetector && after > 4 {
			break
		}
		w := &world{TB: t, root: w.root, x: newIndex(t), disk: &disk{}, o: w.o}
		w.o.Budget = pipeline.Budget{Workers: 2, Batch: 100} // so that the batch is open when it is cancelled
		w.add(w.root)
		ctx, cancel := context.WithCancel(t.Context())
		var opened atomic.Int64
		w.disk.onOpen = func(string) error {
			if opened.Add(1) == after {
				cancel()
			}
			return nil
		}
		sum, err := pipeline.Scan(ctx, w.x, w.disk, w.roots(), w.o)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled after %d files it says %v", after, err)
		}
		done := w.contents()
		if done != sum.Decoded || done < after-2 || done >= n {
			t.Errorf("cancelled after %d files, %d are committed and %d were decoded", after, done, sum.Decoded)
		}
		w.disk.onOpen = nil
		if sum := w.scan(); sum.Decoded != n-done {
			t.Errorf("the next scan decodes %d, want %d", sum.Decoded, n-done)
		}
		same(t, "its report", w.report(), want)
	}
}

// An error of ours ends the scan, whatever is said to be forgotten, and removes nothing.
func TestErrorsEndTheScan(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "index")
	x, err := index.Create(t.Context(), path)
	must(t, err)
	w.x = x
	w.add(w.root)
	for _, name := range []string{"a/0.jpg", "b/0.jpg", "c/1.jpg"} {
		w.write(name, small()[0])
	}
	w.scan()
	before := w.report()
	w.o.Forget = []string{w.root}
	roots := w.roots()
	w.disk.onWalk = func(folder string) error {
		if folder == "b" {
			must(t, x.Close()) // the index goes from under the walk
		}
		return nil
	}
	if _, err := pipeline.Scan(t.Context(), x, w.disk, roots, w.o); err == nil || !strings.Contains(err.Error(), "list files of folder") {
		t.Errorf("without an index it says %v", err)
	}
	w.x, err = index.Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, w.x.Close()) }()
	same(t, "its report", w.report(), before)

	// The disk's own error is no end, and proves nothing gone.
	w.o.Forget = nil
	w.remove("a/0.jpg")
	w.disk.onWalk = func(folder string) error {
		if folder == "b" {
			return errors.New("input/output error")
		}
		return nil
	}
	sum := w.scan()
	warned(t, sum, "ended early, nothing in it is taken as gone: input/output error")
	w.disk.onWalk = nil
	same(t, "its report", w.report(), before)
	if sum := w.scan(); sum.Reasons["gone"] != 1 {
		t.Errorf("the next scan says %v", sum.Reasons)
	}

	w.write("z.webp", []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	w.o.Helper = []string{"/nowhere/dedupidx"}
	if _, err := pipeline.Scan(t.Context(), w.x, w.disk, w.roots(), w.o); err == nil || !strings.Contains(err.Error(), "start decode helper") {
		t.Errorf("a helper that does not start: %v", err)
	}
}

// Snapshots come from one goroutine at a time, count what is done, and end.
func TestProgress(t *testing.T) {
	w := newWorld(t)
	for i, data := range small() {
		w.write(fmt.Sprintf("%02d.jpg", i), data)
	}
	var running atomic.Int32
	last := map[pipeline.Task]pipeline.Snapshot{}
	w.o.Progress = func(s pipeline.Snapshot) {
		if running.Add(1) != 1 {
			t.Error("two snapshots at a time")
		}
		defer running.Add(-1)
		was := last[s.Task]
		if s.Done < was.Done || was.Final || s.Percent < 0 || s.Percent > 100 || s.Total > 0 && s.Done > s.Total {
			t.Errorf("after %+v comes %+v", was, s)
		}
		last[s.Task] = s
	}
	started := time.Now()
	w.scan()
	for task, want := range map[pipeline.Task]int64{pipeline.Files: 24, pipeline.Photos: 24, pipeline.Comparisons: 24} {
		s := last[task]
		if !s.Final || s.Done != want || s.Total != want || s.Percent != 100 || s.Rate <= 0 || s.Elapsed > time.Since(started) || s.Left != 0 {
			t.Errorf("%s ends with %+v", task, s)
		}
	}
}

// The zero options choose by the machine, warnings go to the log, and the scan is
// remembered with its summary.
func TestZeroOptions(t *testing.T) {
	w := newWorld(t)
	w.write("a.jpg", small()[0])
	var log bytes.Buffer
	w.o = pipeline.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	w.scan()
	if w.contents() != 1 {
		t.Error("nothing was scanned")
	}
	s, err := w.x.Status(t.Context())
	must(t, err)
	if len(s.Scans) != 1 || !strings.Contains(s.Scans[0].Summary, `"new":1`) {
		t.Errorf("remembered are %+v", s.Scans)
	}
	w.remove("a.jpg")
	w.scan()
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "offline") {
		t.Errorf("the log says %q", log.String())
	}
}

// Two roots are one index: a copy in the other is found, a link is told by its
// inode also when the other root is not walked, and a file moves between them.
func TestTwoRoots(t *testing.T) {
	w := newWorld(t)
	second := w.root + " 2"
	w.write("a.jpg", small()[0])
	w.write("b.jpg", small()[1])
	w.write("keep.jpg", small()[2])
	must(t, os.Mkdir(second, 0o755))
	must(t, os.WriteFile(second+"/b.jpg", small()[1], 0o644))
	w.age(second + "/b.jpg")
	w.add(second)
	w.did(w.scan(), "copied 1, new 3", 4, 4, 3)
	must(t, os.Link(w.path("a.jpg"), second+"/a.jpg"))
	var one []index.Root
	for _, r := range w.roots() {
		if r.Path == second {
			one = append(one, r)
		}
	}
	w.disk.opens.Store(0)
	sum, err := pipeline.Scan(t.Context(), w.x, w.disk, one, w.o)
	must(t, err)
	w.did(sum, "unchanged 1, copied 1", 0, 0, 0)
	w.scan() // the link changed the inode of a.jpg, which is hashed
	must(t, os.Rename(w.path("keep.jpg"), second+"/keep.jpg"))
	w.did(w.scan(), "unchanged 4, moved 1", 0, 0, 0)
	same(t, "its report", w.report(), w.fresh())
}
