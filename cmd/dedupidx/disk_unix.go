//go:build unix

package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/dedupidx/dedupidx/index"
)

// openFlags keeps a pipe that took a file's place from blocking the open.
const openFlags = unix.O_NONBLOCK

// statFile asks for a file as the walk does, so that the two can be compared;
// links are followed, as the walk tells a link by what it leads to.
func statFile(path string) (index.Stat, error) {
	var st unix.Stat_t
	for {
		err := unix.Stat(path, &st)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) { // network file systems may be interrupted
			return index.Stat{}, &os.PathError{Op: "stat", Path: path, Err: err}
		}
	}
	return index.Stat{
		Size: st.Size, Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(), Inode: uint64(st.Ino), Device: uint64(st.Dev),
	}, nil
}
