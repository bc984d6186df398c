// The walk of a part: what a Due asks for.

package watch

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// Part is a part of a root: a folder alone, some names in it, or with Deep the
// folder and all below it.
type Part struct {
	Folder string   // path from the root, parts joined by '/'; "" is the root itself
	Names  []string // nil: all; not with Deep
	Deep   bool
}

// WalkFolder calls visit for one folder of a root and, with part.Deep, for each
// folder below it, as Walk does: the same order, the same rules, the same
// errors. With part.Names the others in the folder are neither visited nor asked
// for more than their names. Nothing is visited when the folder is not there, is
// left out by a pattern, or lies behind a symbolic link that is not followed:
// then nothing of it belongs into the index. Nil says that the root is there, and the mount
// points that were visited; whether a mount point between the two is, Presence
// says.
//
// With opts.Follow the first path of a file depends on the whole walk. A
// Watcher that follows links therefore asks for whole roots.
func WalkFolder(ctx context.Context, root Root, part Part, opts Options, visit func(Folder) error) error {
	folder := part.Folder
	w := newWalk(root, opts)
	w.shallow = !part.Deep
	if part.Names != nil && !part.Deep {
		w.only = make(map[string]bool, len(part.Names))
		for _, name := range part.Names {
			w.only[name] = true
		}
	}
	start := dueFolder{path: folder, linked: folder == "" || opts.Follow}
	if folder == "" {
		start.parent = deviceAbove(root.Path)
		w.due = pending{start}
		return w.run(ctx, visit)
	}
	at, err := w.anchorRoot()
	if err != nil {
		return visit(Folder{Path: folder, Err: fmt.Errorf("read folder %s: %w", root.Path, reason(err))})
	}
	start.parent, start.volume = at.parent, at.volume
	if _, out := w.excludes.Excluded(folder, true); out {
		return w.stillThere()
	}
	if holder := above(folder); holder != "" {
		parent, err := w.enterHolder(holder)
		switch {
		case err == nil:
			start.parent, start.volume = parent.parent, parent.volume
		case vanished(err):
			return w.stillThere()
		default:
			return visit(Folder{Path: folder, Err: fmt.Errorf("read folder %s: %w", root.Abs(holder), reason(err))})
		}
	}
	w.due = pending{start}
	return w.run(ctx, visit)
}

// anchorRoot notes which folder the root is, so that the end of the walk can
// tell whether it still is.
func (w *walk) anchorRoot() (dueFolder, error) {
	dir, err := openFolder(w.root.Path, true)
	if err != nil {
		return dueFolder{}, err
	}
	defer dir.Close()
	at, err := statFolder(dir)
	if err != nil {
		return dueFolder{}, err
	}
	w.mounts = append(w.mounts, anchor{w.root.Path, identify(at.device, at.inode, w.root.Path)})
	return dueFolder{parent: at.device, volume: volume(dir, at.device)}, nil
}

// enterHolder asks the folder above the one to walk for its device. A link on
// the way that is not followed is an error that says that nothing is there.
func (w *walk) enterHolder(holder string) (dueFolder, error) {
	for end := 0; end < len(holder) && !w.follow; end++ {
		if i := strings.IndexByte(holder[end:], '/'); i >= 0 {
			end += i
		} else {
			end = len(holder)
		}
		info, err := os.Lstat(w.root.Abs(holder[:end]))
		if err != nil {
			return dueFolder{}, err
		}
		if isLink(info.Mode()) {
			return dueFolder{}, syscall.ELOOP
		}
	}
	dir, err := openFolder(w.root.Abs(holder), w.follow)
	if err != nil {
		return dueFolder{}, err
	}
	defer dir.Close()
	at, err := statFolder(dir)
	if err != nil {
		return dueFolder{}, err
	}
	return dueFolder{parent: at.device, volume: volume(dir, at.device)}, nil
}
