//go:build unix

// Folders and files of Unix systems, asked for relative to the open folder, so
// that a folder which is moved or replaced meanwhile cannot mix two folders up.

package watch

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// stat is what one system call says about a name.
type stat struct {
	mode          fs.FileMode // type bits alone
	size          int64
	mtime, ctime  int64 // ns
	inode, device uint64
	nlink         uint64
}

// folderStat is what is asked of an open folder.
type folderStat struct {
	device, inode uint64
	mountRoot     bool
}

// openFolder opens a folder to list it. Without follow, a symbolic link that
// took the folder's place is refused. Nothing but a folder is ever opened: a
// pipe in its place would block.
func openFolder(path string, follow bool) (*os.File, error) {
	flags := unix.O_RDONLY | unix.O_DIRECTORY
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	return os.OpenFile(path, flags, 0)
}

func statFolder(dir *os.File) (folderStat, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		return folderStat{}, err
	}
	return folderStat{uint64(st.Dev), uint64(st.Ino), isMountRoot(dir)}, nil
}

// statEntry asks for a name in an open folder; with follow, for what a link
// leads to.
func statEntry(dir *os.File, de os.DirEntry, follow bool) (stat, error) {
	flags := unix.AT_SYMLINK_NOFOLLOW
	if follow {
		flags = 0
	}
	var st unix.Stat_t
	for {
		err := unix.Fstatat(int(dir.Fd()), de.Name(), &st, flags)
		if err == nil {
			break
		}
		if err != unix.EINTR { // network file systems may be interrupted
			return stat{}, err
		}
	}
	return stat{
		mode: typeOf(uint32(st.Mode)), size: st.Size, mtime: st.Mtim.Nano(), ctime: st.Ctim.Nano(),
		inode: uint64(st.Ino), device: uint64(st.Dev), nlink: uint64(st.Nlink),
	}, nil
}

func typeOf(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFBLK, unix.S_IFCHR:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}

func infoIdentity(info fs.FileInfo) (device, inode uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return uint64(st.Dev), uint64(st.Ino)
}

// identifyFolder asks the disk without opening the folder: one may pass
// through a folder that one may not list.
func identifyFolder(abs string) (identity, error) {
	info, err := os.Stat(abs)
	if err != nil {
		return identity{}, err
	}
	device, inode := infoIdentity(info)
	return identify(device, inode, abs), nil
}

func isJunction(fs.FileMode) bool { return false }

// hiddenBySystem is a mark on the file; Unix hides by a leading dot, which the
// default patterns say.
func hiddenBySystem(os.DirEntry) bool { return false }
