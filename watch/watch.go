// The Watcher: roots in, places to look at out.

package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

// ErrClosed is what Next returns after Close.
var ErrClosed = errors.New("the watcher is closed")

// Config says how a Watcher behaves in time. The zero value takes the defaults.
type Config struct {
	// Quiet is how long a path must rest before it is due: 700 ms, of the two
	// seconds in which a new photo shall be reported.
	Quiet time.Duration
	// Longest is after how long it is due though it does not rest: 5 s.
	Longest time.Duration
	// Poll is how often places are looked at that cannot be watched: 5 min.
	Poll time.Duration
	// PollAll looks at all roots that often, for file systems that tell nothing
	// and are not known to.
	PollAll bool
	// Reconcile is how often everything is looked at and subscribed to anew:
	// 24 h; less than 0 never.
	Reconcile time.Duration
	// Retry is how often a root that is away is looked for: 2 s.
	Retry time.Duration
	// Check is how often roots are asked whether they are still the same
	// folders, since a folder does not tell when one above it is moved: 30 s.
	Check time.Duration
	// Log takes warnings, each once for each cause, and what is worth knowing.
	Log *slog.Logger

	open   func() (notifier, error)         // tests put faults in
	silent func(dir *os.File) (name string) // the file system, when it does not tell all
	budget int                              // descriptors for files of watched folders; 0 where they cost none
}

func (c *Config) defaults() {
	for _, d := range []struct {
		at    *time.Duration
		value time.Duration
	}{
		{&c.Quiet, 700 * time.Millisecond}, {&c.Longest, 5 * time.Second}, {&c.Poll, 5 * time.Minute},
		{&c.Reconcile, 24 * time.Hour}, {&c.Retry, 2 * time.Second}, {&c.Check, 30 * time.Second},
	} {
		if *d.at == 0 {
			*d.at = d.value
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.open == nil {
		c.open = openNotifier
	}
	if c.silent == nil {
		c.silent = silent
	}
	if c.budget == 0 {
		c.budget = fileBudget
	}
}

// Watcher tells where to look. Subscribe first (New), then walk the roots, then
// call Next again and again: what changes after New has returned is told.
type Watcher struct {
	config  Config
	walk    Options
	own     own
	done    chan struct{} // closed by Close
	closing sync.Once
	tending sync.WaitGroup // ends with done
	hearing sync.WaitGroup // ends with the notifier
	wake    chan struct{}  // to Next: something is due earlier than it knows
	nudge   chan struct{}  // to tend: there is something to do

	// Of the goroutine that subscribes: New, then tend.
	notifier notifier // nil while none can be had
	rebuilt  time.Time
	mounts   map[string]string // mount points and what is mounted there
	spent    int               // descriptors, where files cost some (kqueue)

	// For all below. It is held for no call to the disk or to the notifier:
	// fsnotify may hold its own lock until listen has read an error.
	mu      sync.Mutex
	roots   []rootState
	byID    map[identity]*node
	due     *settle
	armed   bool // Next wakes by itself for the marks that there are
	tasks   []task
	tasked  map[place]int // place in tasks
	lost    Cause         // why all must be subscribed to anew; "" for no
	polled  map[place]polling
	warned  map[string]bool // causes of warnings that were given
	counted Stats
}

// rootState is a root and what is known of it.
type rootState struct {
	Root
	node   *node // nil while it is not subscribed to
	away   bool
	linked bool // it holds a link that is followed
}

// task is a folder whose subscription is to be looked at.
type task struct {
	place
	again bool // what was subscribed there is void
	cause Cause
}

// maxTasks bounds the folders that wait to be subscribed to. Above it all is
// subscribed to anew, which takes 10 us a folder.
const maxTasks = 16384

// New subscribes to roots and all folders below them, as Walk would walk them
// with the same options. A root that is not there is looked for until it is. The
// roots must not overlap (see Overlap). ctx bounds New alone; end with Close.
func New(ctx context.Context, roots []Root, walk Options, config Config) (*Watcher, error) {
	config.defaults()
	if walk.Excludes == nil {
		walk.Excludes = defaultsOnly()
	}
	w := &Watcher{
		config: config, walk: walk, own: findOwn(walk),
		done: make(chan struct{}), wake: make(chan struct{}, 1), nudge: make(chan struct{}, 1),
		byID:   map[identity]*node{},
		due:    newSettle(config.Quiet, config.Longest),
		tasked: map[place]int{},
		polled: map[place]polling{},
		warned: map[string]bool{},
	}
	for _, root := range roots {
		w.roots = append(w.roots, rootState{Root: root})
	}
	w.mounts = mountPoints()
	w.subscribeAll(ctx)
	if err := ctx.Err(); err != nil {
		w.Close()
		return nil, fmt.Errorf("subscribe to folders: %w", err)
	}
	for i := range w.roots {
		w.roots[i].away = w.roots[i].node == nil
	}
	w.tending.Go(w.tend)
	return w, nil
}

// Next waits until something is due and returns all that is, in the order in
// which to look at it. What happens between two calls is gathered: changes to
// many names become a look at their folder, many folders a look at the root. It
// is for one goroutine. The error is that of ctx, or ErrClosed.
func (w *Watcher) Next(ctx context.Context) ([]Due, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.mu.Lock()
		now := time.Now()
		due := w.named(w.due.take(now))
		at, waits := w.due.next()
		w.armed = waits
		w.mu.Unlock()
		if len(due) > 0 {
			return due, nil
		}
		if !waits {
			at = now.Add(time.Hour)
		} else if soonest := now.Add(w.config.Quiet / 8); at.Before(soonest) {
			at = soonest // a storm shall not wake us for each file
		}
		timer := time.NewTimer(time.Until(at))
		select {
		case <-timer.C:
		case <-w.wake:
		case <-ctx.Done():
		case <-w.done:
			timer.Stop()
			return nil, ErrClosed
		}
		timer.Stop()
	}
}

// named gives roots their paths.
func (w *Watcher) named(list []settled) []Due {
	due := make([]Due, len(list))
	for i, d := range list {
		due[i] = Due{w.roots[d.root].Path, d.folder, d.names, d.deep, d.gone, d.cause, d.since}
	}
	return due
}

// Rescan makes all roots due at once, with all below them.
func (w *Watcher) Rescan() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.roots {
		w.deep(place{root: i}, mark{urgent: true, cause: CauseAsked})
	}
}

// Close ends the watcher and waits for its goroutines.
func (w *Watcher) Close() error {
	var err error
	w.closing.Do(func() {
		close(w.done)
		w.tending.Wait()
		if w.notifier != nil {
			err = w.notifier.Close()
		}
		w.hearing.Wait()
	})
	if err != nil {
		return fmt.Errorf("close the watcher: %w", err)
	}
	return nil
}

// Stats are figures of a watcher.
type Stats struct {
	Watches   int           // folders that are subscribed to
	Events    int64         // told by the system
	Overflows int64         // times that it dropped events
	Rescans   int64         // times that a folder and all below was made due for lack of events
	Rebuilds  int64         // times that all was subscribed to anew
	Polled    []string      // places that are looked at every Config.Poll
	Away      []string      // roots that are not there
	Waiting   int           // names and folders that are not yet due
	Age       time.Duration // of the oldest of them
}

// Stats tells how the watcher does. It is cheap but for what waits, which is
// counted.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.counted
	for p := range w.polled {
		s.Polled = append(s.Polled, w.roots[p.root].Abs(p.folder))
	}
	slices.Sort(s.Polled)
	for _, r := range w.roots {
		if r.away {
			s.Away = append(s.Away, r.Path)
		}
	}
	var since time.Time
	if s.Waiting, since = w.due.depth(); s.Waiting > 0 {
		s.Age = time.Since(since)
	}
	return s
}
