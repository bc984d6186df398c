package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/watch"
)

func scanCommand() command {
	return command{
		name: "scan", args: "[FOLDER...]", files: true,
		short: "look at folders and bring the index up to date",
		long: `Looks at folders and all below them, reads what is new or changed, compares it with
what is known, and brings the groups up to date. Folders that are new to the index are
added to it, and the index is made where there is none. Without a folder, all folders of
the index are looked at. Flags such as --exclude and --follow hold for this scan alone: give
them each time, or what they left out comes in.

Nothing that is missing is forgotten while its folder or disk is not proven present;
--forget says by name that it is gone for good. Exit code 3 says that some files failed,
which ` + "`dedupidx status --failed`" + ` lists with their reasons, or that some folders could
not be read.`,
		examples: []string{
			"dedupidx scan ~/Pictures # the first time, and again when something changed",
			"dedupidx scan # all folders of the index",
			"dedupidx scan /mnt/card --exclude '*.tmp' --exclude 'raw/'",
			"dedupidx scan --workers 2 --memory 512MiB # on a machine that does other things",
			"dedupidx scan --forget /mnt/old-disk # that disk will not come back",
		},
		flags: func(f *pflag.FlagSet) runner {
			s := &scanRun{progress: newChoice("auto", "auto", "bar", "plain", "json", "none")}
			s.looking.add(f)
			s.looking.addForget(f)
			f.Var(&s.progress, "progress", "how progress is shown: "+s.progress.list())
			f.BoolVarP(&s.quiet, "quiet", "q", false, "no progress and no summary")
			f.BoolVar(&s.json, "json", false, "print the summary as JSON")
			return s.run
		},
	}
}

type scanRun struct {
	looking
	quiet, json bool
	progress    choice
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
	if o.Forget, err = s.forgotten(ctx, e, x); err != nil {
		return err
	}
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
	away, err := offline(ctx, x, named)
	if err != nil {
		return err
	}
	return s.finish(e, sum, away)
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

// openToScan opens the index, and makes it where it may. What the user should know of
// its place is told.
func openToScan(ctx context.Context, e *env, make bool) (x *index.Index, err error) {
	made := false
	if make {
		x, made, err = e.write(ctx)
	} else {
		var path string
		if path, err = e.indexPath(); err == nil {
			x, err = index.Open(ctx, path)
		}
	}
	if err != nil {
		return nil, err
	}
	if made {
		e.note("made index %s", x.Path())
	}
	for _, warning := range x.Warnings() {
		e.note("%s", warning)
	}
	return x, nil
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
		e.note("%s", c)
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
			e.note("added folder %s", r.Path)
		}
		roots = append(roots, root)
	}
	slices.SortFunc(roots, func(a, b index.Root) int { return strings.Compare(a.Path, b.Path) })
	return roots, nil
}

// offline lists those of the folders which the user named that are offline, though
// they could be opened: one that may not be listed, or has become empty. Of those
// that were not named a warning is enough.
func offline(ctx context.Context, x *index.Index, named []watch.Root) (away []string, err error) {
	roots, err := x.Roots(ctx)
	for _, r := range roots {
		if r.State == index.Offline && slices.ContainsFunc(named, func(n watch.Root) bool { return n.Path == r.Path }) {
			away = append(away, r.Path)
		}
	}
	return away, err
}

// finish prints what the scan did. away are folders that were named and are offline.
func (s *scanRun) finish(e *env, sum pipeline.Summary, away []string) error {
	var err error
	switch {
	case s.json:
		err = printJSON(e.stdout, sum)
	case !s.quiet:
		err = printSummary(e.stdout, sum)
	}
	if err != nil || sum.Failed == 0 && sum.Closed == 0 && len(away) == 0 {
		return err
	}
	if s.json {
		return errSomeFailed
	}
	for _, path := range away {
		fmt.Fprintf(e.stderr, "%s was named and could not be looked at\n", report.Printable(path))
	}
	if sum.Closed > 0 {
		fmt.Fprintf(e.stderr, "%s could not be read\n", count(sum.Closed, "folder"))
	}
	if sum.Failed > 0 {
		fmt.Fprintf(e.stderr, "%s failed\nhint: `dedupidx status --failed` says which and why\n", count(sum.Failed, "file"))
	}
	return errSomeFailed
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
	if s.Closed > 0 {
		fmt.Fprintf(&b, "not read: %s, of which what is known is kept\n", count(s.Closed, "folder"))
	}
	if n := s.Other + s.Skipped; n > 0 {
		fmt.Fprintf(&b, "left out: %s by a rule, %s as no picture\n", grouped(s.Skipped), grouped(s.Other))
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
