package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/index/pipeline"
)

// Machine tells machines apart whose speed differs.
type Machine struct {
	Platform string  `json:"platform"` // such as linux/amd64
	Cores    int     `json:"cores"`    // that may be used
	CPULimit float64 `json:"cpu_limit,omitempty"`
	Memory   uint64  `json:"memory_gib"` // in whole GiB, since systems keep some for themselves, now more, now less
}

// MachineOf is the machine that pipeline.Detect found.
func MachineOf(m pipeline.Machine) Machine {
	return Machine{runtime.GOOS + "/" + runtime.GOARCH, m.Cores(), m.CPULimit, (m.TotalMemory + 1<<29) >> 30}
}

// Result is what was measured on a machine.
type Result struct {
	Machine   Machine   `json:"machine"`
	At        time.Time `json:"at"`
	ReadOnce  Reading   `json:"read_once"`
	Repeats   int       `json:"repeats"` // each run is the fastest of so many
	Runs      []Run     `json:"-"`
	Rows      []Row     `json:"runs"` // Runs with what follows from them
	Argument  *Argument `json:"argument,omitempty"`
	SameGroup bool      `json:"same_groups"`
}

// Reading is one reading of all files by one reader, before the first run: so that
// all runs find them alike, in memory where that is large enough.
type Reading struct {
	Files   int64   `json:"files"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

// Row is a run with what follows from it.
type Row struct {
	Run
	ImagesPerSecond float64 `json:"images_per_second"`
	MBPerSecond     float64 `json:"mb_per_second"` // a million bytes
	SpeedUp         float64 `json:"speed_up"`      // over the fewest workers on as many files
	Efficiency      float64 `json:"efficiency"`    // SpeedUp by how many times as many workers
	CPUUse          float64 `json:"cpu_use"`       // of the workers' time; above 1 where decode helpers or the collector help
}

// Argument is what more cores would give if the serial part stayed what it was. It is
// no measurement.
type Argument struct {
	// SerialPart is the share of the work that does not become faster with workers,
	// by Karp and Flatt, Measuring Parallel Processor Performance (1990): of a speed-up s
	// with n workers (1/s - 1/n) / (1 - 1/n). It holds all that is lost, waiting for
	// memory and other programs included.
	SerialPart float64         `json:"serial_part"`
	Workers    int             `json:"workers"`  // that it was measured with
	SpeedUp    map[int]float64 `json:"speed_up"` // by Amdahl's law, by cores
}

// NewResult derives what follows from runs, of several over the same from the fastest.
func NewResult(m Machine, at time.Time, reading Reading, repeats int, runs []Run) Result {
	type kind struct{ workers, tenths int }
	fastest := map[kind]Run{}
	for _, r := range runs {
		k := kind{r.Workers, r.Tenths}
		if f, ok := fastest[k]; !ok || r.Seconds < f.Seconds {
			fastest[k] = r
		}
	}
	out := Result{Machine: m, At: at, ReadOnce: reading, Repeats: repeats, SameGroup: Check(runs) == nil}
	for _, r := range fastest {
		out.Runs = append(out.Runs, r)
	}
	slices.SortFunc(out.Runs, func(a, b Run) int {
		if a.Tenths != b.Tenths {
			return a.Tenths - b.Tenths
		}
		return a.Workers - b.Workers
	})
	base := map[int]Run{}
	for _, r := range out.Runs {
		if _, ok := base[r.Tenths]; !ok {
			base[r.Tenths] = r
		}
		out.Rows = append(out.Rows, rowOf(r, base[r.Tenths]))
	}
	out.Argument = argue(m, out.Rows)
	return out
}

func rowOf(r, base Run) Row {
	row := Row{Run: r}
	if r.Seconds > 0 {
		row.ImagesPerSecond = float64(r.Pictures) / r.Seconds
		row.MBPerSecond = float64(r.Bytes) / 1e6 / r.Seconds
		row.SpeedUp = base.Seconds / r.Seconds
		row.Efficiency = row.SpeedUp * float64(base.Workers) / float64(r.Workers)
		row.CPUUse = r.CPUSeconds / r.Seconds / float64(r.Workers)
	}
	return row
}

// argue needs a run with one worker and one with more, on no more workers than cores.
func argue(m Machine, rows []Row) *Argument {
	var last Row
	one := false
	for _, r := range rows {
		if r.Tenths == AllTenths && r.Workers == 1 {
			one = true
		}
		if r.Tenths == AllTenths && r.Workers <= m.Cores {
			last = r
		}
	}
	if !one || last.Workers < 2 || last.SpeedUp <= 1 { // slower with more: something else was going on
		return nil
	}
	n := float64(last.Workers)
	a := &Argument{SerialPart: max(0, (1/last.SpeedUp-1/n)/(1-1/n)), Workers: last.Workers, SpeedUp: map[int]float64{}}
	for _, cores := range []int{4, 8, 16} {
		if cores > last.Workers {
			a.SpeedUp[cores] = 1 / (a.SerialPart + (1-a.SerialPart)/float64(cores))
		}
	}
	return a
}

// Expected is the row that tells what to expect of a scan with some workers: that of as
// many, or of the most that are fewer.
func (r Result) Expected(workers int) (Row, bool) {
	var best Row
	for _, row := range r.Rows {
		if row.Tenths == AllTenths && row.Workers <= workers {
			best = row
		}
	}
	return best, best.Workers > 0
}

// StepNames are the steps of a run in their order.
func StepNames() []string {
	return []string{ingest.StepRead, ingest.StepHash, ingest.StepDecode, "wavelet", "color", "global", "local", "quality",
		pipeline.StepCommit, pipeline.StepCompare, pipeline.StepGroup}
}

// WriteJSON writes the result as JSON.
func (r Result) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

// Save keeps a result in a file, whole or not at all.
func Save(path string, r Result) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".bench-*")
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	err = errors.Join(r.WriteJSON(f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("keep the result: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// Load reads the last result. There is none where nothing was kept, or it was measured on
// another machine, or the file is not ours.
func Load(path string, m Machine) (Result, bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Result{}, false, nil
	}
	if err != nil {
		return Result{}, false, fmt.Errorf("read the last result of bench: %w", err)
	}
	defer f.Close()
	var r Result
	if err := json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&r); err != nil {
		return Result{}, false, fmt.Errorf("read the last result of bench %s: %w", path, err)
	}
	return r, r.Machine == m && len(r.Rows) > 0, nil
}
