package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index/report"
)

func compactCommand() command {
	return command{
		name:  "compact",
		short: "make the index file as small as it can be",
		long: `Writes the index anew without the room that prune and the years have left in it, and
merges its buckets, so that a look-up reads less. For the while it needs the size of the
index once more beside it, and once among temporary files. Nothing is lost when it is
stopped. Reports work meanwhile; a scan or a watch must not run.`,
		examples: []string{"dedupidx prune && dedupidx compact"},
		flags: func(f *pflag.FlagSet) runner {
			asJSON := f.Bool("json", false, "print JSON")
			return func(ctx context.Context, e *env, args []string) (err error) {
				if err := wantArgs("compact", args, 0, 0); err != nil {
					return err
				}
				x, err := e.openToWrite(ctx)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, x.Close()) }()
				c, err := x.Compact(ctx)
				if err != nil {
					return err
				}
				if *asJSON {
					return printJSON(e.stdout, compactJSON(c))
				}
				_, err = fmt.Fprintf(e.stdout, "%s before, %s after; %s of postings, %s before; %s dropped\n",
					report.Size(c.Before), report.Size(c.After), count(c.RunsAfter, "run"), grouped(c.RunsBefore), count(c.Postings, "posting"))
				if err == nil && c.Waits {
					_, err = fmt.Fprintln(e.stdout, "another program reads the index: the file shrinks when that is done and the index is written next")
				}
				return err
			}
		},
	}
}

type compactJSON struct {
	Before     int64 `json:"bytes_before"`
	After      int64 `json:"bytes_after"`
	RunsBefore int64 `json:"runs_before"`
	RunsAfter  int64 `json:"runs_after"`
	Postings   int64 `json:"postings_dropped"`
	Waits      bool  `json:"waits_for_reader"`
}
