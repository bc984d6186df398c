package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

func initCommand() command {
	return command{
		name:  "init",
		short: "make an empty index",
		long: `Makes an empty index, and the folders above it. Where there is one already it is
brought up to date, and that is said. scan makes the index by itself, so that
init is only needed to make it without looking at any folder.`,
		examples: []string{
			"dedupidx init # in the user's data folder",
			"dedupidx init --index /data/photos.db # somewhere else",
		},
		flags: func(*pflag.FlagSet) runner { return runInit },
	}
}

func runInit(ctx context.Context, e *env, args []string) error {
	if err := wantArgs("init", args, 0, 0); err != nil {
		return err
	}
	x, made, err := e.write(ctx)
	if err != nil {
		return err
	}
	what := "made index"
	if !made {
		what = "there is an index already, and it is up to date:"
	}
	_, err = fmt.Fprintf(e.stdout, "%s %s\n", what, report.Printable(x.Path()))
	return errors.Join(err, x.Close())
}

// write opens the index to write, or makes it, and tells which.
func (e *env) write(ctx context.Context) (x *index.Index, made bool, err error) {
	path, err := e.indexPath()
	if err != nil {
		return nil, false, err
	}
	x, err = index.Open(ctx, path)
	if !errors.Is(err, index.ErrNotExist) {
		return x, false, err
	}
	x, err = index.Create(ctx, path)
	return x, true, err
}
