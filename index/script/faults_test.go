//go:build unix

package script_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/index/script"
)

// many groups of two files of the same bytes.
func many(n, size int) (groups [][]entry) {
	for i := range n {
		data := fmt.Sprintf("%06d", i) + strings.Repeat("x", size)
		groups = append(groups, []entry{{fmt.Sprintf("keep/%d", i), data, ""}, {fmt.Sprintf("it's/go %d", i), data, "exact"}})
	}
	return groups
}

// A disk that is full while files are moved to it: each file is whole at one of
// its two places, and what did not fit is named. A limit on the size of a file
// stands for the full disk, since it fails in the same place.
func TestDiskFull(t *testing.T) {
	w := newWorld(t, t.TempDir(), append(many(2, 100), many(4, 200_000)[2:]...)...)
	to := filepath.Join(otherDisk(t, w.dir), "to")
	path := w.write(w.propose(report.Options{}, script.Move), script.Move, to)
	before := contents(t, w.dir)
	out, code := w.run("-c", "trap '' XFSZ; ulimit -f 100; exec sh \"$0\" --yes", path)
	if code != 3 || strings.Count(out, "it cannot be copied whole") != 2 || !strings.Contains(out, "2 done, 2 left alone") {
		t.Errorf("code %d\n%s", code, out)
	}
	whole(t, before, contents(t, w.dir, to))
	// With room again, the same script goes on.
	if out, code = w.run(path, "--yes"); code != 0 || !strings.Contains(out, "2 done, 0 left alone") {
		t.Errorf("again: code %d\n%s", code, out)
	}
	if left, _ := filepath.Glob(filepath.Join(to, ".part*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	undo, _ := filepath.Glob(filepath.Join(to, "undo-*.sh"))
	if out, code = w.run(undo[0], "--yes"); code != 0 || !strings.Contains(out, "4 done, 0 left alone") {
		t.Errorf("undo: code %d\n%s", code, out)
	}
	after := contents(t, w.dir)
	for data, paths := range before {
		if len(after[data]) != len(paths) {
			t.Errorf("%.6q is in %d files, was in %d", data, len(after[data]), len(paths))
		}
	}
}

// Where not even the undo script fits, nothing is moved.
func TestNoRoomForUndo(t *testing.T) {
	w := newWorld(t, t.TempDir(), many(2, 10)...)
	to := filepath.Join(t.TempDir(), "to")
	path := w.write(w.propose(report.Options{}, script.Move), script.Move, to)
	before := tree(t, w.dir)
	out, code := w.run("-c", "trap '' XFSZ; ulimit -f 1; exec sh \"$0\" --yes", path)
	if code != 1 || !strings.Contains(out, "stopped: the undo script cannot be written") {
		t.Errorf("code %d\n%s", code, out)
	}
	same(t, tree(t, w.dir), before)
	if list, _ := filepath.Glob(filepath.Join(to, "*")); len(list) > 0 {
		t.Errorf("left behind: %q", list)
	}
}

// whole tells of contents that were in two files each that none is in fewer than
// one, or only in pieces.
func whole(t *testing.T, before, after map[string][]string) {
	t.Helper()
	for data := range before {
		if len(after[data]) == 0 {
			t.Errorf("%.6q is lost", data)
		}
	}
}

// A script that is killed at any moment and run again comes to the same end, and
// at no moment is a content gone.
func TestKilled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, a := range []script.Action{script.Trash, script.Move, script.Hardlink, "move to another disk"} {
		t.Run(string(a), func(t *testing.T) {
			w := newWorld(t, t.TempDir(), many(6, 20_000)...)
			to := ""
			switch a {
			case script.Move:
				to = filepath.Join(t.TempDir(), "to")
			case "move to another disk":
				to, a = filepath.Join(otherDisk(t, w.dir), "to"), script.Move
			}
			path := w.write(w.propose(report.Options{}, a), a, to)
			before := contents(t, w.dir)
			kills := 0
			for range 3 {
				c := w.command("sh", path, "--yes")
				c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
				must(t, c.Start())
				time.Sleep(time.Duration(5+random.IntN(60)) * time.Millisecond)
				_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // it may have ended
				if c.Wait() != nil {
					kills++
				}
				whole(t, before, contents(t, w.dir, w.home, to))
			}
			out, _ := w.run(path, "--yes")
			after := contents(t, w.dir)
			for data, paths := range before {
				want := 1
				if a == script.Hardlink {
					want = 2
				}
				if len(after[data]) != want {
					t.Errorf("%.6q is in %q, was in %q\n%s", data, after[data], paths, out)
				}
			}
			if left, _ := filepath.Glob(w.path("*/.dedupidx*")); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			t.Logf("killed %d times", kills)
			if a != script.Move {
				return
			}
			undo, _ := filepath.Glob(filepath.Join(to, "undo-*.sh"))
			if out, code := w.run(undo[0], "--yes"); code != 0 {
				t.Errorf("undo: code %d\n%s", code, out)
			}
			for data, paths := range contents(t, w.dir) {
				if len(paths) != len(before[data]) {
					t.Errorf("%.6q is in %q, was in %q", data, paths, before[data])
				}
			}
		})
	}
}

// A real full disk, where one may be made: a small file system in memory.
func TestTinyDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may mount one")
	}
	tiny := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "none", tiny).Run(); err != nil {
		t.Skipf("no small file system can be mounted: %v", err)
	}
	t.Cleanup(func() { _ = exec.Command("umount", tiny).Run() })
	w := newWorld(t, t.TempDir(), many(6, 60_000)...)
	path := w.write(w.propose(report.Options{}, script.Move), script.Move, filepath.Join(tiny, "to"))
	before := contents(t, w.dir)
	out, code := w.run(path, "--yes")
	if code != 3 || !strings.Contains(out, "is the disk full?") {
		t.Errorf("code %d\n%s", code, out)
	}
	whole(t, before, contents(t, w.dir, tiny))
	if n := len(tree(t, w.dir)) + len(tree(t, tiny)); n != 12 {
		t.Errorf("%d files, want 12", n)
	}
}

// A disk that takes a copy and keeps another: what was copied is compared before
// the first is removed. A cp that writes less than it says stands for it.
func TestBadCopy(t *testing.T) {
	w := newWorld(t, t.TempDir(), many(2, 100)...)
	to := filepath.Join(otherDisk(t, w.dir), "to")
	path := w.write(w.propose(report.Options{}, script.Move), script.Move, to)
	bin := t.TempDir()
	must(t, os.WriteFile(filepath.Join(bin, "cp"), []byte("#!/bin/sh\nhead -c 50 \"$3\" >\"$4\"\n"), 0o755))
	before := tree(t, w.dir)
	out, code := w.run("-c", `PATH=$1:$PATH exec sh "$0" --yes`, path, bin)
	if code != 3 || strings.Count(out, "it cannot be copied whole") != 2 {
		t.Errorf("code %d\n%s", code, out)
	}
	same(t, tree(t, w.dir), before)
	if n := len(tree(t, to)); n != 0 {
		t.Errorf("%d files left behind", n)
	}
}

// A run that was ended between copy and removal left a file at both places: the
// next one ends it. Another file at the new place is nobody's to touch.
func TestBothPlaces(t *testing.T) {
	w := newWorld(t, t.TempDir(), many(2, 100)...)
	to := filepath.Join(t.TempDir(), "to")
	path := w.write(w.propose(report.Options{}, script.Move), script.Move, to)
	must(t, os.MkdirAll(filepath.Join(to, w.dir, "it's"), 0o755))
	must(t, os.WriteFile(filepath.Join(to, w.dir, "it's/go 0"), []byte(w.groups[0][1].data), 0o644))
	must(t, os.WriteFile(filepath.Join(to, w.dir, "it's/go 1"), []byte("another"), 0o644))
	out, code := w.run(path, "--yes")
	if code != 3 || !strings.Contains(out, "1 done, 1 left alone") || !strings.Contains(out, "something is at its new place: "+w.path("it's/go 1")) {
		t.Errorf("code %d\n%s", code, out)
	}
	if !gone(w.path("it's/go 0")) || gone(w.path("it's/go 1")) {
		t.Error("the wrong one was moved")
	}
	if got := tree(t, filepath.Join(to, w.dir)); got["it's/go 0"] != w.groups[0][1].data || got["it's/go 1"] != "another" {
		t.Errorf("at the new place: %q", got)
	}
}
