package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// usage is what this process has used so far. Sizes are in bytes.
type usage struct {
	cpu             time.Duration // user and system, of it and of the processes that it waited for
	peak, childPeak int64         // largest resident set: of it, of the largest of those
}

// used asks the system; ru_maxrss counts bytes here.
func used() usage {
	var self, children unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &self) != nil || unix.Getrusage(unix.RUSAGE_CHILDREN, &children) != nil {
		return usage{}
	}
	return usage{
		cpu:  time.Duration(self.Utime.Nano() + self.Stime.Nano() + children.Utime.Nano() + children.Stime.Nano()),
		peak: self.Maxrss, childPeak: children.Maxrss,
	}
}
