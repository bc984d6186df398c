// From events to marks. The goroutine here reads both channels of fsnotify,
// which stops for good when nobody reads its errors, and waits for nobody: not
// for the consumer, and not for a folder to be listed.

package watch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// listen reads a notifier until it is closed.
func (w *Watcher) listen(n notifier) {
	events, errs := n.events(), n.errors()
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			w.event(e)
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			w.fault(err)
		}
	}
}

// fault is an error that fsnotify tells.
func (w *Watcher) fault(err error) {
	// EINVAL comes when a watch is removed that the system has removed before.
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, fsnotify.ErrNonExistentWatch) {
		return
	}
	overflow := errors.Is(err, fsnotify.ErrEventOverflow)
	if overflow {
		w.warn("overflow", "the system dropped events, since more came than it queues; everything is looked at again", queueHint()...)
	} else {
		w.warn("events "+err.Error(), "the system's events cannot be read; everything is looked at again", "error", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if overflow {
		w.counted.Overflows++
	}
	w.void(CauseOverflow)
}

// void says that events were missed, so that all must be subscribed to anew.
// The caller holds mu.
func (w *Watcher) void(cause Cause) {
	w.lost = cause
	w.tasks, w.tasked = nil, map[place]int{}
	w.poke()
}

// poke tells tend that there is something to do.
func (w *Watcher) poke() {
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

// event marks what an event is about.
func (w *Watcher) event(e fsnotify.Event) {
	path := filepath.Clean(e.Name)
	// Only these can make a folder of what was none that we know.
	isDir, linked := false, false
	if e.Op&(fsnotify.Create|fsnotify.Chmod) != 0 {
		isDir, linked = w.inspect(path)
	}
	folder, name := split(path)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counted.Events++
	for i := range w.roots {
		if w.roots[i].Path == path && w.roots[i].node != nil {
			w.aboutRoot(i, e.Op)
		}
	}
	n := w.find(folder)
	if n == nil || name == "" || w.own.name(n.id, name) {
		return
	}
	if linked {
		w.roots[n.root].linked = true
		w.later(task{place{n.root, n.folder()}, false, CauseEvent}) // see where it leads
	}
	now := time.Now()
	for twin := w.byID[n.id]; twin != nil; twin = twin.twin {
		w.change(twin, name, e.Op, isDir, now)
	}
}

// inspect asks the disk what a name is now: a folder that a walk might enter,
// and whether by a link that is followed.
func (w *Watcher) inspect(path string) (isDir, linked bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return false, false
	}
	if w.walk.Follow && isLink(info.Mode()) {
		info, err = os.Stat(path)
		return err == nil && info.IsDir(), true
	}
	return info.IsDir(), false
}

// aboutRoot is an event of which a root tells itself.
func (w *Watcher) aboutRoot(i int, op fsnotify.Op) {
	p := place{root: i}
	if op&(fsnotify.Remove|fsnotify.Rename) != 0 {
		w.later(task{p, true, CauseBack})
		return
	}
	w.mark(p, mark{cause: CauseEvent})
}

// change marks what became of a name in a folder.
func (w *Watcher) change(n *node, name string, op fsnotify.Op, isDir bool, now time.Time) {
	p := place{n.root, n.folder()}
	known := n.child(name) != nil
	if rule := w.walk.Excludes.match(p.folder, name, isDir || known); rule != nil && !rule.negate {
		return
	}
	below := place{n.root, join(p.folder, name)}
	went := op&(fsnotify.Remove|fsnotify.Rename) != 0 && !op.Has(fsnotify.Create)
	switch {
	case known && went:
		w.deep(below, mark{gone: true, cause: CauseFolder})
		w.later(task{below, true, CauseFolder})
	case isDir && (!known || op.Has(fsnotify.Create)):
		w.later(task{below, false, CauseFolder}) // marks it when it is subscribed to
	case known && isDir:
		w.mark(below, mark{cause: CauseEvent})
	case known: // a file or link took the place of a folder
		w.later(task{below, true, CauseFolder})
		fallthrough
	default:
		if !w.walkAnew(CauseEvent) {
			w.due.name(p, name, went, now)
			w.waken(false)
		}
	}
}

// mark makes a folder due. The caller holds mu, as for all below.
func (w *Watcher) mark(p place, m mark) {
	if !w.walkAnew(m.cause) {
		w.due.folder(p, false, m.gone, m.urgent, m.cause, time.Now())
		w.waken(m.urgent)
	}
}

// deep makes a folder and all below it due.
func (w *Watcher) deep(p place, m mark) {
	switch m.cause {
	case CauseOverflow, CausePoll, CauseReconcile, CauseAsked:
		w.counted.Rescans++
	}
	if !w.walkAnew(m.cause) {
		w.due.folder(p, true, m.gone, m.urgent, m.cause, time.Now())
		w.waken(m.urgent)
	}
}

// walkAnew is true when links are followed and there are some, and then makes
// all roots due: under which path a file is reached depends on all of them.
func (w *Watcher) walkAnew(cause Cause) bool {
	linked := func(r rootState) bool { return r.linked }
	if !w.walk.Follow || !slices.ContainsFunc(w.roots, linked) {
		return false
	}
	for i := range w.roots {
		w.due.folder(place{root: i}, true, false, false, cause, time.Now())
	}
	w.waken(false)
	return true
}

// waken tells Next that a mark was made, unless Next will see it in time: what
// it waits for is due no later than a mark made now.
func (w *Watcher) waken(urgent bool) {
	if w.armed && !urgent {
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// later puts a folder before tend. The caller holds mu.
func (w *Watcher) later(t task) {
	if w.lost != "" {
		return // all will be subscribed to anyway
	}
	if i, ok := w.tasked[t.place]; ok {
		w.tasks[i].again = w.tasks[i].again || t.again
		if t.cause == CauseMount {
			w.tasks[i].cause = t.cause
		}
		return
	}
	if len(w.tasks) == maxTasks {
		w.void(CauseOverflow)
		return
	}
	w.tasked[t.place] = len(w.tasks)
	w.tasks = append(w.tasks, t)
	w.poke()
}

// find is the node of an absolute path, or nil. Of roots that lie in each other
// the inner one has it. The caller holds mu.
func (w *Watcher) find(abs string) *node {
	var found *node
	longest := -1
	for i := range w.roots {
		r := &w.roots[i]
		if r.node == nil || len(r.Path) <= longest {
			continue
		}
		if rel, ok := below(abs, r.Path); ok {
			longest, found = len(r.Path), r.node.descend(rel)
		}
	}
	return found
}
