package index

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A copy made while another goroutine commits is the index of one moment, sound, and can be written to.
func TestBackupBesideAWriter(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, manyPhotos(1, 100))
	r, err := OpenReader(ctx, x.Path()) // as another process would
	must(t, err)
	defer r.Close()
	folder := t.TempDir()
	path := filepath.Join(folder, "copy of 100%?.db")
	at := uint64(2)
	var seen []int64
	must(t, r.backup(ctx, path, 15, func(done, total int64) {
		must(t, x.Write(ctx, manyPhotos(at, 2))) // between two steps
		at++
		seen = append(seen, total)
		if done > total || done <= 0 {
			t.Errorf("%d of %d bytes", done, total)
		}
	}))
	if len(seen) < 5 {
		t.Errorf("%d steps", len(seen))
	}
	if slices.Min(seen) != slices.Max(seen) {
		t.Errorf("it began again, or grew: %v", seen)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("beside the copy: %v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	y, err := Open(ctx, path)
	must(t, err)
	defer y.Close()
	if h := got(y.Check(ctx, map[string]int{"local": 1}, false))(t); len(h.Troubles) > 0 {
		t.Errorf("the copy: %q", h.Troubles)
	}
	if n := number(t, y, "SELECT count(*) FROM content"); n != 100 {
		t.Errorf("the copy has %d contents, want the 100 of its moment", n)
	}
	must(t, y.Write(ctx, manyPhotos(99, 2)))
	if n := number(t, x, "SELECT count(*) FROM content"); n != int64(100+2*(at-2)) {
		t.Errorf("the writer has %d contents", n)
	}
	must(t, x.Backup(ctx, filepath.Join(folder, "second.db"), nil)) // by the writer itself
}

func TestBackupReplacesNothing(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, twoPhotos())
	folder := t.TempDir()
	there := filepath.Join(folder, "photo.jpg")
	must(t, os.WriteFile(there, []byte("mine"), 0o644))
	for _, path := range []string{there, folder, x.Path(), x.Path() + "-wal", x.Path() + "-journal", x.Path() + ".lock"} {
		if err := x.Backup(ctx, path, nil); !errors.Is(err, ErrExists) {
			t.Errorf("%s: %v, want ErrExists", path, err)
		}
	}
	if b, err := os.ReadFile(there); string(b) != "mine" {
		t.Errorf("the file is %q, %v", b, err)
	}
	if err := x.Backup(ctx, filepath.Join(folder, "nowhere", "b.db"), nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "back up index to ") {
		t.Errorf("in no folder: %v", err)
	}
	// Whoever comes while it is copied stays as well.
	late := filepath.Join(folder, "late")
	err := x.Backup(ctx, late, func(done, total int64) { must(t, os.WriteFile(late, []byte("mine"), 0o644)) })
	if b, _ := os.ReadFile(late); !errors.Is(err, ErrExists) || string(b) != "mine" {
		t.Errorf("%v, and the file is %q", err, b)
	}
	cancelled, cancel := context.WithCancel(ctx)
	err = x.backup(cancelled, filepath.Join(folder, "b.db"), 1, func(int64, int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 2 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}
