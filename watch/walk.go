// The walk: a root, folder by folder, in byte order of the folders' paths.

package watch

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// ErrWentOffline says that a root or a mount point became another one while it
// was walked. Folders visited so far were right when they were visited; what
// was not visited must not be taken as gone.
var ErrWentOffline = errors.New("went offline while it was walked")

// Options of a walk. The zero value follows no link and excludes the defaults.
type Options struct {
	Excludes *Excludes // nil: the default excludes alone
	Follow   bool      // follow symbolic links to files and folders
	// Index is the database file. It is never reported, nor are the files that
	// SQLite and the lock put beside it: a process that opens and closes a
	// database file loses its POSIX locks on it.
	Index string
	Skip  []string // more paths (files or folders) that are never reported
	// Reached remembers what was reached while following links. Hand the same
	// to the walks of several roots, one after the other, and a file that lies
	// under two of them is one file. Nil: this walk alone.
	Reached *Reached
}

// Walk calls visit for the root and each folder below it, in byte order of
// their paths (so "a b" comes before "a/b"), the same order at each walk of the
// same disk and the order in which SQLite sorts blobs.
//
// A folder that cannot be read is visited with its Err, and the walk goes on;
// this includes the root. A folder or file that vanishes between being listed
// and being read is absent. Symbolic links are left out unless opts.Follow;
// then each folder is visited once, told by device and inode, under the first
// path in walk order, and so loops end. Hard links are separate entries.
//
// Walk ends early with the error of visit, with that of ctx, or with
// ErrWentOffline; only after nil may folders that were not visited count as
// gone, and only where Presence says so.
//
// Memory goes with the largest folder and the folders listed but not yet
// visited, not with the tree; following links adds about 60 bytes a folder.
func Walk(ctx context.Context, root Root, opts Options, visit func(Folder) error) error {
	w := newWalk(root, opts)
	w.due = pending{{path: "", linked: true, parent: deviceAbove(root.Path)}}
	return w.run(ctx, visit)
}

func newWalk(root Root, opts Options) *walk {
	w := &walk{root: root, follow: opts.Follow, excludes: opts.Excludes, reached: opts.Reached}
	if w.excludes == nil {
		w.excludes = defaultsOnly()
	}
	if w.reached == nil {
		w.reached = &Reached{}
	}
	w.own = findOwn(opts)
	return w
}

// run visits what is due and what is found in it.
func (w *walk) run(ctx context.Context, visit func(Folder) error) error {
	for len(w.due) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("walk %s: %w", w.root.Path, err)
		}
		folder, ok := w.read(ctx, heap.Pop(&w.due).(dueFolder))
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("walk %s: %w", w.root.Path, err)
		}
		if !ok {
			continue
		}
		if w.shallow {
			w.due = nil
		}
		if err := visit(folder); err != nil {
			return err
		}
	}
	return w.stillThere()
}

// walk is the state of one Walk.
type walk struct {
	root     Root
	excludes *Excludes
	follow   bool
	reached  *Reached
	own      own
	due      pending
	shallow  bool            // what is due alone, not what is found in it
	only     map[string]bool // names to look at; nil: all
	mounts   []anchor
}

// anchor is a root or mount point as it was when the walk entered it.
type anchor struct {
	path string // absolute
	id   identity
}

// dueFolder was listed and waits for its turn.
type dueFolder struct {
	path   string
	linked bool   // reached through a symbolic link, or the root: follow on opening
	parent uint64 // device of the folder above
	volume uint64 // volume of the folder above
}

// pending is a heap by path. A folder's path is smaller than those below it, so
// taking the smallest each time visits all in byte order.
type pending []dueFolder

func (p pending) Len() int           { return len(p) }
func (p pending) Less(i, j int) bool { return p[i].path < p[j].path }
func (p pending) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *pending) Push(x any)        { *p = append(*p, x.(dueFolder)) }
func (p *pending) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	(*p)[last] = dueFolder{}
	*p = (*p)[:last]
	return x
}

// read lists one folder and stats what is in it. It is not ok when the folder
// vanished or was reached before.
func (w *walk) read(ctx context.Context, due dueFolder) (Folder, bool) {
	folder := Folder{Path: due.path, Device: due.parent, Volume: due.volume}
	abs := w.root.Abs(due.path)
	dir, err := openFolder(abs, due.linked)
	if err != nil {
		if due.path != "" && vanished(err) {
			return folder, false
		}
		folder.Err = fmt.Errorf("read folder %s: %w", abs, reason(err))
		return folder, true
	}
	defer dir.Close() // only read from: nothing is lost when closing fails

	at, err := statFolder(dir)
	if err != nil {
		folder.Err = fmt.Errorf("stat folder %s: %w", abs, reason(err))
		return folder, true
	}
	folder.Device, folder.Inode = at.device, at.inode
	folder.Mount = at.mountRoot || at.device != due.parent
	if folder.Mount || due.path == "" {
		folder.Volume = volume(dir, at.device)
	}
	id := identify(at.device, at.inode, abs)
	if w.follow && !w.reached.enter(id) {
		return folder, false
	}
	if folder.Mount || due.path == "" {
		w.mounts = append(w.mounts, anchor{abs, id})
	}

	names, err := dir.ReadDir(-1)
	if err != nil {
		folder.Err = fmt.Errorf("read folder %s: %w", abs, reason(err))
	}
	if w.only != nil { // listed all the same: a disk may not tell "a.jpg" from "A.JPG" when asked by name
		names = slices.DeleteFunc(names, func(e os.DirEntry) bool { return !w.only[e.Name()] })
	}
	slices.SortFunc(names, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	folder.Files = make([]Entry, 0, len(names))
	for i, name := range names {
		if i%256 == 255 && ctx.Err() != nil {
			return folder, false
		}
		if err := w.entry(&folder, dir, id, name); err != nil && folder.Err == nil {
			folder.Err = fmt.Errorf("stat %s: %w", w.root.Abs(join(due.path, name.Name())), reason(err))
		}
	}
	return folder, true
}

// entry puts one name of a folder where it belongs.
func (w *walk) entry(folder *Folder, dir *os.File, id identity, de os.DirEntry) error {
	name, mode := de.Name(), de.Type()
	if w.own.name(id, name) {
		folder.Skipped.Own++
		return nil
	}
	if !w.follow && isLink(mode) {
		folder.Skipped.Links++
		return nil
	}
	if !isLink(mode) && w.left(folder, name, mode.IsDir(), de) {
		return nil
	}
	if mode.IsDir() {
		w.later(folder, name, false)
		return nil
	}
	if !isLink(mode) && !mode.IsRegular() {
		folder.Skipped.special(mode)
		return nil
	}
	st, err := statEntry(dir, de, isLink(mode))
	if err != nil {
		switch {
		case isLink(mode) && vanished(err):
			folder.Skipped.Links++
		case vanished(err):
			folder.Skipped.Vanished++
		default:
			return err
		}
		return nil
	}
	if isLink(mode) {
		return w.link(folder, id, de, st)
	}
	w.file(folder, id, name, st, File)
	return nil
}

// link puts away what a symbolic link leads to.
func (w *walk) link(folder *Folder, id identity, de os.DirEntry, st stat) error {
	name := de.Name()
	if w.left(folder, name, st.mode.IsDir(), de) {
		return nil
	}
	switch {
	case st.mode.IsDir():
		w.later(folder, name, true)
	case st.mode.IsRegular():
		first, err := w.reached.follow(id, name, w.root.Abs(join(folder.Path, name)))
		if err != nil {
			if vanished(err) {
				folder.Skipped.Vanished++
				return nil
			}
			return err
		}
		if !first {
			folder.Skipped.Twice++
			return nil
		}
		w.file(folder, id, name, st, LinkedFile)
	default:
		folder.Skipped.special(st.mode)
	}
	return nil
}

// file adds a regular file, if it is none of ours and was not reached before.
func (w *walk) file(folder *Folder, id identity, name string, st stat, kind Kind) {
	if st.device == 0 {
		st.device = folder.Device // Windows tells it for folders alone
	}
	switch {
	case !st.mode.IsRegular(): // became something else since it was listed
		folder.Skipped.special(st.mode)
	case w.own.file(st.device, st.inode):
		folder.Skipped.Own++
	case w.follow && kind == File && w.reached.linked(id, name):
		folder.Skipped.Twice++
	default:
		folder.Files = append(folder.Files, Entry{
			Name: name, Size: st.size, Mtime: st.mtime, Ctime: st.ctime,
			Inode: st.inode, Device: st.device, Nlink: st.nlink, Kind: kind,
		})
	}
}

// left says whether a pattern or the system's hidden mark leaves a name out.
func (w *walk) left(folder *Folder, name string, isDir bool, de os.DirEntry) bool {
	if rule := w.excludes.match(folder.Path, name, isDir); rule != nil {
		if !rule.negate {
			folder.Skipped.Excluded++
		}
		return !rule.negate
	}
	if w.excludes.hidden && hiddenBySystem(de) {
		folder.Skipped.Excluded++
		return true
	}
	return false
}

// later puts a folder in the queue.
func (w *walk) later(folder *Folder, name string, linked bool) {
	folder.Folders = append(folder.Folders, name)
	heap.Push(&w.due, dueFolder{
		path: join(folder.Path, name), linked: linked, parent: folder.Device, volume: folder.Volume,
	})
}

// stillThere asks whether the root and the mount points inside it are those
// that the walk began with. A disk that is pulled out leaves folders that
// cannot be opened any more, which alone would look as if they were deleted.
func (w *walk) stillThere() error {
	for _, m := range w.mounts {
		dir, err := openFolder(m.path, true)
		if err != nil {
			return fmt.Errorf("walk %s: %s %w: %w", w.root.Path, m.path, ErrWentOffline, reason(err))
		}
		at, err := statFolder(dir)
		dir.Close()
		if err != nil {
			return fmt.Errorf("walk %s: %s %w: %w", w.root.Path, m.path, ErrWentOffline, reason(err))
		}
		if identify(at.device, at.inode, m.path) != m.id {
			return fmt.Errorf("walk %s: %s %w: another folder is there now", w.root.Path, m.path, ErrWentOffline)
		}
	}
	return nil
}

// isLink is true for symbolic links and for what Windows calls junctions.
func isLink(mode fs.FileMode) bool {
	return mode&fs.ModeSymlink != 0 || isJunction(mode)
}

// vanished is true when a path leads nowhere (any more). ENOTDIR and ELOOP are
// what a folder gives that was replaced by a file or a link after its listing,
// ELOOP also a link that leads to itself.
func vanished(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP)
}

// reason is the system's error without act and path, which the caller says.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// join appends a name to a path from the root.
func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// deviceAbove is the device of the folder that holds a root, 0 when unknown.
func deviceAbove(path string) uint64 {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return 0
	}
	dir, err := openFolder(filepath.Dir(real), true)
	if err != nil {
		return 0
	}
	defer dir.Close()
	at, err := statFolder(dir)
	if err != nil {
		return 0
	}
	return at.device
}
