package pipeline_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A mount point inside a root that is empty again is offline; the rest goes on.
func TestMountPointInRoot(t *testing.T) {
	w := scanned(t)
	must(t, os.MkdirAll(w.path("m/usb"), 0o755))
	if err := unix.Mount("tmpfs", w.path("m/usb"), "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("this user may not mount: %v", err)
	}
	mounted := true
	unmount := func() {
		if mounted {
			must(t, unix.Unmount(w.path("m/usb"), unix.MNT_DETACH))
			mounted = false
		}
	}
	defer unmount()
	w.write("m/usb/x.jpg", small()[0])
	w.write("m/usb/deep/y.jpg", small()[10])
	w.write("m/z.jpg", small()[11])
	w.did(w.scan(), "unchanged 8, copied 1, new 2", 3, 3, 2)
	before := w.report()
	w.did(w.scan(), "unchanged 11", 0, 0, 0)
	unmount()
	sum := w.scan()
	w.did(sum, "unchanged 9, offline 2", 0, 0, 0)
	warned(t, sum, "photos/m/usb is offline")
	same(t, "without the disk", strings.ReplaceAll(w.report(), ",offline\n", ",online\n"), before)
	if sum := w.scan(); sum.Commits != 0 {
		t.Errorf("the next scan commits %d times", sum.Commits)
	}
	// The folder around it goes, and the mount point with it: it is offline still.
	w.remove("m")
	w.did(w.scan(), "unchanged 8, gone 1, offline 2", 0, 0, 0)
	if sum := w.scan(); sum.Commits != 0 || sum.Reasons["offline"] != 2 {
		t.Errorf("the next scan says %+v", sum)
	}
	w.o.Forget = []string{w.path("m/usb")}
	w.did(w.scan(), "unchanged 8, gone 2", 0, 0, 0)
	w.o.Forget = nil
	sum = w.scan()
	w.did(sum, "unchanged 8", 0, 0, 0)
	if sum.Commits != 0 || len(sum.Warnings) > 0 {
		t.Errorf("the next scan says %+v", sum)
	}
	same(t, "its report", w.report(), w.fresh())
}
