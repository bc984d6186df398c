//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// measure writes pictures one after the other, with a pause between, beside a reader that waits for
// each to stand in a group, and returns how long those took that do, sorted.
func measure(t testing.TB, p *program, n int, gap time.Duration, picture func(i int) (path string, data []byte)) []time.Duration {
	t.Helper()
	x, err := index.OpenReader(p.Context(), p.index)
	must(t, err)
	defer x.Close()
	var mu sync.Mutex
	closed := map[string]time.Time{}
	var reached []time.Duration
	look := func() {
		mu.Lock()
		waiting := make([]string, 0, len(closed))
		for path := range closed {
			waiting = append(waiting, path)
		}
		mu.Unlock()
		for _, path := range waiting {
			f, found, err := x.FileAt(p.Context(), path)
			must(t, err)
			if !found || f.Content == 0 {
				continue
			}
			groups, err := x.ClustersOf(p.Context(), "normal", []int64{f.Content})
			must(t, err)
			if len(groups) == 0 {
				continue
			}
			mu.Lock()
			reached = append(reached, time.Since(closed[path]))
			delete(closed, path)
			mu.Unlock()
		}
	}
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range n {
			path, data := picture(i)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Error(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Error(err)
			}
			mu.Lock()
			closed[path] = time.Now()
			mu.Unlock()
			time.Sleep(gap)
		}
	})
	for end := time.Now().Add(time.Duration(n)*max(gap, time.Second) + 20*time.Second); len(reached) < n; time.Sleep(5 * time.Millisecond) {
		look()
		if time.Now().After(end) {
			t.Logf("%d of %d reached the report", len(reached), n)
			break
		}
	}
	writing.Wait()
	slices.Sort(reached)
	return reached
}

// What is written while the daemon stands still, more than the kernel queues, is
// found: DEDUPIDX_STORM files (10,000 here; 100,000 in the long form), with the
// daemon stopped and without.
func watchStorm(t *testing.T, p *program) {
	n, err := strconv.Atoi(os.Getenv("DEDUPIDX_STORM"))
	if err != nil {
		n = 10000
	}
	p.put(filepath.Join(p.photos, "1.jpg"), small()[0][0])
	for i := range 60 { // what is made in a folder that is not watched yet is no event
		must(t, os.MkdirAll(filepath.Join(p.photos, []string{"stopped", "running"}[i%2], strconv.Itoa(i/2)), 0o755))
	}
	r := p.watch(p.photos)
	storm := func(into string) {
		for i := range n {
			data := []byte("no picture " + strconv.Itoa(i))
			if i%500 == 0 {
				data = small()[i/500%12][i/500%2]
			}
			p.put(filepath.Join(p.photos, into, strconv.Itoa(i%30), fmt.Sprintf("%d.txt", i)), data)
		}
	}
	r.pauseWhile(func() { storm("stopped") })
	r.isTrue("a storm while it was stopped", p.photos)
	overflow := r.overflowed()
	t.Logf("%d files while it was stopped: overflow %v", n, overflow)
	if n >= 10000 && !overflow {
		t.Errorf("no overflow in the log")
	}
	storm("running")
	r.isTrue("a storm", p.photos)
}
