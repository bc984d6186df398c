package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

func forgetCommand() command {
	return command{
		name: "forget", args: "FOLDER...", files: true,
		short: "take folders out of the index, and leave the disk as it is",
		long: `Takes folders out of the index that were given to scan or watch: they are looked at no
more, and their files stand in no report. The disk is left as it is, and need not be
there. What is known of their pictures stays until ` + "`dedupidx prune`" + ` forgets it, so that a
folder which comes back is not decoded again.

Of a folder that stays and misses files for good, see scan --forget; to leave out a part
of one, scan --exclude. A scan or a watch must not run meanwhile.`,
		examples: []string{
			"dedupidx forget ~/Downloads",
			"dedupidx forget /mnt/sold-disk # it need not be there",
		},
		flags: func(*pflag.FlagSet) runner { return forget },
	}
}

func forget(ctx context.Context, e *env, args []string) (err error) {
	if err := wantArgs("forget", args, 1, -1); err != nil {
		return err
	}
	x, err := e.openToWrite(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	roots, err := namedRoots(ctx, x, args)
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := x.RemoveRoot(ctx, root.ID); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(e.stdout, "forgot %s\n", report.Printable(root.Path)); err != nil {
			return err
		}
	}
	return regroup(ctx, x)
}

// namedRoots are the folders of the index that a user names, each once. All are found
// before one is taken out.
func namedRoots(ctx context.Context, x *index.Index, paths []string) (named []index.Root, err error) {
	stored, err := x.Roots(ctx)
	if err != nil {
		return nil, err
	}
	byPath := map[string]index.Root{}
	for _, r := range stored {
		byPath[r.Path] = r
	}
	taken := map[int64]bool{}
	for _, path := range paths {
		name, err := storedAsOne(ctx, x, "forget", path)
		if err != nil {
			return nil, err
		}
		root, ok := byPath[name]
		if !ok {
			return nil, withHint(fmt.Errorf("forget %s: it is none of the folders that were added to the index", name),
				"`dedupidx status` lists them; `dedupidx scan --exclude PATTERN` leaves a part of one out")
		}
		if !taken[root.ID] {
			taken[root.ID] = true
			named = append(named, root)
		}
	}
	return named, nil
}
