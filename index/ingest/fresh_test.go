package ingest

import (
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// TestFresh is the specification of what is looked at, row by row.
func TestFresh(t *testing.T) {
	was := index.Stat{Size: 10, Mtime: 20, Ctime: 30, Inode: 40, Device: 50}
	row := func(change func(*index.File)) *index.File {
		f := &index.File{Stat: was, Content: 1, State: index.OK}
		if change != nil {
			change(f)
		}
		return f
	}
	seen := func(change func(*index.Stat)) index.Stat {
		s := was
		if change != nil {
			change(&s)
		}
		return s
	}
	for _, c := range []struct {
		name     string
		stored   *index.File
		seen     index.Stat
		outdated bool
		want     Need
	}{
		{"as it was", row(nil), was, false, Nothing},
		{"a new name", nil, was, false, Hash},
		{"another size", row(nil), seen(func(s *index.Stat) { s.Size++ }), false, Hash},
		{"another time", row(nil), seen(func(s *index.Stat) { s.Mtime++ }), false, Hash},
		{"another change of the inode", row(nil), seen(func(s *index.Stat) { s.Ctime++ }), false, Hash},
		{"another inode", row(nil), seen(func(s *index.Stat) { s.Inode++ }), false, Hash},
		{"a drive under another number", row(nil), seen(func(s *index.Stat) { s.Device++ }), false, Nothing},
		{"read within two seconds of its change", row(func(f *index.File) { f.Racy = true }), was, false, Hash},
		{"no picture", row(func(f *index.File) { f.State, f.Content = index.Other, 0 }), was, false, Nothing},
		{"could not be read", row(func(f *index.File) { f.State, f.Content = index.Failed, 0 }), was, false, Hash},
		{"could not be decoded", row(func(f *index.File) { f.State = index.Failed }), was, false, Nothing},
		{"could not be decoded by older decoders", row(func(f *index.File) { f.State = index.Failed }), was, true, Extract},
		{"features of an older stage", row(nil), was, true, Extract},
		{"changed, and features of an older stage", row(nil), seen(func(s *index.Stat) { s.Size++ }), true, Hash},
	} {
		if got := Fresh(c.stored, c.seen, c.outdated); got != c.want {
			t.Errorf("%s: need %v, want %v", c.name, got, c.want)
		}
	}
}

func TestKnown(t *testing.T) {
	row := &index.File{Content: 1, State: index.OK}
	unread := &index.File{State: index.Failed}
	for _, c := range []struct {
		name        string
		stored      *index.File
		same, known bool
		want        Reason
	}{
		{"a new name, new bytes", nil, false, false, New},
		{"a new name, known bytes", nil, false, true, Copied},
		{"a known name, its own bytes", row, true, true, Touched},
		{"a known name, new bytes", row, false, false, Changed},
		{"a known name, bytes of another", row, false, true, Copied},
		{"could be read at last", unread, false, false, Retried},
	} {
		if got := Known(c.stored, c.same, c.known); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestRacy(t *testing.T) {
	read := time.Unix(1000, 0)
	for _, c := range []struct {
		age  time.Duration
		want bool
	}{{0, true}, {1999 * time.Millisecond, true}, {2 * time.Second, false}, {time.Hour, false}, {-time.Hour, true}, {-23 * time.Hour, true}, {-25 * time.Hour, false}, {-80 * 365 * 24 * time.Hour, false}} {
		if got := Racy(read.Add(-c.age).UnixNano(), read); got != c.want {
			t.Errorf("modified %v before it was read: racy %v, want %v", c.age, got, c.want)
		}
	}
}
