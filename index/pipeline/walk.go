package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
)

// walker compares what is on the disk with what is stored, folder by folder, and
// hands on the files that must be looked at. What is not seen it remembers, and
// removes when all roots were walked, where their absence is proven.
type walker struct {
	*run
	outdated map[int64]bool
	jobs     chan ingest.File

	folders   []index.FolderWrite // rows that differ from the disk
	roots     []index.Root        // rows that differ from the disk
	whole     []index.Root        // walked to their end
	met       map[int64]bool      // roots of which a part was looked at
	present   []index.Root        // those of them that are proven present
	forgot    []index.Root        // missing, and the user says for good
	emptied   []emptied           // without a name that was known
	gone      []index.File        // rows of names that are no longer in their folder
	below     []index.GoneFolder  // folders that are gone
	protected map[int64][]string  // by root: folders at and below which nothing counts as gone
}

// walk visits all roots, one after the other.
func (w *walker) walk(ctx context.Context, roots []index.Root) error {
	for _, root := range roots {
		if err := w.root(ctx, root); err != nil {
			return err
		}
	}
	return nil
}

// root walks one root where it is proven present. Else nothing in it is touched.
func (w *walker) root(ctx context.Context, root index.Root) error {
	known, err := w.known(ctx, root, "", root.Device)
	if err != nil {
		return err
	}
	online, device, why := w.disk.Presence(root.Path, "", known)
	if !online && !w.forgotten(root.Path) {
		return w.absent(ctx, emptied{root, why, true}, device)
	}
	if _, err := w.disk.Stat(root.Path); !online && errors.Is(err, fs.ErrNotExist) {
		w.forgot = append(w.forgot, root)
		w.below = append(w.below, index.GoneFolder{Root: root.ID})
		return nil
	}
	v := visit{walker: w, root: root}
	next, stop := iter.Pull2(w.x.Folders(ctx, root.ID))
	defer stop()
	v.stored = next
	if err := v.advance(); err != nil {
		return err
	}
	ended, err := v.along(ctx, func(visit func(Folder) error) error { return w.disk.Walk(ctx, root.Path, visit) })
	if err != nil || !ended {
		return err
	}
	if root.State != index.Online || root.Device != device {
		root.State, root.Device = index.Online, device
		w.roots = append(w.roots, root)
	}
	w.whole = append(w.whole, root)
	return nil
}

// foldersAhead is how many folders the walk may be ahead of the rows that are read
// beside it: one reads the disk while the other asks the index.
const foldersAhead = 4

// along walks beside the stored folders. It reports false where the walk ended
// early, and nothing in the root may be taken as gone.
func (v *visit) along(ctx context.Context, walk func(visit func(Folder) error) error) (bool, error) {
	walking, stop := context.WithCancel(ctx)
	defer stop()
	found, ended := make(chan Folder, foldersAhead), make(chan error, 1)
	go func() { // ends before along does
		defer close(found)
		ended <- walk(func(f Folder) error {
			select {
			case found <- f:
				return nil
			case <-walking.Done():
				return walking.Err()
			}
		})
	}()
	var broken error // of ours, which is no state of the disk
	for f := range found {
		if broken == nil {
			if broken = v.folder(ctx, f); broken != nil {
				stop()
			}
		}
	}
	err := <-ended
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case broken != nil:
		return false, broken
	case err != nil:
		v.endedEarly(err)
		return false, nil
	}
	for v.ahead != nil { // what is stored behind the last folder of the walk
		if err := v.missing(ctx, *v.ahead); err != nil {
			return false, err
		}
		if err := v.advance(); err != nil {
			return false, err
		}
	}
	return true, nil
}

// endedEarly takes nothing in the root as gone.
func (v *visit) endedEarly(why error) {
	v.warn("the walk of %s ended early, nothing in it is taken as gone: %v", v.root.Path, why)
	v.keep(v.root.ID)
}

// keep takes back what a walk that ended early took for gone.
func (w *walker) keep(root int64) {
	w.gone = slices.DeleteFunc(w.gone, func(f index.File) bool { return f.Root == root })
	w.below = slices.DeleteFunc(w.below, func(f index.GoneFolder) bool { return f.Root == root })
}

// forgotten tells whether the user said that a place is gone for good.
func (w *walker) forgotten(path string) bool {
	for _, f := range w.o.Forget {
		if path == f || strings.HasPrefix(path, strings.TrimSuffix(f, string(filepath.Separator))+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// visit is the walk of one root, beside the stored folders in the same order.
type visit struct {
	*walker
	root   index.Root
	stored func() (index.Folder, error, bool)
	ahead  *index.Folder // the next stored folder that was not met yet

	// Names of files to look at; nil for all. A file that is still being written
	// beside them shall have its quiet.
	only []string
}

// advance takes the next stored folder.
func (v *visit) advance() error {
	f, err, ok := v.stored()
	if !ok {
		v.ahead = nil
		return nil
	}
	v.ahead = &f
	return err
}

// folder compares one folder of the disk with its stored rows.
func (v *visit) folder(ctx context.Context, f Folder) error {
	for v.ahead != nil && v.ahead.Path < f.Path {
		if err := v.missing(ctx, *v.ahead); err != nil {
			return err
		}
		if err := v.advance(); err != nil {
			return err
		}
	}
	var row *index.Folder
	if v.ahead != nil && v.ahead.Path == f.Path {
		row = v.ahead
		if err := v.advance(); err != nil {
			return err
		}
	}
	return v.compare(ctx, f, row)
}

// compare compares a folder of the disk with its stored row and files.
func (v *visit) compare(ctx context.Context, f Folder, row *index.Folder) error {
	if err := v.mount(ctx, f, row); err != nil {
		return err
	}
	var closed int64
	if full := v.full(index.Place{Folder: f.Path}); f.Err != nil && !v.forgotten(full) {
		v.protect(f.Path)
		v.warn("%s could not be read, what is known of it is kept: %v", full, f.Err)
		v.unread(Unread{full, f.Err.Error(), true})
		closed = 1
	}
	v.mu.Lock()
	v.sum.Folders++
	v.sum.Closed += closed
	v.sum.Skipped += int64(f.Skipped)
	v.mu.Unlock()
	var files []index.File
	var err error
	if v.only == nil {
		files, err = v.x.FilesIn(ctx, v.root.ID, f.Path)
	} else {
		files, err = v.x.FilesNamed(ctx, v.root.ID, f.Path, v.only)
	}
	if err != nil {
		return err
	}
	return v.files(ctx, f, files)
}

// mount keeps the row of a mount point true, and protects what was below one
// that is no longer proven present.
func (v *visit) mount(ctx context.Context, f Folder, row *index.Folder) error {
	switch {
	case row != nil && row.Device != 0 && f.Device != row.Device:
		offline, err := v.mountOffline(ctx, *row)
		if err != nil || offline {
			return err
		}
		fallthrough // another disk, or an ordinary folder by now
	case f.Path != "" && f.Device != 0 && (row == nil || row.Device == 0),
		row != nil && row.State != index.Online:
		v.folders = append(v.folders, index.FolderWrite{Root: v.root.ID, Path: f.Path, Device: f.Device, State: index.Online})
	}
	return nil
}

// mountOffline decides about a folder that was a mount point and no longer is, or
// is one of another device, or is missing; it protects what is known below one
// that is offline.
func (v *visit) mountOffline(ctx context.Context, row index.Folder) (bool, error) {
	full := filepath.Join(v.root.Path, filepath.FromSlash(row.Path))
	known, err := v.known(ctx, v.root, row.Path, row.Device)
	if err != nil || !known.EverHeld {
		return false, err
	}
	online, _, why := v.disk.Presence(v.root.Path, row.Path, known)
	if online || v.forgotten(full) {
		return false, nil
	}
	v.protect(row.Path)
	v.warn("%s is offline, what is known of it is kept: %s (`--forget %s` says that what is missing is gone for good)", full, why, full)
	if row.State != index.Offline {
		v.folders = append(v.folders, index.FolderWrite{Root: v.root.ID, Path: row.Path, Device: row.Device, State: index.Offline})
	}
	return true, nil
}

// missing handles a stored folder that the walk did not meet.
func (v *visit) missing(ctx context.Context, row index.Folder) error {
	if row.Device != 0 && !v.isProtected(v.root.ID, row.Path) {
		if _, err := v.mountOffline(ctx, row); err != nil {
			return err
		}
	}
	if v.isProtected(v.root.ID, row.Path) {
		files, err := v.x.FilesIn(ctx, v.root.ID, row.Path)
		v.offline(files...)
		return err
	}
	v.below = append(v.below, index.GoneFolder{Root: v.root.ID, Path: row.Path})
	return nil
}

// protect keeps all at and below a folder from being taken as gone.
func (v *visit) protect(path string) {
	if v.walker.protected == nil {
		v.walker.protected = make(map[int64][]string)
	}
	v.walker.protected[v.root.ID] = append(v.walker.protected[v.root.ID], path)
}

// files merges the names on the disk with the stored ones, both in byte order.
func (v *visit) files(ctx context.Context, f Folder, stored []index.File) error {
	absent := func(old index.File) {
		if v.isProtected(v.root.ID, f.Path) {
			v.offline(old)
			return
		}
		v.gone = append(v.gone, old)
	}
	i := 0
	for _, e := range f.Files {
		for i < len(stored) && stored[i].Name < e.Name {
			absent(stored[i])
			i++
		}
		var old *index.File
		if i < len(stored) && stored[i].Name == e.Name {
			old = &stored[i]
			i++
		}
		if err := v.file(ctx, f.Path, e, old); err != nil {
			return err
		}
	}
	for ; i < len(stored); i++ {
		absent(stored[i])
	}
	return nil
}

// file decides whether one file must be looked at.
func (v *visit) file(ctx context.Context, folder string, e Entry, old *index.File) error {
	v.meter.add(Files, 1)
	need := ingest.Fresh(old, e.Stat, old != nil && v.outdated[old.Content])
	if need == ingest.Nothing {
		v.seen(ingest.Unchanged, old.State)
		return nil
	}
	v.meter.more(Photos, 1)
	place := index.Place{Root: v.root.ID, Folder: folder, Name: e.Name}
	job := ingest.File{Place: place, Path: v.full(place), Seen: e.Stat, Stored: old, Need: need}
	select {
	case v.jobs <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *visit) full(p index.Place) string {
	return filepath.Join(v.root.Path, filepath.FromSlash(p.Folder), p.Name)
}
