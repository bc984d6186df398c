//go:build unix

// A daemon for tests: the built program watching real folders, and the truth to
// compare it with, which is what a fresh scan finds.

package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// TestWatch runs the daemon, built once, through its life.
func TestWatch(t *testing.T) {
	p := build(t)
	type life struct {
		name string
		run  func(*testing.T, *program)
	}
	lives := []life{ // the longest first
		{"changes", watchChanges}, {"soak", watchSoak}, {"storm", watchStorm}, {"killed", watchKilled}, {"mounts", watchMounts},
		{"root away", watchRootAway}, {"latency", watchLatency}, {"full disk", watchFullDisk}, {"unreadable", watchUnreadable},
		{"limit", watchLimit}, {"tells", watchTells}, {"events", watchEvents}, {"stopped", watchStopped},
		{"second", watchSecond}, {"manager", watchTellsItsManager},
	}
	next := make(chan life)
	var runners sync.WaitGroup
	for range 5 { // they wait most of the time
		runners.Go(func() {
			for l := range next {
				t.Run(l.name, func(t *testing.T) { l.run(t, p.anew(t)) })
			}
		})
	}
	for _, l := range lives {
		next <- l
	}
	close(next)
	runners.Wait()
}

// heard is a buffer that a process writes while the test reads.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// running is a daemon.
type running struct {
	*program
	c        *exec.Cmd
	out, err heard
	ended    chan struct{}
}

// watch starts the daemon on folders and waits until it has looked at everything once.
func (p *program) watch(args ...string) *running {
	p.Helper()
	r := p.startWatch(nil, args...)
	r.until("the first look", func() bool { return strings.Contains(r.err.String(), "looked at everything") })
	return r
}

func (p *program) startWatch(env []string, args ...string) *running {
	p.Helper()
	r := &running{program: p, ended: make(chan struct{})}
	r.c = p.command(append([]string{"watch", "--log-level", "debug"}, args...)...)
	r.c.Env = append(r.c.Env, env...)
	r.start()
	return r
}

func (r *running) start() {
	r.Helper()
	r.c.Stdout, r.c.Stderr = &r.out, &r.err
	must(r, r.c.Start())
	go func() { _ = r.c.Wait(); close(r.ended) }()
	r.Cleanup(func() {
		_ = r.c.Process.Kill() // it may have ended
		<-r.ended
		if r.Failed() {
			r.Logf("the daemon said:\n%s", r.err.String())
		}
	})
}

func (r *running) signal(s os.Signal) {
	r.Helper()
	must(r, r.c.Process.Signal(s))
}

// stop asks the daemon to end, which must be well and soon.
func (r *running) stop(s os.Signal) {
	r.Helper()
	r.signal(s)
	select {
	case <-r.ended:
	case <-time.After(5 * time.Second):
		r.Fatalf("it runs on 5 s after %v", s)
	}
	if code := r.c.ProcessState.ExitCode(); code != 0 {
		r.Errorf("after %v it exits with %d", s, code)
	}
}

func (r *running) kill() {
	_ = r.c.Process.Kill() // it may have ended
	<-r.ended
}

// until waits for a condition.
func (r *running) until(what string, met func() bool) {
	r.Helper()
	r.untilWithin(30*time.Second, what, met)
}

func (r *running) untilWithin(longest time.Duration, what string, met func() bool) {
	r.Helper()
	for end := time.Now().Add(longest); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			r.Fatalf("no sign of %s in %v", what, longest)
		}
	}
}

// decoded is how many pictures the daemon says that it has decoded.
func (r *running) decoded() (sum int64) {
	for _, m := range regexp.MustCompile(`decoded=(\d+)`).FindAllStringSubmatch(r.err.String(), -1) {
		n, err := strconv.ParseInt(m[1], 10, 64)
		must(r, err)
		sum += n
	}
	return sum
}

// isTrue waits until the index holds what a fresh scan of the folders finds: the
// same report, and the same files.
func (r *running) isTrue(after string, folders ...string) {
	r.Helper()
	r.program.isTrue(after, folders...)
}

func (p *program) isTrue(after string, folders ...string) {
	p.Helper()
	fresh := &program{TB: p.TB, binary: p.binary, folder: p.folder, user: p.user}
	fresh.index = filepath.Join(p.folder, "fresh.db")
	defer func() {
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			_ = os.Remove(fresh.index + end) // not all are there
		}
	}()
	c := fresh.command(append([]string{"scan", "--quiet"}, folders...)...)
	if out, err := c.CombinedOutput(); err != nil && c.ProcessState.ExitCode() != exitSomeFailed {
		p.Fatalf("fresh scan: %v: %s", err, out)
	}
	want := fresh.holds()
	got := ""
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if got = p.holds(); got == want {
			return
		}
		if time.Now().After(end) {
			break
		}
	}
	p.Errorf("after %s the index is not what a fresh scan finds:\n%s", after, difference(got, want))
}

// holds is the whole report of an index and all its files.
func (p *program) holds() string {
	p.Helper()
	var b strings.Builder
	b.WriteString(p.csv())
	x, err := index.OpenReader(p.Context(), p.index)
	must(p, err)
	defer x.Close()
	roots, err := x.Roots(p.Context())
	must(p, err)
	for _, root := range roots {
		fmt.Fprintf(&b, "root %q %s\n", root.Path, root.State)
		for f, err := range x.Folders(p.Context(), root.ID) {
			must(p, err)
			files, err := x.FilesIn(p.Context(), root.ID, f.Path)
			must(p, err)
			for _, file := range files {
				contents, err := x.Contents(p.Context(), []int64{file.Content})
				must(p, err)
				hash := contents[file.Content].Hash
				fmt.Fprintf(&b, "%q %q %d %d %d %s %s %s\n", f.Path, file.Name, file.Size, file.Mtime, file.Inode, file.State, file.Reason, hex.EncodeToString(hash[:6]))
			}
		}
	}
	return b.String()
}

// difference lists the lines that only one of two texts has, the first of many.
func difference(got, want string) string {
	lines := map[string]int{}
	for l := range strings.Lines(got) {
		lines[l]++
	}
	var b strings.Builder
	n := 0
	for l := range strings.Lines(want) {
		if lines[l]--; lines[l] < 0 && n < 20 {
			b.WriteString("  missing " + l)
			n++
		}
	}
	for l := range strings.Lines(got) {
		if lines[l] > 0 && n < 40 {
			b.WriteString("  too much " + l)
			n++
		}
	}
	return b.String()
}

// small are scenes and lesser copies of them, for the daemons to read: by
// number, then original and copy.
var small = sync.OnceValue(func() (out [12][2][]byte) {
	for i := range out {
		s := drawn.Scene(uint64(900+i), 240, 160)
		out[i] = [2][]byte{drawn.JPEG(s, 90), drawn.JPEG(drawn.Resize(s, 180, 120), 80)}
	}
	return out
})

// put writes a file and the folders above it.
func (p *program) put(path string, data []byte) {
	p.Helper()
	must(p, os.MkdirAll(filepath.Dir(path), 0o755))
	must(p, os.WriteFile(path, data, 0o644))
}

// shell runs a command that must succeed.
func (p *program) shell(name string, args ...string) {
	p.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		p.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
}

// pauseWhile stops the process (SIGSTOP), does something, and lets it go on.
func (r *running) pauseWhile(do func()) {
	r.Helper()
	r.signal(syscall.SIGSTOP)
	do()
	r.signal(syscall.SIGCONT)
}

func (r *running) overflowed() bool {
	return strings.Contains(r.err.String(), "the system dropped events")
}
