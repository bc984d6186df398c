package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

func sampleCommand() command {
	return command{
		name: "sample", args: "FOLDER", files: true,
		short: "write a small set of drawn pictures, to try the program on",
		long: `Draws scenes and copies of them by known edits into a new or empty folder: exact copies,
re-encodings, smaller, turned, mirrored, cropped and grey ones, a collage and a picture in
a picture, and pictures that are copies of nothing. labels.csv beside them says what each
is, as evaluate reads it. Nothing is ever overwritten.`,
		examples: []string{
			"dedupidx sample photos # then: dedupidx scan photos; dedupidx report",
			"dedupidx sample photos --scenes 50 --seed 7 # more, and others",
		},
		flags: func(f *pflag.FlagSet) runner {
			scenes := f.Int("scenes", 6, "draw `N` scenes, 4 to 10000; each gives 6 or 7 files")
			seed := f.Uint64("seed", 1, "another `N` draws other scenes")
			return func(ctx context.Context, e *env, args []string) error {
				if err := wantArgs("sample", args, 1, 1); err != nil {
					return err
				}
				if *scenes < 4 || *scenes > 10000 {
					return usagef("", "--scenes wants a number from 4 to 10000, got %d", *scenes)
				}
				return writeSample(ctx, e, args[0], *seed, *scenes)
			}
		},
	}
}

func writeSample(ctx context.Context, e *env, folder string, seed uint64, scenes int) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("make sample: %w", err)
	}
	names, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("make sample: %w", err)
	}
	if len(names) > 0 {
		return withHint(fmt.Errorf("make sample in %s: the folder is not empty", folder), "name a folder that is new or empty")
	}
	var labels []drawn.File
	for f := range drawn.Set(seed, scenes) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeNew(filepath.Join(folder, filepath.FromSlash(f.Path)), f.Bytes); err != nil {
			return fmt.Errorf("make sample: %w", err)
		}
		f.Bytes = nil
		labels = append(labels, f)
	}
	if err := writeNew(filepath.Join(folder, "labels.csv"), drawn.Labels(labels)); err != nil {
		return fmt.Errorf("make sample: %w", err)
	}
	_, err = fmt.Fprintf(e.stdout, "drew %s into %s\n", count(int64(len(labels)), "picture"), report.Printable(folder))
	return err
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
