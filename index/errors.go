package index

import (
	"errors"
	"fmt"
)

// What callers branch on. The text of the error that wraps one of them says
// which file it is about and what to do.
var (
	ErrNotExist = errors.New("no index there")
	ErrExists   = errors.New("an index is there already")
	ErrForeign  = errors.New("not an index of dedupidx")
	ErrNewer    = errors.New("index of a newer dedupidx")
	ErrOlder    = errors.New("index of an older dedupidx")
	ErrFull     = errors.New("disk full")
	ErrDisk     = errors.New("disk fails")
	ErrReadOnly = errors.New("index cannot be written")
	ErrDamaged  = errors.New("index damaged")
	ErrBusy     = errors.New("index busy")
)

// LockedError says that another process writes to the index.
type LockedError struct {
	Path string // of the index
	PID  int    // of the process that holds it, 0 where it could not be read
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("index %s is in use by another dedupidx: wait until it is done, or stop it", e.Path)
	}
	return fmt.Sprintf("index %s is in use by process %d: wait until it is done, or stop it", e.Path, e.PID)
}

// explained is an error with a text for people in place of the text of its
// parts, which errors.Is and errors.As still find.
type explained struct {
	text  string
	kind  error // one of the above
	cause error // nil where there is none
}

func (e *explained) Error() string { return e.text }

func (e *explained) Unwrap() []error {
	if e.cause == nil {
		return []error{e.kind}
	}
	return []error{e.kind, e.cause}
}

func explain(kind, cause error, format string, args ...any) error {
	return &explained{text: fmt.Sprintf(format, args...), kind: kind, cause: cause}
}
