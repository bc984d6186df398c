package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func knows(names ...string) func(string) bool {
	return func(name string) bool {
		for _, n := range names {
			if n == name {
				return true
			}
		}
		return false
	}
}

// The table is the specification of the offline rule.
func TestPresence(t *testing.T) {
	held := Known{Device: 7, Knows: knows("a.jpg", "2024"), EverHeld: true}
	noDevice := Known{Knows: knows("a.jpg"), EverHeld: true}
	fresh := Known{Device: 7}
	tests := []struct {
		name   string
		known  Known
		seen   Seen
		want   State
		reason string
	}{
		{"as it was", held, Seen{Device: 7, Names: []string{"a.jpg", "b.jpg"}}, Online, `same device and holds "a.jpg"`},
		{"one known folder is enough", held, Seen{Device: 7, Names: []string{"x", "2024"}}, Online, `"2024"`},
		{"empty", held, Seen{Device: 7}, Offline, "empty"},
		{"empty on another device", held, Seen{Device: 8}, Offline, "empty"},
		{"missing", held, Seen{Err: fs.ErrNotExist}, Offline, "missing"},
		{"may not be read", held, Seen{Device: 7, Err: fs.ErrPermission}, Offline, "permission"},
		{"breaks on reading", held, Seen{Device: 7, Err: syscall.EIO}, Offline, syscall.EIO.Error()},
		{"read in part", held, Seen{Device: 7, Err: syscall.EIO, Names: []string{"a.jpg"}}, Online, "same device"},
		{"only strange names", held, Seen{Device: 7, Names: []string{"z.jpg"}}, Offline, "no name that was known"},
		{"another device", held, Seen{Device: 8, Names: []string{"z.jpg"}}, Offline, "another device"},
		{"another device, known names", held, Seen{Device: 8, Names: []string{"a.jpg"}}, Offline, `another device than before, though it holds "a.jpg"`},
		{"no device stored", noDevice, Seen{Device: 8, Names: []string{"a.jpg"}}, Online, "cannot be compared"},
		{"no device seen", held, Seen{Names: []string{"a.jpg"}}, Online, "cannot be compared"},
		{"no device, strange names", noDevice, Seen{Names: []string{"z.jpg"}}, Offline, "no name"},
		{"never held, empty", fresh, Seen{Device: 7}, Online, "never held"},
		{"never held, files now", fresh, Seen{Device: 7, Names: []string{"z"}}, Online, "never held"},
		{"never held, now mounted", fresh, Seen{Device: 8, Names: []string{"z"}}, Online, "never held"},
		{"never held, missing", fresh, Seen{Err: fs.ErrNotExist}, Offline, "missing"},
		{"never held, unreadable", fresh, Seen{Err: fs.ErrPermission}, Offline, "permission"},
		{"held, names unknown", Known{Device: 7, EverHeld: true}, Seen{Device: 7, Names: []string{"z"}}, Offline, "no name"},
	}
	for _, tt := range tests {
		got, reason := Presence(tt.known, tt.seen)
		if got != tt.want || !strings.Contains(reason, tt.reason) {
			t.Errorf("%s: %s because %s; want %s, %q", tt.name, got, reason, tt.want, tt.reason)
		}
	}
}

func TestPresenceOnDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "root")
	plant(t, dir, "a.jpg", "sub/b.jpg")
	root := rootAt(t, dir)
	top := walkAll(t, root, Options{})[0]
	known := Known{Device: top.Volume, Knows: knows("sub"), EverHeld: true}
	judge := func(what string, seen Seen, want State) {
		t.Helper()
		if got, reason := Presence(known, seen); got != want {
			t.Errorf("%s: %s because %s, want %s", what, got, reason, want)
		}
	}
	judge("as walked", top.Seen(), Online)
	judge("as looked at", Look(root, ""), Online)
	must(t, os.RemoveAll(filepath.Join(dir, "sub")))
	judge("without the known name", Look(root, ""), Offline)
	must(t, os.Remove(filepath.Join(dir, "a.jpg")))
	judge("emptied", Look(root, ""), Offline)
	judge("emptied, walked", walkAll(t, root, Options{})[0].Seen(), Offline)
	must(t, os.Remove(dir))
	judge("missing", Look(root, ""), Offline)
	judge("missing, walked", walkAll(t, root, Options{})[0].Seen(), Offline)
	plant(t, filepath.Dir(dir), "root")
	judge("a file in its place", Look(root, ""), Offline)
}
