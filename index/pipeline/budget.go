// The choice of workers, batch and memory: a pure function of the machine and
// of what the user said.

package pipeline

import (
	"fmt"
	"math"
	"strconv"
)

// Class is a machine's class by its cores.
type Class string

// The classes.
const (
	LowEnd      Class = "low-end"
	EntryLevel  Class = "entry-level"
	MidRange    Class = "mid-range"
	HighEnd     Class = "high-end"
	ServerClass Class = "server-class"
)

// DefaultWorkerBytes is the memory that a worker takes while it decodes and
// extracts one picture: 64 MiB.
//
// The largest part is the picture decoded at full size. Measured with image/jpeg
// (bytes allocated by one Decode, Go 1.26): 1.5 bytes a pixel at 4:2:0, 2 at
// 4:2:2, 3 at 4:4:4, so 17 to 34 MiB for 12 megapixels; up to 48 MiB with the
// previous picture not yet collected and the raster, its planes and the features
// beside it. Progressive pictures keep their coefficients too, five times as
// much: 86 MiB at 4:2:0. They are few, and rarely meet in all workers at once.
//
// To measure again: peak RSS of a scan of 12-megapixel photos with --workers 1
// and with 2; the difference is one worker's share. Decoding at reduced size
// lowers it.
const DefaultWorkerBytes = 64 << 20

// lowMemory is what the design calls little free memory.
const lowMemory = 1 << 30

// controlledMemory is the most that a server-class machine gives.
const controlledMemory = 4 << 30

// Overrides are what the user asked for. Zero is the automatic choice.
type Overrides struct {
	Workers     int    // taken as it is
	Batch       int    // taken as it is
	Readers     int    // taken as it is
	Memory      uint64 // bytes, taken as it is
	WorkerBytes uint64 // a worker's share as measured; 0 is DefaultWorkerBytes
}

// Budget is what a run may use.
type Budget struct {
	Class       Class
	Cores       int    // that Class was chosen by
	Workers     int    // at least 1
	Batch       int    // pictures in one transaction, at least 1
	Readers     int    // files read ahead of the workers; 0: as many as keep them busy, see ReadAhead
	Memory      uint64 // bytes for pictures in flight, all workers together
	MemoryMode  string // conservative, performance or controlled
	Adjustments []Adjustment
}

// fewReaders is how many files may be read ahead at least where the user says nothing.
// More do not help a disk whose heads must move from one to the other.
const fewReaders = 4

// ReadAhead is how many files are read ahead of the workers, beside one for each of
// them: from least, while that keeps the workers busy, to most.
func (b Budget) ReadAhead() (least, most int) {
	if b.Readers > 0 {
		return b.Readers, b.Readers
	}
	return 0, max(fewReaders, b.Workers)
}

// Adjustment is one step away from the class's row in the table.
type Adjustment struct {
	What     string // cores, workers, batch, readers or memory
	From, To uint64 // memory in bytes
	Reason   string // in words, for the user
}

// String is the adjustment for the user.
func (a Adjustment) String() string {
	if a.What == "readers" {
		return fmt.Sprintf("readers %d: %s", a.To, a.Reason)
	}
	if a.What == "memory" {
		return fmt.Sprintf("memory %s to %s: %s", bytesText(a.From), bytesText(a.To), a.Reason)
	}
	return fmt.Sprintf("%s %d to %d: %s", a.What, a.From, a.To, a.Reason)
}

// classRow is a row of the table.
type classRow struct {
	class    Class
	maxCores int // 0: no bound
	workers  int
	batch    int
	mode     string
	divisor  uint64 // of free memory
}

// classes is the table of the design, section "Workers".
func classes() []classRow {
	return []classRow{
		{LowEnd, 2, 2, 3, "conservative", 8},
		{EntryLevel, 4, 4, 5, "conservative", 8},
		{MidRange, 8, 8, 8, "performance", 4},
		{HighEnd, 16, 12, 12, "performance", 4},
		{ServerClass, 0, 16, 15, "controlled", 4},
	}
}

// Choose makes the budget. The class comes from the cores that may be used.
// Then, each with its reason: never more workers than cores, but on low-end
// machines, where a second worker reads while the first computes; on Windows
// three quarters, to the nearest; on macOS one less; and workers and batch are
// halved until each worker's share fits into the memory. What the user asked
// for is taken as it is.
func Choose(m Machine, o Overrides) Budget {
	b := Budget{Cores: m.Cores()}
	b.noteCores(m)
	row := rowFor(b.Cores)
	b.Class, b.Workers, b.Batch, b.MemoryMode = row.class, row.workers, row.batch, row.mode
	b.Memory = m.Free() / row.divisor
	if row.class == ServerClass {
		b.Memory = min(b.Memory, controlledMemory)
	}
	if o.Memory > 0 {
		b.adjustMemory(o.Memory, "asked for")
	}
	if o.Workers > 0 {
		b.adjustWorkers(o.Workers, "asked for")
	} else {
		b.fitPlatform(m.Platform)
	}
	if o.Batch > 0 {
		b.adjustBatch(o.Batch, "asked for")
	}
	if o.Readers > 0 {
		b.note("readers", 0, uint64(o.Readers), "asked for")
		b.Readers = o.Readers
	}
	b.fitMemory(m, o)
	return b
}

func rowFor(cores int) classRow {
	rows := classes()
	for _, row := range rows {
		if cores <= row.maxCores {
			return row
		}
	}
	return rows[len(rows)-1]
}

// noteCores says why fewer cores count than the machine has.
func (b *Budget) noteCores(m Machine) {
	if m.LogicalCores <= 0 || b.Cores >= m.LogicalCores {
		return
	}
	reason := fmt.Sprintf("this process may run on %d of %d cores", m.UsableCores, m.LogicalCores)
	if m.CPULimit > 0 && (m.UsableCores <= 0 || m.CPULimit < float64(m.UsableCores)) {
		reason = fmt.Sprintf("container allows %s of %d cores", coresText(m.CPULimit), m.LogicalCores)
	}
	b.note("cores", uint64(m.LogicalCores), uint64(b.Cores), reason)
}

func (b *Budget) fitPlatform(platform string) {
	if b.Class != LowEnd && b.Workers > b.Cores {
		b.adjustWorkers(b.Cores, "never more workers than cores")
	}
	switch platform {
	case "windows":
		b.adjustWorkers((3*b.Workers+2)/4, "Windows: three quarters")
	case "darwin":
		b.adjustWorkers(max(b.Workers-1, 1), "macOS: one core less, for the heat")
	}
}

// fitMemory halves workers and batch until the workers' shares fit.
func (b *Budget) fitMemory(m Machine, o Overrides) {
	share := o.WorkerBytes
	if share == 0 {
		share = DefaultWorkerBytes
	}
	var why string
	switch {
	case o.Memory > 0:
		why = "the memory asked for is little"
	case m.MemoryLimit > 0 && m.Free() < m.FreeMemory:
		why = fmt.Sprintf("container leaves %s of %s", bytesText(m.Free()), bytesText(m.MemoryLimit))
	case m.FreeMemory == 0:
		why = "free memory is unknown"
	case m.Free() < lowMemory:
		why = fmt.Sprintf("less than 1 GiB is free (%s)", bytesText(m.Free()))
	default:
		why = fmt.Sprintf("%s is free", bytesText(m.Free()))
	}
	if o.Workers > 0 {
		if b.need(share) > b.Memory {
			b.note("workers", uint64(b.Workers), uint64(b.Workers), fmt.Sprintf(
				"kept as asked for, though %s a worker make %s and the budget is %s",
				bytesText(share), bytesText(b.need(share)), bytesText(b.Memory)))
		}
		return
	}
	workers, batch := b.Workers, b.Batch
	for b.need(share) > b.Memory && workers > 1 {
		workers /= 2
		if o.Batch == 0 {
			batch = max(batch/2, 1)
		}
		halved := fmt.Sprintf("%s: halved, %s a worker and a budget of %s", why, bytesText(share), bytesText(b.Memory))
		b.adjustWorkers(workers, halved)
		b.adjustBatch(batch, halved)
	}
	if b.need(share) > b.Memory && o.Memory == 0 {
		// One worker has to have its share, or no picture could be decoded.
		b.adjustMemory(share, fmt.Sprintf("%s: one worker needs its share", why))
	}
}

// need is the memory of all workers, as large as a number gets where it is more.
func (b *Budget) need(share uint64) uint64 {
	workers := uint64(b.Workers)
	if share > ^uint64(0)/workers {
		return ^uint64(0)
	}
	return workers * share
}

func (b *Budget) adjustWorkers(to int, reason string) {
	if to != b.Workers {
		b.note("workers", uint64(b.Workers), uint64(to), reason)
		b.Workers = to
	}
}

func (b *Budget) adjustBatch(to int, reason string) {
	if to != b.Batch {
		b.note("batch", uint64(b.Batch), uint64(to), reason)
		b.Batch = to
	}
}

func (b *Budget) adjustMemory(to uint64, reason string) {
	if to != b.Memory {
		b.note("memory", b.Memory, to, reason)
		b.Memory = to
	}
}

func (b *Budget) note(what string, from, to uint64, reason string) {
	b.Adjustments = append(b.Adjustments, Adjustment{what, from, to, reason})
}

func coresText(cores float64) string {
	return strconv.FormatFloat(math.Ceil(cores*100)/100, 'f', -1, 64)
}

// bytesText rounds to what a person reads.
func bytesText(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
