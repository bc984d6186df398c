// Subscribing to folders: the notifier first, then the listing, so that what is
// made in between is seen by one of the two.

package watch

import (
	"context"
	"io"
	"os"
	"path/filepath"
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
