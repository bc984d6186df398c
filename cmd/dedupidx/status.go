package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/watch"
)

func statusCommand() command {
	return command{
		name:  "status",
		short: "what the index holds, and what failed",
		long: `Prints the folders of the index with their files by state, why files failed, the
versions of the stages, what waits to be done, the last scans, the size of each table (of
an index above 64 MiB with --sizes alone, since that reads all of it), and what is left out
by default. --failed lists the failed files with their reasons in place
of all that.`,
		examples: []string{"dedupidx status", "dedupidx status --failed # which files failed, and why", "dedupidx status --json"},
		flags: func(f *pflag.FlagSet) runner {
			failed := f.Bool("failed", false, "list the failed files with their reasons")
			sizes := f.Bool("sizes", false, "the size of each table, whatever the index holds")
			asJSON := f.Bool("json", false, "print JSON; with --failed an object a line")
			return func(ctx context.Context, e *env, args []string) (err error) {
				if err := wantArgs("status", args, 0, 0); err != nil {
					return err
				}
				x, err := e.read(ctx)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, x.Close()) }()
				if *failed {
					return listFailed(ctx, x, e.stdout, *asJSON)
				}
				s, err := x.Status(ctx)
				if err != nil {
					return err
				}
				if *sizes {
					if s.Tables, err = x.TableSizes(ctx); err != nil {
						return err
					}
				}
				jobs, err := x.DueJobs(ctx, math.MaxInt64, jobsShown)
				if err != nil {
					return err
				}
				if *asJSON {
					return printJSON(e.stdout, statusJSON(x.Path(), s, jobs))
				}
				return printStatus(e.stdout, x.Path(), s, jobs)
			}
		},
	}
}

func printStatus(w io.Writer, path string, s index.Status, jobs []index.Job) error {
	var b strings.Builder
	fmt.Fprintf(&b, "index      %s\n           %s, schema %d\n", report.Printable(path), report.Size(s.Bytes), s.Schema)
	fmt.Fprintf(&b, "folders    %d\n", len(s.Roots))
	for _, r := range s.Roots {
		fmt.Fprintf(&b, "  %s: %s, %s, %s failed", report.Printable(r.Path), r.State, count(r.OK, "picture"), grouped(r.Failed))
		if r.Offline > 0 {
			fmt.Fprintf(&b, ", %s offline", count(r.Offline, "file"))
		}
		fmt.Fprintf(&b, ", %s\n", count(r.Other, "other file"))
	}
	fmt.Fprintf(&b, "contents   %s, %s not compared yet, %s to be grouped\n", grouped(s.Contents), grouped(s.Uncompared), grouped(s.Flagged))
	list(&b, "failures", s.Failures)
	list(&b, "matches", s.Matches)
	list(&b, "groups", s.Clusters)
	b.WriteString("stages\n")
	for _, st := range stages.List() {
		fmt.Fprintf(&b, "  %-12s version %d", st.Name, st.Version)
		for _, f := range s.Features {
			if f.Stage == st.Name && f.Version == st.Version {
				fmt.Fprintf(&b, ", %s", count(f.N, "picture"))
			}
		}
		for _, f := range s.Features {
			if f.Stage == st.Name && f.Version != st.Version {
				fmt.Fprintf(&b, ", %s of version %d wait for a scan", grouped(f.N), f.Version)
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "queue      %s", count(s.Jobs.Depth, "path"))
	if s.Jobs.Depth > 0 && s.Jobs.Oldest < math.MaxInt64 {
		fmt.Fprintf(&b, ", the oldest due %s", clock(s.Jobs.Oldest))
	}
	b.WriteByte('\n')
	for _, j := range jobs {
		if j.Tries > 0 {
			fmt.Fprintf(&b, "  %s: tried %s, %s: %s\n", report.Printable(j.Path), count(int64(j.Tries), "time"), jobDue(j), report.Printable(j.Reason))
		}
	}
	b.WriteString("scans that changed something\n")
	for _, sc := range s.Scans {
		fmt.Fprintf(&b, "  %s  %s%s\n", clock(sc.Ended), brief(time.Duration(sc.Ended-sc.Started)), reasonsOf(sc.Summary))
	}
	if len(s.Tables) > 0 {
		b.WriteString("size by table\n")
		wide := 0
		for _, t := range s.Tables {
			wide = max(wide, len(t.Name))
		}
		for _, t := range s.Tables {
			fmt.Fprintf(&b, "  %-*s %10s\n", wide, t.Name, report.Size(t.Bytes))
		}
	}
	b.WriteString("left out by default (--no-default-excludes takes them in)\n")
	for _, d := range watch.DefaultExcludes() {
		fmt.Fprintf(&b, "  %-34s %s\n", d.Pattern, d.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// jobsShown is how much of the queue is listed.
const jobsShown = 20

// jobDue says when a job is tried again, if it is.
func jobDue(j index.Job) string {
	if j.Due == math.MaxInt64 {
		return "parked"
	}
	return "again at " + clock(j.Due)
}

func list(b *strings.Builder, title string, counts []index.Count) {
	if len(counts) == 0 {
		fmt.Fprintf(b, "%-10s none\n", title)
		return
	}
	b.WriteString(title + "\n")
	wide := 0
	for _, c := range counts {
		wide = max(wide, len(grouped(c.N)))
	}
	for _, c := range counts { // the numbers first: reasons are long, and of any length
		fmt.Fprintf(b, "  %*s %s\n", wide, grouped(c.N), report.Printable(c.Name))
	}
}

// reasonsOf tells a stored summary's counts by reason.
func reasonsOf(summary string) string {
	var s pipeline.Summary
	if json.Unmarshal([]byte(summary), &s) != nil {
		return ""
	}
	var b strings.Builder
	for _, r := range ingest.Reasons {
		if n := s.Reasons[r]; n > 0 {
			fmt.Fprintf(&b, "  %s %s", grouped(n), r)
		}
	}
	if s.Failed > 0 {
		fmt.Fprintf(&b, "  (%s failed)", grouped(s.Failed))
	}
	return b.String()
}

func clock(ns int64) string { return time.Unix(0, ns).Local().Format("2006-01-02 15:04:05") }

// statusJSON is the status with names of its own, so that the store's are free.
func statusJSON(path string, s index.Status, jobs []index.Job) any {
	type named map[string]int64
	counts := func(list []index.Count) named {
		out := named{}
		for _, c := range list {
			out[c.Name] = c.N
		}
		return out
	}
	type root struct {
		Path    string `json:"path"`
		State   string `json:"state"`
		OK      int64  `json:"ok"`
		Failed  int64  `json:"failed"`
		Other   int64  `json:"other"`
		Offline int64  `json:"offline"`
	}
	type feature struct {
		Stage   string `json:"stage"`
		Version int    `json:"version"`
		Current bool   `json:"current"`
		Count   int64  `json:"count"`
	}
	type scan struct {
		Started string          `json:"started"`
		Ended   string          `json:"ended"`
		Summary json.RawMessage `json:"summary"`
	}
	type job struct {
		Path      string `json:"path"`
		PathBytes []byte `json:"path_bytes,omitempty"` // where it is no UTF-8
		Cause     string `json:"cause"`
		Due       string `json:"due,omitempty"` // none where it is parked
		Tries     int    `json:"tries"`
		Reason    string `json:"reason,omitempty"`
	}
	type exclude struct {
		Pattern string `json:"pattern"`
		Reason  string `json:"reason"`
	}
	out := struct {
		Index      string    `json:"index"`
		Schema     int64     `json:"schema"`
		Bytes      int64     `json:"bytes"`
		Roots      []root    `json:"roots"`
		Contents   int64     `json:"contents"`
		Uncompared int64     `json:"uncompared"`
		Flagged    int64     `json:"to_group"`
		Failures   named     `json:"failures"`
		Matches    named     `json:"matches"`
		Groups     named     `json:"groups"`
		Features   []feature `json:"features"`
		Queue      int64     `json:"queue"`
		Jobs       []job     `json:"jobs"` // the first of the queue
		Scans      []scan    `json:"scans"`
		Tables     named     `json:"tables"`
		Excludes   []exclude `json:"default_excludes"`
	}{
		Index: path, Schema: s.Schema, Bytes: s.Bytes, Contents: s.Contents, Uncompared: s.Uncompared, Flagged: s.Flagged,
		Failures: counts(s.Failures), Matches: counts(s.Matches), Groups: counts(s.Clusters), Queue: s.Jobs.Depth,
		Jobs: []job{}, Roots: []root{}, Features: []feature{}, Scans: []scan{}, Tables: named{},
	}
	for _, r := range s.Roots {
		out.Roots = append(out.Roots, root{r.Path, string(r.State), r.OK, r.Failed, r.Other, r.Offline})
	}
	for _, j := range jobs {
		due := ""
		if j.Due != math.MaxInt64 {
			due = rfc3339(j.Due)
		}
		out.Jobs = append(out.Jobs, job{j.Path, report.RawBytes(j.Path), j.Cause, due, j.Tries, j.Reason})
	}
	current := map[string]int{}
	for _, st := range stages.List() {
		current[st.Name] = st.Version
	}
	for _, f := range s.Features {
		v, ok := current[f.Stage]
		out.Features = append(out.Features, feature{f.Stage, f.Version, ok && v == f.Version, f.N})
	}
	for _, sc := range s.Scans {
		summary := json.RawMessage(sc.Summary)
		if !json.Valid(summary) {
			summary = nil
		}
		out.Scans = append(out.Scans, scan{rfc3339(sc.Started), rfc3339(sc.Ended), summary})
	}
	for _, t := range s.Tables {
		out.Tables[t.Name] = t.Bytes
	}
	for _, d := range watch.DefaultExcludes() {
		out.Excludes = append(out.Excludes, exclude{d.Pattern, d.Reason})
	}
	return out
}

func rfc3339(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339) }

// listFailed lists the failed files, root by root, folder by folder.
func listFailed(ctx context.Context, x *index.Index, w io.Writer, asJSON bool) error {
	for f, err := range x.FailedFiles(ctx) {
		if err != nil {
			return err
		}
		if err := printFailed(w, f.Path, f.Reason, asJSON); err != nil {
			return err
		}
	}
	return nil
}

func printFailed(w io.Writer, path, reason string, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Fprintf(w, "%s: %s\n", report.Printable(path), report.Printable(reason))
		return err
	}
	return json.NewEncoder(w).Encode(struct {
		Path      string `json:"path"`
		PathBytes []byte `json:"path_bytes,omitempty"` // where it is no UTF-8
		Reason    string `json:"reason"`
	}{path, report.RawBytes(path), reason})
}
