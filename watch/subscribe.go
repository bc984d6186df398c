// Subscribing to folders: the notifier first, then the listing, so that what is
// made in between is seen by one of the two.

package watch

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// step is a folder to subscribe to.
type step struct {
	place
	parent *node  // nil for a root
	name   string // in parent
	device uint64 // of parent; 0 when unknown
}

// subscribeAll opens a notifier and subscribes to all roots.
func (w *Watcher) subscribeAll(ctx context.Context) {
	w.openNotifier()
	w.rebuilt = time.Now()
	for i := range w.roots {
		w.subscribe(ctx, place{root: i})
	}
}

// openNotifier opens a notifier and has it listened to. Where that fails,
// folders cannot be heard, and are polled.
func (w *Watcher) openNotifier() {
	n, err := w.config.open()
	if err != nil {
		w.warn("notifier", "folders cannot be watched and are looked at again and again instead",
			append([]any{"every", w.config.Poll, "error", err}, instanceHint()...)...)
		w.notifier = nil
		return
	}
	w.notifier = n
	w.hearing.Go(func() { w.listen(n) })
}

// subscribe subscribes to a folder and all below it. What is subscribed already
// stays. It returns how many folders are new.
func (w *Watcher) subscribe(ctx context.Context, p place) (fresh int) {
	first := step{place: p}
	w.mu.Lock()
	if p.folder != "" {
		first.parent = w.roots[p.root].node.descend(above(p.folder))
		_, first.name = splitFolder(p.folder)
		if first.parent != nil {
			first.device = first.parent.id.device
		}
	}
	w.mu.Unlock()
	if p.folder == "" {
		first.device = deviceAbove(w.roots[p.root].Path)
	} else if first.parent == nil {
		return 0 // went in the meantime
	}
	for due := []step{first}; len(due) > 0 && ctx.Err() == nil; {
		s := due[len(due)-1]
		below, isFresh := w.subscribeOne(s)
		due = append(due[:len(due)-1], below...)
		if isFresh {
			fresh++
		}
	}
	return fresh
}

// subscribeOne subscribes to one folder and lists those in it.
func (w *Watcher) subscribeOne(s step) (below []step, fresh bool) {
	abs := w.roots[s.root].Abs(s.folder)
	dir, err := openFolder(abs, s.parent == nil || w.walk.Follow)
	if err != nil {
		w.drop(w.at(s))
		return nil, false
	}
	defer dir.Close()
	at, err := statFolder(dir)
	if err != nil {
		w.drop(w.at(s))
		return nil, false
	}
	id := identify(at.device, at.inode, abs)
	n := w.at(s)
	if n != nil && n.id != id {
		w.drop(n)
		n = nil
	}
	if fresh = n == nil; fresh {
		n = w.plant(s, id)
	}
	w.isPolled(s.place, "") // what follows says it again
	if at.mountRoot || at.device != s.device || s.parent == nil {
		if name := w.config.silent(dir); name != "" {
			w.isPolled(s.place, silentFolders)
			w.warn("silent "+abs, "a file system that does not tell of all changes is looked at again and again",
				"path", abs, "type", name, "every", w.config.Poll)
		}
	}
	if s.parent == nil && w.config.PollAll {
		w.isPolled(s.place, silentFolders)
	}
	if !w.hear(n, abs) {
		return nil, fresh
	}
	if w.walk.Follow && w.isTwin(n) {
		return nil, fresh // reached before: the end of a loop
	}
	return w.list(s, n, dir), fresh
}

// at is the node of a step, or nil.
func (w *Watcher) at(s step) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.parent == nil {
		return w.roots[s.root].node
	}
	return s.parent.child(s.name)
}

// plant makes the node of a step.
func (w *Watcher) plant(s step, id identity) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	var n *node
	if s.parent == nil {
		n = &node{root: s.root}
		w.roots[s.root].node = n
	} else {
		n = s.parent.put(s.name)
	}
	n.id = id
	if head := w.byID[id]; head != nil {
		n.twin, head.twin = head.twin, n
	} else {
		w.byID[id] = n
	}
	return n
}

func (w *Watcher) isTwin(n *node) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.byID[n.id] != n
}

// hear tells the notifier of a folder, unless it knows the folder already, if
// need be under another path. It is false when the folder cannot be heard; then
// it is polled, or was seen to be gone.
func (w *Watcher) hear(n *node, abs string) bool {
	for {
		w.mu.Lock()
		head := w.byID[n.id]
		path := w.roots[head.root].Abs(head.folder())
		w.mu.Unlock()
		if head == n {
			break
		}
		// A folder that was moved is still known by its old path, under which
		// the notifier is about to forget it.
		if id, err := identifyFolder(path); err == nil && id == n.id {
			if !head.heard {
				w.isPolled(place{n.root, n.folder()}, limitedFolders)
			}
			return head.heard
		}
		w.drop(head)
	}
	if n.heard {
		return true
	}
	err := errNoNotifier
	if w.notifier != nil {
		err = w.notifier.Add(abs)
	}
	switch {
	case err == nil:
		w.setHeard(n, true)
		return true
	case isLimit(err):
		w.limited(n, abs, err)
	case vanished(err):
		w.drop(n)
	default: // it may not be read; the walk says so
		w.config.Log.Debug("folder cannot be watched", "path", abs, "error", err)
	}
	return false
}

var errNoNotifier = errors.New("no notifier")

// isLimit is true when a limit of the system keeps a folder from being watched.
func isLimit(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOMEM) || errors.Is(err, errNoNotifier) || errors.Is(err, errTooManyFiles)
}

// limited has a folder polled that cannot be heard.
func (w *Watcher) limited(n *node, abs string, err error) {
	if !errors.Is(err, errNoNotifier) { // which was said
		w.warn("limit", "not all folders can be watched; those that cannot are looked at again and again instead",
			append([]any{"first", abs, "every", w.config.Poll, "error", err}, watchHint()...)...)
	}
	w.isPolled(place{n.root, n.folder()}, limitedFolders)
}

func (w *Watcher) setHeard(n *node, heard bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n.heard != heard {
		n.heard = heard
		if heard {
			w.counted.Watches++
		} else {
			w.counted.Watches--
		}
	}
}

// list gives the folders in a folder, and drops those that are there no more.
func (w *Watcher) list(s step, n *node, dir *os.File) (below []step) {
	there := map[string]bool{}
	files := 0
	for {
		entries, err := dir.ReadDir(1024)
		for _, e := range entries {
			if !w.enters(s, n, e) {
				files++
				continue
			}
			there[e.Name()] = true
			below = append(below, step{place{s.root, join(s.folder, e.Name())}, n, e.Name(), n.id.device})
		}
		if err != nil {
			if err != io.EOF {
				w.config.Log.Debug("folder cannot be listed", "path", dir.Name(), "error", err)
			}
			break
		}
	}
	var gone []*node
	w.mu.Lock()
	for name, child := range n.children {
		if !there[name] {
			gone = append(gone, child)
		}
	}
	w.mu.Unlock()
	for _, child := range gone {
		w.drop(child)
	}
	if !w.afford(n, files) {
		w.unhear(n, dir.Name())
		w.limited(n, dir.Name(), errTooManyFiles)
		return nil
	}
	return below
}

// enters says whether an entry is a folder that a walk would enter.
func (w *Watcher) enters(s step, n *node, e os.DirEntry) bool {
	name, mode := e.Name(), e.Type()
	isDir := mode.IsDir()
	if isLink(mode) {
		if !w.walk.Follow {
			return false
		}
		w.follow(s, name)
		isDir, _ = w.inspect(w.roots[s.root].Abs(join(s.folder, name)))
	}
	if !isDir || w.own.name(n.id, name) {
		return false
	}
	if rule := w.walk.Excludes.match(s.folder, name, true); rule != nil {
		return rule.negate
	}
	return !w.walk.Excludes.hidden || !hiddenBySystem(e)
}

// follow notes a link that is followed. What changes at its other end is told
// only where that lies in a root, and so the root is polled too.
func (w *Watcher) follow(s step, name string) {
	w.mu.Lock()
	w.roots[s.root].linked = true
	w.mu.Unlock()
	real, err := filepath.EvalSymlinks(w.roots[s.root].Abs(join(s.folder, name)))
	if err != nil {
		return
	}
	for i := range w.roots {
		if _, ok := below(real, w.roots[i].Path); ok {
			return
		}
		if _, ok := below(real, w.roots[i].Real); ok && w.roots[i].Real != "" {
			return
		}
	}
	w.isPolled(place{root: s.root}, silentFolders)
}

// drop forgets a folder and all below it.
func (w *Watcher) drop(n *node) {
	if n == nil {
		return
	}
	var removed, heirs []string
	var heads []*node
	w.mu.Lock()
	top := place{n.root, n.folder()}
	w.unlink(n, &removed, &heads)
	n.cut()
	if n.parent == nil && w.roots[n.root].node == n {
		w.roots[n.root].node = nil
	}
	for p := range w.polled {
		if p.root == top.root {
			if _, ok := relative(p.folder, top.folder); ok {
				delete(w.polled, p)
			}
		}
	}
	alive := heads[:0]
	for _, head := range heads {
		if w.byID[head.id] == head { // not dropped too
			alive = append(alive, head)
			heirs = append(heirs, w.roots[head.root].Abs(head.folder()))
		}
	}
	w.mu.Unlock()
	for _, path := range removed {
		if w.notifier != nil {
			w.notifier.Remove(path) // that it is gone already is no matter
		}
	}
	for i, head := range alive {
		w.hear(head, heirs[i])
	}
}

// unlink takes a folder and all below it out of what is known by identity. It
// gathers the paths that the notifier shall forget, and the twins that come first now.
func (w *Watcher) unlink(n *node, removed *[]string, heads *[]*node) {
	for _, child := range n.children {
		w.unlink(child, removed, heads)
	}
	if head := w.byID[n.id]; head == n {
		if n.twin != nil {
			w.byID[n.id] = n.twin
			*heads = append(*heads, n.twin)
		} else {
			delete(w.byID, n.id)
		}
	} else {
		for m := head; m != nil; m = m.twin {
			if m.twin == n {
				m.twin = n.twin
			}
		}
	}
	n.twin = nil
	if n.heard {
		n.heard = false
		w.counted.Watches--
		w.spent -= int(n.cost)
		*removed = append(*removed, w.roots[n.root].Abs(n.folder()))
	}
}

// unhear makes the notifier forget one folder that stays known.
func (w *Watcher) unhear(n *node, abs string) {
	w.setHeard(n, false)
	w.notifier.Remove(abs)
}

// afford counts what a folder costs where each file of it costs a descriptor.
func (w *Watcher) afford(n *node, files int) bool {
	if fileBudget == 0 {
		return true
	}
	w.spent += files + 1 - int(n.cost)
	n.cost = int32(min(files+1, 1<<30))
	if w.spent <= fileBudget {
		return true
	}
	w.spent -= int(n.cost)
	n.cost = 0
	return false
}

var errTooManyFiles = errors.New("too many files in the folders that are watched")
