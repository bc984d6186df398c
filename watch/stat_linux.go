// What Linux tells about mounts and file systems.

package watch

import (
	"os"

	"golang.org/x/sys/unix"
)

// isMountRoot asks statx(2), Linux 5.8 and later, whether a folder is where
// something is mounted. The device alone does not tell: a bind mount may have
// the device of its parent.
func isMountRoot(dir *os.File) bool {
	var st unix.Statx_t
	err := unix.Statx(int(dir.Fd()), "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC, 0, &st)
	return err == nil && st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// volume names a file system by statfs(2)'s f_fsid. ext4, btrfs, ZFS and others
// make it from their own id, so that it stays the same when the disk is sdb
// today and sdc tomorrow, and differs between two sticks that are sdb in turn.
//
// Where the field is 0, st_dev speaks, unless it has major number 0 (NFS, FUSE):
// then it was handed out at mounting, names nothing and changes with the next
// mounting. What stays is the type of file system. It tells a share from the
// empty folder that is left without it; two shares of one type are told apart
// by the names that they hold alone.
func volume(dir *os.File, device uint64) uint64 {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &st); err != nil {
		return device
	}
	return volumeNumber(st.Fsid.Val, uint32(st.Type), device)
}

func volumeNumber(fsid [2]int32, fsType uint32, device uint64) uint64 {
	if id := uint64(uint32(fsid[0])) | uint64(uint32(fsid[1]))<<32; id != 0 {
		return id
	}
	if unix.Major(device) == 0 {
		return typeMark | uint64(fsType)
	}
	return device
}

// typeMark keeps the numbers of types apart from those of devices, which stay
// far below it.
const typeMark = 1 << 62
