// What a walk reached before: the end of loops, and of files seen twice.

package watch

import (
	"os"
	"path/filepath"
)

// Reached remembers the folders and linked files of walks that follow symbolic
// links. The zero value is empty and ready. It is not safe for use by several
// goroutines.
type Reached struct {
	folders map[identity]struct{}
	links   map[realName]struct{}
}

// identity tells folders apart: device and inode, or where there is no inode
// the path with all links resolved.
type identity struct {
	device, inode uint64
	path          string
}

func identify(device, inode uint64, abs string) identity {
	if inode != 0 {
		return identity{device: device, inode: inode}
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	return identity{path: abs}
}

// realName is a file's own name in its own folder. Device and inode of the file
// would not do: hard links share them, and they are separate names.
type realName struct {
	folder identity
	name   string
}

// enter is true at the first call for a folder.
func (r *Reached) enter(id identity) bool {
	if _, ok := r.folders[id]; ok {
		return false
	}
	if r.folders == nil {
		r.folders = map[identity]struct{}{}
	}
	r.folders[id] = struct{}{}
	return true
}

// follow is true when the file behind a link was not reached before, and notes
// it. The link is called name and lies in folder here, which is being read in
// byte order: names before it were reached, names after it were not.
func (r *Reached) follow(here identity, name, abs string) (bool, error) {
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return false, err
	}
	id, err := identifyFolder(filepath.Dir(real))
	if err != nil {
		return false, err
	}
	target := realName{id, filepath.Base(real)}
	if _, ok := r.links[target]; ok {
		return false, nil
	}
	if _, ok := r.folders[id]; ok && (id != here || target.name < name) {
		return false, nil
	}
	if r.links == nil {
		r.links = map[realName]struct{}{}
	}
	r.links[target] = struct{}{}
	return true, nil
}

// linked is true when the file of this name was reached through a link before.
func (r *Reached) linked(folder identity, name string) bool {
	_, ok := r.links[realName{folder, name}]
	return ok
}

// own is what a walk must never report: the index, and paths named to skip.
// They are known by the folder they lie in and their name, since SQLite makes
// and removes files beside the database at any time, and by their inode, since
// they may have other names.
type own struct {
	names map[realName]struct{}
	files map[[2]uint64]struct{}
}

// besideIndex are the endings of the files that SQLite's journals and our lock
// put next to the database.
var besideIndex = [...]string{"", "-wal", "-shm", "-journal", ".lock"}

func findOwn(opts Options) own {
	o := own{names: map[realName]struct{}{}, files: map[[2]uint64]struct{}{}}
	if opts.Index != "" {
		for _, ending := range besideIndex {
			o.add(opts.Index + ending)
		}
		// Opened through a link, SQLite puts its files beside the link's target.
		if real, err := filepath.EvalSymlinks(opts.Index); err == nil && real != opts.Index {
			for _, ending := range besideIndex {
				o.add(real + ending)
			}
		}
	}
	for _, path := range opts.Skip {
		o.add(path)
	}
	return o
}

func (o *own) add(path string) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return // no working folder: nothing relative can be found in a walk either
	}
	if id, err := identifyFolder(filepath.Dir(abs)); err == nil {
		o.names[realName{id, filepath.Base(abs)}] = struct{}{}
	}
	if info, err := os.Stat(abs); err == nil && info.Mode().IsRegular() {
		if device, inode := infoIdentity(info); inode != 0 {
			o.files[[2]uint64{device, inode}] = struct{}{}
		}
	}
}

func (o *own) name(folder identity, name string) bool {
	if len(o.names) == 0 {
		return false
	}
	_, ok := o.names[realName{folder, name}]
	return ok
}

func (o *own) file(device, inode uint64) bool {
	if inode == 0 || len(o.files) == 0 {
		return false
	}
	_, ok := o.files[[2]uint64{device, inode}]
	return ok
}
