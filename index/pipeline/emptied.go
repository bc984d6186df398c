package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/dedupidx/dedupidx/index"
)

// emptied is a root that is not proven present though its folder is there, on the
// device that it was on: no name in it was known. Either its files were taken elsewhere,
// as one sorts a folder of imports into a library, or something else stands in its place.
type emptied struct {
	root   index.Root
	why    string
	counts bool // its files are counted as offline if they are
}

// absent handles a root that is not proven present: what is known of it is kept. Of one
// that may have been emptied, [walker.settleEmptied] decides when all was looked at.
func (w *walker) absent(ctx context.Context, e emptied, device uint64) error {
	if slices.ContainsFunc(w.emptied, func(o emptied) bool { return o.root.ID == e.root.ID }) {
		return nil
	}
	if _, err := w.disk.Stat(e.root.Path); err == nil && device != 0 && device == e.root.Device {
		w.emptied = append(w.emptied, e)
		return nil
	}
	return w.away(ctx, e)
}

// away tells that a root is offline.
func (w *walker) away(ctx context.Context, e emptied) error {
	w.warn("%s is offline, what is known of it is kept: %s (`--forget %s` says that what is missing is gone for good)", e.root.Path, e.why, e.root.Path)
	if e.root.State != index.Offline { // no copy may go for the sake of a file in it
		e.root.State = index.Offline
		w.roots = append(w.roots, e.root)
	}
	if !e.counts {
		return nil
	}
	return w.countOffline(ctx, e.root)
}

// settleEmptied decides about the emptied roots, once it is known which files moved. A
// file that was met elsewhere, by its inode on the same device, proves that the disk of
// its root is at hand; what is missing there is gone then.
func (w *walker) settleEmptied(ctx context.Context, moved map[index.Place]bool) error {
	for _, e := range w.emptied {
		left := false
		for place := range moved {
			left = left || place.Root == e.root.ID
		}
		if !left {
			if err := w.away(ctx, e); err != nil {
				return err
			}
			continue
		}
		if e.root.State != index.Online {
			e.root.State = index.Online
			w.roots = append(w.roots, e.root)
		}
		if err := w.leave(ctx, e.root); err != nil {
			return err
		}
	}
	return nil
}

// leave takes what is missing in a root as gone, but for what lies on other disks in it.
func (w *walker) leave(ctx context.Context, root index.Root) error {
	v := visit{walker: w, root: root}
	isGone := func(place index.Place) bool {
		_, err := w.disk.Stat(v.full(place))
		return errors.Is(err, fs.ErrNotExist)
	}
	for f, err := range w.x.Folders(ctx, root.ID) {
		if err != nil {
			return err
		}
		if f.Device != 0 && f.Path != "" {
			v.protect(f.Path)
		}
		if w.isProtected(root.ID, f.Path) {
			continue
		}
		if _, err := w.disk.Stat(filepath.Join(root.Path, filepath.FromSlash(f.Path))); errors.Is(err, fs.ErrNotExist) {
			w.below = append(w.below, index.GoneFolder{Root: root.ID, Path: f.Path})
			continue
		}
		files, err := w.x.FilesIn(ctx, root.ID, f.Path)
		if err != nil {
			return err
		}
		for _, file := range files {
			if isGone(file.Place) {
				w.gone = append(w.gone, file)
			}
		}
	}
	return nil
}
