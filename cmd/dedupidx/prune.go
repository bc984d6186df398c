package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages"
)

func pruneCommand() command {
	return command{
		name:  "prune",
		short: "forget pictures that no file leads to any more",
		long: `Forgets what is known of pictures whose last file went some time ago (30 days, if
--after does not say otherwise), what older versions of the program have stored and nothing
reads any more, and notes of old scans. Until then a picture that comes back, from a backup
or another disk, need not be decoded anew. Nothing is forgotten of files on a disk that is
offline, and what you decided stays for good. The index file keeps its size, with room in
it for what comes; ` + "`dedupidx compact`" + ` gives that to the disk. A scan or a watch
must not run meanwhile.`,
		examples: []string{
			"dedupidx prune --dry-run # what would go",
			"dedupidx prune",
			"dedupidx prune --after 0 # at once, whatever went",
		},
		flags: func(f *pflag.FlagSet) runner {
			p := &pruneRun{after: age(30 * day)}
			f.Var(&p.after, "after", "how long a picture without a file is remembered, such as 12h, 30d, 8w")
			f.BoolVarP(&p.dry, "dry-run", "n", false, "say what would be forgotten, and forget nothing")
			f.BoolVar(&p.json, "json", false, "print JSON")
			return p.run
		},
	}
}

type pruneRun struct {
	after     age
	dry, json bool
}

func (p *pruneRun) run(ctx context.Context, e *env, args []string) (err error) {
	if err := wantArgs("prune", args, 0, 0); err != nil {
		return err
	}
	path, err := e.indexPath()
	if err != nil {
		return err
	}
	open := index.Open
	if p.dry {
		open = index.OpenReader
	}
	x, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	before := time.Now().Add(-time.Duration(p.after)).UnixNano()
	var gone index.Pruned
	if p.dry {
		gone, err = x.Prunable(ctx, before, stageVersions())
	} else {
		gone, err = x.Prune(ctx, before, stageVersions())
	}
	if err == nil && !p.dry {
		err = regroup(ctx, x)
	}
	if err != nil {
		return err
	}
	if p.json {
		return printJSON(e.stdout, pruneJSON{p.dry, gone.Contents, gone.Waiting, gone.Matches, gone.Features + gone.OldFeatures, gone.OldRuns, gone.Scans, gone.Bytes})
	}
	return p.print(e.stdout, gone)
}

type pruneJSON struct {
	DryRun      bool  `json:"dry_run"`
	Pictures    int64 `json:"pictures"`
	Waiting     int64 `json:"waiting"`
	Matches     int64 `json:"matches"`
	Features    int64 `json:"features"`
	PostingRuns int64 `json:"posting_runs"`
	Scans       int64 `json:"scans"`
	Bytes       int64 `json:"bytes"`
}

func (p *pruneRun) print(w io.Writer, gone index.Pruned) error {
	var b strings.Builder
	verb := "forgot"
	if p.dry {
		verb = "would forget"
	}
	if gone.Nothing() {
		b.WriteString("nothing to forget\n")
	} else {
		fmt.Fprintf(&b, "%s %s that no file leads to, with %s and %s\n", verb, count(gone.Contents, "picture"),
			count(gone.Features, "feature"), count(gone.Matches, "match"))
		if n := gone.OldFeatures + gone.OldRuns; n > 0 {
			fmt.Fprintf(&b, "%s %s and %s of postings that other versions have made\n", verb, count(gone.OldFeatures, "feature"), count(gone.OldRuns, "run"))
		}
		if gone.Scans > 0 {
			fmt.Fprintf(&b, "%s %s of old scans\n", verb, count(gone.Scans, "note"))
		}
		fmt.Fprintf(&b, "%s for what comes; `dedupidx compact` gives it to the disk\n", report.Size(gone.Bytes))
	}
	if gone.Waiting > 0 {
		fmt.Fprintf(&b, "%s without a file, for less than %s, may come back\n", count(gone.Waiting, "picture"), p.after.String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// stageVersions are the versions whose features this program reads.
func stageVersions() map[string]int {
	versions := map[string]int{}
	for _, s := range stages.List() {
		versions[s.Name] = s.Version
	}
	return versions
}

// regroup makes the groups anew that something was changed in.
func regroup(ctx context.Context, x *index.Index) error {
	for {
		if _, done, err := dedup.Regroup(ctx, x, dedup.Options{}); err != nil || done {
			return err
		}
	}
}
