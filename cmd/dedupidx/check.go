package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages"
)

func checkCommand() command {
	return command{
		name:  "check",
		short: "find out whether the index is sound",
		long: `Reads all of the index and tells what is wrong with it: what SQLite finds damaged, rows
that belong to nothing, buckets that cannot be read or are not in order, groups that hold
pictures which are gone, jobs that nobody queued. It changes nothing and works beside a
scan or a watch. Exit code 1 says that something is wrong. What only waits to be
done, such as pictures that a new version has not looked at yet, is told and is no fault.

--repair does what can be done without a loss: rows that belong to nothing go, groups are
made anew, pictures are compared anew by the next scan, and buckets are made anew from what
is known of the pictures. What you decided is never touched.`,
		examples: []string{
			"dedupidx check",
			"dedupidx check --quick # without the buckets, which are most of it",
			"dedupidx check --repair",
			"dedupidx check --index /backup/photos.db # a copy that backup has made",
		},
		flags: func(f *pflag.FlagSet) runner {
			c := &checkRun{}
			f.BoolVar(&c.quick, "quick", false, "leave out buckets and the inside of SQLite's indexes")
			f.BoolVar(&c.repair, "repair", false, "repair what can be repaired safely, then check again")
			f.BoolVar(&c.json, "json", false, "print JSON")
			return c.run
		},
	}
}

type checkRun struct{ quick, repair, json bool }

func (c *checkRun) run(ctx context.Context, e *env, args []string) (err error) {
	if err := wantArgs("check", args, 0, 0); err != nil {
		return err
	}
	if c.quick && c.repair {
		return usagef("leave one of them out", "--repair wants to see all, and --quick leaves out most of it")
	}
	path, err := e.indexPath()
	if err != nil {
		return err
	}
	open := index.OpenReader
	if c.repair {
		open = index.Open
	}
	defer func() {
		if errors.Is(err, index.ErrDamaged) { // the hint of others is to run what runs here
			err = withHint(err, restore)
		}
	}()
	x, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	h, err := x.Check(ctx, stageVersions(), c.quick)
	if err != nil {
		return err
	}
	var repaired []string
	if c.repair && len(h.Troubles) > 0 {
		if repaired, err = x.Repair(ctx, keyedStages()); err != nil {
			return err
		}
		if err := regroup(ctx, x); err != nil {
			return err
		}
		if h, err = x.Check(ctx, stageVersions(), false); err != nil {
			return err
		}
	}
	if c.json {
		err = printJSON(e.stdout, healthJSON(x.Path(), h, repaired))
	} else {
		err = printHealth(e.stdout, h, repaired)
	}
	if err == nil && len(h.Troubles) > 0 {
		err = c.verdict(h)
	}
	return err
}

const restore = "put back a backup, or remove the index and scan again: your photos are not touched"

// verdict is the error of an index with troubles.
func (c *checkRun) verdict(h index.Health) error {
	able := 0
	for _, t := range h.Troubles {
		if t.Repair != "" {
			able++
		}
	}
	err := fmt.Errorf("check index: %s", count(int64(len(h.Troubles)), "trouble"))
	switch {
	case able == len(h.Troubles) && !c.repair:
		return withHint(err, "`dedupidx check --repair` repairs them all")
	case able > 0 && !c.repair:
		return withHint(err, fmt.Sprintf("`dedupidx check --repair` repairs %d of them; for the others %s", able, restore))
	}
	return withHint(err, restore)
}

func printHealth(w io.Writer, h index.Health, repaired []string) error {
	var b strings.Builder
	for _, r := range repaired {
		fmt.Fprintf(&b, "repaired: %s\n", report.Printable(r))
	}
	for _, t := range h.Troubles {
		fmt.Fprintf(&b, "%s\n", report.Printable(t.What))
		if t.Repair != "" {
			fmt.Fprintf(&b, "  to repair: %s\n", t.Repair)
		}
	}
	for _, n := range h.Notes {
		fmt.Fprintf(&b, "note: %s\n", report.Printable(n))
	}
	if len(h.Troubles) == 0 {
		b.WriteString("the index is sound")
		if h.Blocks > 0 {
			fmt.Fprintf(&b, ": %s in %s read", count(h.Postings, "posting"), count(h.Blocks, "block"))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type troubleJSON struct {
	What   string `json:"what"`
	Repair string `json:"repair,omitempty"`
}

type checkJSON struct {
	Index    string        `json:"index"`
	Sound    bool          `json:"sound"`
	Troubles []troubleJSON `json:"troubles"`
	Repaired []string      `json:"repaired,omitempty"`
	Notes    []string      `json:"notes,omitempty"`
	Blocks   int64         `json:"blocks"`
	Postings int64         `json:"postings"`
}

func healthJSON(path string, h index.Health, repaired []string) checkJSON {
	out := checkJSON{
		Index: path, Sound: len(h.Troubles) == 0, Troubles: []troubleJSON{},
		Repaired: repaired, Notes: h.Notes, Blocks: h.Blocks, Postings: h.Postings,
	}
	for _, t := range h.Troubles {
		out.Troubles = append(out.Troubles, troubleJSON(t))
	}
	return out
}

// keyedStages are the stages that propose pairs, with how their postings are
// made of features.
func keyedStages() (keyed []index.Keyed) {
	for _, s := range stages.List() {
		if s.Buckets == nil {
			continue
		}
		keyed = append(keyed, index.Keyed{Stage: s.Name, Version: s.Version, Width: s.Buckets.Width,
			Keys: func(feature []byte) ([]index.Key, error) {
				keys, err := s.Buckets.Keys(feature)
				out := make([]index.Key, len(keys))
				for i, k := range keys {
					out[i] = index.Key(k)
				}
				return out, err
			}})
	}
	return keyed
}
