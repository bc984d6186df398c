package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

func decideCommand() command {
	return command{
		name: "decide", args: "decisions.jsonl", files: true,
		short: "remember which pictures are different after all",
		long: `Takes the marks "different" of a page of dedupidx report --format html into the index:
two pictures that are no copies of each other, whatever the judge says. They never stand
in one group again. This is remembered by content: it outlives moves, renames and newer
versions. --undo takes the same marks back. Marks to keep and to go are for
dedupidx script.`,
		examples: []string{"dedupidx decide decisions.jsonl", "dedupidx decide --undo decisions.jsonl"},
		flags: func(f *pflag.FlagSet) runner {
			undo := f.Bool("undo", false, "take back what the file says")
			return func(ctx context.Context, e *env, args []string) error {
				if err := wantArgs("decide", args, 1, 1); err != nil {
					return err
				}
				return decide(ctx, e, args[0], *undo)
			}
		},
	}
}

func decide(ctx context.Context, e *env, path string, undo bool) (err error) {
	list, err := readDecisions(path)
	if err != nil {
		return err
	}
	if len(list.Different) == 0 {
		_, err := fmt.Fprintln(e.stdout, "no marks \"different\" in it: nothing to remember")
		return err
	}
	at, err := e.indexPath()
	if err != nil {
		return err
	}
	x, err := index.Open(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	before, err := x.Decisions(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UnixNano()
	for _, d := range list.Different {
		if undo {
			err = x.Undecide(ctx, d.A.Hash, d.B.Hash)
		} else {
			err = x.Decide(ctx, d.A.Hash, d.B.Hash, now)
		}
		if err != nil {
			return fmt.Errorf("decide on %s and %s: %w", report.Printable(d.A.Path), report.Printable(d.B.Path), err)
		}
	}
	if err := regroup(ctx, x); err != nil {
		return err
	}
	after, err := x.Decisions(ctx)
	if err != nil {
		return err
	}
	changed, verb := len(after)-len(before), "remembered as different"
	if undo {
		changed, verb = -changed, "no longer remembered as different"
	}
	_, err = fmt.Fprintf(e.stdout, "%s %s, %s in all\n", count(int64(changed), "pair"), verb, grouped(int64(len(after))))
	return err
}
