package index

import "golang.org/x/sys/unix"

// networkFileSystem names the kind of file system that a folder lies on, where
// it is one on which several machines may write, or "". Numbers: statfs(2),
// linux/magic.h.
func networkFileSystem(folder string) string {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return ""
	}
	switch uint32(s.Type) {
	case 0x6969:
		return "NFS"
	case 0x517b, 0xff534d42, 0xfe534d42:
		return "SMB"
	case 0x65735546:
		return "FUSE"
	case 0x01021997:
		return "9P"
	case 0x00c36400:
		return "Ceph"
	case 0x5346414f:
		return "AFS"
	}
	return ""
}
