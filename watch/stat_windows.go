// Folders and files of Windows. A listing holds size and times of each file, so
// files cost no call of their own; they have no inode here. Folders do: volume
// serial number and file index, from the handle that lists them.

package watch

import (
	"io/fs"
	"os"
	"syscall"
)

type stat struct {
	mode          fs.FileMode // type bits alone
	size          int64
	mtime, ctime  int64 // ns; ctime stays 0
	inode, device uint64
	nlink         uint64
}

type folderStat struct {
	device, inode uint64
	mountRoot     bool
}

// openFolder opens a folder to list it.
func openFolder(path string, _ bool) (*os.File, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := dir.Stat()
	if err != nil {
		dir.Close()
		return nil, err
	}
	if !info.IsDir() {
		dir.Close()
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	return dir, nil
}

func statFolder(dir *os.File) (folderStat, error) {
	var info syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(syscall.Handle(dir.Fd()), &info); err != nil {
		return folderStat{}, err
	}
	return folderStat{
		device: uint64(info.VolumeSerialNumber),
		inode:  uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow),
	}, nil
}

func statEntry(dir *os.File, de os.DirEntry, follow bool) (stat, error) {
	info, err := de.Info()
	if follow {
		info, err = os.Stat(dir.Name() + string(os.PathSeparator) + de.Name())
	}
	if err != nil {
		return stat{}, err
	}
	return stat{mode: info.Mode().Type(), size: info.Size(), mtime: info.ModTime().UnixNano()}, nil
}

// infoIdentity has nothing to tell without a handle.
func infoIdentity(fs.FileInfo) (device, inode uint64) { return 0, 0 }

// identifyFolder needs a handle.
func identifyFolder(abs string) (identity, error) {
	dir, err := openFolder(abs, true)
	if err != nil {
		return identity{}, err
	}
	defer dir.Close()
	at, err := statFolder(dir)
	if err != nil {
		return identity{}, err
	}
	return identify(at.device, at.inode, abs), nil
}

// isJunction: Go calls a mount point or junction irregular.
func isJunction(mode fs.FileMode) bool { return mode&fs.ModeIrregular != 0 }

func hiddenBySystem(de os.DirEntry) bool {
	info, err := de.Info()
	if err != nil {
		return false
	}
	data, ok := info.Sys().(*syscall.Win32FileAttributeData)
	return ok && data.FileAttributes&syscall.FILE_ATTRIBUTE_HIDDEN != 0
}

func volume(_ *os.File, device uint64) uint64 { return device }
