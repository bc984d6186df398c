package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/index/report"
)

func evaluateCommand() command {
	return command{
		name: "evaluate", args: "LABELS.csv", files: true,
		short: "score the groups against photos whose answers are known",
		long: `Compares the groups of the index, or a report, with labels, and prints how many of the
known copies were found and how many claims are true.

The labels are a CSV with the columns path, group, relation, edit and of. relation is
original, byte, pixel, near, hard, partial or none; of names the groups that a partial
file shares a part with, joined by ';'. Paths are relative to the labels' folder, or to
--root.`,
		examples: []string{
			"dedupidx evaluate photos/labels.csv # the groups of the index",
			"dedupidx evaluate photos/labels.csv --report report.csv --strangers",
			"dedupidx evaluate photos/labels.csv --by edit --missed 20 # what is not found",
			"dedupidx evaluate photos/labels.csv --plot similarity.svg --html confused.html # to look at",
		},
		flags: func(f *pflag.FlagSet) runner {
			r := &evaluateRun{sensitivity: newSensitivity()}
			f.StringVar(&r.report, "report", "", "score this CSV `FILE` in place of the index")
			f.Var(&r.sensitivity, "sensitivity", "which groups of the index: "+r.sensitivity.list())
			f.StringVar(&r.root, "root", "", "the `FOLDER` that the labels' paths are relative to (default: the one the labels are in)")
			f.BoolVar(&r.strangers, "strangers", false, "files without a label count as false claims")
			f.StringSliceVar(&r.by, "by", nil, "`WORDS` joined by commas, edit: recall by kind of edit; relation: false pairs by relation; kind: the kinds that each relation was given, and how often the best file is the original")
			f.IntVar(&r.confusions, "confusions", 0, "show `N` false pairs and N mixed groups")
			f.IntVar(&r.missed, "missed", 0, "show `N` files that were not found")
			f.StringVar(&r.plot, "plot", "", "draw how far similarity can be trusted into `FILE`, an SVG (or .html), and print precision and recall by threshold")
			f.StringVar(&r.html, "html", "", "write a page with what was claimed wrongly and what was not found, with thumbnails, to `FILE`")
			f.BoolVar(&r.json, "json", false, "print JSON")
			return r.run
		},
	}
}

type evaluateRun struct {
	sensitivity        choice
	report, root       string
	plot, html         string
	strangers, json    bool
	by                 []string
	confusions, missed int
}

func (r *evaluateRun) run(ctx context.Context, e *env, args []string) error {
	if err := wantArgs("evaluate", args, 1, 1); err != nil {
		return err
	}
	detail := evaluate.Detail{Confusions: r.confusions, Missed: r.missed}
	for _, by := range r.by {
		switch by {
		case "edit":
			detail.ByEdit = true
		case "relation":
			detail.ByRelation = true
		case "kind":
			detail.ByKind = true
		default:
			return usagef("it is edit, relation or kind", "--by %q is not known", by)
		}
	}
	if ext := strings.ToLower(filepath.Ext(r.plot)); r.plot != "" && ext != ".svg" && ext != ".html" && ext != ".htm" {
		return usagef("name it FILE.svg or FILE.html", "--plot %s: a plot is an SVG or a page", r.plot)
	}
	if r.report != "" && r.plot+r.html != "" {
		return usagef("leave --report out", "--plot and --html read the index, not a report")
	}
	labels, err := readLabels(args[0])
	if err != nil {
		return err
	}
	root := r.root
	if root == "" {
		root = filepath.Dir(args[0])
	}
	finder, err := evaluate.NewFinder(labels, root)
	if err != nil {
		return err
	}
	var result evaluate.Result
	score := func(rows iter.Seq2[evaluate.Row, error]) error {
		result, err = evaluate.Score(labels, rows, finder.Find, r.strangers)
		return err
	}
	if r.report != "" {
		err = scoreFile(r.report, score)
	} else {
		err = r.scoreIndex(ctx, e, score)
	}
	if err != nil {
		return err
	}
	figures := result.Figures(detail)
	if r.plot+r.html != "" {
		if err := r.draw(ctx, e, labels, finder, result, &figures); err != nil {
			return err
		}
	}
	if r.json {
		return printJSON(e.stdout, figures)
	}
	return printFigures(e.stdout, figures, r.strangers)
}

func readLabels(path string) (evaluate.Labels, error) {
	f, err := os.Open(path)
	if err != nil {
		return evaluate.Labels{}, fmt.Errorf("read labels: %w", err)
	}
	defer f.Close()
	labels, err := evaluate.ReadLabels(f)
	if err != nil {
		return labels, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

func scoreFile(path string, score func(iter.Seq2[evaluate.Row, error]) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read report: %w", err)
	}
	defer f.Close()
	if err := score(evaluate.ReadReport(f)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// errEnough ends a report that nobody reads on.
var errEnough = errors.New("enough")

func (r *evaluateRun) scoreIndex(ctx context.Context, e *env, score func(iter.Seq2[evaluate.Row, error]) error) (err error) {
	x, err := e.read(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return score(func(yield func(evaluate.Row, error) bool) {
		err := report.Each(ctx, x, report.Options{Sensitivity: r.sensitivity.value, JoinRaw: true}, func(g report.Group) error {
			for _, f := range g.Files {
				if !yield(evaluate.Row{Group: strconv.Itoa(g.Number), Path: f.Path, Kind: f.Kind}, nil) {
					return errEnough
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(evaluate.Row{}, err)
		}
	})
}

// draw writes the plot and the page of confusions.
func (r *evaluateRun) draw(ctx context.Context, e *env, labels evaluate.Labels, finder *evaluate.Finder, result evaluate.Result, f *evaluate.Figures) (err error) {
	x, err := e.read(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	known, err := lookUp(ctx, x, finder.Find, r.strangers)
	if err != nil {
		return err
	}
	if r.plot != "" {
		curve := labels.Curve(known.judged())
		f.Curve = &curve
		if err := writePlot(r.plot, curve); err != nil {
			return err
		}
	}
	if r.html == "" {
		return nil
	}
	wrong, missed := result.Confusions()
	if err := errors.Join(known.show(ctx, wrong), known.show(ctx, missed)); err != nil {
		return err
	}
	return writeFile(r.html, func(w io.Writer) error { return evaluate.WriteConfusions(w, *f, wrong, missed) })
}

// printFigures prints a score for the eyes.
func printFigures(w io.Writer, f evaluate.Figures, strangers bool) error {
	var b strings.Builder
	out := " (left out)"
	if strangers {
		out = ""
	}
	fmt.Fprintf(&b, "groups %d, rows %d, rows of files that are not in the labels %d%s\n", f.Groups, f.Rows, f.Unknown, out)
	for _, x := range []struct {
		name string
		evaluate.Recall
	}{{"byte", f.Byte}, {"pixel", f.Pixel}, {"near", f.Near}, {"hard", f.Hard}, {"partial", f.Partial}} {
		fmt.Fprintf(&b, "%-15s %s  %d of %d\n", x.name, percent(x.Share), x.Found, x.Of)
	}
	fmt.Fprintf(&b, "%-15s %s  %d of %d\n", "none", percent(f.None.Share), f.None.Alone, f.None.Of)
	fmt.Fprintf(&b, "%-15s %s  %d of %d pairs\n", "pair precision", percent(f.Pairs.Precision), f.Pairs.True, f.Pairs.Claimed)
	fmt.Fprintf(&b, "%-15s %d groups, at most %d pictures in one\n", "mixed", f.Mixed.Groups, f.Mixed.Largest)
	for _, x := range f.ByEdit {
		fmt.Fprintf(&b, "  %-8s %-20s %s  %d of %d\n", x.Relation, report.Printable(x.Edit), percent(&x.Share), x.Found, x.Of)
	}
	for _, x := range f.ByFalse {
		fmt.Fprintf(&b, "  false: %-24s %d\n", x.Relations, x.False)
	}
	printKinds(&b, f)
	for _, x := range f.False {
		fmt.Fprintf(&b, "  false pair: %s (%s) | %s (%s)\n", report.Printable(x[0]), x[1], report.Printable(x[2]), x[3])
	}
	for _, x := range f.MixedOf {
		fmt.Fprintf(&b, "  mixed group: %s shows %d pictures\n", report.Printable(x.Group), x.Pictures)
	}
	for _, x := range f.NotFound {
		fmt.Fprintf(&b, "  missed: %s (%s: %s)\n", report.Printable(x[0]), x[1], report.Printable(x[2]))
	}
	if _, err := io.WriteString(w, b.String()); err != nil || f.Curve == nil {
		return err
	}
	return f.Curve.Table(w)
}

// printKinds prints what relations were called, and whether the best files are the right ones.
func printKinds(b *strings.Builder, f evaluate.Figures) {
	if f.Best == nil {
		return
	}
	fmt.Fprintf(b, "%-15s %s  %d of %d groups with an original or its twin have it as best\n", "best file", percent(f.Best.Share), f.Best.Right, f.Best.Of)
	fmt.Fprintf(b, "  %-9s %7s %7s %7s %12s %8s %7s\n", "kind of", "exact", "pixels", "near", "transformed", "partial", "right")
	for _, k := range f.ByKind {
		fmt.Fprintf(b, "  %-9s %7d %7d %7d %12d %8d %7s\n", k.Relation, k.Counts["exact"], k.Counts["pixels"], k.Counts["near"],
			k.Counts["transformed"], k.Counts["partial"], percent(k.Right))
	}
	for _, x := range f.NotBest {
		fmt.Fprintf(b, "  not best: %s, but %s\n", report.Printable(x.Original), report.Printable(x.Best))
	}
}

func percent(share *float64) string {
	if share == nil {
		return "   n/a"
	}
	return fmt.Sprintf("%5.1f%%", 100**share)
}
