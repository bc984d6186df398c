package pipeline

import (
	"context"
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

	folders []index.FolderWrite // rows that differ from the disk
	roots   []index.Root
	gone    []index.File       // rows of names that are no longer in their folder
	below   []index.GoneFolder // folders that are gone, with all below them
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
		w.warn("%s is offline, what is known of it is kept: %s (`--forget %s` says that it is gone for good)", root.Path, why, root.Path)
		if root.State != index.Offline {
			root.State = index.Offline
			w.roots = append(w.roots, root)
		}
		return w.countOffline(ctx, root, "")
	}
	v := visit{walker: w, root: root, device: device}
	next, stop := iter.Pull2(w.x.Folders(ctx, root.ID))
	defer stop()
	v.stored = next
	if err := v.advance(); err != nil {
		return err
	}
	err = w.disk.Walk(ctx, root.Path, func(f Folder) error { return v.folder(ctx, f) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !w.forgotten(root.Path) {
		w.warn("the walk of %s ended early, nothing in it is taken as gone: %v", root.Path, err)
		w.gone = slices.DeleteFunc(w.gone, func(f index.File) bool { return f.Root == root.ID })
		w.below = slices.DeleteFunc(w.below, func(f index.GoneFolder) bool { return f.Root == root.ID })
		return nil
	}
	for v.ahead != nil { // what is stored behind the last folder of the walk
		if err := v.missing(ctx, *v.ahead); err != nil {
			return err
		}
		if err := v.advance(); err != nil {
			return err
		}
	}
	if root.State != index.Online || root.Device != device {
		root.State, root.Device = index.Online, device
		w.roots = append(w.roots, root)
	}
	return nil
}

// known gathers what the index remembers of the names in a folder.
func (w *walker) known(ctx context.Context, root index.Root, path string, device uint64) (Known, error) {
	names := make(map[string]bool)
	files, err := w.x.FilesIn(ctx, root.ID, path)
	if err != nil {
		return Known{}, err
	}
	for _, f := range files {
		names[f.Name] = true
	}
	prefix := path
	if prefix != "" {
		prefix += "/"
	}
	for f, err := range w.x.Folders(ctx, root.ID) {
		if err != nil {
			return Known{}, err
		}
		if rest, ok := strings.CutPrefix(f.Path, prefix); ok && rest != "" {
			name, _, _ := strings.Cut(rest, "/")
			names[name] = true
		}
	}
	return Known{Device: device, Knows: func(n string) bool { return names[n] }, EverHeld: len(names) > 0}, nil
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

// countOffline counts the files at and below a folder that is offline.
func (w *walker) countOffline(ctx context.Context, root index.Root, path string) error {
	for f, err := range w.x.Folders(ctx, root.ID) {
		if err != nil {
			return err
		}
		if !within(f.Path, path) {
			continue
		}
		files, err := w.x.FilesIn(ctx, root.ID, f.Path)
		if err != nil {
			return err
		}
		w.offline(files)
	}
	return nil
}

// offline counts the pictures among files that are not proven gone.
func (w *walker) offline(files []index.File) {
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

// remove takes the rows of what is gone out of the index, and writes the state of
// roots and mount points. A name that a file moved away from is part of the move
// and not counted as gone.
func (w *walker) remove(ctx context.Context, moved map[index.Place]bool) error {
	var places []index.Place
	gone := func(f index.File) {
		if f.State != index.Other && !moved[f.Place] {
			w.count(ingest.Gone)
		}
	}
	for _, f := range w.gone {
		gone(f)
		places = append(places, f.Place)
	}
	for _, folder := range w.below {
		files, err := w.x.FilesIn(ctx, folder.Root, folder.Path)
		if err != nil {
			return err
		}
		for _, f := range files {
			gone(f)
		}
	}
	return w.x.Write(ctx, index.Batch{Gone: places, GoneFolders: w.below, Folders: w.folders, Roots: w.roots})
}

// visit is the walk of one root, beside the stored folders in the same order.
type visit struct {
	*walker
	root      index.Root
	device    uint64
	stored    func() (index.Folder, error, bool)
	ahead     *index.Folder // the next stored folder that was not met yet
	protected []string      // folders at and below which nothing counts as gone
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
	if err := v.mount(ctx, f, row); err != nil {
		return err
	}
	if f.Err != nil {
		v.protected = append(v.protected, f.Path)
		v.warn("%s could not be read, what is known of it is kept: %v", filepath.Join(v.root.Path, f.Path), f.Err)
	}
	v.mu.Lock()
	v.sum.Folders++
	v.sum.Skipped += int64(f.Skipped)
	v.mu.Unlock()
	files, err := v.x.FilesIn(ctx, v.root.ID, f.Path)
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
		return v.mountGone(ctx, *row)
	case f.Path != "" && f.Device != 0 && (row == nil || row.Device == 0),
		row != nil && row.State != index.Online:
		v.folders = append(v.folders, index.FolderWrite{Root: v.root.ID, Path: f.Path, Device: f.Device, State: index.Online})
	}
	return nil
}

// mountGone decides about a folder that was a mount point and no longer is, or
// is one of another device, or is missing.
func (v *visit) mountGone(ctx context.Context, row index.Folder) error {
	full := filepath.Join(v.root.Path, row.Path)
	known, err := v.known(ctx, v.root, row.Path, row.Device)
	if err != nil {
		return err
	}
	online, device, why := v.disk.Presence(v.root.Path, row.Path, known)
	if online || v.forgotten(full) {
		v.folders = append(v.folders, index.FolderWrite{Root: v.root.ID, Path: row.Path, Device: device, State: index.Online})
		return nil
	}
	v.protected = append(v.protected, row.Path)
	v.warn("%s is offline, what is known of it is kept: %s (`--forget %s` says that it is gone for good)", full, why, full)
	if row.State != index.Offline {
		v.folders = append(v.folders, index.FolderWrite{Root: v.root.ID, Path: row.Path, Device: row.Device, State: index.Offline})
	}
	return nil
}

// missing handles a stored folder that the walk did not meet.
func (v *visit) missing(ctx context.Context, row index.Folder) error {
	if row.Device != 0 && !v.isProtected(row.Path) {
		if err := v.mountGone(ctx, row); err != nil {
			return err
		}
	}
	if v.isProtected(row.Path) {
		files, err := v.x.FilesIn(ctx, v.root.ID, row.Path)
		v.offline(files)
		return err
	}
	v.below = append(v.below, index.GoneFolder{Root: v.root.ID, Path: row.Path})
	return nil
}

func (v *visit) isProtected(path string) bool {
	for _, p := range v.protected {
		if within(path, p) {
			return true
		}
	}
	return false
}

// files merges the names on the disk with the stored ones, both in byte order.
func (v *visit) files(ctx context.Context, f Folder, stored []index.File) error {
	absent := func(old index.File) {
		if v.isProtected(f.Path) {
			v.offline([]index.File{old})
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
