package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/dedupidx/dedupidx/watch"
)

func scanCommand() command {
	return command{
		name: "scan", args: "[FOLDER...]", files: true,
		short: "look at folders and bring the index up to date",
		long: `Looks at folders and all below them, reads what is new or changed, compares it with
what is known, and brings the groups up to date. Folders that are new to the index are
added to it, and the index is made where there is none. Without a folder, all folders of
the index are looked at.

Nothing that is missing is forgotten while its folder or disk is not proven present;
--forget says by name that it is gone for good. Exit code 3 says that some files failed;
` + "`dedupidx status --failed`" + ` lists them with their reasons.`,
		examples: []string{
			"dedupidx scan ~/Pictures # the first time, and again when something changed",
			"dedupidx scan # all folders of the index",
			"dedupidx scan /mnt/card --exclude '*.tmp' --exclude 'raw/'",
			"dedupidx scan --workers 2 --memory 512MiB # on a machine that does other things",
			"dedupidx scan --forget /mnt/old-disk # that disk will not come back",
		},
		flags: func(f *pflag.FlagSet) runner {
			s := &scanRun{progress: newChoice("auto", "auto", "bar", "plain", "json", "none")}
			f.IntVar(&s.over.Workers, "workers", 0, "work on `N` pictures at a time (default: by the machine, see dedupidx system)")
			f.IntVar(&s.over.Batch, "batch", 0, "commit `N` pictures of each worker at a time")
			f.Var(&s.memory, "memory", "memory for pictures in flight, such as 512MiB")
			f.StringArrayVar(&s.exclude, "exclude", nil, "leave out what the gitignore `PATTERN` matches; can be given more than once")
			f.BoolVar(&s.noDefaults, "no-default-excludes", false, "look into hidden and system folders, too")
			f.BoolVar(&s.follow, "follow", false, "follow symbolic links")
			f.StringArrayVar(&s.forget, "forget", nil, "what is missing at or below `PATH` is gone for good; can be given more than once")
			f.Int64Var(&s.limits.Pixels, "max-pixels", 0, "largest picture, in `PIXELS` (default 500 million)")
			f.Var(&s.maxFile, "max-file-size", "largest file (default 4GiB)")
			f.IntVar(&s.limits.Side, "max-side", 0, "longest side, in `PIXELS` (default 65535)")
			f.IntVar(&s.limits.Parts, "max-parts", 0, "look at `N` components, frames or scans of a picture at most (default 256)")
			f.Var(&s.maxDecode, "max-decode-memory", "most memory to decode one picture (default 1GiB)")
			f.Var(&s.progress, "progress", "how progress is shown: "+s.progress.list())
			f.BoolVarP(&s.quiet, "quiet", "q", false, "no progress and no summary")
			f.BoolVar(&s.json, "json", false, "print the summary as JSON")
			return s.run
		},
	}
}

type scanRun struct {
	over                            pipeline.Overrides
	memory, maxFile, maxDecode      size
	limits                          raster.Limits
	exclude, forget                 []string
	noDefaults, follow, quiet, json bool
	progress                        choice
}

func (s *scanRun) run(ctx context.Context, e *env, args []string) (err error) {
	o, excludes, err := s.options(ctx)
	if err != nil {
		return err
	}
	named, err := openRoots(args)
	if err != nil {
		return err
	}
	x, err := openToScan(ctx, e, len(named) > 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	roots, err := rootsToScan(ctx, e, x, named, excludes)
	if err != nil {
		return err
	}
	mode := s.progress.value
	if s.quiet {
		mode = "none"
	}
	show := newProgress(mode, e.stderr)
	e.startLog(show)
	o.Progress, o.Log = show.show, e.log
	sum, err := pipeline.Scan(ctx, x, newDisk(excludes, s.follow, x.Path()), roots, o)
	show.end()
	if err != nil {
		return err
	}
	return s.finish(e, sum)
}

// options turns flags into those of the pipeline, before anything is touched.
func (s *scanRun) options(ctx context.Context) (pipeline.Options, *watch.Excludes, error) {
	var o pipeline.Options
	if s.over.Workers < 0 || s.over.Batch < 0 || s.limits.Pixels < 0 || s.limits.Side < 0 || s.limits.Parts < 0 {
		return o, nil, usagef("leave the flag out for the default", "a number of workers, pictures or pixels is negative")
	}
	excludes, err := watch.NewExcludes(s.exclude, s.noDefaults)
	if err != nil {
		return o, nil, usagef("patterns are those of .gitignore: *.tmp, raw/, /top/only.jpg", "%s", err)
	}
	for _, p := range s.forget {
		abs, err := filepath.Abs(p)
		if err != nil {
			return o, nil, err
		}
		o.Forget = append(o.Forget, abs)
	}
	s.over.Memory = uint64(s.memory)
	s.limits.FileSize, s.limits.Memory = int64(s.maxFile), int64(s.maxDecode)
	o.Limits = s.limits
	machine, err := pipeline.Detect(ctx)
	if err != nil && ctx.Err() != nil {
		return o, nil, ctx.Err()
	}
	o.Budget = pipeline.Choose(machine, s.over) // careful about what could not be found out
	o.Helper, err = helperCommand()
	return o, excludes, err
}

func openRoots(paths []string) ([]watch.Root, error) {
	var roots []watch.Root
	for _, p := range paths {
		r, err := watch.OpenRoot(p)
		if err != nil {
			return nil, withHint(err, "name a folder that is there now")
		}
		roots = append(roots, r)
	}
	return roots, nil
}

// openToScan opens the index, and makes it where it may.
func openToScan(ctx context.Context, e *env, make bool) (*index.Index, error) {
	if !make {
		path, err := e.indexPath()
		if err != nil {
			return nil, err
		}
		return index.Open(ctx, path)
	}
	x, made, err := e.write(ctx)
	if err == nil && made {
		fmt.Fprintf(e.stderr, "made index %s\n", report.Printable(x.Path()))
	}
	return x, err
}

// rootsToScan adds the named folders to the index and returns the roots to
// walk: the named ones, or all. A root that lies in another is covered by it.
// Where it is at hand its rows go, so that no file is its own copy; what was
// learned of the pictures stays.
func rootsToScan(ctx context.Context, e *env, x *index.Index, named []watch.Root, excludes *watch.Excludes) ([]index.Root, error) {
	stored, err := x.Roots(ctx)
	if err != nil {
		return nil, err
	}
	if len(stored)+len(named) == 0 {
		return nil, usagef("`dedupidx scan FOLDER` adds one", "the index has no folder yet")
	}
	all := slices.Clone(named)
	byPath := map[string]index.Root{}
	for _, r := range stored {
		byPath[r.Path] = r
		root, err := watch.NameRoot(r.Path)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(o watch.Root) bool { return o.Path == r.Path }) {
			all = append(all, root)
		}
	}
	// The stored ones first, so that of the same folder under two names the known one stays.
	slices.SortStableFunc(all, func(a, b watch.Root) int {
		_, knowsA := byPath[a.Path]
		_, knowsB := byPath[b.Path]
		switch {
		case knowsA && !knowsB:
			return -1
		case knowsB && !knowsA:
			return 1
		}
		return 0
	})
	walk, covered := watch.Overlap(all, excludes)
	wanted := map[string]bool{}
	for _, r := range named {
		wanted[r.Path] = true
	}
	for _, c := range covered {
		fmt.Fprintln(e.stderr, printableLines(c.String()))
		if wanted[c.Root.Path] {
			wanted[c.By.Path] = true
		}
		old, known := byPath[c.Root.Path]
		if seen := watch.Look(c.Root, ""); known && seen.Err == nil && len(seen.Names) > 0 {
			if err := x.RemoveRoot(ctx, old.ID); err != nil {
				return nil, err
			}
			wanted[c.By.Path] = true // where its files are found again
		}
	}
	var roots []index.Root
	for _, r := range walk {
		if len(named) > 0 && !wanted[r.Path] {
			continue
		}
		root, known := byPath[r.Path]
		if !known {
			if root, err = x.AddRoot(ctx, r.Path, 0); err != nil { // the walk finds out the device
				return nil, err
			}
			fmt.Fprintf(e.stderr, "added folder %s\n", report.Printable(r.Path))
		}
		roots = append(roots, root)
	}
	slices.SortFunc(roots, func(a, b index.Root) int { return strings.Compare(a.Path, b.Path) })
	return roots, nil
}

// finish prints what the scan did.
func (s *scanRun) finish(e *env, sum pipeline.Summary) error {
	var err error
	switch {
	case s.json:
		err = printJSON(e.stdout, sum)
	case !s.quiet:
		err = printSummary(e.stdout, sum)
	}
	if err == nil && sum.Failed > 0 {
		if !s.json {
			fmt.Fprintf(e.stderr, "%s failed\nhint: `dedupidx status --failed` says which and why\n", count(sum.Failed, "file"))
		}
		err = errSomeFailed
	}
	return err
}

// printSummary prints what a scan did for the eyes.
func printSummary(w io.Writer, s pipeline.Summary) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s, %s read, %s\n", count(s.Files, "picture"), count(s.Folders, "folder"), report.Size(s.Bytes), brief(s.Elapsed))
	for _, r := range ingest.Reasons {
		if n := s.Reasons[r]; n > 0 {
			fmt.Fprintf(&b, "  %-10s %10s\n", r, grouped(n))
		}
	}
	if s.Failed > 0 {
		fmt.Fprintf(&b, "  %-10s %10s   of those above\n", "failed", grouped(s.Failed))
	}
	if n := s.Other + s.Skipped; n > 0 {
		fmt.Fprintf(&b, "left out: %s by a rule, %s that are no pictures\n", grouped(s.Skipped), grouped(s.Other))
	}
	fmt.Fprintf(&b, "%s hashed, %s decoded\n", grouped(s.Hashed), grouped(s.Decoded))
	fmt.Fprintf(&b, "%s compared: %s, %s\n", count(s.Compared, "picture"), count(s.Candidates, "candidate"), count(s.Matches, "match"))
	if s.Hot > 0 {
		fmt.Fprintf(&b, "%s too full to be asked in full\n", count(s.Hot, "bucket"))
	}
	if s.Commits == 0 {
		b.WriteString("nothing changed\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
