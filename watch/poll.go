// Polling: what cannot be watched is looked at again and again, and what is
// worth a warning is warned of once.

package watch

import "context"

// polling says why a place is polled.
type polling string

const (
	silentFolders  polling = "its file system does not tell of all changes"
	limitedFolders polling = "a limit of the system was reached"
)

// maxPolled is how many places of a root are polled one by one; above it the
// root is polled instead, which costs one walk and not thousands.
const maxPolled = 256

// isPolled notes why a place is polled; "" for not.
func (w *Watcher) isPolled(p place, why polling) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if why == "" {
		delete(w.polled, p)
		return
	}
	if _, ok := w.polled[place{root: p.root}]; ok {
		return
	}
	w.polled[p] = why
	count := 0
	for q := range w.polled {
		if q.root == p.root {
			count++
		}
	}
	if count <= maxPolled && p.folder != "" {
		return
	}
	for q := range w.polled {
		if q.root == p.root {
			delete(w.polled, q)
		}
	}
	w.polled[place{root: p.root}] = why
}

// poll makes what is polled due, and tries to subscribe to what could not be.
func (w *Watcher) poll(ctx context.Context) {
	w.mu.Lock()
	again := map[place]polling{}
	for p, why := range w.polled {
		again[p] = why
	}
	w.mu.Unlock()
	if w.notifier == nil {
		w.rebuild(ctx, CausePoll)
		return
	}
	for p, why := range again {
		if ctx.Err() != nil {
			return
		}
		if why == limitedFolders {
			w.isPolled(p, "")
		}
		w.subscribe(ctx, p) // folders that are new where nothing tells of them
		w.mu.Lock()
		w.deep(p, mark{urgent: true, cause: CausePoll})
		w.mu.Unlock()
	}
}

// warn warns once of a cause.
func (w *Watcher) warn(cause, message string, args ...any) {
	w.mu.Lock()
	again := w.warned[cause]
	w.warned[cause] = true
	w.mu.Unlock()
	if !again {
		w.config.Log.Warn(message, args...)
	}
}
