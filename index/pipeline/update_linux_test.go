package pipeline_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dedupidx/dedupidx/index/pipeline"
)

// A look at a folder below a mount point that went does not meet the mount point
// itself, and takes nothing out of the index all the same.
func TestUpdateBelowMountPoint(t *testing.T) {
	w := scanned(t)
	must(t, os.MkdirAll(w.path("usb"), 0o755))
	if err := unix.Mount("tmpfs", w.path("usb"), "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("this user may not mount: %v", err)
	}
	mounted := true
	unmount := func() {
		if mounted {
			must(t, unix.Unmount(w.path("usb"), unix.MNT_DETACH))
			mounted = false
		}
	}
	defer unmount()
	w.write("usb/dcim/100/x.jpg", small()[0])
	w.scan()
	before := w.report()
	unmount()
	for _, p := range []pipeline.Place{
		{Folder: "usb/dcim", Deep: true}, {Folder: "usb/dcim/100"}, {Folder: "usb/dcim/100", Names: []string{"x.jpg"}}, {Folder: "usb", Names: []string{"dcim"}},
		{Folder: "usb", Deep: true},
	} {
		sum, _ := w.update(p)
		same(t, p.Folder, strings.ReplaceAll(w.report(), ",offline\n", ",online\n"), before)
		warned(t, sum, "photos/usb is offline")
	}
}
