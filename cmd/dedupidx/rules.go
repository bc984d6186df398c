package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

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

func (r *rules) read() (report.Rule, []string, error) {
	keep, err := report.ParseRule(r.keep)
	if err != nil {
		return keep, nil, usagef("", "--keep %q %s", r.keep, err)
	}
	var folders []string
	for _, folder := range r.neverGo {
		abs, err := filepath.Abs(folder)
		if err != nil {
			return keep, nil, err
		}
		folders = append(folders, abs)
	}
	return keep, folders, nil
}
