package pipeline

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
)

// known gathers what the index remembers of the names in a folder.
func (w *walker) known(ctx context.Context, root index.Root, path string, device uint64) (Known, error) {
	held, err := w.x.HoldsFiles(ctx, root.ID, path)
	if err != nil {
		return Known{}, err
	}
	for f, err := range w.x.FoldersBelow(ctx, root.ID, path) {
		if err != nil {
			return Known{}, err
		}
		if held = held || f.Path != path; held {
			break
		}
	}
	left := renamedAsked
	// A file of that name is known, or a folder, or one in it. What cannot be asked
	// is not taken for strange.
	knows := func(name string) bool {
		files, err := w.x.FilesNamed(ctx, root.ID, path, []string{name})
		if err != nil || len(files) > 0 {
			return true
		}
		place := strings.TrimPrefix(path+"/"+name, "/")
		for range w.x.FoldersBelow(ctx, root.ID, place) {
			return true
		}
		return w.renamed(ctx, root, place, &left)
	}
	return Known{Device: device, Knows: knows, EverHeld: held}, nil
}

// renamedAsked is how many files are asked for by their inode before a place is taken
// for a strange one. Where all were renamed the first tells.
const renamedAsked = 1000

// renamed tells whether a file of the root is at a place under a new name, or lies in
// a folder that is there under a new name: who renames all of a folder at once has not
// put another disk in its place. The inode alone would not do, for each disk has one of
// each number; size and time to the nanosecond go with it.
func (w *walker) renamed(ctx context.Context, root index.Root, place string, left *int) bool {
	is := func(seen index.Stat) bool {
		if seen.Inode == 0 || *left == 0 {
			return false
		}
		*left--
		files, err := w.x.FilesByInode(ctx, seen.Inode, seen.Device)
		return err == nil && slices.ContainsFunc(files, func(f index.File) bool {
			return f.Root == root.ID && f.Size == seen.Size && f.Mtime == seen.Mtime
		})
	}
	seen, err := w.disk.Stat(filepath.Join(root.Path, filepath.FromSlash(place)))
	if err != nil {
		return false
	}
	found := is(seen)
	if found || *left == 0 {
		return found
	}
	_ = w.disk.WalkFolder(ctx, Place{Root: root.Path, Folder: place}, func(f Folder) error { // no folder, or not to be read: it proves nothing
		found = slices.ContainsFunc(f.Files, func(e Entry) bool { return is(e.Stat) })
		return nil
	})
	return found
}
