//go:build unix && !linux

package main

import (
	"fmt"
	"log/slog"

	"golang.org/x/sys/unix"
)

// lowerPriority sets the processor priority of this process. There is no disk
// priority here that a process may set in a portable way.
func lowerPriority(nice int, _ bool) error {
	if nice > 0 {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, nice); err != nil {
			return fmt.Errorf("set the processor priority to %d: %w", nice, err)
		}
	}
	return nil
}

func idleDisk(*slog.Logger) func() { return func() {} }
