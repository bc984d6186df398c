package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/bench"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/watch"
)

func benchCommand() command {
	return command{
		name: "bench", args: "FOLDER...", files: true,
		short: "measure how fast this machine scans these folders",
		long: `Scans the folders with 1, 2, 4 and so on workers, up to the number that scan would take,
each time in a process of its own and into a new index in a temporary folder, and tells
images and megabytes a second, speed-up, use of the processors, peak memory and the time
of each step. Nothing is estimated. --sizes also scans a tenth, two tenths and half of
the files (n, 2n, 5n of 10n) with the most workers.

All files are read once before, so that each run finds them alike. It fails where two
runs over the same files find different groups. The index of yours is not touched; the
result is kept in your cache folder, and ` + "`dedupidx system`" + ` shows it. Let the machine do
nothing else meanwhile.`,
		examples: []string{
			"dedupidx bench ~/Pictures/2024",
			"dedupidx bench --sizes --repeat 3 --html bench.html ~/Pictures",
			"dedupidx bench --workers 16 --json ~/Pictures # 1, 2, 4, 8, 16",
		},
		flags: func(f *pflag.FlagSet) runner {
			b := &benchRun{flags: f}
			f.BoolVar(&b.sizes, "sizes", false, "also with a tenth, two tenths and half of the files")
			f.IntVar(&b.repeat, "repeat", 1, "run all `N` times in turns; the fastest of each counts")
			f.StringVar(&b.html, "html", "", "write a page with plots into `FILE`")
			f.BoolVar(&b.json, "json", false, "print JSON")
			b.looking.add(f)
			return b.run
		},
	}
}

type benchRun struct {
	looking
	sizes, json bool
	repeat      int
	html        string
	flags       *pflag.FlagSet
}

// benchScan is the hidden command of one run.
const benchScan = "bench-scan"

func (b *benchRun) run(ctx context.Context, e *env, args []string) error {
	if err := wantArgs("bench", args, 1, -1); err != nil {
		return err
	}
	if b.repeat < 1 {
		return usagef("leave the flag out for the default", "--repeat must be at least 1")
	}
	o, excludes, err := b.options(ctx)
	if err != nil {
		return err
	}
	machine, err := pipeline.Detect(ctx)
	if err != nil {
		e.log.Warn("the machine was not found out in full", "error", err)
	}
	roots, err := openRoots(args)
	if err != nil {
		return err
	}
	roots, covered := watch.Overlap(roots, excludes)
	for _, c := range covered {
		fmt.Fprintln(e.stderr, printableLines(c.String()))
	}
	if b.html != "" {
		if err := replaceable(b.html); err != nil { // before an hour of work, not after
			return err
		}
	}
	reading, err := readOnce(ctx, newDisk(excludes, b.follow, ""), roots)
	if err != nil {
		return err
	}
	if reading.Files == 0 {
		return withHint(errors.New("measure: there is no picture in these folders"), "name a folder with some hundred photos")
	}
	var runs []bench.Run
	for range b.repeat {
		for _, p := range benchPlan(o.Budget.Workers, b.sizes) {
			run, err := b.scan(ctx, e, roots, p)
			if err != nil {
				return err
			}
			fmt.Fprintf(e.stderr, "%s, %s: %.1f s\n", count(int64(run.Workers), "worker"), count(run.Pictures, "picture"), run.Seconds)
			runs = append(runs, run)
		}
	}
	return b.tell(e, bench.NewResult(bench.MachineOf(machine), time.Now(), reading, b.repeat, runs), runs)
}

// tell prints the result and keeps it. Where runs differ it says so, and nothing is kept.
func (b *benchRun) tell(e *env, r bench.Result, runs []bench.Run) error {
	print := r.WriteTable
	if b.json {
		print = r.WriteJSON
	}
	if err := print(e.stdout); err != nil {
		return err
	}
	if b.html != "" {
		if err := writeFile(b.html, r.WritePage); err != nil {
			return err
		}
	}
	if err := bench.Check(runs); err != nil {
		return withHint(err, "did files change meanwhile? If not, this is a fault of dedupidx: please report it")
	}
	path, err := benchFile()
	if err == nil {
		err = bench.Save(path, r)
	}
	if err != nil {
		e.log.Warn("`dedupidx system` will not show this", "error", err)
	}
	return nil
}

// benchFile is where the last result is kept.
func benchFile() (string, error) {
	folder, err := os.UserCacheDir()
	return filepath.Join(folder, "dedupidx", "bench.json"), err
}

// planned is a run to be made.
type planned struct{ workers, tenths int }

// benchPlan lists 1, 2, 4 ... workers over all files, and where asked for the most
// workers over fewer.
func benchPlan(most int, sizes bool) []planned {
	var plan []planned
	for n := 1; n < most; n *= 2 {
		plan = append(plan, planned{n, bench.AllTenths})
	}
	plan = append(plan, planned{most, bench.AllTenths})
	if sizes {
		for _, tenths := range []int{1, 2, 5} {
			plan = append(plan, planned{most, tenths})
		}
	}
	return plan
}

// scan runs this program again for one scan, with the flags that say how to look.
func (b *benchRun) scan(ctx context.Context, e *env, roots []watch.Root, p planned) (r bench.Run, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, fmt.Errorf("find this program, to run it once for each measurement: %w", err)
	}
	folder, err := os.MkdirTemp("", "dedupidx-bench-")
	if err != nil {
		return r, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	args := []string{benchScan, "--index", filepath.Join(folder, "index.db"), "--log-level", e.logLevel.value, "--tenths", strconv.Itoa(p.tenths)}
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(looking).add(own)
	b.flags.Visit(func(f *pflag.Flag) {
		if own.Lookup(f.Name) == nil || f.Name == "workers" {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				args = append(args, "--"+f.Name+"="+v)
			}
			return
		}
		args = append(args, "--"+f.Name+"="+f.Value.String())
	})
	args = append(args, "--workers", strconv.Itoa(p.workers), "--")
	for _, root := range roots {
		args = append(args, root.Path)
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, self, args...)
	c.Stdout, c.Stderr = &out, e.stderr
	c.WaitDelay = 5 * time.Second
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		return r, fmt.Errorf("scan with %s: %w", count(int64(p.workers), "worker"), err)
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return r, fmt.Errorf("read the result of a run: %w", err)
	}
	return r, nil
}

// benchScanCommand is one run in a process of its own.
func benchScanCommand() command {
	return command{
		name: benchScan, args: "FOLDER...", hidden: true,
		short: "scan into a new index and say what it took",
		long:  "Scans folders into an index that is not there yet and prints what that took, as JSON. Started by dedupidx bench.",
		flags: func(f *pflag.FlagSet) runner {
			s := new(looking)
			s.add(f)
			tenths := f.Int("tenths", bench.AllTenths, "look at `N` of every ten files")
			profile := f.String("cpuprofile", "", "write a CPU profile into `FILE`")
			return func(ctx context.Context, e *env, args []string) (err error) {
				if e.indexFlag == "" { // never the index of the user
					return usagef("`dedupidx bench` starts it", "it needs --index and the name of a new file")
				}
				o, excludes, err := s.options(ctx)
				if err != nil {
					return err
				}
				named, err := openRoots(args)
				if err != nil {
					return err
				}
				x, err := index.Create(ctx, e.indexFlag)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, x.Close()) }()
				var roots []index.Root
				for _, n := range named {
					root, err := x.AddRoot(ctx, n.Path, 0)
					if err != nil {
						return err
					}
					roots = append(roots, root)
				}
				o.Log = e.log
				if *profile != "" {
					file, err := os.Create(*profile)
					if err != nil {
						return err
					}
					defer file.Close()
					if err := pprof.StartCPUProfile(file); err != nil {
						return fmt.Errorf("profile: %w", err)
					}
					defer pprof.StopCPUProfile()
				}
				run, err := bench.Measure(ctx, x, newDisk(excludes, s.follow, x.Path()), roots, o, *tenths)
				if err != nil {
					return err
				}
				return printJSON(e.stdout, run)
			}
		},
	}
}

// readOnce reads all pictures once.
func readOnce(ctx context.Context, d *disk, roots []watch.Root) (bench.Reading, error) {
	var r bench.Reading
	started := time.Now()
	block := make([]byte, 1<<20)
	for _, root := range roots {
		err := d.Walk(ctx, root.Path, func(f pipeline.Folder) error {
			for _, entry := range f.Files {
				if err := ctx.Err(); err != nil {
					return err
				}
				n, ok := readPicture(d, filepath.Join(root.Path, filepath.FromSlash(f.Path), entry.Name), block)
				if ok {
					r.Files++
				}
				r.Bytes += n
			}
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	r.Seconds = time.Since(started).Seconds()
	return r, nil
}

// readPicture reads a file to its end if it is a picture. What cannot be read is left
// to the runs, which count it.
func readPicture(d *disk, path string, block []byte) (read int64, ok bool) {
	file, err := d.Open(path)
	if err != nil {
		return 0, false
	}
	defer file.Close()
	n, err := io.ReadFull(file, block[:raster.SniffLen])
	read = int64(n)
	if raster.Sniff(block[:n], filepath.Base(path)) == raster.Unknown {
		return read, false
	}
	for err == nil {
		n, err = file.Read(block)
		read += int64(n)
	}
	return read, true
}

// expected says what bench measured of this machine for a number of workers, or that
// nothing was.
func expected(m pipeline.Machine, workers int) (text string, found *bench.Result, err error) {
	path, err := benchFile()
	if err != nil {
		return notMeasured, nil, nil // no cache folder, no result
	}
	r, ok, err := bench.Load(path, bench.MachineOf(m))
	if err != nil || !ok {
		return notMeasured, nil, err
	}
	row, ok := r.Expected(workers)
	if !ok {
		return notMeasured, nil, nil
	}
	each := report.Size(row.Bytes / max(row.Pictures, 1))
	return fmt.Sprintf("%.1f images/s, %.1f MB/s with %s (measured %s with %s of %s on average)", row.ImagesPerSecond, row.MBPerSecond,
		count(int64(row.Workers), "worker"), r.At.Format(time.DateOnly), count(row.Pictures, "picture"), each), &r, nil
}
