package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// Options of a run. The zero value works: it chooses workers, batch and memory
// by what the machine has.
type Options struct {
	Budget   Budget         // zero: chosen by Detect and Choose
	Limits   raster.Limits  // zero: the defaults of package raster, but no longer files than Machine.LargestFile
	Helper   []string       // command line of the decode helper; empty: its formats fail
	Progress func(Snapshot) // called from one goroutine at a time; nil: nobody looks
	Log      *slog.Logger   // nil: silent
	Forget   []string       // full paths of roots and folders whose absence is real
	Stages   []stages.Stage // nil: stages.List()
}

// Disk is what a scan needs of the disk. It can only read.
type Disk interface {
	ingest.Disk
	// Walk visits the root and the folders below it in byte order of their paths.
	Walk(ctx context.Context, root string, visit func(Folder) error) error
	// WalkFolder visits one folder of a root, with p.Names those names in it alone,
	// with p.Deep also the folders below it. It visits nothing where the folder is
	// not there or is left out by a rule.
	WalkFolder(ctx context.Context, p Place, visit func(Folder) error) error
	// Presence tells whether a root, or the folder at path in it that was a mount
	// point, is proven present, its device, and why in words.
	Presence(root, path string, known Known) (online bool, device uint64, why string)
}

// Folder is what a walk found in one folder.
type Folder struct {
	Path    string // relative to the root, parts joined by '/'; empty for the root itself
	Files   []Entry
	Folders []string // names, by bytes
	Device  uint64   // of a mount point inside the root, 0 for an ordinary folder
	Skipped int      // files and folders left out
	Err     error    // it could not be read, or not wholly
}

// Entry is a file in a folder.
type Entry struct {
	Name string
	index.Stat
}

// Known is what the index remembers of a place, for Disk.Presence.
type Known struct {
	Device   uint64                 // 0 where unknown
	Knows    func(name string) bool // is a name directly in it known, or the file that has it by now?
	EverHeld bool                   // a file was known at or below it
}

// Summary is what a scan did.
type Summary struct {
	Reasons    map[ingest.Reason]int64 `json:"reasons"`
	Folders    int64                   `json:"folders"`
	Files      int64                   `json:"files"`   // pictures, failed ones included
	Other      int64                   `json:"other"`   // files that are no pictures
	Skipped    int64                   `json:"skipped"` // left out by a rule
	Failed     int64                   `json:"failed"`  // files that are pictures and could not be read or decoded
	Closed     int64                   `json:"closed"`  // folders that could not be read, or not to their end
	Hashed     int64                   `json:"hashed"`
	Decoded    int64                   `json:"decoded"`
	Extracted  map[string]int64        `json:"extracted"` // features, by stage
	Bytes      int64                   `json:"bytes"`     // read
	Compared   int64                   `json:"compared"`  // contents
	Candidates int64                   `json:"candidates"`
	Matches    int64                   `json:"matches"`
	Direct     int64                   `json:"direct"` // pairs asked when groups were made
	Hot        int64                   `json:"hot"`    // buckets that were cut off
	Commits    int64                   `json:"commits"`
	Elapsed    time.Duration           `json:"elapsed_ns"`
	// Took is the time by step, summed over all who work: ingest.StepRead and the
	// others, the stages by name, StepCommit, StepCompare and StepGroup. The last two are
	// the time that passed, whatever the number of workers. Where there are more workers
	// than cores it holds their waiting for a core.
	Took     map[string]time.Duration `json:"took_ns,omitempty"`
	Warnings []string                 `json:"warnings,omitempty"`
	Unread   []Unread                 `json:"-"` // what to look at again, the first of many
}

// The steps of a run that [Summary.Took] times beside those of package ingest.
const (
	StepCommit  = "commit"
	StepCompare = "compare"
	StepGroup   = "group"
)

// Unread is a file or folder that could not be read, or a file that changed each
// time it was read. A later look may have better luck.
type Unread struct {
	Path   string // full
	Reason string
	Folder bool
}

// manyUnread bounds Summary.Unread: where more cannot be read, it is a disk
// that fails, and one look at all of it later serves better.
const manyUnread = 1000

// run is one scan.
type run struct {
	x       *index.Index
	disk    Disk
	o       Options
	version int64 // of retrieval and judge
	log     *slog.Logger
	meter   *meter
	arrived func(Arrival) // told of each picture that came or changed, by the committer
	pixels  *pixelReader  // compares the pixels of what looks identical

	mu  sync.Mutex // guards sum
	sum Summary
}

// Scan brings the index up to date with some roots, in these steps: walk and
// ingest, remove what is gone, compare, group. It returns what it did also when
// it ends with an error.
func Scan(ctx context.Context, x *index.Index, disk Disk, roots []index.Root, o Options) (Summary, error) {
	r, err := newRun(ctx, x, disk, o)
	if err != nil {
		return Summary{}, err
	}
	started := time.Now()
	outdated, err := r.outdated(ctx)
	if err != nil {
		return Summary{}, err
	}
	sum, err := r.steps(ctx, outdated, func(ctx context.Context, w *walker) error { return w.walk(ctx, roots) })
	if err != nil || sum.Commits == 0 {
		return sum, err
	}
	text, err := json.Marshal(sum)
	if err != nil {
		return sum, fmt.Errorf("write the summary of the scan: %w", err)
	}
	return sum, x.AddScan(ctx, started.UnixNano(), time.Now().UnixNano(), string(text))
}

func newRun(ctx context.Context, x *index.Index, disk Disk, o Options) (*run, error) {
	if o.Budget.Workers == 0 {
		m, err := Detect(ctx)
		if err != nil {
			return nil, err
		}
		o.Budget = Choose(m, Overrides{})
		o.Limits.FileSize = cmp.Or(o.Limits.FileSize, m.LargestFile())
	}
	if o.Budget.Memory == 0 {
		o.Budget.Memory = uint64(o.Budget.Workers) * DefaultWorkerBytes
	}
	if o.Stages == nil {
		o.Stages = stages.List()
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &run{
		x: x, disk: disk, o: o, version: dedup.Version(o.Stages), log: log, meter: newMeter(o.Progress), arrived: func(Arrival) {},
		pixels: &pixelReader{x: x, disk: disk, limits: o.Limits, known: make(map[int64]pixelHash)},
		sum:    Summary{Reasons: make(map[ingest.Reason]int64), Extracted: make(map[string]int64), Took: make(map[string]time.Duration)},
	}, nil
}

// steps walks with the walker that it makes and ingests, compares and groups. It
// returns what was done also when it ends with an error.
func (r *run) steps(ctx context.Context, outdated map[int64]bool, walk func(context.Context, *walker) error) (Summary, error) {
	started, before := time.Now(), r.x.Commits()
	err := r.ingest(ctx, outdated, walk)
	for again := true; again && err == nil; {
		at := time.Now()
		err = r.compare(ctx)
		r.took(StepCompare, time.Since(at))
		if err == nil {
			at = time.Now()
			again, err = r.group(ctx)
			r.took(StepGroup, time.Since(at))
		}
	}
	r.meter.end()
	r.sum.Commits = r.x.Commits() - before
	r.sum.Elapsed = time.Since(started)
	return r.sum, err
}

// compare asks every content that waits for it against what is stored.
func (r *run) compare(ctx context.Context) error {
	total, err := r.x.CountUncompared(ctx, r.version)
	if err != nil {
		return err
	}
	r.meter.total(Comparisons, total)
	for {
		c, done, err := dedup.Compare(ctx, r.x, r.dedupOptions())
		r.sum.Compared += c.Contents
		r.sum.Candidates += c.Candidates
		r.sum.Matches += c.Matches
		r.sum.Hot += c.Hot
		r.meter.add(Comparisons, c.Contents)
		if err != nil || done {
			r.meter.final(Comparisons)
			return err
		}
	}
}

// group makes the groups of all flagged contents anew. It reports again where that left
// some to be compared once more.
func (r *run) group(ctx context.Context) (again bool, err error) {
	for {
		c, done, err := dedup.Regroup(ctx, r.x, r.dedupOptions())
		r.sum.Direct += c.Direct
		again = again || c.Again > 0
		if err != nil || done {
			return again, err
		}
	}
}

func (r *run) dedupOptions() dedup.Options {
	return dedup.Options{Workers: r.o.Budget.Workers, Stages: r.o.Stages, Pixels: r.pixels.hash}
}

// count counts a picture by its reason.
func (r *run) count(reason ingest.Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Reasons[reason]++
}

// unread notes what to look at again.
func (r *run) unread(u Unread) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sum.Unread) < manyUnread {
		r.sum.Unread = append(r.sum.Unread, u)
	}
}

// seen counts a file that is there.
func (r *run) seen(reason ingest.Reason, state index.FileState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if state == index.Other {
		r.sum.Other++
		return
	}
	r.sum.Reasons[reason]++
	r.sum.Files++
	if state == index.Failed {
		r.sum.Failed++
	}
}

// took adds to the time of a step.
func (r *run) took(step string, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Took[step] += d
}

// warn tells the user something that is no error.
func (r *run) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Warnings = append(r.sum.Warnings, text)
	r.log.Warn(text)
}
