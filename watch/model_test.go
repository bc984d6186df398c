// A small consumer: what a daemon would know after looking where it is told to.

package watch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// quick makes a watcher's times short.
func quick() Config {
	return Config{Quiet: 40 * time.Millisecond, Longest: 400 * time.Millisecond, Retry: 50 * time.Millisecond, Check: 100 * time.Millisecond}
}

// model maps folders of roots to their files.
type model map[place]map[string]Entry

// consumer looks where its watcher tells it to.
type consumer struct {
	t     testing.TB
	w     *Watcher
	roots []Root
	opts  Options

	mu     sync.Mutex
	known  model
	heard  []Due
	looked int // folders
}

// watching subscribes, walks, and keeps a model true until the test ends.
func watching(t testing.TB, roots []Root, opts Options, config Config) *consumer {
	t.Helper()
	w, err := New(t.Context(), roots, opts, config)
	must(t, err)
	return consume(t, w, roots, opts)
}

func consume(t testing.TB, w *Watcher, roots []Root, opts Options) *consumer {
	t.Helper()
	c := &consumer{t: t, w: w, roots: roots, opts: opts, known: fresh(t, roots, opts)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			list, err := w.Next(ctx)
			if err != nil {
				return
			}
			c.mu.Lock()
			c.heard = append(c.heard, list...)
			for _, d := range list {
				c.look(d)
			}
			c.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		must(t, w.Close())
	})
	return c
}

// fresh is the model by a walk of everything.
func fresh(t testing.TB, roots []Root, opts Options) model {
	t.Helper()
	m := model{}
	reached := &Reached{}
	for i, root := range roots {
		opts.Reached = reached
		err := Walk(context.Background(), root, opts, func(f Folder) error {
			if f.Err == nil {
				m.put(place{i, f.Path}, f)
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrWentOffline) {
			t.Fatal(err)
		}
	}
	return m
}

// put keeps folders that hold files.
func (m model) put(p place, f Folder) {
	delete(m, p)
	for _, e := range f.Files {
		m.set(p, e)
	}
}

func (m model) set(p place, e Entry) {
	if m[p] == nil {
		m[p] = map[string]Entry{}
	}
	m[p][e.Name] = e
}

// forget removes a folder and all below.
func (m model) forget(p place) {
	for q := range m {
		if q.root == p.root {
			if _, ok := relative(q.folder, p.folder); ok {
				delete(m, q)
			}
		}
	}
}

// look brings the model up to date where a Due says, and nowhere else.
func (c *consumer) look(d Due) {
	i := slices.IndexFunc(c.roots, func(r Root) bool { return r.Path == d.Root })
	p := place{i, d.Folder}
	if d.Deep && d.Folder == "" && c.opts.Follow {
		c.known = fresh(c.t, c.roots, c.opts)
		return
	}
	if d.Deep {
		c.known.forget(p)
	}
	visited := false
	err := WalkFolder(context.Background(), c.roots[i], Part{d.Folder, d.Names, d.Deep}, c.opts, func(f Folder) error {
		c.looked++
		visited = true
		if f.Err != nil {
			return nil
		}
		if d.Names == nil {
			c.known.put(place{i, f.Path}, f)
			return nil
		}
		for _, name := range d.Names {
			delete(c.known[p], name)
			if !slices.Contains(f.Folders, name) {
				c.known.forget(place{i, join(f.Path, name)})
			}
		}
		for _, e := range f.Files {
			if slices.Contains(d.Names, e.Name) {
				c.known.set(p, e)
			}
		}
		if len(c.known[p]) == 0 {
			delete(c.known, p)
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrWentOffline) {
		c.t.Error(err)
	}
	if !visited {
		c.known.forget(p)
	}
}

// sameFolder compares what is known of a folder with what is there. That a file
// has one more name elsewhere changes its inode, and no folder tells of it.
func sameFolder(known, there map[string]Entry) bool {
	return maps.EqualFunc(known, there, func(a, b Entry) bool {
		if b.Nlink > 1 {
			a.Ctime, a.Nlink = b.Ctime, b.Nlink
		}
		return a == b
	})
}

// settled waits until the model is what a fresh walk finds.
func (c *consumer) settled() {
	c.t.Helper()
	c.until("the model to be as a fresh walk finds the disk", func() bool {
		want := fresh(c.t, c.roots, c.opts)
		c.mu.Lock()
		defer c.mu.Unlock()
		return maps.EqualFunc(c.known, want, sameFolder)
	})
}

func (c *consumer) until(what string, holds func() bool) {
	c.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.t.Fatalf("waited for %s\n%s\nheard: %s\nstats: %+v", what, c.difference(), c.told(), c.w.Stats())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// difference tells what a fresh walk finds other than the model.
func (c *consumer) difference() string {
	want := fresh(c.t, c.roots, c.opts)
	var out []string
	all := maps.Clone(want)
	maps.Copy(all, c.known)
	for p := range all {
		if !sameFolder(c.known[p], want[p]) {
			out = append(out, fmt.Sprintf("%d %q: model %d files, disk %d", p.root, p.folder, len(c.known[p]), len(want[p])))
		}
		if len(out) > 10 {
			break
		}
	}
	return strings.Join(out, "\n")
}

func (c *consumer) told() string {
	var b strings.Builder
	for _, d := range c.heard[max(0, len(c.heard)-30):] {
		fmt.Fprintf(&b, "\n  %s %q %d names %q deep %v gone %v %s", filepath.Base(d.Root), d.Folder, len(d.Names),
			d.Names[:min(3, len(d.Names))], d.Deep, d.Gone, d.Cause)
	}
	return b.String()
}

// caused says whether a Due of a cause was heard.
func (c *consumer) caused(cause Cause) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.heard, func(d Due) bool { return d.Cause == cause })
}
