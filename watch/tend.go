// Tending: the goroutine that keeps subscriptions as the disk is.

package watch

import (
	"context"
	"time"
)

// tend works until the watcher is closed. It wakes when there is something to
// do, and else every Config.Check.
func (w *Watcher) tend() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.tending.Go(func() {
		<-w.done
		cancel()
	})
	remounted := make(chan struct{}, 1)
	w.tending.Go(func() { followMounts(w.done, remounted) })

	start := time.Now()
	next := times{start.Add(w.config.Retry), start.Add(w.config.Check), start.Add(w.config.Poll), start.Add(w.config.Reconcile)}
	for {
		timer := time.NewTimer(time.Until(w.wakeAt(next)))
		select {
		case <-w.done:
			timer.Stop()
			return
		case <-w.nudge:
		case <-remounted:
			w.remount()
		case <-timer.C:
		}
		timer.Stop()
		w.work(ctx)
		w.onTime(ctx, &next)
	}
}

// times are when something is to be done next that is done again and again.
type times struct{ retry, check, poll, reconcile time.Time }

// wakeAt is when tend has something to do, if nothing happens.
func (w *Watcher) wakeAt(next times) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := next.check
	earlier := func(t time.Time, wanted bool) {
		if wanted && t.Before(at) {
			at = t
		}
	}
	earlier(next.retry, w.someAway())
	earlier(next.poll, len(w.polled) > 0)
	earlier(next.reconcile, w.config.Reconcile > 0)
	earlier(w.rebuildAt(), w.lost != "")
	return at
}

func (w *Watcher) someAway() bool {
	for i := range w.roots {
		if w.roots[i].node == nil {
			return true
		}
	}
	return false
}

// rebuildAt is when all may be subscribed to anew: not in the thick of a storm
// again and again.
func (w *Watcher) rebuildAt() time.Time { return w.rebuilt.Add(w.config.Longest) }

// onTime does what is done again and again.
func (w *Watcher) onTime(ctx context.Context, next *times) {
	now := time.Now()
	isDue := func(at *time.Time, every time.Duration) bool {
		if now.Before(*at) {
			return false
		}
		*at = now.Add(every)
		return true
	}
	if w.config.Reconcile > 0 && isDue(&next.reconcile, w.config.Reconcile) {
		w.rebuild(ctx, CauseReconcile)
	}
	if isDue(&next.check, w.config.Check) {
		w.checkRoots(ctx)
	}
	if isDue(&next.retry, w.config.Retry) {
		w.retry(ctx)
	}
	if isDue(&next.poll, w.config.Poll) {
		w.poll(ctx)
	}
}

// work does the tasks that wait, and subscribes anew where that is asked for.
func (w *Watcher) work(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		tasks, lost := w.tasks, w.lost
		w.tasks, w.tasked = nil, map[place]int{}
		w.mu.Unlock()
		if lost != "" {
			if time.Now().After(w.rebuildAt()) {
				w.rebuild(ctx, lost)
				continue
			}
			return
		}
		if len(tasks) == 0 {
			return
		}
		for _, t := range tasks {
			if ctx.Err() != nil {
				return
			}
			w.do(ctx, t)
		}
	}
}

// do brings the subscription of one folder up to date and makes it due where
// that changed something.
func (w *Watcher) do(ctx context.Context, t task) {
	if t.folder == "" {
		w.doRoot(ctx, t)
		return
	}
	if t.again {
		w.mu.Lock()
		n := w.roots[t.root].node.descend(t.folder)
		w.mu.Unlock()
		w.drop(n)
	}
	if w.subscribe(ctx, t.place) > 0 || t.cause == CauseMount {
		w.mu.Lock()
		w.deep(t.place, mark{cause: t.cause})
		w.mu.Unlock()
	}
}

// doRoot is do for a root, which may be away or come back.
func (w *Watcher) doRoot(ctx context.Context, t task) {
	if t.again {
		w.drop(w.roots[t.root].node)
	}
	if fresh := w.subscribe(ctx, t.place); ctx.Err() == nil {
		w.rootIs(t.root, fresh > 0, mark{cause: t.cause})
	}
}

// rootIs says what became of a root, and makes it due if that is news.
func (w *Watcher) rootIs(i int, fresh bool, m mark) {
	r := &w.roots[i]
	was := r.away
	w.mu.Lock()
	r.away = r.node == nil
	switch {
	case r.away && !was:
		w.deep(place{root: i}, mark{gone: true, cause: CauseAway})
	case !r.away && was:
		w.deep(place{root: i}, mark{cause: CauseBack})
	case !r.away && fresh:
		w.deep(place{root: i}, m)
	}
	w.mu.Unlock()
	if r.away != was {
		w.config.Log.Info("a root went away or came back", "path", r.Path, "away", r.away)
	}
}

// retry looks for the roots that are away.
func (w *Watcher) retry(ctx context.Context) {
	for i := range w.roots {
		if w.roots[i].node == nil && ctx.Err() == nil {
			w.doRoot(ctx, task{place{root: i}, false, CauseBack})
		}
	}
}

// checkRoots sees to it that roots are the folders that they were. A folder
// does not tell when one above it is moved, or when a link to it is changed.
func (w *Watcher) checkRoots(ctx context.Context) {
	for i := range w.roots {
		n := w.roots[i].node
		if n == nil || ctx.Err() != nil {
			continue
		}
		if id, err := identifyFolder(w.roots[i].Path); err != nil || id != n.id {
			w.doRoot(ctx, task{place{root: i}, true, CauseBack})
		}
	}
}

// rebuild forgets all subscriptions, takes a new notifier and subscribes to all
// roots: after events were dropped nothing that is known of folders is sure.
func (w *Watcher) rebuild(ctx context.Context, cause Cause) {
	if w.notifier != nil {
		if err := w.notifier.Close(); err != nil {
			w.config.Log.Debug("close the notifier", "error", err)
		}
	}
	w.mu.Lock()
	w.lost = ""
	w.tasks, w.tasked = nil, map[place]int{}
	w.byID, w.polled = map[identity]*node{}, map[place]polling{}
	w.counted.Watches, w.spent = 0, 0
	w.counted.Rebuilds++
	for i := range w.roots {
		w.roots[i].node, w.roots[i].linked = nil, false
	}
	w.mu.Unlock()
	w.subscribeAll(ctx)
	if ctx.Err() != nil {
		return
	}
	for i := range w.roots {
		w.rootIs(i, true, mark{urgent: true, cause: cause})
	}
}

// remount compares what is mounted with what was, and has the folders looked at
// where that changed.
func (w *Watcher) remount() {
	before, now := w.mounts, mountPoints()
	w.mounts = now
	changed := map[string]bool{}
	for at, what := range now {
		changed[at] = before[at] != what
	}
	for at := range before {
		if _, ok := now[at]; !ok {
			changed[at] = true
		}
	}
	for at, did := range changed {
		if did {
			w.mounted(at)
		}
	}
}

// mounted has the folders looked at that a mount point concerns.
func (w *Watcher) mounted(at string) {
	for i := range w.roots {
		root, err := NameRoot(w.roots[i].Path)
		if err != nil {
			continue
		}
		real := root.Real
		if real == "" {
			real = w.roots[i].Path
		}
		t := task{place{root: i}, true, CauseMount}
		if _, ok := below(real, at); !ok {
			folder, ok := below(at, real)
			if !ok {
				continue
			}
			if _, out := w.walk.Excludes.Excluded(folder, true); out {
				continue
			}
			t.folder = folder
		}
		w.mu.Lock()
		w.later(t)
		w.mu.Unlock()
	}
}
