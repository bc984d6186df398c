package main

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

// rules are the flags that say what is proposed to stay: of report and script.
type rules struct {
	keep    string
	neverGo []string
}

func (r *rules) add(f *pflag.FlagSet) {
	f.StringVar(&r.keep, "keep", "best", "which file of a group stays, a `RULE`: "+strings.Join(report.Rules(), ", ")+" (in quotes)")
	f.StringArrayVar(&r.neverGo, "never-go", nil, "no file in `FOLDER` is proposed to go; can be given more than once")
}

// rule reads --keep.
func (r *rules) rule() (report.Rule, error) {
	keep, err := report.ParseRule(r.keep)
	if err != nil {
		return keep, usagef("", "--keep %q %s", r.keep, err)
	}
	return keep, nil
}

// place names the folders of the rules as the index does.
func (r *rules) place(ctx context.Context, x *index.Index, o *report.Options) (err error) {
	if o.Keep.Folder != "" {
		if o.Keep.Folder, err = storedAsOne(ctx, x, "--keep in", o.Keep.Folder); err != nil {
			return err
		}
	}
	for _, folder := range r.neverGo {
		names, err := storedAs(ctx, x, "--never-go", folder)
		if err != nil {
			return err
		}
		o.NeverGo = append(o.NeverGo, names...)
	}
	return nil
}
