//go:build !linux

package raster

import (
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// watchInterval is how often the memory of a helper is looked at. Some systems
// start a program to tell it.
const watchInterval = 250 * time.Millisecond

// limitMemory does nothing: there is no such limit that the Go runtime can live
// with. The parent watches.
func limitMemory(int64) {}

// residentMemory returns the bytes of memory that a process holds, 0 if unknown.
func residentMemory(pid int) int64 {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0
	}
	info, err := p.MemoryInfo()
	if err != nil {
		return 0
	}
	return int64(info.RSS)
}
