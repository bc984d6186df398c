package pipeline

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
)

// countOffline counts the files of a root that is offline.
func (w *walker) countOffline(ctx context.Context, root index.Root) error {
	for f, err := range w.x.Folders(ctx, root.ID) {
		if err != nil {
			return err
		}
		files, err := w.x.FilesIn(ctx, root.ID, f.Path)
		if err != nil {
			return err
		}
		w.offline(files...)
	}
	return nil
}

// offline counts the pictures among files that are not proven gone.
func (w *walker) offline(files ...index.File) {
	for _, f := range files {
		if f.State != index.Other {
			w.count(ingest.Offline)
		}
	}
}

// within tells whether a path lies at or below a folder, both relative to one root.
func within(path, folder string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}

func (w *walker) isProtected(root int64, path string) bool {
	return slices.ContainsFunc(w.protected[root], func(p string) bool { return within(path, p) })
}

// vanish decides about files that were there when their folder was walked, and no
// longer when a worker came: deleted meanwhile, or their disk was pulled out. So
// the root and each mount point above must be proven present once more.
func (w *walker) vanish(ctx context.Context, files []index.File) error {
	present := make(map[index.GoneFolder]bool) // roots and mount points that were asked
	for _, f := range files {
		online := false // where the walk of its root ended early
		proven := slices.Concat(w.whole, w.present)
		if i := slices.IndexFunc(proven, func(r index.Root) bool { return r.ID == f.Root }); i >= 0 {
			above, err := w.mountsAbove(ctx, proven[i], f.Folder)
			if err != nil {
				return err
			}
			online = true
			for _, m := range above {
				at := index.GoneFolder{Root: f.Root, Path: m.Path}
				if _, asked := present[at]; !asked {
					if present[at], err = w.isPresent(ctx, proven[i], m); err != nil {
						return err
					}
				}
				online = online && present[at]
			}
		}
		if online {
			w.gone = append(w.gone, f)
		} else {
			w.offline(f)
		}
	}
	return nil
}

// mountsAbove returns a root and the mount points between it and a folder.
func (w *walker) mountsAbove(ctx context.Context, root index.Root, folder string) ([]index.Folder, error) {
	out := []index.Folder{{Root: root.ID, Device: root.Device}}
	for f, err := range w.x.Folders(ctx, root.ID) {
		if err != nil {
			return nil, err
		}
		if f.Device != 0 && f.Path != "" && within(folder, f.Path) {
			out = append(out, f)
		}
	}
	return out, nil
}

// isPresent asks the disk about a root or mount point once more.
func (w *walker) isPresent(ctx context.Context, root index.Root, m index.Folder) (bool, error) {
	known, err := w.known(ctx, root, m.Path, m.Device)
	if err != nil {
		return false, err
	}
	online, _, why := w.disk.Presence(root.Path, m.Path, known)
	if !online {
		w.warn("%s went offline while it was scanned, what is known of it is kept: %s", filepath.Join(root.Path, filepath.FromSlash(m.Path)), why)
	}
	return online, nil
}

// remove takes the rows of what is gone out of the index, and writes the state of
// roots and mount points. A name that a file moved away from is part of the move
// and not counted as gone.
func (w *walker) remove(ctx context.Context, moved map[index.Place]bool) error {
	b := index.Batch{Folders: w.folders, Roots: w.roots}
	gone := func(f index.File) {
		if f.State != index.Other && !moved[f.Place] {
			w.count(ingest.Gone)
		}
	}
	for _, f := range w.gone {
		gone(f)
		b.Gone = append(b.Gone, f.Place)
	}
	for _, folder := range w.below {
		at := []string{folder.Path}
		if w.isForgot(folder.Root) {
			at = nil
			for f, err := range w.x.Folders(ctx, folder.Root) {
				if err != nil {
					return err
				}
				at = append(at, f.Path)
			}
		}
		// A folder that is gone goes with all below it, but not with a mount point that is offline.
		whole := !slices.ContainsFunc(w.protected[folder.Root], func(p string) bool { return within(p, folder.Path) })
		for _, path := range at {
			files, err := w.x.FilesIn(ctx, folder.Root, path)
			if err != nil {
				return err
			}
			for _, f := range files {
				gone(f)
				if !whole {
					b.Gone = append(b.Gone, f.Place)
				}
			}
		}
		if whole {
			b.GoneFolders = append(b.GoneFolders, folder)
		}
	}
	if err := w.x.Write(ctx, b); err != nil {
		return err
	}
	for _, r := range w.forgot {
		if err := w.x.RemoveRoot(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) isForgot(root int64) bool {
	return slices.ContainsFunc(w.forgot, func(r index.Root) bool { return r.ID == root })
}

// endJobs takes off the queue what waited in the folders that were walked to
// their end: all of it was looked at now, but what changed once more.
func (w *walker) endJobs(ctx context.Context, due []index.Job, again map[string]bool) error {
	for _, j := range due {
		walked := slices.ContainsFunc(w.whole, func(r index.Root) bool {
			return strings.HasPrefix(j.Path, strings.TrimSuffix(r.Path, string(filepath.Separator))+string(filepath.Separator))
		})
		if walked && !again[j.Path] {
			if err := w.x.DoneJob(ctx, j.Path); err != nil {
				return err
			}
		}
	}
	return nil
}
