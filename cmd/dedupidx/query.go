package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"
)

func queryCommand() command {
	return command{
		name: "query", args: "FILE", files: true,
		short: "which pictures of the index are this one",
		long: `Reads a picture and prints the pictures of the index that are the same, edits of it, or
share a part with it, the surest first. The file need not be in the index, and is not added.`,
		examples: []string{"dedupidx query photo.jpg", "dedupidx query photo.jpg --limit 5 --json"},
		flags: func(f *pflag.FlagSet) runner {
			limit := f.Int("limit", 20, "show `N` pictures at most")
			asJSON := f.Bool("json", false, "print JSON")
			return func(ctx context.Context, e *env, args []string) error {
				_, _ = limit, asJSON
				return errors.New("query is not there yet")
			}
		},
	}
}
