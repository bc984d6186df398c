// Hearing: what the notifier is told of the folders in the tree, and what it is
// told to forget.

package watch

import (
	"errors"
	"syscall"
)

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

// afford counts what a folder costs where each file of it takes a descriptor.
// When that is too much the folder is polled, and costs nothing.
func (w *Watcher) afford(n *node, files int) bool {
	if w.config.budget == 0 {
		return true
	}
	w.spent += files + 1 - int(n.cost)
	n.cost = int32(files + 1)
	if w.spent <= w.config.budget {
		return true
	}
	w.spent -= int(n.cost)
	n.cost = 0
	return false
}

var errTooManyFiles = errors.New("too many files in the folders that are watched")
