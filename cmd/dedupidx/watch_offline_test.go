//go:build unix

// Disks that go and come back, and limits of the system.

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// A root that is taken away loses no row, also when the daemon is killed and
// started meanwhile; when it is back, it is looked at.
func watchRootAway(t *testing.T, p *program) {
	root, other := filepath.Join(p.folder, "card"), p.photos
	for i := range 4 {
		p.put(filepath.Join(root, "dcim", fmt.Sprintf("%d.jpg", i)), small()[i][0])
	}
	p.put(filepath.Join(other, "0 small.jpg"), small()[0][1])
	r := p.watch(root, other)
	r.isTrue("the first look", root, other)
	rows := p.rows()
	away := filepath.Join(p.folder, "elsewhere")

	must(t, os.Rename(root, away))
	p.put(filepath.Join(other, "1 small.jpg"), small()[1][1]) // life goes on
	r.until("offline", func() bool { return p.state(root) == index.Offline })
	r.until("the other root", func() bool { return p.rows() == rows+1 })
	if n := strings.Count(r.err.String(), "is offline"); n != 1 {
		t.Errorf("it warns %d times", n)
	}
	must(t, os.Remove(filepath.Join(away, "dcim", "3.jpg"))) // what happens there is found later
	must(t, os.Rename(away, root))
	r.until("online", func() bool { return p.state(root) == index.Online })
	r.isTrue("the root is back", root, other)

	must(t, os.Rename(root, away))
	r.until("offline", func() bool { return p.state(root) == index.Offline })
	r.kill()
	r = p.watch(root, other)
	if got := p.rows(); got != rows {
		t.Errorf("%d rows after a start while it was away, want %d", got, rows)
	}
	must(t, os.Rename(away, root))
	r.until("online", func() bool { return p.state(root) == index.Online })
	p.put(filepath.Join(root, "dcim", "new.jpg"), small()[5][0]) // it is subscribed to again
	r.isTrue("the root is back after a start", root, other)
	r.stop(syscall.SIGTERM)
}

// The same for disks that are mounted: as a root, and inside one.
func watchMounts(t *testing.T, p *program) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root on Linux can mount")
	}
	for _, inside := range []bool{false, true} {
		p := p.anew(t)
		root := p.photos
		at := root
		if inside {
			at = filepath.Join(root, "disk")
			must(t, os.Mkdir(at, 0o755))
			p.put(filepath.Join(root, "9.jpg"), small()[9][0])
		}
		disk := filepath.Join(p.folder, "tmpfs")
		must(t, os.Mkdir(disk, 0o755))
		mount(t, "size=4m", disk)
		for i := range 3 {
			p.put(filepath.Join(disk, "dcim", "100", fmt.Sprintf("%d.jpg", i)), small()[i][0])
		}
		bind := func() { p.shell("mount", "--bind", disk, at) }
		bind()
		t.Cleanup(func() { _ = exec.Command("umount", "-l", at).Run() }) // it may be unmounted
		r := p.watch(root)
		r.isTrue("the first look", root)
		rows := p.rows()
		offline := func() bool {
			if inside {
				return p.folderState(root, "disk") == index.Offline
			}
			return p.state(root) == index.Offline
		}

		p.shell("umount", "-l", at)
		r.until("offline", offline)
		time.Sleep(1200 * time.Millisecond) // what the unmounting told is looked at, too
		if got := p.rows(); got != rows {
			t.Errorf("inside %v: %d rows while it is away, want %d", inside, got, rows)
		}
		r.kill()
		r = p.watch(root)
		if got := p.rows(); got != rows || !offline() {
			t.Errorf("inside %v: %d rows after a start while it was away, want %d", inside, got, rows)
		}
		must(t, os.Remove(filepath.Join(disk, "dcim", "100", "2.jpg")))
		bind()
		r.until("online", func() bool { return !offline() })
		r.isTrue("it is mounted again", root)
		p.put(filepath.Join(disk, "dcim", "100", "3.jpg"), small()[0][1])
		r.isTrue("a picture on it", root)
		r.stop(syscall.SIGTERM)
	}
}

// More folders than the kernel watches: a warning that names the sysctl, and
// nothing is missed. The limit is that of a user namespace of the daemon's own.
func watchLimit(t *testing.T, p *program) {
	if runtime.GOOS != "linux" {
		t.Skip("the limit is one of Linux")
	}
	if out, err := exec.Command("unshare", "--user", "--map-root-user", "sh", "-c", "echo 20 > /proc/sys/user/max_inotify_watches").CombinedOutput(); err != nil {
		t.Skipf("no user namespace with a limit of its own can be made here: %v: %s", err, out)
	}
	for i := range 40 {
		p.put(filepath.Join(p.photos, fmt.Sprintf("%02d", i), "1.jpg"), small()[i%12][0])
	}
	r := &running{program: p, ended: make(chan struct{})}
	r.c = exec.Command("unshare", "--user", "--map-root-user", "sh", "-c", `echo 20 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"`,
		p.binary, "--index", p.index, "watch", "--log-level", "debug", "--poll", "1s", p.photos)
	r.start()
	r.until("the first look", func() bool { return strings.Contains(r.err.String(), "looked at everything") })
	if said := r.err.String(); strings.Count(said, "not all folders can be watched") != 1 || !strings.Contains(said, "fs.inotify.max_user_watches") {
		t.Errorf("it says %s", said)
	}
	for i := range 40 {
		p.put(filepath.Join(p.photos, fmt.Sprintf("%02d", i), "2.jpg"), small()[i%12][1])
	}
	must(t, os.Rename(filepath.Join(p.photos, "39"), filepath.Join(p.photos, "38", "39")))
	r.isTrue("changes in folders that are not watched", p.photos)
	if n := strings.Count(r.err.String(), "level=WARN"); n != 1 {
		t.Errorf("it warns %d times", n)
	}
	r.stop(syscall.SIGTERM)
}

// rows counts the files of the index.
func (p *program) rows() (n int64) {
	p.Helper()
	x, err := index.OpenReader(p.Context(), p.index)
	must(p, err)
	defer x.Close()
	s, err := x.Status(p.Context())
	must(p, err)
	for _, r := range s.Roots {
		n += r.OK + r.Failed + r.Other
	}
	return n
}

func (p *program) state(root string) index.State {
	p.Helper()
	x, err := index.OpenReader(p.Context(), p.index)
	must(p, err)
	defer x.Close()
	roots, err := x.Roots(p.Context())
	must(p, err)
	for _, r := range roots {
		if r.Path == root {
			return r.State
		}
	}
	return ""
}

func (p *program) folderState(root, folder string) index.State {
	p.Helper()
	x, err := index.OpenReader(p.Context(), p.index)
	must(p, err)
	defer x.Close()
	roots, err := x.Roots(p.Context())
	must(p, err)
	for _, r := range roots {
		for f, err := range x.Folders(p.Context(), r.ID) {
			must(p, err)
			if r.Path == root && f.Path == folder {
				return f.State
			}
		}
	}
	return ""
}
