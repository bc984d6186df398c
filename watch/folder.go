// What a walk finds: a folder, its files, and what it counts but does not report.

package watch

import "io/fs"

// Kind says how a file stands in its folder.
type Kind uint8

// The kinds of an Entry.
const (
	File       Kind = iota // a regular file under its own name
	LinkedFile             // a regular file reached through a symbolic link; stat is the file's
)

// Entry is a regular file in a folder.
type Entry struct {
	Name   string // last part of the path, any bytes but '/' and zero
	Size   int64  // bytes
	Mtime  int64  // last change of the bytes, ns since 1970
	Ctime  int64  // last change of the inode, ns since 1970; 0 where the system has none (Windows)
	Inode  uint64 // 0 where the system tells none at no cost (Windows)
	Device uint64 // st_dev; the volume's serial number on Windows; 0 where there is none
	Nlink  uint64 // number of hard links; 0 where unknown
	Kind   Kind
}

// Skipped counts what a folder holds that is no entry of it.
type Skipped struct {
	Excluded int // files and folders left out by a pattern
	Own      int // the index itself and the paths to skip
	Links    int // symbolic links: not followed, or leading nowhere
	Twice    int // files and folders that the walk reached before, under another path
	Pipes    int
	Sockets  int
	Devices  int
	Other    int // what the system calls irregular
	Vanished int // listed, but gone when asked for
}

// Folder is what a walk found in one folder. Its slices belong to who gets it.
type Folder struct {
	Path    string   // from the root, parts joined by '/'; "" is the root itself
	Files   []Entry  // byte order of names
	Folders []string // names of the folders in it that are not left out, byte order
	Device  uint64   // st_dev; 0 where there is none
	Inode   uint64   // 0 where there is none
	// Volume names the file system better than Device where the system can: a
	// number that outlives mounting and restart, 0 where there is none. It is
	// what Presence wants for a root and a mount point (see stat_linux.go).
	Volume  uint64
	Mount   bool // a mount point, or on another device than the folder above it
	Skipped Skipped
	// Err says why the folder could not be read, or not wholly. Nothing at or
	// below Path may then be taken as gone.
	Err error
}

// special counts what is neither file nor folder.
func (s *Skipped) special(mode fs.FileMode) {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		s.Pipes++
	case mode&fs.ModeSocket != 0:
		s.Sockets++
	case mode&fs.ModeDevice != 0:
		s.Devices++
	case mode&fs.ModeSymlink != 0:
		s.Links++
	default:
		s.Other++
	}
}
