package pipeline

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
)

// Place is a folder of a root to look at again.
type Place struct {
	Root   string   // full path of the root
	Folder string   // relative to the root; empty for the root itself
	Names  []string // that may have changed in it, and are looked at alone; nil: all. A name may be of a folder that went
	Deep   bool     // all below it, too
}

// Arrival is a file that came or changed while the index was updated.
type Arrival struct {
	Path string
	Hash index.Hash
}

// Update brings the index up to date with some places of its roots, as Scan does
// with whole roots: what the disk holds there is what counts, not what a watcher
// heard. It also returns the pictures that came or changed.
func Update(ctx context.Context, x *index.Index, disk Disk, places []Place, o Options) (Summary, []Arrival, error) {
	r, err := newRun(ctx, x, disk, o)
	if err != nil {
		return Summary{}, nil, err
	}
	roots, err := x.Roots(ctx)
	if err != nil {
		return Summary{}, nil, err
	}
	var arrived []Arrival
	r.arrived = func(a Arrival) { arrived = append(arrived, a) }
	sum, err := r.steps(ctx, nil, func(ctx context.Context, w *walker) error {
		for _, p := range places {
			i := slices.IndexFunc(roots, func(r index.Root) bool { return r.Path == p.Root })
			if i < 0 {
				continue // the root was removed meanwhile
			}
			if err := w.look(ctx, roots[i], p); err != nil {
				return err
			}
		}
		w.onceEach()
		return w.proveAbsence(ctx, roots)
	})
	return sum, arrived, err
}

// look compares one place with what is stored of it.
func (w *walker) look(ctx context.Context, root index.Root, p Place) error {
	if w.met == nil {
		w.met = make(map[int64]bool)
	}
	w.met[root.ID] = true
	switch back, err := w.isBack(ctx, root); {
	case err != nil:
		return err
	case w.isWhole(root.ID):
		return nil
	case back, p.Folder == "" && p.Deep:
		return w.root(ctx, root)
	}
	v := visit{walker: w, root: root}
	if p.Deep {
		return v.deep(ctx, p.Folder)
	}
	return v.shallow(ctx, p)
}

// isBack tells whether a root that is known as offline is proven present by now. Then
// all of it is looked at: what went before it was away is told by nobody any more.
func (w *walker) isBack(ctx context.Context, root index.Root) (bool, error) {
	if root.State != index.Offline || w.isWhole(root.ID) {
		return false, nil
	}
	known, err := w.known(ctx, root, "", root.Device)
	if err != nil {
		return false, err
	}
	online, _, _ := w.disk.Presence(root.Path, "", known)
	return online, nil
}

// isWhole tells whether all of a root was looked at.
func (w *walker) isWhole(root int64) bool {
	return slices.ContainsFunc(w.whole, func(r index.Root) bool { return r.ID == root })
}

// deep walks a folder and all below it beside its stored rows.
func (v *visit) deep(ctx context.Context, folder string) error {
	next, stop := iter.Pull2(v.x.FoldersBelow(ctx, v.root.ID, folder))
	defer stop()
	v.stored = next
	if err := v.advance(); err != nil {
		return err
	}
	_, err := v.along(ctx, func(visit func(Folder) error) error {
		return v.disk.WalkFolder(ctx, Place{Root: v.root.Path, Folder: folder, Deep: true}, visit)
	})
	return err
}

// shallow compares one folder with its rows, without what is below it but for
// folders that went.
func (v *visit) shallow(ctx context.Context, p Place) error {
	v.only = p.Names
	var seen *Folder
	var broken error
	err := v.disk.WalkFolder(ctx, p, func(f Folder) error {
		seen = &f
		var row *index.Folder
		for known, err := range v.x.FoldersBelow(ctx, v.root.ID, p.Folder) {
			if err == nil && known.Path == p.Folder {
				row = &known
			}
			broken = err
			break
		}
		if broken == nil {
			broken = v.compare(ctx, f, row)
		}
		return broken
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case broken != nil:
		return broken
	case err != nil:
		v.endedEarly(err)
		return nil
	}
	if seen == nil || p.Names == nil {
		return v.missingBelow(ctx, p.Folder, seen)
	}
	for _, name := range p.Names {
		if !slices.Contains(seen.Folders, name) {
			if err := v.missingBelow(ctx, strings.TrimPrefix(p.Folder+"/"+name, "/"), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// missingBelow takes a stored folder and those below it as missing, but for the
// folder itself and what is at and below the folders that were seen in it.
func (v *visit) missingBelow(ctx context.Context, folder string, seen *Folder) error {
	for known, err := range v.x.FoldersBelow(ctx, v.root.ID, folder) {
		if err != nil {
			return err
		}
		if seen != nil {
			rest := strings.TrimPrefix(strings.TrimPrefix(known.Path, folder), "/")
			name, _, _ := strings.Cut(rest, "/")
			if known.Path == folder || slices.Contains(seen.Folders, name) {
				continue
			}
		}
		if err := v.missing(ctx, known); err != nil {
			return err
		}
	}
	return nil
}

// onceEach makes one of what several looks at one folder took for gone.
func (w *walker) onceEach() {
	below := make(map[index.GoneFolder]bool, len(w.below))
	w.below = slices.DeleteFunc(w.below, func(f index.GoneFolder) bool {
		again := below[f]
		below[f] = true
		return again
	})
	gone := make(map[index.Place]bool, len(w.gone))
	w.gone = slices.DeleteFunc(w.gone, func(f index.File) bool {
		again := gone[f.Place]
		gone[f.Place] = true
		return again
	})
}

// proveAbsence asks, where something is to be removed, whether its root and the
// mount points above it are present. Where one is not, nothing is removed.
func (w *walker) proveAbsence(ctx context.Context, roots []index.Root) error {
	for _, root := range roots {
		if w.isWhole(root.ID) || !w.met[root.ID] || w.isForgot(root.ID) {
			continue
		}
		removes := w.removes(root.ID)
		known, err := w.known(ctx, root, "", root.Device)
		if err != nil {
			return err
		}
		online, device, why := w.disk.Presence(root.Path, "", known)
		switch {
		case !online && removes:
			w.keep(root.ID)
			if err := w.absent(ctx, emptied{root, why, false}, device); err != nil {
				return err
			}
		case online:
			w.present = append(w.present, root)
			if removes {
				if err := w.proveMounts(ctx, root); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (w *walker) removes(root int64) bool {
	return slices.ContainsFunc(w.gone, func(f index.File) bool { return f.Root == root }) ||
		slices.ContainsFunc(w.below, func(f index.GoneFolder) bool { return f.Root == root })
}

// proveMounts takes back what went at or below a mount point that is offline. A
// walk of the whole root meets the mount point before what lies below it; a look
// at a folder below it does not meet it at all.
func (w *walker) proveMounts(ctx context.Context, root index.Root) error {
	v := visit{walker: w, root: root}
	for f, err := range w.x.Folders(ctx, root.ID) {
		if err != nil {
			return err
		}
		if f.Device == 0 || f.Path == "" || w.isProtected(root.ID, f.Path) {
			continue
		}
		concerned := slices.ContainsFunc(w.gone, func(g index.File) bool { return g.Root == root.ID && within(g.Folder, f.Path) }) ||
			slices.ContainsFunc(w.below, func(g index.GoneFolder) bool { return g.Root == root.ID && within(g.Path, f.Path) })
		if concerned {
			if _, err := v.mountOffline(ctx, f); err != nil {
				return err
			}
		}
	}
	w.gone = slices.DeleteFunc(w.gone, func(f index.File) bool {
		return f.Root == root.ID && w.isProtected(root.ID, f.Folder)
	})
	w.below = slices.DeleteFunc(w.below, func(f index.GoneFolder) bool {
		return f.Root == root.ID && w.isProtected(root.ID, f.Path)
	})
	return nil
}
