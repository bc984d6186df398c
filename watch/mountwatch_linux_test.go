package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A disk inside a root is pulled out and put back.
func TestWatchMountInsideARoot(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	at := filepath.Join(d.a, "sub/disk")
	plant(t, at, "under.jpg")
	d.settled()
	unmount := mount(t, at, "")
	d.until("the mount to be told", func() bool { return d.caused(CauseMount) })
	d.settled()
	plant(t, at, "in/1.jpg")
	d.settled()
	d.mu.Lock()
	d.heard = nil
	d.mu.Unlock()
	unmount()
	d.until("the unmount to be told", func() bool { return d.caused(CauseMount) })
	d.settled()
	for _, h := range d.heard {
		if h.Folder != "sub/disk" {
			t.Errorf("%+v", h)
		}
	}
	plant(t, at, "under2.jpg")
	d.settled()
}

// A root that is a mount point, and one that lies on a disk.
func TestWatchMountedRoots(t *testing.T) {
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	plant(t, disk, "photos/")
	unmount := mount(t, disk, "")
	plant(t, disk, "photos/1.jpg", "photos/sub/2.jpg", "root/3.jpg")
	roots := []Root{rootAt(t, disk+"/photos"), rootAt(t, disk+"/root")}
	config := quick()
	config.Check = time.Hour // the table of mounts tells it
	c := watching(t, roots, Options{}, config)
	unmount()
	c.until("one to be away and the other to be empty", func() bool { return len(c.w.Stats().Away) == 1 && c.caused(CauseMount) })
	c.settled()
	mount(t, disk, "")
	plant(t, disk, "photos/1.jpg", "photos/sub/4.jpg", "root/5.jpg")
	c.settled()
	plant(t, disk, "photos/sub/later.jpg", "root/later.jpg")
	c.settled()
}

// A folder that is at two places in a root tells of changes under one of them.
func TestWatchBindMount(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	plant(t, d.a, "bound/")
	d.settled()
	unmount := mount(t, filepath.Join(d.a, "bound"), filepath.Join(d.a, "sub"))
	d.until("the mount to be told", func() bool { return d.caused(CauseMount) })
	d.settled()
	plant(t, d.a, "sub/x.jpg", "sub/deep/x.jpg", "sub/new/x.jpg")
	d.settled()
	must(t, os.RemoveAll(filepath.Join(d.a, "bound/deep")))
	d.settled()
	unmount()
	d.settled()
	time.Sleep(60 * time.Millisecond)
	plant(t, d.a, "sub/y.jpg", "sub/new/y.jpg", "bound/y.jpg")
	d.settled()
}

// The place under which the system knew a folder goes, and the other stays.
func TestWatchBindMountOutlivesItsSource(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	plant(t, d.a, "bound/")
	mount(t, filepath.Join(d.a, "bound"), filepath.Join(d.a, "sub"))
	d.until("the mount to be told", func() bool { return d.caused(CauseMount) })
	d.settled()
	rename(t, filepath.Join(d.a, "sub"), filepath.Join(d.out, "sub"))
	d.settled()
	d.until("the bound folders to be watched", func() bool { return d.w.Stats().Watches == countFolders(t, d.roots) })
	plant(t, d.out, "sub/x.jpg", "sub/deep/x.jpg")
	d.settled()
}

func TestParseMounts(t *testing.T) {
	table := "22 27 0:20 / /proc rw - proc proc rw\n" +
		"31 27 8:1 / /a\\040b\\134c rw - ext4 /dev/sda1 rw\n" +
		"40 27 8:2 / /proc rw - ext4 x rw\n" +
		"short line\n" + "50 27 8:2 / /end\\04"
	got := parseMounts([]byte(table))
	want := map[string]string{"/proc": "22 0:20;40 8:2;", `/a b\c`: "31 8:1;", `/end\04`: "50 8:2;"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSilentTypes(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	must(t, err)
	defer dir.Close()
	if name := silent(dir); name != "" {
		t.Logf("the temporary folder lies on %s", name)
	}
	proc, err := os.Open("/proc")
	must(t, err)
	defer proc.Close()
	if name := silent(proc); name != "" {
		t.Errorf("proc is taken for %s", name)
	}
}
