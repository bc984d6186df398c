// The offline rule: what is missing, and may it be taken as gone?

package watch

import (
	"errors"
	"fmt"
	"io/fs"
)

// State of a root or of a mount point inside one.
type State uint8

// The states. Only below an Online place may what is missing be taken as gone.
const (
	Offline State = iota
	Online
)

// String is the state's name.
func (s State) String() string {
	if s == Online {
		return "online"
	}
	return "offline"
}

// Known is what the index remembers of a root, or of a mount point in one.
type Known struct {
	// Device where the place was last proven present; 0 for none: never walked,
	// or the system has no such number. Store and compare Folder.Volume; for
	// mount points known only from files' rows, Folder.Device.
	Device uint64
	// Knows says whether a name directly in the folder (of a file or of a
	// folder) was known. Nil knows none.
	Knows func(name string) bool
	// EverHeld is true when a file was ever known at or below the place.
	EverHeld bool
}

// Seen is what the place looks like now.
type Seen struct {
	Device uint64   // the same kind of number as Known.Device
	Names  []string // of files and folders directly in it
	Err    error    // why it could not be read; with Names: not wholly, and Names are judged
}

// Seen puts what a walk found in the form that Presence judges, by its Volume.
func (f Folder) Seen() Seen {
	seen := Seen{Device: f.Volume, Err: f.Err, Names: make([]string, 0, len(f.Files)+len(f.Folders))}
	seen.Names = append(seen.Names, f.Folders...)
	for _, file := range f.Files {
		seen.Names = append(seen.Names, file.Name)
	}
	return seen
}

// Look reads a root, or the folder at path in it, without walking. Names are
// those on the disk, excluded ones too. It reads the names alone.
func Look(root Root, path string) Seen {
	dir, err := openFolder(root.Abs(path), true)
	if err != nil {
		return Seen{Err: reason(err)}
	}
	defer dir.Close()
	at, err := statFolder(dir)
	if err != nil {
		return Seen{Err: reason(err)}
	}
	names, err := dir.Readdirnames(-1)
	seen := Seen{Device: volume(dir, at.device), Names: names}
	if err != nil {
		seen.Err = reason(err)
	}
	return seen
}

// Presence says whether a root, or a mount point in a root, is proven present,
// and why in words. It is the same device as stored and holds at least one name
// that was known; or it never held a file, so there is nothing to lose, and can
// be read. All else is offline: missing, empty, another device, unknown names.
//
// A mount point that held files is judged by the same rule, also when it no
// longer is one: its folder is then on the device around it, or missing.
//
// Where either device is 0, the names decide alone. They also do, in effect,
// between two NFS or FUSE mounts on Linux (see volume in stat_linux.go). On
// macOS, and for vfat, exfat and xfs on Linux, the number is that of the device
// file and may change when a removable disk is plugged in again: then the place
// is offline, nothing is lost, and the user says what holds. That errs to the
// safe side: another disk may hold the same names, as a backup does.
func Presence(known Known, seen Seen) (State, string) {
	switch unread := len(seen.Names) == 0 && seen.Err != nil; {
	case unread && errors.Is(seen.Err, fs.ErrNotExist):
		return Offline, "it is missing"
	case unread:
		return Offline, fmt.Sprintf("it cannot be read: %v", reason(seen.Err))
	case !known.EverHeld:
		return Online, "it is readable and never held a file"
	case len(seen.Names) == 0:
		return Offline, "it is empty, and held files before"
	}
	name, ok := firstKnown(known, seen)
	if known.Device != 0 && seen.Device != 0 && known.Device != seen.Device {
		if ok {
			return Offline, fmt.Sprintf("it is on another device than before, though it holds %q as before", name)
		}
		return Offline, "it is on another device than before"
	}
	if !ok {
		return Offline, "it holds no name that was known"
	}
	if known.Device == 0 || seen.Device == 0 {
		return Online, fmt.Sprintf("it holds %q as before; the device cannot be compared", name)
	}
	return Online, fmt.Sprintf("it is on the same device and holds %q as before", name)
}

func firstKnown(known Known, seen Seen) (string, bool) {
	if known.Knows == nil {
		return "", false
	}
	for _, name := range seen.Names {
		if known.Knows(name) {
			return name, true
		}
	}
	return "", false
}
