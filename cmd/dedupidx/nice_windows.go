package main

import (
	"fmt"
	"log/slog"

	"golang.org/x/sys/windows"
)

// lowerPriority sets the priority class of this process: below normal from 1
// on, idle from 15 on.
func lowerPriority(nice int, _ bool) error {
	class := uint32(windows.BELOW_NORMAL_PRIORITY_CLASS)
	switch {
	case nice == 0:
		return nil
	case nice >= 15:
		class = windows.IDLE_PRIORITY_CLASS
	}
	if err := windows.SetPriorityClass(windows.CurrentProcess(), class); err != nil {
		return fmt.Errorf("set the processor priority to %d: %w", nice, err)
	}
	return nil
}

func idleDisk(*slog.Logger) func() { return func() {} }
