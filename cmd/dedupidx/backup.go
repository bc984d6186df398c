package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index/report"
)

func backupCommand() command {
	return command{
		name: "backup", args: "FILE", files: true,
		short: "copy the index into a new file, beside whoever writes to it",
		long: `Copies the index, as it is at this moment, into a new file, while a scan or a watch goes
on. The copy is an index, which --index FILE reads. What is there is never replaced. To put
it back, stop what runs, remove the index with the files beside it that end in -wal and
-shm, and move the copy there. Do not copy the index with cp or a backup program while
something writes to it: what SQLite has not yet moved from its log would be missing.`,
		examples: []string{
			"dedupidx backup /backup/photos-$(date +%F).db",
			"dedupidx check --index /backup/photos-2026-11-25.db # is the copy sound?",
		},
		flags: func(f *pflag.FlagSet) runner {
			quiet := f.BoolP("quiet", "q", false, "no progress")
			return func(ctx context.Context, e *env, args []string) (err error) {
				if err := wantArgs("backup", args, 1, 1); err != nil {
					return err
				}
				x, err := e.read(ctx)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, x.Close()) }()
				if err := x.Backup(ctx, args[0], backupProgress(e, *quiet)); err != nil {
					return err
				}
				info, err := os.Stat(args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(e.stdout, "backed up %s to %s\n", report.Size(info.Size()), report.Printable(args[0]))
				return err
			}
		},
	}
}

// backupProgress tells every ten seconds how far a long copy is.
func backupProgress(e *env, quiet bool) func(done, total int64) {
	told := time.Now()
	return func(done, total int64) {
		if quiet || done == total || time.Since(told) < 10*time.Second {
			return
		}
		told = time.Now()
		fmt.Fprintf(e.stderr, "%s of %s copied\n", report.Size(done), report.Size(total))
	}
}
