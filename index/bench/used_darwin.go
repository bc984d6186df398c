package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

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
