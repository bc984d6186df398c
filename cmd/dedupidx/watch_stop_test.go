//go:build unix

// The daemon's life: signals, kills, a second one, what waits, and the service
// manager.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Killed at random moments among changes, the next start finds all that happened
// and extracts nothing again that was committed.
func watchKilled(t *testing.T, p *program) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for i := range 6 {
		p.put(filepath.Join(p.photos, fmt.Sprintf("%d.jpg", i)), small()[i][0])
	}
	n := 0
	change := func() {
		n++
		name := filepath.Join(p.photos, fmt.Sprintf("in %d", n%3), fmt.Sprintf("%d.jpg", n%20))
		switch r.IntN(5) {
		case 0:
			_ = os.Remove(name) // it may not be there
		case 1:
			_ = os.Rename(name, filepath.Join(p.photos, fmt.Sprintf("%d.jpg", n%7))) // as above
		default:
			// A comment behind the end makes new bytes of a known picture.
			p.put(name, append(bytes.Clone(small()[r.IntN(len(small()))][r.IntN(2)]), strconv.Itoa(n)...))
		}
	}
	for i := range kills(t) {
		d := p.startWatch(nil, p.photos)
		alive := time.After(time.Duration(r.Int64N(int64(2500 * time.Millisecond))))
	changing:
		for {
			select {
			case <-alive:
				break changing
			case <-time.After(15 * time.Millisecond):
				change()
			}
		}
		d.kill()
		change() // while nobody looks
		before := p.committed()
		next := p.watch(p.photos)
		next.isTrue(fmt.Sprintf("kill %d", i+1), p.photos)
		// The last words of the log may still come.
		next.until("what was decoded", func() bool { return next.decoded() >= p.committed()-before })
		if got, want := next.decoded(), p.committed()-before; got != want {
			t.Errorf("kill %d: %d contents were committed before and %d after, and %d were decoded in between", i+1, before, before+want, got)
		}
		next.kill()
	}
	p.sound()
}

// A second one is told who holds the index; one that was killed holds nothing.
func watchSecond(t *testing.T, p *program) {
	p.put(filepath.Join(p.photos, "1.jpg"), small()[0][0])
	first := p.watch(p.photos)
	for _, command := range []string{"watch", "scan"} {
		_, said := p.run(exitFailed, command, p.photos)
		if !strings.Contains(said, fmt.Sprintf("process %d", first.c.Process.Pid)) || !strings.Contains(said, "hint: ") {
			t.Errorf("%s says %q, want process %d", command, said, first.c.Process.Pid)
		}
	}
	p.run(0, "status")
	p.run(0, "report")
	p.run(0, "query", filepath.Join(p.photos, "1.jpg"))
	first.kill()
	p.scan(0)
	p.watch(p.photos).stop(syscall.SIGINT)
	p.scan(0)
}

// It stops within seconds in the middle of its work, and what it had finished stays.
func watchStopped(t *testing.T, p *program) {
	p.writeAlbum()
	r := p.startWatch(nil, "--workers", "1", "--batch", "1", p.photos)
	p.waitFor(3)
	r.stop(syscall.SIGTERM)
	before := p.committed()
	if before < 3 || before >= contents {
		t.Errorf("%d of %d contents are committed", before, contents)
	}
	if sum := p.scan(0); sum.Decoded != contents-before {
		t.Errorf("%d of %d contents were committed, and the next scan decodes %d", before, contents, sum.Decoded)
	}
}

// SIGHUP looks at everything; what reads beside is true meanwhile. A manager is
// told how it goes.
func watchTellsItsManager(t *testing.T, p *program) {
	p.put(filepath.Join(p.photos, "1.jpg"), small()[0][0])
	socket := filepath.Join(p.folder, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	must(t, err)
	defer l.Close()
	var told heard
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := l.Read(b)
			if err != nil {
				return
			}
			_, _ = told.Write(append(b[:n:n], '\n'))
		}
	}()
	r := p.startWatch([]string{"NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=200000"}, "--log-format", "json", p.photos)
	r.until("READY=1", func() bool { return strings.Contains(told.String(), "READY=1\nSTATUS=looking at everything once") })
	r.until("the watchdog's food", func() bool { return strings.Count(told.String(), "WATCHDOG=1") > 2 })
	r.until("a status", func() bool { return strings.Contains(told.String(), "STATUS=watching 1 folder\n") })
	r.signal(syscall.SIGHUP)
	r.until("a look at everything", func() bool { return strings.Contains(r.err.String(), `"msg":"looked",`) })
	r.stop(syscall.SIGTERM)
	r.until("STOPPING=1", func() bool { return strings.Contains(told.String(), "STOPPING=1") })
	for line := range strings.Lines(r.err.String()) { // that an index was made, too
		if !json.Valid([]byte(line)) {
			t.Errorf("the log is no JSON: %s", line)
		}
	}
	if !strings.Contains(r.err.String(), `"msg":"made index `) {
		t.Error("the log does not tell of the index that was made")
	}
}

// What cannot be read waits in the queue, with its reason, and is looked at when
// it can be.
func watchUnreadable(t *testing.T, p *program) {
	if os.Getuid() == 0 {
		p.user = 65534
		must(t, os.Chown(p.folder, 65534, 65534))
	}
	p.put(filepath.Join(p.photos, "1.jpg"), small()[0][0])
	r := p.watch(p.photos)
	shut := filepath.Join(p.photos, "2.jpg")
	must(t, os.WriteFile(shut, small()[0][1], 0o000))
	type queue struct {
		Queue int
		Jobs  []struct {
			Path, Reason string
			Tries        int
		}
	}
	status := func() (q queue) {
		out, _ := p.run(0, "status", "--json")
		must(t, json.Unmarshal([]byte(out), &q))
		return q
	}
	r.until("a second try", func() bool { q := status(); return len(q.Jobs) == 1 && q.Jobs[0].Tries == 2 })
	if q := status(); q.Jobs[0].Path != shut || !strings.Contains(q.Jobs[0].Reason, "permission denied") {
		t.Errorf("the queue holds %+v", q)
	}
	out, _ := p.run(0, "status")
	if !strings.Contains(out, "2.jpg: tried ") {
		t.Errorf("status says %s", out)
	}
	must(t, os.Chmod(shut, 0o644))
	r.until("an empty queue", func() bool { return status().Queue == 0 })
	r.isTrue("chmod", p.photos)
}

// A full disk stops nothing for good.
func watchFullDisk(t *testing.T, p *program) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root on Linux can mount a small disk")
	}
	disk := filepath.Join(p.folder, "disk")
	must(t, os.Mkdir(disk, 0o755))
	mount(t, "size=700k", disk)
	p.put(filepath.Join(p.photos, "1.jpg"), small()[0][0])
	p.index = filepath.Join(disk, "index.db")
	r := p.watch("--batch", "1", p.photos)
	for i, two := range small() {
		for j, data := range two {
			p.put(filepath.Join(p.photos, fmt.Sprintf("%d %d.jpg", i, j)), data)
		}
	}
	p.writeAlbum()
	r.until("the full disk", func() bool { return strings.Contains(r.err.String(), "could not be brought up to date") })
	p.shell("mount", "-o", "remount,size=64m", disk)
	full := p.index
	p.isTrue("a full disk", p.photos)
	p.index = full
	r.stop(syscall.SIGTERM)
}

// mount mounts a tmpfs until the end of the test.
func mount(t *testing.T, options, at string) {
	t.Helper()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", at).CombinedOutput(); err != nil {
		t.Skipf("this machine mounts nothing: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", at).Run() }) // it may be unmounted
}
