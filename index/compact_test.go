package index

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"
)

// pruned is an index of 90 photos in several runs, of which 30 were forgotten.
func pruned(t testing.TB) *Index {
	t.Helper()
	ctx := t.Context()
	x := withRoot(t, manyPhotos(1, 30))
	for seed := uint64(2); seed < 6; seed++ {
		must(t, x.Write(ctx, manyPhotos(seed, 15)))
	}
	must(t, x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, "folder 1"}}}))
	got(x.Prune(ctx, today, map[string]int{"local": 1}))(t)
	calm(t, x)
	return x
}

// lookedUp is what a look-up of some keys finds of contents that are there.
func lookedUp(t testing.TB, x *Index) []posting {
	t.Helper()
	var keys []uint32
	for k := uint32(0); k < 1<<20; k += 100 {
		keys = append(keys, k)
	}
	return slices.DeleteFunc(lookup(t, x, "local", 1, keys...), func(p posting) bool { return p.Content <= 30 })
}

func TestCompact(t *testing.T) {
	ctx := t.Context()
	x := pruned(t)
	before := lookedUp(t, x)
	if len(before) == 0 {
		t.Fatal("nothing is found before")
	}
	entries := number(t, x, "SELECT sum(entries) FROM posting_run")
	c := got(x.Compact(ctx))(t)
	left := number(t, x, "SELECT sum(entries) FROM posting_run")
	if c.RunsBefore != 2 || c.RunsAfter != 1 || c.Postings != entries-left || c.Postings < 2900 || c.Waits {
		t.Errorf("%+v, of %d postings %d are left", c, entries, left)
	}
	info, err := os.Stat(x.Path())
	must(t, err)
	if c.After != info.Size() || c.After*10 > c.Before*8 {
		t.Errorf("%d bytes before, %d after; the file has %d", c.Before, c.After, info.Size())
	}
	if h := got(x.Check(ctx, map[string]int{"local": 1}, false))(t); len(h.Troubles) > 0 {
		t.Errorf("troubles %q", h.Troubles)
	}
	if after := lookedUp(t, x); !reflect.DeepEqual(after, before) {
		t.Errorf("%d postings are found, before %d, or others", len(after), len(before))
	}
	commits := x.Commits()
	if again := got(x.Compact(ctx))(t); again.Postings != 0 || again.RunsAfter != 1 || x.Commits() != commits {
		t.Errorf("compacted again: %+v with %d commits", again, x.Commits()-commits)
	}
	must(t, x.Write(ctx, Batch{GoneFolders: []GoneFolder{{1, "folder 2"}}}))
	got(x.Prune(ctx, today, map[string]int{"local": 1}))(t)
	if once := got(x.Compact(ctx))(t); once.RunsBefore != 1 || once.Postings < 1400 {
		t.Errorf("one run that names what is gone: %+v", once)
	}
}

// A reader keeps the file as large as it was, and is not disturbed.
func TestCompactBesideAReader(t *testing.T) {
	ctx := t.Context()
	x := pruned(t)
	r, err := OpenReader(ctx, x.Path())
	must(t, err)
	defer r.Close()
	tx, err := r.snapshot(ctx)
	must(t, err)
	var n int64
	must(t, tx.QueryRowContext(ctx, "SELECT count(*) FROM content").Scan(&n))
	_, err = x.writer.ExecContext(ctx, "PRAGMA busy_timeout = 50")
	must(t, err)
	if c := got(x.Compact(ctx))(t); !c.Waits || c.After <= c.Before/2 {
		t.Errorf("beside a reader: %+v", c)
	}
	must(t, tx.QueryRowContext(ctx, "SELECT count(*) FROM content").Scan(&n))
	must(t, tx.Rollback())
	if n != 60 {
		t.Errorf("the reader sees %d contents", n)
	}
	if _, err := r.Compact(ctx); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a reader compacts: %v", err)
	}
}

// Stopped, the index stays as it was.
func TestCompactStops(t *testing.T) {
	x := pruned(t)
	before := lookedUp(t, x)
	for left := int64(1); left < 120; left += 50 { // at another statement each time
		ctx, cancel := context.WithCancel(t.Context())
		counted := &countdown{Context: ctx, cancel: cancel}
		counted.left.Store(left)
		_, err := x.Compact(counted)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %d: %v", left, err)
		}
		if left == 1 && err == nil {
			t.Error("it cannot be cancelled")
		}
		if after := lookedUp(t, x); !reflect.DeepEqual(after, before) {
			t.Errorf("cancelled at %d: %d postings are found, before %d", left, len(after), len(before))
		}
	}
	intact(t, x.writer)
}
