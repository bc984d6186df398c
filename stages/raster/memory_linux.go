package raster

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// watchInterval is how often the memory of a helper is looked at. Reading
// /proc takes some ten microseconds.
const watchInterval = 20 * time.Millisecond

// limitMemory bounds the memory that this process may take for data. RLIMIT_DATA
// counts private writable mappings; RLIMIT_AS would count the address space that the
// Go runtime reserves and never uses. The soft limit can be raised again for the
// next file.
func limitMemory(bytes int64) {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_DATA, &l) != nil {
		return // the parent watches, too
	}
	l.Cur = min(uint64(bytes), l.Max)
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &l)
}

// residentMemory returns the bytes of memory that a process holds, 0 if unknown.
func residentMemory(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}
