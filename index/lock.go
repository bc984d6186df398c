package index

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// lock keeps other processes from writing. The operating system holds it on an
// open file beside the index, so that it falls with its process, however that
// ends. The file stays when the lock falls: who removed it could remove it
// from under a third process that has just opened it, and two would write.
//
// The file holds the pid from its second byte on. The first is what Windows
// locks, and nobody else can read or write a locked byte there.
type lock struct {
	path string // of the lock file
	held *flock.Flock
}

// takeLock locks the index at path or returns a *LockedError.
func takeLock(path string) (*lock, error) {
	l := &lock{path: path + ".lock"}
	l.held = flock.New(l.path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	ok, err := l.held.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock index %s: %w", path, err)
	}
	if !ok {
		return nil, &LockedError{Path: path, PID: l.readPID()}
	}
	// That the pid cannot be written harms nobody: the lock itself holds.
	_ = l.writePID(" " + strconv.Itoa(os.Getpid()) + "\n")
	return l, nil
}

func (l *lock) release() error {
	_ = l.writePID("")
	return l.held.Unlock()
}

func (l *lock) writePID(text string) error {
	f, err := os.OpenFile(l.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(1); err != nil || text == "" {
		return err
	}
	_, err = f.WriteAt([]byte(text), 1)
	return err
}

// readPID is 0 where there is none: between taking and writing, or unreadable.
func (l *lock) readPID() int {
	f, err := os.Open(l.path)
	if err != nil {
		return 0
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 1, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
