package watch

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// mount puts an empty tmpfs, or with from a bind mount, at a folder.
func mount(t *testing.T, at, from string) (unmount func()) {
	t.Helper()
	fstype, flags, data := "tmpfs", uintptr(0), "size=1m"
	if from != "" {
		fstype, flags, data = "", unix.MS_BIND, ""
	}
	if err := unix.Mount(from, at, fstype, flags, data); err != nil {
		t.Skipf("mounting is not allowed here: %v", err)
	}
	done := false
	unmount = func() {
		if !done {
			done = true
			must(t, unix.Unmount(at, unix.MNT_DETACH))
		}
	}
	t.Cleanup(unmount)
	return unmount
}

// A disk mounted inside a root is pulled out: its folder is then on the device
// of the root, and empty. Then another disk is put there.
func TestMountInsideARoot(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a.jpg", "disk/", "plain/")
	root := rootAt(t, dir)
	at := filepath.Join(dir, "disk")
	unmount := mount(t, at, "")
	plant(t, at, "b.jpg", "sub/c.jpg")

	folders := walkAll(t, root, Options{})
	if got, want := files(folders), []string{"a.jpg", "disk/b.jpg", "disk/sub/c.jpg"}; !slices.Equal(got, want) {
		t.Fatalf("files %q, want %q", got, want)
	}
	var disk Folder
	for _, f := range folders {
		switch {
		case f.Path == "disk":
			disk = f
			if !f.Mount || f.Device == folders[0].Device || f.Volume == folders[0].Volume {
				t.Errorf("the mount point is not seen: %+v", f)
			}
		case f.Path == "disk/sub":
			if f.Mount || f.Volume != disk.Volume || f.Files[0].Device != disk.Device {
				t.Errorf("below the mount point: %+v", f)
			}
		case f.Path == "plain" && f.Mount:
			t.Error("a plain folder is taken for a mount point")
		}
	}
	knownBy := map[string]Known{
		"volume": {Device: disk.Volume, Knows: knows("b.jpg"), EverHeld: true},
		"device": {Device: disk.Device, Knows: knows("b.jpg"), EverHeld: true},
	}
	judge := func(what string, want State) {
		t.Helper()
		for _, f := range walkAll(t, root, Options{}) {
			if f.Path != "disk" {
				continue
			}
			for by, known := range knownBy {
				seen := f.Seen()
				if by == "device" {
					seen.Device = f.Device
				}
				if got, reason := Presence(known, seen); got != want {
					t.Errorf("%s, by %s: %s because %s, want %s", what, by, got, reason, want)
				}
			}
		}
	}
	judge("mounted", Online)
	unmount()
	judge("unmounted", Offline)
	plant(t, at, "b.jpg") // someone writes into the empty mount point
	judge("unmounted, with a known name", Offline)
	mount(t, at, "")
	plant(t, at, "z.jpg")
	judge("another disk", Offline)
}

func TestWalkWhileADiskIsPulledOut(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "disk/", "z/z.jpg")
	at := filepath.Join(dir, "disk")
	unmount := mount(t, at, "")
	plant(t, at, "a/1.jpg", "b/2.jpg")
	err := Walk(context.Background(), rootAt(t, dir), Options{}, func(f Folder) error {
		if f.Path == "disk/a" {
			unmount()
		}
		if f.Path == "disk/b" {
			t.Error("visited what is not there")
		}
		return nil
	})
	if !errors.Is(err, ErrWentOffline) {
		t.Errorf("error %v, want ErrWentOffline", err)
	}
}

// A bind mount has the device of its source, here that of the root too.
func TestBindMount(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "source/a.jpg", "bound/", "inner/")
	root := rootAt(t, dir)
	mount(t, filepath.Join(dir, "bound"), filepath.Join(dir, "source"))
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, 0, 0, &st); err != nil || st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		t.Skip("this kernel does not tell bind mounts (before Linux 5.8)")
	}
	for _, f := range walkAll(t, root, Options{}) {
		if f.Path == "bound" && !f.Mount {
			t.Error("the mount point is not seen")
		}
		if f.Path == "source" && f.Mount {
			t.Error("the source is taken for a mount point")
		}
	}
	// By device and inode they are one folder: one root covers the other, and
	// a walk that follows links visits it once.
	walk, covered := Overlap([]Root{rootAt(t, filepath.Join(dir, "source")), rootAt(t, filepath.Join(dir, "bound"))}, nil)
	if len(walk) != 1 || len(covered) != 1 || covered[0].Path != "" {
		t.Errorf("walk %v, covered %v", walk, covered)
	}
	if got := files(walkAll(t, root, Options{Follow: true})); !slices.Equal(got, []string{"bound/a.jpg"}) {
		t.Errorf("files %q", got)
	}
}

func TestVolumeNumber(t *testing.T) {
	const nfs, fuse = 0x6969, 0x65735546
	sdb, anonymous := unix.Mkdev(8, 17), unix.Mkdev(0, 57)
	if a, b := volumeNumber([2]int32{1, 2}, 0xef53, sdb), volumeNumber([2]int32{1, 2}, 0xef53, unix.Mkdev(8, 33)); a != b {
		t.Errorf("the same disk at another device: %x, %x", a, b)
	}
	if a, b := volumeNumber([2]int32{1, 2}, 0xef53, sdb), volumeNumber([2]int32{-1, 2}, 0xef53, sdb); a == b || a == sdb {
		t.Errorf("two disks at one device: %x, %x", a, b)
	}
	if got := volumeNumber([2]int32{}, 0x58465342, sdb); got != sdb {
		t.Errorf("a disk without an id: %x, want its device", got)
	}
	share := volumeNumber([2]int32{}, nfs, anonymous)
	if again := volumeNumber([2]int32{}, nfs, unix.Mkdev(0, 99)); share != again || share == 0 {
		t.Errorf("a share mounted again: %x, %x", share, again)
	}
	if share == volumeNumber([2]int32{}, fuse, anonymous) {
		t.Error("two types of share have one number")
	}
}
