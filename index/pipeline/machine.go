// Facts of the machine: cores, memory, and what a container allows of them.

package pipeline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/mem"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// Machine is what was found of the machine. Memory is in bytes; 0 is unknown,
// and for limits none.
type Machine struct {
	Platform      string // as runtime.GOOS: linux, darwin, windows, ...
	PhysicalCores int
	LogicalCores  int
	UsableCores   int // that this process may run on: affinity and cpusets
	TotalMemory   uint64
	FreeMemory    uint64 // available without swapping, on the host

	CPULimit    float64 // cores that the container allows
	MemoryLimit uint64  // that the container allows
	MemoryUsed  uint64  // of MemoryLimit, without files that are merely cached
}

// Cores is the number of cores to work on: logical ones, since decoding and
// extracting wait for memory often enough for two threads to share a core, and
// affinity and containers count logical ones; of those the least that anyone
// allows, a part of a core counted whole; at least 1.
func (m Machine) Cores() int {
	cores := m.LogicalCores
	if cores <= 0 {
		cores = m.PhysicalCores
	}
	if m.UsableCores > 0 && (cores <= 0 || m.UsableCores < cores) {
		cores = m.UsableCores
	}
	if m.CPULimit > 0 {
		if limit := int(math.Ceil(min(m.CPULimit, math.MaxInt32))); cores <= 0 || limit < cores {
			cores = limit
		}
	}
	return max(cores, 1)
}

// Free is the memory that can be had: what is free on the host or what the
// container has left, whichever is less.
func (m Machine) Free() uint64 {
	if m.MemoryLimit == 0 {
		return m.FreeMemory
	}
	return min(m.FreeMemory, m.MemoryLimit-min(m.MemoryUsed, m.MemoryLimit))
}

// LargestFile is how long a picture file may be that is read on this machine, if nobody
// says otherwise: a file lies in memory while it is decoded, and one that does not fit
// would end a daemon again after each restart. It is a third of the memory, as the
// power of two below it, so that a file fails the same way each time; 256 MiB at least,
// which camera raw files stay below, and the limit of package raster at most. 0 where
// that limit or the memory leaves nothing to be said.
func (m Machine) LargestFile() int64 {
	memory := m.TotalMemory
	if m.MemoryLimit > 0 {
		memory = min(memory, m.MemoryLimit)
	}
	if memory == 0 {
		return 0
	}
	largest := int64(256 << 20)
	for uint64(largest) <= memory/6 {
		largest *= 2
	}
	if largest >= raster.DefaultFileSize {
		return 0
	}
	return largest
}

// Detect asks the machine. On an error the Machine holds what was found; it can
// still be given to Choose, which is careful about what it does not know.
func Detect(ctx context.Context) (Machine, error) {
	m := Machine{Platform: runtime.GOOS, UsableCores: runtime.NumCPU()}
	var errs []error
	var err error
	if m.LogicalCores, err = cpu.CountsWithContext(ctx, true); err != nil {
		errs = append(errs, fmt.Errorf("count logical cores: %w", err))
	}
	// Unknown on some boards and virtual machines, and only told to the user.
	if m.PhysicalCores, err = cpu.CountsWithContext(ctx, false); err != nil {
		m.PhysicalCores = 0
	}
	if memory, err := mem.VirtualMemoryWithContext(ctx); err != nil {
		errs = append(errs, fmt.Errorf("read memory size: %w", err))
	} else {
		m.TotalMemory, m.FreeMemory = memory.Total, memory.Available
	}
	if runtime.GOOS == "linux" {
		limits, err := readCgroups("/")
		if err != nil {
			errs = append(errs, fmt.Errorf("read container limits: %w", err))
		}
		m.apply(limits)
	}
	return m, errors.Join(errs...)
}

// apply takes over limits that are below what the machine has.
func (m *Machine) apply(l cgroupLimits) {
	m.CPULimit, m.MemoryLimit, m.MemoryUsed = l.cpu, l.memory, l.used
	if m.LogicalCores > 0 && l.cpu >= float64(m.LogicalCores) {
		m.CPULimit = 0
	}
	if m.TotalMemory > 0 && l.memory >= m.TotalMemory {
		m.MemoryLimit, m.MemoryUsed = 0, 0
	}
}

// cgroupLimits are the tightest along the way from a process's control group
// to the top. Zero is none.
type cgroupLimits struct {
	cpu          float64 // cores
	memory, used uint64  // bytes; used belongs to the group that has the limit
}

// readCgroups reads the limits of this process, cgroup v1, v2 and both at once,
// below the folder that stands for "/". A file that is not there is no limit:
// there is none at the top, in a container the path may lead out of what is
// mounted, and systems without cgroups have no files at all.
//
// Linux, admin-guide/cgroup-v2.rst (cpu.max, memory.max) and
// admin-guide/cgroup-v1/memory.rst, scheduler/sched-bwc.rst.
func readCgroups(root string) (cgroupLimits, error) {
	var l cgroupLimits
	file, err := os.Open(filepath.Join(root, "proc/self/cgroup"))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		// hierarchy:controllers:path; v2 has hierarchy 0 and no controllers.
		parts := strings.SplitN(lines.Text(), ":", 3)
		if len(parts) != 3 {
			continue
		}
		top := filepath.Join(root, "sys/fs/cgroup")
		if parts[0] == "0" && parts[1] == "" {
			l.climb(top, parts[2], (*cgroupLimits).readV2)
			l.climb(filepath.Join(top, "unified"), parts[2], (*cgroupLimits).readV2) // beside v1
			continue
		}
		for _, controller := range strings.Split(parts[1], ",") {
			if controller == "cpu" || controller == "memory" {
				l.climb(filepath.Join(top, controller), parts[2], (*cgroupLimits).readV1)
				if parts[1] != controller { // mounted together: cpu,cpuacct
					l.climb(filepath.Join(top, parts[1]), parts[2], (*cgroupLimits).readV1)
				}
			}
		}
	}
	return l, lines.Err()
}

// climb reads a group and each group above it. The path is cleaned, so that
// "/../.." (a group outside the cgroup namespace) leads to the top.
func (l *cgroupLimits) climb(top, group string, read func(*cgroupLimits, string)) {
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		read(l, filepath.Join(top, filepath.FromSlash(group)))
		if group == "/" {
			return
		}
	}
}

func (l *cgroupLimits) readV2(dir string) {
	if fields := strings.Fields(readSmall(dir, "cpu.max")); len(fields) == 2 { // "max 100000"
		l.lowerCPU(fields[0], fields[1])
	}
	l.lowerMemory(dir, "memory.max", "memory.current", "inactive_file")
}

func (l *cgroupLimits) readV1(dir string) {
	l.lowerCPU(readSmall(dir, "cpu.cfs_quota_us"), readSmall(dir, "cpu.cfs_period_us")) // -1 is none
	l.lowerMemory(dir, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
}

func (l *cgroupLimits) lowerCPU(quota, period string) {
	q, errQ := strconv.ParseInt(quota, 10, 64)
	p, errP := strconv.ParseInt(period, 10, 64)
	if errQ != nil || errP != nil || q <= 0 || p <= 0 {
		return
	}
	if cores := float64(q) / float64(p); l.cpu == 0 || cores < l.cpu {
		l.cpu = cores
	}
}

// noMemoryLimit: cgroup v1 says "none" by the largest number of pages, just
// under 1<<63. No machine has an exbibyte.
const noMemoryLimit = 1 << 60

// lowerMemory takes the limit that leaves the least, not the smallest one: a
// parent with a higher limit may be nearly full.
func (l *cgroupLimits) lowerMemory(dir, limitFile, usedFile, cached string) {
	limit, err := strconv.ParseUint(readSmall(dir, limitFile), 10, 64)
	if err != nil || limit >= noMemoryLimit { // "max" does not parse
		return
	}
	used, err := strconv.ParseUint(readSmall(dir, usedFile), 10, 64)
	if err != nil {
		used = 0
	}
	used -= min(used, statValue(readSmall(dir, "memory.stat"), cached))
	used = min(used, limit)
	if l.memory == 0 || limit-used < l.memory-l.used {
		l.memory, l.used = limit, used
	}
}

// statValue finds a number in a file of "key value" lines.
func statValue(text, key string) uint64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, key+" "); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(rest), 10, 64)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}

// readSmall reads a control file, "" when it cannot be read: a group that may
// not be looked at sets no limit that we could know.
func readSmall(dir, name string) string {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
