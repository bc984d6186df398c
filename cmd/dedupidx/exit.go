package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

const (
	exitDone        = 0
	exitFailed      = 1   // could not
	exitUsage       = 2   // wrong use
	exitSomeFailed  = 3   // done, but some files failed or folders could not be read
	exitInterrupted = 130 // what was committed stays
)

// exitCode is the one place that turns an error into an exit code.
func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errSomeFailed):
		return exitSomeFailed
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// errSomeFailed says that a command did its work, that some files failed or some
// folders could not be read, and that it has said so itself.
var errSomeFailed = errors.New("some files failed")

// usageError is a wrong use of the program.
type usageError struct {
	text string
	hint string
}

func (e *usageError) Error() string { return e.text }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), hint}
}

// hintedError is an error with what can be done about it.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

func withHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &hintedError{err, hint}
}

// tell writes an error and what can be done about it.
func (e *env) tell(err error) {
	switch {
	case err == nil || errors.Is(err, errSomeFailed):
		return
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(e.stderr, "dedupidx: interrupted; what was committed stays")
		return
	}
	fmt.Fprintf(e.stderr, "dedupidx: %s\n", printableLines(err.Error()))
	if h := hint(err); h != "" {
		fmt.Fprintf(e.stderr, "hint: %s\n", printableLines(h))
	}
}

// printableLines is a text of our own that may hold names of others.
func printableLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = report.Printable(l)
	}
	return strings.Join(lines, "\n")
}

// hint says what the user can do about an error; empty where that is plain.
func hint(err error) string {
	var (
		usage  *usageError
		hinted *hintedError
		locked *index.LockedError
	)
	switch {
	case errors.As(err, &usage):
		return usage.hint
	case errors.As(err, &hinted):
		return hinted.hint
	case errors.As(err, &locked):
		return "reading goes on beside it: `dedupidx report` and `dedupidx status` work now"
	case errors.Is(err, index.ErrNotExist):
		return "`dedupidx scan FOLDER` makes the index; --index FILE or $DEDUPIDX_INDEX names another"
	case errors.Is(err, index.ErrForeign):
		return "name another file with --index FILE; this one is left as it is"
	case errors.Is(err, index.ErrNewer):
		return "use a dedupidx that is as new as the one that wrote it"
	case errors.Is(err, index.ErrOlder):
		return "`dedupidx init` brings it up to date"
	case errors.Is(err, index.ErrFull):
		return "free some space and run the command again: what was committed stays"
	case errors.Is(err, index.ErrDisk):
		return "run the command again when it works: what was committed stays"
	case errors.Is(err, index.ErrReadOnly):
		return "give yourself the right to write there, or name another file with --index FILE"
	case errors.Is(err, index.ErrDamaged):
		return "`dedupidx check` says what is wrong, and what --repair can do; else restore the file from a backup, or remove it and scan again: your photos are not touched"
	}
	return ""
}
