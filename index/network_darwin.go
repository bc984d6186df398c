package index

import "golang.org/x/sys/unix"

// networkFileSystem names the kind of file system that a folder lies on, where
// the system says that it is not local, or "".
func networkFileSystem(folder string) string {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil || s.Flags&unix.MNT_LOCAL != 0 {
		return ""
	}
	return unix.ByteSliceToString(s.Fstypename[:])
}
