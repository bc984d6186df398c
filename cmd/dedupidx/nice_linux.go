package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// I/O priorities of Linux (ioprio_set(2), linux/ioprio.h).
const (
	ioprioWhoProcess = 1
	ioprioClassShift = 13
	ioprioIdle       = 3 << ioprioClassShift
	ioprioNone       = 0 // by the processor priority
)

// lowerPriority sets the processor priority of this process, and has its disk
// access wait for everybody else's.
func lowerPriority(nice int, idle bool) error {
	if nice > 0 {
		if err := eachThread(func(tid int) error { return unix.Setpriority(unix.PRIO_PROCESS, tid, nice) }); err != nil {
			return fmt.Errorf("set the processor priority to %d: %w", nice, err)
		}
	}
	if idle {
		return setIOPriority(ioprioIdle)
	}
	return nil
}

// idleDisk has disk access wait for everybody else's until the returned
// function is called.
func idleDisk(log *slog.Logger) func() {
	was, _, failed := unix.Syscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, 0, 0)
	if failed != 0 || was == ioprioIdle {
		return func() {}
	}
	if err := setIOPriority(ioprioIdle); err != nil {
		log.Debug("the disk priority stays as it is", "error", err)
		return func() {}
	}
	return func() {
		if err := setIOPriority(int(was)); err != nil {
			log.Debug("the disk priority stays low", "error", err)
		}
	}
}

func setIOPriority(value int) error {
	err := eachThread(func(tid int) error {
		if _, _, failed := unix.Syscall(unix.SYS_IOPRIO_SET, ioprioWhoProcess, uintptr(tid), uintptr(value)); failed != 0 {
			return failed
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("set the disk priority: %w", err)
	}
	return nil
}

// eachThread calls do for each thread. On Linux a priority is one of a thread,
// and a new one takes that of the thread that makes it; so they are listed again
// until there is no new one.
func eachThread(do func(tid int) error) error {
	done := map[int]bool{}
	for fresh := true; fresh; {
		fresh = false
		entries, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, e := range entries {
			tid, err := strconv.Atoi(e.Name())
			if err != nil || done[tid] {
				continue
			}
			done[tid], fresh = true, true
			if err := do(tid); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		}
	}
	return nil
}
