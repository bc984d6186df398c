package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
)

// AllTenths is a run over all files.
const AllTenths = 10

// Run is what one scan took.
type Run struct {
	Workers    int                `json:"workers"`
	Tenths     int                `json:"tenths"` // of the files, 1 to AllTenths
	Pictures   int64              `json:"pictures"`
	Failed     int64              `json:"failed"`
	Bytes      int64              `json:"bytes"` // read
	Seconds    float64            `json:"seconds"`
	CPUSeconds float64            `json:"cpu_seconds"`     // user and system, decode helpers included; 0 where nobody says
	PeakRSS    int64              `json:"peak_rss"`        // bytes, of the process itself; 0 where nobody says
	HelperRSS  int64              `json:"helper_peak_rss"` // of the largest decode helper; 0 for none
	Steps      map[string]float64 `json:"seconds_by_step"` // see pipeline.Summary.Took
	Groups     int64              `json:"groups"`          // at the sensitivity normal
	Report     string             `json:"report"`          // SHA-256 of the reports as CSV at all sensitivities
}

// Measure scans roots into a fresh index and says what it took. With tenths below
// AllTenths it looks at so many of every ten files, spread evenly; those of a smaller
// number are among those of a larger one.
func Measure(ctx context.Context, x *index.Index, disk pipeline.Disk, roots []index.Root, o pipeline.Options, tenths int) (Run, error) {
	before, started := used(), time.Now()
	sum, err := pipeline.Scan(ctx, x, share{disk, tenths}, roots, o)
	took, after := time.Since(started), used()
	if err != nil {
		return Run{}, err
	}
	r := Run{
		Workers: o.Budget.Workers, Tenths: tenths, Pictures: sum.Files, Failed: sum.Failed, Bytes: sum.Bytes,
		Seconds: took.Seconds(), CPUSeconds: (after.cpu - before.cpu).Seconds(), PeakRSS: after.peak, HelperRSS: after.childPeak,
		Steps: make(map[string]float64),
	}
	for step, d := range sum.Took {
		r.Steps[step] = d.Seconds()
	}
	all := sha256.New()
	for _, sensitivity := range []string{"strict", "normal", "loose"} {
		totals, err := report.Write(ctx, all, x, report.Options{Format: report.CSV, Sensitivity: sensitivity})
		if err != nil {
			return r, err
		}
		if sensitivity == "normal" {
			r.Groups = totals.Groups
		}
	}
	r.Report = hex.EncodeToString(all.Sum(nil))
	return r, nil
}

// share is a disk of which a run sees some files of every ten.
type share struct {
	pipeline.Disk
	tenths int
}

// Walk leaves out files by their place in the walk, which is always the same.
func (s share) Walk(ctx context.Context, root string, visit func(pipeline.Folder) error) error {
	n := 0
	return s.Disk.Walk(ctx, root, func(f pipeline.Folder) error {
		if s.tenths >= AllTenths {
			return visit(f)
		}
		var kept []pipeline.Entry
		for _, e := range f.Files {
			if n%10 < s.tenths {
				kept = append(kept, e)
			}
			n++
		}
		f.Files = kept
		return visit(f)
	})
}

// ErrGroups says that runs over the same files found different groups, which must never be.
var ErrGroups = errors.New("runs over the same files found different groups")

// Check compares the reports of runs over the same files.
func Check(runs []Run) error {
	first := map[int]Run{}
	for _, r := range runs {
		f, ok := first[r.Tenths]
		switch {
		case !ok:
			first[r.Tenths] = r
		case r.Report != f.Report:
			return fmt.Errorf("%w: %d pictures and %d groups with %d workers, %d and %d with %d",
				ErrGroups, f.Pictures, f.Groups, f.Workers, r.Pictures, r.Groups, r.Workers)
		}
	}
	return nil
}
