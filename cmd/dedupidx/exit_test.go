package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{&index.LockedError{Path: "i.db", PID: 5}, 1},
		{usagef("", "x"), 2},
		{fmt.Errorf("scan: %w", usagef("", "x")), 2},
		{errSomeFailed, 3},
		{fmt.Errorf("walk: %w", context.Canceled), 130},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v ends with %d, want %d", c.err, got, c.want)
		}
	}
}

// An error names itself, says what can be done, and cannot drive the terminal.
func TestTell(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{withHint(errors.New("read photo a\x1b[2J.jpg: no"), "do that"), "dedupidx: read photo a\\x1b[2J.jpg: no\nhint: do that\n"},
		{errors.New("plain"), "dedupidx: plain\n"},
		{fmt.Errorf("scan: %w", context.Canceled), "dedupidx: interrupted; what was committed stays\n"},
		{errSomeFailed, ""},
		{nil, ""},
	} {
		var out bytes.Buffer
		newEnv(nil, nil, &out).tell(c.err)
		if out.String() != c.want {
			t.Errorf("%v is told as %q, want %q", c.err, out.String(), c.want)
		}
	}
	for _, err := range []error{
		index.ErrNotExist, index.ErrForeign, index.ErrNewer, index.ErrOlder, index.ErrFull, index.ErrDisk, index.ErrReadOnly, index.ErrDamaged, &index.LockedError{},
	} {
		if hint(fmt.Errorf("x: %w", err)) == "" {
			t.Errorf("%v comes without a hint", err)
		}
	}
}

// Whoever writes holds the index; a second one is told so, and reading goes on.
func TestLocked(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Create(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var out, errOut bytes.Buffer
	if code := run(ctx, []string{"--index", path, "scan", t.TempDir()}, nil, &out, &errOut); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(errOut.String(), fmt.Sprint("process ", os.Getpid())) || !strings.Contains(errOut.String(), "hint: ") {
		t.Errorf("told as %q", errOut.String())
	}
	if code := run(ctx, []string{"--index", path, "report"}, nil, &out, &errOut); code != 0 {
		t.Errorf("a report beside the writer ends with %d: %s", code, errOut.String())
	}
}

// An interrupt before and while a scan runs ends it with 130.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	var out, errOut bytes.Buffer
	for _, args := range [][]string{
		{"--index", filepath.Join(dir, "i.db"), "scan", dir},
		{"sample", filepath.Join(dir, "s")},
	} {
		if code := run(ctx, args, nil, &out, &errOut); code != 130 {
			t.Errorf("%v ends with %d, want 130: %s", args, code, errOut.String())
		}
	}
	// A daemon that is asked to end has done what it was asked, however early.
	if code := run(ctx, []string{"--index", filepath.Join(dir, "i.db"), "watch", dir}, nil, &out, &errOut); code != 0 {
		t.Errorf("watch ends with %d, want 0: %s", code, errOut.String())
	}
}

// The first interrupt cancels, the second ends the process at once.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send itself an interrupt here")
	}
	codes := make(chan int, 1)
	ctx, stop := interruptible(func(code int) { codes <- code })
	defer stop()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := <-codes; code != 130 {
		t.Errorf("the second ends with %d, want 130", code)
	}
}
