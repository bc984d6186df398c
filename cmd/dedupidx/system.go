package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index/bench"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages/raster"
)

func systemCommand() command {
	return command{
		name:  "system",
		short: "what was found of this machine, and how a scan uses it",
		long: `Prints the cores and the memory of this machine and what a container allows of them,
the class that follows, each adjustment with its reason, and the workers, the batch and
the memory that a scan takes, with what dedupidx bench measured of it. The flags are
those of scan.`,
		examples: []string{"dedupidx system", "dedupidx system --memory 512MiB # what scan would do with that"},
		flags: func(f *pflag.FlagSet) runner {
			var over pipeline.Overrides
			var memory size
			f.IntVar(&over.Workers, "workers", 0, "work on `N` pictures at a time")
			f.IntVar(&over.Batch, "batch", 0, "commit `N` pictures of each worker at a time")
			f.IntVar(&over.Readers, "io-workers", 0, "read `N` files ahead of the workers")
			f.Var(&memory, "memory", "memory for pictures in flight, such as 512MiB")
			asJSON := f.Bool("json", false, "print JSON")
			return func(ctx context.Context, e *env, args []string) error {
				if err := wantArgs("system", args, 0, 0); err != nil {
					return err
				}
				if over.Workers < 0 || over.Batch < 0 || over.Readers < 0 {
					return usagef("leave the flag out for the default", "a number of workers, files or pictures is negative")
				}
				over.Memory = uint64(memory)
				machine, err := pipeline.Detect(ctx)
				if err != nil { // what could be found is shown all the same
					e.log.Warn("the machine was not found out in full", "error", err)
				}
				budget := pipeline.Choose(machine, over)
				performance, found, err := expected(machine, budget.Workers)
				if err != nil {
					e.log.Warn("what was measured before cannot be read; dedupidx bench measures again", "error", err)
				}
				return printSystem(e.stdout, machine, budget, performance, found, *asJSON)
			}
		},
	}
}

// notMeasured is the expected performance until it was measured on this machine.
const notMeasured = "not measured"

func printSystem(w io.Writer, m pipeline.Machine, b pipeline.Budget, performance string, found *bench.Result, asJSON bool) error {
	least, most := b.ReadAhead()
	largest := cmp.Or(m.LargestFile(), raster.DefaultFileSize)
	if asJSON {
		notes := []string{}
		for _, a := range b.Adjustments {
			notes = append(notes, a.String())
		}
		return printJSON(w, struct {
			Platform      string   `json:"platform"`
			PhysicalCores int      `json:"physical_cores"`
			LogicalCores  int      `json:"logical_cores"`
			UsableCores   int      `json:"usable_cores"`
			CPULimit      float64  `json:"cpu_limit,omitempty"`
			TotalMemory   uint64   `json:"total_memory"`
			FreeMemory    uint64   `json:"free_memory"`
			MemoryLimit   uint64   `json:"memory_limit,omitempty"`
			Class         string   `json:"class"`
			Workers       int      `json:"workers"`
			Batch         int      `json:"batch"`
			LeastAhead    int      `json:"least_read_ahead"`
			MostAhead     int      `json:"most_read_ahead"`
			Memory        uint64   `json:"memory"`
			LargestFile   int64    `json:"largest_file"`
			MemoryMode    string   `json:"memory_mode"`
			Adjustments   []string `json:"adjustments"`
			Performance   string   `json:"expected_performance"`

			Measured *bench.Result `json:"measured,omitempty"` // the last of dedupidx bench
		}{
			m.Platform, m.PhysicalCores, m.LogicalCores, m.UsableCores, m.CPULimit, m.TotalMemory, m.FreeMemory, m.MemoryLimit,
			string(b.Class), b.Workers, b.Batch, least, most, b.Memory, largest, b.MemoryMode, notes, performance, found,
		})
	}
	var t strings.Builder
	fmt.Fprintf(&t, "platform     %s\n", m.Platform)
	fmt.Fprintf(&t, "cores        %s physical, %s logical, %s usable%s\n",
		orUnknown(m.PhysicalCores), orUnknown(m.LogicalCores), orUnknown(m.UsableCores), cpuLimit(m))
	fmt.Fprintf(&t, "memory       %s, %s free%s\n", memoryText(m.TotalMemory), memoryText(m.FreeMemory), memoryLimit(m))
	fmt.Fprintf(&t, "class        %s (by %d cores)\n", b.Class, b.Cores)
	fmt.Fprintf(&t, "workers      %d\nread ahead   %s\nbatch        %d\nmemory used  %s (%s)\n", b.Workers, readAhead(least, most), b.Batch, memoryText(b.Memory), b.MemoryMode)
	fmt.Fprintf(&t, "files        up to %s (scan --max-file-size)\n", report.Size(largest))
	for i, a := range b.Adjustments {
		head := "adjusted"
		if i > 0 {
			head = ""
		}
		fmt.Fprintf(&t, "%-12s %s\n", head, a)
	}
	fmt.Fprintf(&t, "expected performance: %s\n", performance)
	_, err := io.WriteString(w, t.String())
	return err
}

func readAhead(least, most int) string {
	if least == most {
		return strconv.Itoa(least) + " files"
	}
	return fmt.Sprintf("%d to %d files, as many as keep the workers busy", least, most)
}

func cpuLimit(m pipeline.Machine) string {
	if m.CPULimit <= 0 {
		return ""
	}
	return fmt.Sprintf(", the container allows %.2g", m.CPULimit)
}

func memoryLimit(m pipeline.Machine) string {
	if m.MemoryLimit == 0 {
		return ""
	}
	return fmt.Sprintf(", the container allows %s and uses %s", memoryText(m.MemoryLimit), memoryText(m.MemoryUsed))
}

func orUnknown(n int) string {
	if n <= 0 {
		return "unknown"
	}
	return fmt.Sprint(n)
}

func memoryText(n uint64) string {
	if n == 0 {
		return "unknown"
	}
	return report.Size(int64(min(n, 1<<62)))
}
