package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

// box is a machine with nothing in the way.
func box(platform string, cores int, free uint64) Machine {
	return Machine{Platform: platform, PhysicalCores: cores, LogicalCores: cores, UsableCores: cores,
		TotalMemory: 2 * free, FreeMemory: free}
}

// The table is the specification: the design's section "Workers".
func TestChoose(t *testing.T) {
	limited := func(m Machine, cpu float64, memory, used uint64) Machine {
		m.CPULimit, m.MemoryLimit, m.MemoryUsed = cpu, memory, used
		return m
	}
	pinned := box("linux", 16, 32*gib)
	pinned.UsableCores = 3
	tests := []struct {
		name    string
		m       Machine
		o       Overrides
		class   Class
		workers int
		batch   int
		memory  uint64
		why     string // parts of adjustments in their order, by "; "; "" is none at all
	}{
		// the rows as they stand, at both ends
		{"1 core", box("linux", 1, 8*gib), Overrides{}, LowEnd, 2, 3, 1 * gib, ""},
		{"2 cores", box("linux", 2, 8*gib), Overrides{}, LowEnd, 2, 3, 1 * gib, ""},
		{"4 cores", box("linux", 4, 8*gib), Overrides{}, EntryLevel, 4, 5, 1 * gib, ""},
		{"8 cores", box("linux", 8, 8*gib), Overrides{}, MidRange, 8, 8, 2 * gib, ""},
		{"12 cores", box("linux", 12, 16*gib), Overrides{}, HighEnd, 12, 12, 4 * gib, ""},
		{"16 cores", box("linux", 16, 64*gib), Overrides{}, HighEnd, 12, 12, 16 * gib, ""},
		{"17 cores", box("linux", 17, 64*gib), Overrides{}, ServerClass, 16, 15, 4 * gib, ""},
		{"128 cores", box("linux", 128, 8*gib), Overrides{}, ServerClass, 16, 15, 2 * gib, ""},

		// never more workers than cores, but on low-end
		{"3 cores", box("linux", 3, 8*gib), Overrides{}, EntryLevel, 3, 5, 1 * gib, "workers 4 to 3: never more workers than cores"},
		{"5 cores", box("linux", 5, 8*gib), Overrides{}, MidRange, 5, 8, 2 * gib, "workers 8 to 5"},
		{"9 cores", box("linux", 9, 8*gib), Overrides{}, HighEnd, 9, 12, 2 * gib, "workers 12 to 9"},

		// platforms
		{"Windows, 2", box("windows", 2, 8*gib), Overrides{}, LowEnd, 2, 3, 1 * gib, ""}, // 1.5
		{"Windows, 3", box("windows", 3, 8*gib), Overrides{}, EntryLevel, 2, 5, 1 * gib, "4 to 3: never; 3 to 2: Windows"},
		{"Windows, 4", box("windows", 4, 8*gib), Overrides{}, EntryLevel, 3, 5, 1 * gib, "workers 4 to 3: Windows: three quarters"},
		{"Windows, 8", box("windows", 8, 8*gib), Overrides{}, MidRange, 6, 8, 2 * gib, "8 to 6: Windows"},
		{"Windows, 16", box("windows", 16, 16*gib), Overrides{}, HighEnd, 9, 12, 4 * gib, "12 to 9: Windows"},
		{"Windows, 32", box("windows", 32, 16*gib), Overrides{}, ServerClass, 12, 15, 4 * gib, "16 to 12: Windows"},
		{"macOS, 2", box("darwin", 2, 8*gib), Overrides{}, LowEnd, 1, 3, 1 * gib, "2 to 1: macOS: one core less"},
		{"macOS, 8", box("darwin", 8, 8*gib), Overrides{}, MidRange, 7, 8, 2 * gib, "8 to 7: macOS"},
		{"macOS, 10", box("darwin", 10, 16*gib), Overrides{}, HighEnd, 9, 12, 4 * gib, "12 to 10: never; 10 to 9: macOS"},

		// containers and affinity win
		{"1.5 cores", limited(box("linux", 16, 32*gib), 1.5, 0, 0), Overrides{}, LowEnd, 2, 3, 4 * gib, "cores 16 to 2: container allows 1.5 of 16 cores"},
		{"a tenth of a core", limited(box("linux", 4, 8*gib), 0.1, 0, 0), Overrides{}, LowEnd, 2, 3, 1 * gib, "cores 4 to 1: container allows 0.1"},
		{"6 of 64 cores", limited(box("linux", 64, 64*gib), 6, 0, 0), Overrides{}, MidRange, 6, 8, 16 * gib, "64 to 6: container; 8 to 6: never"},
		{"pinned to 3", pinned, Overrides{}, EntryLevel, 3, 5, 4 * gib, "cores 16 to 3: this process may run on 3 of 16 cores; 4 to 3"},
		{"container of 1 GiB", limited(box("linux", 8, 32*gib), 0, 1*gib, 0), Overrides{}, MidRange, 4, 4, 256 * mib,
			"workers 8 to 4: container leaves 1.0 GiB of 1.0 GiB: halved, 64 MiB a worker and a budget of 256 MiB; batch 8 to 4: container"},
		{"container nearly full", limited(box("linux", 8, 32*gib), 0, 4*gib, 4*gib-128*mib), Overrides{}, MidRange, 1, 1, 64 * mib,
			"8 to 4: container leaves 128 MiB of 4.0 GiB; 8 to 4; 4 to 2; 4 to 2; 2 to 1; 2 to 1; memory 32 MiB to 64 MiB"},
		{"container larger than what is free", limited(box("linux", 2, 8*gib), 0, 64*gib, 0), Overrides{}, LowEnd, 2, 3, 1 * gib, ""},

		// little memory
		{"1 GiB free", box("linux", 2, 1*gib), Overrides{}, LowEnd, 2, 3, 128 * mib, ""},
		{"below 1 GiB", box("linux", 2, 1000*mib), Overrides{}, LowEnd, 1, 1, 125 * mib, "workers 2 to 1: less than 1 GiB is free (1000 MiB); batch 3 to 1"},
		{"half a GiB, 8 cores", box("linux", 8, 512*mib), Overrides{}, MidRange, 2, 2, 128 * mib, "8 to 4: less than 1 GiB; batch 8 to 4; 4 to 2; 4 to 2"},
		{"2 GiB, server", box("linux", 64, 2*gib), Overrides{}, ServerClass, 8, 7, 512 * mib, "16 to 8: 2.0 GiB is free: halved; batch 15 to 7"},
		{"memory unknown", box("linux", 8, 0), Overrides{}, MidRange, 1, 1, 64 * mib, "8 to 4: free memory is unknown; batch; workers; batch; workers; batch; memory 0 MiB to 64 MiB"},
		{"a smaller share", box("linux", 8, 512*mib), Overrides{WorkerBytes: 16 * mib}, MidRange, 8, 8, 128 * mib, ""},
		{"a larger share", box("linux", 8, 4*gib), Overrides{WorkerBytes: 256 * mib}, MidRange, 4, 4, 1 * gib, "8 to 4: 4.0 GiB is free: halved, 256 MiB a worker; batch"},
		{"Windows first, then memory", box("windows", 8, 1000*mib), Overrides{}, MidRange, 3, 4, 250 * mib, "8 to 6: Windows; 6 to 3: less than; batch 8 to 4"},

		// what the user says
		{"workers", box("linux", 4, 8*gib), Overrides{Workers: 9}, EntryLevel, 9, 5, 1 * gib, "workers 4 to 9: asked for"},
		{"workers on Windows", box("windows", 4, 8*gib), Overrides{Workers: 4}, EntryLevel, 4, 5, 1 * gib, ""},
		{"workers beyond memory", box("linux", 4, 1*gib), Overrides{Workers: 4}, EntryLevel, 4, 5, 128 * mib, "workers 4 to 4: kept as asked for, though 64 MiB a worker make 256 MiB and the budget is 128 MiB"},
		{"batch", box("linux", 4, 8*gib), Overrides{Batch: 50}, EntryLevel, 4, 50, 1 * gib, "batch 5 to 50: asked for"},
		{"batch is not halved", box("linux", 8, 512*mib), Overrides{Batch: 50}, MidRange, 2, 50, 128 * mib, "batch 8 to 50; workers 8 to 4; workers 4 to 2"},
		{"memory", box("linux", 8, 8*gib), Overrides{Memory: 256 * mib}, MidRange, 4, 4, 256 * mib, "memory 2.0 GiB to 256 MiB: asked for; workers 8 to 4: the memory asked for is little; batch"},
		{"memory below a share", box("linux", 2, 8*gib), Overrides{Memory: 8 * mib}, LowEnd, 1, 1, 8 * mib, "asked for; 2 to 1; 3 to 1"},
		{"more memory than is free", box("linux", 2, 512*mib), Overrides{Memory: 16 * gib}, LowEnd, 2, 3, 16 * gib, "memory 64 MiB to 16 GiB: asked for"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := Choose(tt.m, tt.o)
			got := fmt.Sprint(b.Class, b.Workers, b.Batch, b.Memory)
			if want := fmt.Sprint(tt.class, tt.workers, tt.batch, tt.memory); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			var said []string
			for _, a := range b.Adjustments {
				said = append(said, a.String())
			}
			var want []string
			if tt.why != "" {
				want = strings.Split(tt.why, "; ")
			}
			if len(said) != len(want) {
				t.Fatalf("adjustments %q, want %q", said, want)
			}
			for i := range want {
				if !strings.Contains(said[i], want[i]) {
					t.Errorf("adjustment %q, want %q", said[i], want[i])
				}
			}
		})
	}
}

func TestChooseNamesTheMemoryMode(t *testing.T) {
	for cores, want := range map[int]string{2: "conservative", 4: "conservative", 8: "performance", 16: "performance", 32: "controlled"} {
		if got := Choose(box("linux", cores, 8*gib), Overrides{}).MemoryMode; got != want {
			t.Errorf("%d cores: %s, want %s", cores, got, want)
		}
	}
}

// Whatever the machine claims, the budget can be worked with, and each step
// from the table to it is told.
func TestChooseHoldsForAnyMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Machine{
			Platform:      rapid.SampledFrom([]string{"linux", "windows", "darwin", ""}).Draw(t, "platform"),
			PhysicalCores: rapid.IntRange(-1, 300).Draw(t, "physical"),
			LogicalCores:  rapid.IntRange(-1, 300).Draw(t, "logical"),
			UsableCores:   rapid.IntRange(-1, 300).Draw(t, "usable"),
			FreeMemory:    rapid.Uint64().Draw(t, "free"),
			CPULimit:      rapid.Float64Range(0, 1e300).Draw(t, "cpu"),
			MemoryLimit:   rapid.Uint64().Draw(t, "limit"),
			MemoryUsed:    rapid.Uint64().Draw(t, "used"),
		}
		o := Overrides{WorkerBytes: rapid.Uint64().Draw(t, "share")}
		b := Choose(m, o)
		if b.Workers < 1 || b.Workers > 16 || b.Batch < 1 || b.Batch > 15 {
			t.Fatalf("%+v", b)
		}
		if b.Class != LowEnd && b.Workers > b.Cores {
			t.Fatalf("more workers than cores: %+v", b)
		}
		share := max(o.WorkerBytes, 1)
		if o.WorkerBytes == 0 {
			share = DefaultWorkerBytes
		}
		if b.Memory/share < uint64(b.Workers) {
			t.Fatalf("%d workers of %d do not fit: %+v", b.Workers, share, b)
		}
		workers := rowFor(b.Cores).workers
		for _, a := range b.Adjustments {
			if a.Reason == "" {
				t.Fatalf("no reason: %+v", a)
			}
			if a.What == "workers" {
				if a.From != uint64(workers) {
					t.Fatalf("a step is missing: %+v", b.Adjustments)
				}
				workers = int(a.To)
			}
		}
		if workers != b.Workers {
			t.Fatalf("the steps end at %d: %+v", workers, b)
		}
	})
}
