//go:build unix

package pipeline_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
)

// update looks at places of the root and returns the names that arrived.
func (w *world) update(places ...pipeline.Place) (pipeline.Summary, []string) {
	w.Helper()
	w.disk.opens.Store(0)
	for i := range places {
		places[i].Root = w.root
	}
	sum, arrived, err := pipeline.Update(w.Context(), w.x, w.disk, places, w.o)
	must(w, err)
	var names []string
	for _, a := range arrived {
		names = append(names, strings.TrimPrefix(a.Path, w.root+"/"))
	}
	slices.Sort(names)
	return sum, names
}

func arrivals(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%q arrived, want %q", got, want)
	}
}

// A look at places finds what changed there and nothing else, and ends where a
// scan would.
func TestUpdate(t *testing.T) {
	w := scanned(t)
	w.write("in/a.jpg", small()[10])
	w.write("in/b.jpg", small()[11])
	w.write("in/deep/c.jpg", small()[0])
	sum, arrived := w.update(pipeline.Place{Folder: "in", Names: []string{"a.jpg"}})
	w.did(sum, "new 1", 1, 1, 1) // b may still be being written
	arrivals(t, arrived, "in/a.jpg")
	_, arrived = w.update(pipeline.Place{Folder: "in"})
	arrivals(t, arrived, "in/b.jpg")
	_, arrived = w.update(pipeline.Place{Folder: "in", Deep: true})
	arrivals(t, arrived, "in/deep/c.jpg")
	same(t, "what came", w.report(), w.fresh())

	w.age(w.path("in/a.jpg")) // other times, the same bytes: nothing came
	sum, arrived = w.update(pipeline.Place{Folder: "in", Names: []string{"a.jpg"}})
	w.did(sum, "touched 1", 1, 1, 0)
	arrivals(t, arrived)

	w.rename("in/a.jpg", "moved/a.jpg")
	sum, arrived = w.update(pipeline.Place{Folder: "moved", Deep: true}, pipeline.Place{Folder: "in", Names: []string{"a.jpg"}})
	w.did(sum, "moved 1", 0, 0, 0)
	arrivals(t, arrived, "moved/a.jpg")
	w.remove("in/deep") // told as a name of its folder, or as itself
	sum, _ = w.update(pipeline.Place{Folder: "in", Names: []string{"deep"}})
	w.did(sum, "gone 1", 0, 0, 0)
	w.remove("moved")
	sum, _ = w.update(pipeline.Place{Folder: "moved", Deep: true}, pipeline.Place{Folder: "moved"})
	w.did(sum, "gone 1", 0, 0, 0)
	same(t, "what went", w.report(), w.fresh())
	if sum, _ := w.update(pipeline.Place{Folder: "in"}, pipeline.Place{Deep: true}, pipeline.Place{Folder: "nowhere", Deep: true}); sum.Commits != 0 {
		t.Errorf("a look at what did not change commits %d times", sum.Commits)
	}
}

// A place in a root that is away takes nothing out of the index, and a job that
// was not looked at stays.
func TestUpdateAway(t *testing.T) {
	w := scanned(t)
	w.write("in/a.jpg", small()[10])
	w.scan()
	before := w.report()
	must(t, w.x.PutJob(t.Context(), index.Job{Path: w.path("other"), Cause: "event", Due: 1}))
	w.update(pipeline.Place{Folder: "in"})
	if s, err := w.x.JobStats(t.Context()); err != nil || s.Depth != 1 {
		t.Errorf("%d jobs are left, %v", s.Depth, err)
	}
	must(t, os.Rename(w.root, w.root+".away"))
	for _, p := range []pipeline.Place{{}, {Folder: "in"}, {Folder: "in", Deep: true}, {Folder: "in", Names: []string{"a.jpg"}}} {
		w.update(p)
		same(t, "away, folder "+p.Folder, strings.ReplaceAll(w.report(), ",offline\n", ",online\n"), before)
	}
	must(t, os.Mkdir(w.root, 0o755)) // empty: not the same disk
	w.update(pipeline.Place{Folder: "in", Deep: true}, pipeline.Place{})
	same(t, "an empty root", strings.ReplaceAll(w.report(), ",offline\n", ",online\n"), before)
	w.update(pipeline.Place{Deep: true})
	if w.roots()[0].State != index.Offline {
		t.Error("the root is not offline")
	}
	must(t, os.Remove(w.root))
	must(t, os.Rename(w.root+".away", w.root))
	w.update(pipeline.Place{Deep: true})
	same(t, "back", w.report(), before)
	if w.roots()[0].State != index.Online {
		t.Error("the root is not online again")
	}
}

// A root whose files all went is offline at once: no copy elsewhere is proposed to go
// for the sake of one that is not there. What comes is taken in all the same, and once
// a name proves that it is the same place, what went is gone.
func TestUpdateEmptied(t *testing.T) {
	w := newWorld(t)
	w.write("a.jpg", small()[0])
	w.copy("a.jpg", "b.jpg")
	w.scan()
	w.remove("a.jpg")
	w.remove("b.jpg")
	sum, _ := w.update(pipeline.Place{Names: []string{"a.jpg", "b.jpg"}})
	warned(t, sum, "photos is offline, what is known of it is kept: it is empty")
	if report := w.report(); w.roots()[0].State != index.Offline || !strings.Contains(report, "a.jpg,") || strings.Contains(report, ",online\n") {
		t.Errorf("the root is %s, the report\n%s", w.roots()[0].State, report)
	}
	w.write("c.jpg", small()[1])
	sum, arrived := w.update(pipeline.Place{Names: []string{"c.jpg"}})
	w.did(sum, "new 1", 1, 1, 1)
	arrivals(t, arrived, "c.jpg")
	w.write("d.jpg", small()[2])
	sum, arrived = w.update(pipeline.Place{Names: []string{"d.jpg"}}, pipeline.Place{})
	w.did(sum, "unchanged 1, new 1, gone 2", 1, 1, 1)
	arrivals(t, arrived, "d.jpg")
	if w.roots()[0].State != index.Online {
		t.Error("the root is not online again")
	}
	same(t, "at last", w.report(), w.fresh())
}

// What cannot be read is told, so that it can be tried again.
func TestUpdateUnread(t *testing.T) {
	w := scanned(t)
	w.write("in/a.jpg", small()[10])
	w.disk.onOpen = func(path string) error { return &os.PathError{Op: "open", Path: path, Err: os.ErrPermission} }
	for range 2 {
		sum, _ := w.update(pipeline.Place{Folder: "in"})
		if len(sum.Unread) != 1 || sum.Unread[0] != (pipeline.Unread{Path: filepath.Join(w.root, "in", "a.jpg"), Reason: "open: permission denied"}) {
			t.Errorf("unread: %+v", sum.Unread)
		}
	}
	w.disk.onOpen = nil
	sum, arrived := w.update(pipeline.Place{Folder: "in", Names: []string{"a.jpg"}})
	arrivals(t, arrived, "in/a.jpg")
	if len(sum.Unread) != 0 {
		t.Errorf("unread: %+v", sum.Unread)
	}
}
