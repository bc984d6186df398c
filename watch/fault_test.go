// What a Watcher does when the system tells too little: overflow, limits, faults.

package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// faulty is a real notifier that fails where a test says so.
type faulty struct {
	notifier
	refuse func(path string) error
	errs   chan error
}

func (f *faulty) Add(path string) error {
	if err := f.refuse(path); err != nil {
		return err
	}
	return f.notifier.Add(path)
}

func (f *faulty) errors() <-chan error { return f.errs }

func (f *faulty) Close() error {
	err := f.notifier.Close()
	for range f.notifier.errors() {
	}
	close(f.errs)
	return err
}

// refusing opens real notifiers whose Add asks refuse first.
func refusing(refuse func(path string) error) func() (notifier, error) {
	return func() (notifier, error) {
		n, err := openNotifier()
		if err != nil {
			return nil, err
		}
		f := &faulty{n, refuse, make(chan error)}
		return f, nil
	}
}

// pages gathers a log.
type pages struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *pages) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(line)
}

// warnings are the lines that warn of something.
func (p *pages) warnings() (lines []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.b.String()) {
		if strings.Contains(line, "level=WARN") {
			lines = append(lines, line)
		}
	}
	return lines
}

func logged(c Config) (Config, *pages) {
	p := &pages{}
	c.Log = slog.New(slog.NewTextHandler(p, nil))
	return c, p
}

// More files than the kernel queues while nobody reads, then all is found. With
// DEDUPIDX_LONG it is 100,000 of them.
func TestWatchOverflow(t *testing.T) {
	files := 20_000
	if os.Getenv("DEDUPIDX_LONG") != "" {
		files = 100_000
	}
	config, log := logged(quick())
	d := newDesk(t, Options{}, config)
	d.w.mu.Lock() // the goroutine that reads stands still
	plantMany(t, filepath.Join(d.a, "flood"), 10)
	plantMany(t, filepath.Join(d.a, "sub"), files)
	plantMany(t, filepath.Join(d.a, "sub/late"), 10)
	d.w.mu.Unlock()
	d.settled()
	if s := d.w.Stats(); s.Overflows == 0 || s.Rescans == 0 || s.Rebuilds == 0 {
		t.Skipf("the kernel queues more than %d events: %+v", files, s)
	}
	if !d.caused(CauseOverflow) {
		t.Error("no rescan says that events were dropped")
	}
	plant(t, d.a, "flood/later.jpg", "sub/late/later.jpg")
	plantMany(t, filepath.Join(d.b, "burst"), files/10) // and now with a reader
	d.settled()
	if w := log.warnings(); len(w) != 1 || !strings.Contains(w[0], "fs.inotify.max_queued_events") {
		t.Errorf("warnings: %q", w)
	}
}

func TestWatchOutOfWatches(t *testing.T) {
	for _, err := range []error{syscall.ENOSPC, &os.SyscallError{Syscall: "inotify_add_watch", Err: syscall.EMFILE}} {
		t.Run(err.Error(), func(t *testing.T) {
			var left atomic.Int64
			left.Store(4)
			config, log := logged(quick())
			config.Poll = 150 * time.Millisecond
			config.open = refusing(func(string) error {
				if left.Add(-1) < 0 {
					return fmt.Errorf("add: %w", err)
				}
				return nil
			})
			d := newDesk(t, Options{}, config)
			if s := d.w.Stats(); s.Watches != 4 || len(s.Polled) == 0 {
				t.Errorf("%+v", s)
			}
			plant(t, d.a, "sub/x.jpg", "sub/deep/x.jpg", "new/in/x.jpg")
			plant(t, d.b, "x.jpg", "other/x.jpg", "new/in/x.jpg")
			d.settled()
			must(t, os.RemoveAll(filepath.Join(d.b, "other")))
			rename(t, filepath.Join(d.a, "sub"), filepath.Join(d.b, "moved"))
			d.settled()
			if !d.caused(CausePoll) {
				t.Error("nothing was polled")
			}
			if w := log.warnings(); len(w) != 1 || !strings.Contains(w[0], "fs.inotify.max_user_watches") {
				t.Errorf("warnings: %q", w)
			}
			left.Store(1000) // someone raised the limit
			d.until("all to be watched", func() bool {
				s := d.w.Stats()
				return len(s.Polled) == 0 && s.Watches == countFolders(t, d.roots)
			})
		})
	}
}

// A folder that is made in a new folder before that is watched is found by the
// listing, and one that is made after it by an event.
func TestWatchNewFolderInAHurry(t *testing.T) {
	var once sync.Once
	config := quick()
	config.open = refusing(func(path string) error {
		if filepath.Base(path) == "new" {
			once.Do(func() { plant(t, path, "made/x.jpg") })
		}
		return nil
	})
	d := newDesk(t, Options{}, config)
	plant(t, d.a, "new/")
	d.until("a watch for each folder", func() bool { return d.w.Stats().Watches == 7 })
	d.settled()
	plant(t, d.a, "new/made/later.jpg")
	d.settled()
}

// A thousand folders that cannot be watched are one root that is polled.
func TestWatchOutOfWatchesEverywhere(t *testing.T) {
	dir := t.TempDir()
	for i := range 2 * maxPolled {
		plant(t, dir, fmt.Sprintf("%d/x.jpg", i))
	}
	config, _ := logged(quick())
	config.Poll = 100 * time.Millisecond
	config.open = refusing(func(path string) error {
		if path != dir {
			return syscall.ENOSPC
		}
		return nil
	})
	c := watching(t, []Root{rootAt(t, dir)}, Options{}, config)
	c.until("one place that is polled", func() bool {
		s := c.w.Stats()
		return len(s.Polled) == 1 && s.Polled[0] == dir
	})
	plant(t, dir, "7/y.jpg", "new/y.jpg")
	c.settled()
}

// As on macOS, where each file of a watched folder takes a descriptor.
func TestWatchOutOfDescriptors(t *testing.T) {
	config, log := logged(quick())
	config.Poll, config.budget = 100*time.Millisecond, 100
	d := newDesk(t, Options{}, config)
	plantMany(t, filepath.Join(d.out, "large"), 200)
	rename(t, filepath.Join(d.out, "large"), filepath.Join(d.a, "large"))
	large := filepath.Join(d.a, "large")
	d.until("the large folder to be polled", func() bool { s := d.w.Stats(); return len(s.Polled) == 1 && s.Polled[0] == large })
	plant(t, d.a, "large/x.jpg", "large/in/y.jpg", "sub/z.jpg")
	d.settled()
	if s, w := d.w.Stats(), log.warnings(); s.Watches != 5 || len(w) != 1 {
		t.Errorf("%+v, warnings %q", s, w)
	}
	for i := range 150 {
		must(t, os.Remove(fmt.Sprintf("%s/%06d.jpg", large, i)))
	}
	d.until("it to be watched", func() bool { s := d.w.Stats(); return len(s.Polled) == 0 && s.Watches == 7 })
	must(t, os.RemoveAll(large))
	d.settled()
}

func TestWatchWithoutInstances(t *testing.T) {
	var can atomic.Bool
	config, log := logged(quick())
	config.Poll = 100 * time.Millisecond
	config.open = func() (notifier, error) {
		if !can.Load() {
			return nil, syscall.EMFILE
		}
		return openNotifier()
	}
	d := newDesk(t, Options{}, config)
	plant(t, d.a, "sub/x.jpg")
	d.settled()
	if w := log.warnings(); len(w) != 1 || !strings.Contains(w[0], "fs.inotify.max_user_instances") {
		t.Errorf("warnings: %q", w)
	}
	can.Store(true)
	d.until("folders to be watched", func() bool { s := d.w.Stats(); return s.Watches == 5 && len(s.Polled) == 0 })
	plant(t, d.a, "sub/y.jpg")
	d.settled()
}

// An error of the channel means that events may be missing.
func TestWatchFault(t *testing.T) {
	config, log := logged(quick())
	opened := make(chan *faulty, 10)
	open := refusing(func(string) error { return nil })
	config.open = func() (notifier, error) {
		n, err := open()
		opened <- n.(*faulty)
		return n, err
	}
	d := newDesk(t, Options{}, config)
	first := <-opened
	first.errs <- fmt.Errorf("remove: %w", syscall.EINVAL) // as after a removed watch
	first.errs <- fsnotify.ErrNonExistentWatch
	first.errs <- errors.New("short read")
	<-opened
	plant(t, d.a, "sub/y.jpg")
	d.settled()
	d.until("a rescan", func() bool { return d.caused(CauseOverflow) })
	if w := log.warnings(); len(w) != 1 || !strings.Contains(w[0], "short read") {
		t.Errorf("warnings: %q", w)
	}
}

// More new folders than are remembered one by one.
func TestWatchTooManyTasks(t *testing.T) {
	w := &Watcher{tasked: map[place]int{}, nudge: make(chan struct{}, 1)}
	for i := range maxTasks {
		w.later(task{place: place{0, fmt.Sprint(i)}})
	}
	w.later(task{place: place{0, "1"}, again: true})
	if w.lost != "" || len(w.tasks) != maxTasks || !w.tasks[1].again {
		t.Errorf("lost %q, %d tasks", w.lost, len(w.tasks))
	}
	w.later(task{place: place{0, "one more"}})
	if w.lost == "" || len(w.tasks) != 0 {
		t.Errorf("lost %q, %d tasks", w.lost, len(w.tasks))
	}
}

// A file system that tells nothing of what others change on it.
func TestWatchSilentFileSystem(t *testing.T) {
	for _, all := range []bool{false, true} {
		config, log := logged(quick())
		config.Poll, config.PollAll = 100*time.Millisecond, all
		if !all {
			config.silent = func(*os.File) string { return "nfs" }
		}
		config.open = func() (notifier, error) { return deaf{make(chan fsnotify.Event), make(chan error)}, nil }
		d := newDesk(t, Options{}, config)
		plant(t, d.a, "sub/x.jpg", "new/in/x.jpg")
		must(t, os.Remove(filepath.Join(d.b, "other/6.jpg")))
		d.settled()
		want := 2
		if all {
			want = 0
		}
		if s, w := d.w.Stats(), log.warnings(); len(s.Polled) != 2 || len(w) != want {
			t.Errorf("polled %q, warnings %q", s.Polled, w)
		}
	}
}

// deaf hears nothing.
type deaf struct {
	e    chan fsnotify.Event
	errs chan error
}

func (d deaf) Add(string) error              { return nil }
func (d deaf) Remove(string) error           { return nil }
func (d deaf) Close() error                  { close(d.e); close(d.errs); return nil }
func (d deaf) events() <-chan fsnotify.Event { return d.e }
func (d deaf) errors() <-chan error          { return d.errs }

// A root that goes away and comes back, in each of the ways that it can.
func TestWatchRootAway(t *testing.T) {
	isAway := func(d desk) func() bool { return func() bool { return len(d.w.Stats().Away) == 1 } }
	isBack := func(d desk) func() bool { return func() bool { return len(d.w.Stats().Away) == 0 } }
	t.Run("renamed", func(t *testing.T) {
		d := newDesk(t, Options{}, quick())
		rename(t, d.a, d.out+"/a")
		d.until("it to be away", isAway(d))
		d.until("that to be said", func() bool { return d.caused(CauseAway) })
		d.settled()
		plant(t, d.out+"/a", "sub/while away.jpg")
		rename(t, d.out+"/a", d.a)
		d.until("it to be back", isBack(d))
		d.settled()
		if !d.caused(CauseBack) {
			t.Error("no rescan says that it is back")
		}
		plant(t, d.a, "sub/deep/later.jpg")
		d.settled()
	})
	t.Run("renamed and back at once", func(t *testing.T) {
		d := newDesk(t, Options{}, quick())
		for range 50 {
			rename(t, d.a, d.out+"/a")
			rename(t, d.out+"/a", d.a)
		}
		time.Sleep(100 * time.Millisecond)
		plant(t, d.a, "sub/deep/later.jpg")
		d.settled()
	})
	t.Run("a folder above it renamed", func(t *testing.T) {
		top := filepath.Join(t.TempDir(), "top")
		plant(t, top, "a/1.jpg", "a/sub/2.jpg")
		c := watching(t, []Root{rootAt(t, top+"/a")}, Options{}, quick())
		rename(t, top, top+"2")
		c.until("it to be away", func() bool { return len(c.w.Stats().Away) == 1 })
		c.settled()
		rename(t, top+"2", top)
		c.settled()
		plant(t, top, "a/sub/later.jpg")
		c.settled()
	})
	t.Run("deleted, another in its place", func(t *testing.T) {
		d := newDesk(t, Options{}, quick())
		must(t, os.RemoveAll(d.a))
		plant(t, d.a, "sub/other.jpg")
		d.settled()
		plant(t, d.a, "sub/later.jpg")
		d.settled()
	})
	t.Run("away from the start", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "later")
		root, err := NameRoot(dir)
		must(t, err)
		c := watching(t, []Root{root}, Options{}, quick())
		if s := c.w.Stats(); len(s.Away) != 1 {
			t.Errorf("%+v", s)
		}
		plant(t, dir, "sub/x.jpg")
		c.settled()
		plant(t, dir, "sub/later.jpg")
		c.settled()
	})
	t.Run("a link to another folder", func(t *testing.T) {
		dir := t.TempDir()
		plant(t, dir, "one/1.jpg", "two/2.jpg")
		must(t, os.Symlink("one", dir+"/link"))
		c := watching(t, []Root{rootAt(t, dir+"/link")}, Options{}, quick())
		plant(t, dir, "one/11.jpg")
		c.settled()
		must(t, os.Remove(dir+"/link"))
		must(t, os.Symlink("two", dir+"/link"))
		c.settled()
		plant(t, dir, "two/22.jpg")
		c.settled()
	})
}

// Links that are followed: into a root, out of it, and in circles.
func TestWatchFollows(t *testing.T) {
	config := quick()
	config.Poll = 150 * time.Millisecond
	opts := Options{Follow: true}
	d := newDesk(t, opts, config)
	plant(t, d.a, "real/r.jpg")
	d.settled()
	must(t, os.Symlink(".", filepath.Join(d.a, "loop")))
	must(t, os.Symlink("real", filepath.Join(d.a, "aaa")))
	must(t, os.Symlink(d.out, filepath.Join(d.b, "outside")))
	must(t, os.Symlink(filepath.Join(d.out, "7.jpg"), filepath.Join(d.a, "linked.jpg")))
	d.settled()
	plant(t, d.a, "real/more.jpg")
	plant(t, d.out, "tree/more.jpg")
	write(t, filepath.Join(d.out, "7.jpg"), "other bytes")
	d.settled()
	must(t, os.Remove(filepath.Join(d.a, "aaa")))
	must(t, os.Remove(filepath.Join(d.b, "outside")))
	must(t, os.Symlink("sub", filepath.Join(d.a, "aaa"))) // swapped
	d.settled()
	plant(t, d.a, "sub/deep/more.jpg")
	d.settled()
}

func TestWatchLinkSwap(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	in := filepath.Join
	must(t, os.Remove(in(d.a, "1.jpg")))
	must(t, os.Symlink("2.jpg", in(d.a, "1.jpg"))) // a file becomes a link
	must(t, os.Symlink("2.jpg", in(d.a, "l")))
	d.settled()
	write(t, in(d.a, "f"), "x")
	rename(t, in(d.a, "f"), in(d.a, "l")) // a link becomes a file
	must(t, os.Symlink(d.out, in(d.a, "tmp")))
	rename(t, in(d.a, "sub"), in(d.a, "kept"))
	rename(t, in(d.a, "tmp"), in(d.a, "sub")) // a folder becomes a link, which is not followed
	d.settled()
	plant(t, d.out, "seen by nobody.jpg")
	plant(t, d.a, "kept/deep/later.jpg")
	d.settled()
	d.until("no watch outside", func() bool { return d.w.Stats().Watches == countFolders(t, d.roots) })
}

// A consumer that does not come for a while finds all in a few items.
func TestWatchWaitsForNobody(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a/x.jpg")
	roots := []Root{rootAt(t, dir)}
	w, err := New(t.Context(), roots, Options{}, quick())
	must(t, err)
	c := &consumer{t: t, w: w, roots: roots, known: fresh(t, roots, Options{})}
	defer w.Close()
	plantMany(t, dir+"/a", 3000)
	plantMany(t, dir+"/b", 3000)
	plant(t, dir, "last.jpg")
	c.until("quiet", func() bool { s := w.Stats(); return s.Waiting > 0 && s.Waiting < 10 && s.Age > 500*time.Millisecond })
	items := 0
	for w.Stats().Waiting > 0 {
		list, err := w.Next(context.Background())
		must(t, err)
		for _, d := range list {
			c.look(d)
		}
		items += len(list)
	}
	c.settled()
	if items > 5 {
		t.Errorf("%d items", items)
	}
}
