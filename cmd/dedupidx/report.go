package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	htmlpage "github.com/dedupidx/dedupidx/index/page"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages/raster"
)

const (
	// html is the format that package page writes.
	html = "html"
	// manyFiles is where a page with its thumbnails inside, some 10 KB each, grows beyond 30 MB.
	manyFiles = 3000
)

func reportCommand() command {
	return command{
		name:  "report",
		short: "the groups of pictures that are the same",
		long: `Prints what was found, group by group: which file to keep, and which are copies of it.

kind says what a file is to the best one of its group: exact (the same bytes), pixels
(the same picture data), near (an edit of the whole frame), transformed (turned, cropped,
framed), partial (it shares a part). Only copies are proposed to go: never a file that
shares only a part, that is offline or whose kept copy is, or that is a hard link of the
kept file and would free nothing.

A camera raw file and its JPEG or HEIC (one name in one folder, or one camera and capture
time) are companions, and none is a copy of the other: each is listed with copies of its own
kind alone, unless --raw-pairs group.

Photos that one camera took within seconds, each within 10 s of the next by their capture
times, are shots of a series, not copies, unless they are more than 0.999 similar. --bursts
lists the series in place of the groups: those of which some shots were near enough to be
matched, at 0.5 and more.

csv has the header ` + "\n" + report.Header + `
and gives every name back byte for byte; best is 1 for a file to keep; --explain adds a column why. paths0 lists paths
ended by NUL, for xargs -0.

html is a page that opens from disk in a browser: the pictures beside and over each other,
with marks that it saves as decisions.jsonl for dedupidx script and dedupidx decide. For
some thousand pictures or more give --assets, which keeps the page small and fast.`,
		examples: []string{
			"dedupidx report # for the eyes",
			"dedupidx report --format csv --output report.csv",
			"dedupidx report --against ~/Pictures # what elsewhere is a copy of a picture there",
			"dedupidx report --format html --output report.html # to look at",
			"dedupidx report --format html --output report.html --assets thumbnails # the same for many",
			"dedupidx report --explain # why the best file is best, and the others copies",
			"dedupidx report --bursts # what was taken within seconds and looks alike",
			"dedupidx report --sensitivity strict --sort similarity",
			"dedupidx report --keep oldest --never-go ~/Pictures/Best # other rules of what stays",
			"dedupidx report --format paths0 --only go | xargs -0 ls -l # the files that could go",
		},
		flags: func(f *pflag.FlagSet) runner {
			r := &reportRun{
				sensitivity: newSensitivity(),
				sort:        newChoice(string(index.BySpace), orders()...),
				format:      newChoice(string(report.Table), formats()...),
				only:        newChoice(string(report.OnlyAll), string(report.OnlyGo), string(report.OnlyKeep), string(report.OnlyAll)),
			}
			f.Var(&r.format, "format", "how it is written: "+r.format.list())
			f.BoolVar(&r.json, "json", false, "the same as --format json")
			f.StringVar(&r.output, "output", "", "write to `FILE`, which appears when it is whole")
			f.Var(&r.sensitivity, "sensitivity", "how sure a copy must be: strict (0.99), normal (0.9), loose (0.5)")
			f.Var(&r.sort, "sort", "order of the groups: "+r.sort.list())
			f.StringVar(&r.against, "against", "", "only groups with a file in `FOLDER`, none of whose files is proposed to go")
			r.rules.add(f)
			r.rawPairs = newChoice("keep", "keep", "group")
			f.Var(&r.rawPairs, "raw-pairs", "a camera raw file and a JPEG or HEIC of one shot are companions (keep), or copies (group)")
			f.Var(&r.only, "only", "what paths0 lists: files to go, files to keep, or all")
			f.BoolVar(&r.bursts, "bursts", false, "list photos of one camera taken within seconds, as series, in place of the groups: table, csv, json or jsonl")
			f.BoolVar(&r.explain, "explain", false, "say of each group why the best file is best, and of each other file what it is to that")
			f.StringVar(&r.assets, "assets", "", "html: put the thumbnails into `FOLDER`, to be kept beside the page")
			f.IntVar(&r.side, "thumbnail", htmlpage.ThumbnailSide, "html: long side of a thumbnail, in `PIXELS`, at most 512; with 96 or less no photo is opened")
			return r.run
		},
	}
}

type reportRun struct {
	format, sensitivity, sort, only choice
	rawPairs                        choice
	json, explain, bursts           bool
	output, against, assets         string
	side                            int
	rules                           rules
}

func newSensitivity() choice { return newChoice("normal", "strict", "normal", "loose") }

func orders() []string {
	var words []string
	for _, o := range report.Orders() {
		words = append(words, string(o))
	}
	return words
}

func formats() []string {
	var words []string
	for _, f := range report.Formats() {
		words = append(words, string(f))
	}
	return append(words, html)
}

func (r *reportRun) run(ctx context.Context, e *env, args []string) (err error) {
	r.output = outputFile(r.output)
	o := report.Options{
		Sensitivity: r.sensitivity.value, Sort: index.Order(r.sort.value),
		Format: report.Format(r.format.value), Only: report.Only(r.only.value), Color: r.output == "" && e.color(e.stdout),
		JoinRaw: r.rawPairs.value == "group", Explain: r.explain,
	}
	chosen := o.Format
	if r.json {
		o.Format = report.JSON
	}
	switch {
	case r.json && chosen != report.Table && chosen != report.JSON:
		return usagef("leave one of them out", "--json and --format %s are two formats", chosen)
	case wantArgs("report", args, 0, 0) != nil:
		return wantArgs("report", args, 0, 0)
	case o.Only != report.OnlyAll && o.Format != report.Paths0:
		return usagef("add --format paths0", "--only is for the format paths0")
	case o.Format != html && r.assets != "":
		return usagef("add --format html", "--assets is for the format html")
	case o.Format == html && r.output == "" && r.assets != "":
		return usagef("add --output report.html", "--assets needs --output: the page names the folder as seen from itself")
	case r.bursts && (o.Format == html || o.Format == report.Paths0 || r.explain || r.against != ""):
		return usagef("use --format table, csv, json or jsonl, without --explain and --against", "--bursts lists series, not groups")
	case r.side < 16 || r.side > raster.Side:
		return usagef("", "--thumbnail wants 16 to %d pixels, got %d", raster.Side, r.side)
	}
	if o.Keep, err = r.rules.rule(); err != nil {
		return err
	}
	x, err := e.read(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if err := r.rules.place(ctx, x, &o); err != nil {
		return err
	}
	if r.bursts {
		return r.series(ctx, e, x, o)
	}
	if r.against != "" {
		if o.Against, err = storedAsOne(ctx, x, "--against", r.against); err != nil {
			return err
		}
	}
	var totals report.Totals
	write := func(w io.Writer) (err error) {
		totals, err = report.Write(ctx, w, x, o)
		return err
	}
	if o.Format == html {
		p, err := r.page(ctx, o)
		if err != nil {
			return err
		}
		if err := warnOfAssets(ctx, e, x, p.Assets); err != nil {
			return err
		}
		write = func(w io.Writer) (err error) {
			totals, err = htmlpage.Write(ctx, w, x, p)
			return err
		}
	}
	if err := r.put(e, write); err != nil {
		return err
	}
	return r.sum(ctx, e, x, totals)
}

// put writes to standard output, or to the file that was named.
func (r *reportRun) put(e *env, write func(io.Writer) error) error {
	if r.output == "" {
		return write(e.stdout)
	}
	return writeFile(r.output, write)
}

// series lists the series in place of the groups.
func (r *reportRun) series(ctx context.Context, e *env, x *index.Index, o report.Options) error {
	var totals report.SeriesTotals
	err := r.put(e, func(w io.Writer) (err error) {
		totals, err = report.WriteSeries(ctx, w, x, o)
		return err
	})
	if err != nil {
		return err
	}
	files := count(totals.Files, "file")
	_, err = fmt.Fprintf(e.stderr, "%s series, %s\n", grouped(totals.Series), files)
	return err
}

// page says how the page is made: with as many workers as a scan would have.
func (r *reportRun) page(ctx context.Context, o report.Options) (p htmlpage.Options, err error) {
	helper, err := helperCommand()
	if err != nil {
		return p, err
	}
	machine, err := pipeline.Detect(ctx)
	if err != nil && ctx.Err() != nil {
		return p, ctx.Err()
	}
	p = htmlpage.Options{
		Report: o, Made: time.Now(), Side: r.side, Workers: pipeline.Choose(machine, pipeline.Overrides{}).Workers,
		Read: readBounded, Decoder: raster.DecoderOptions{Helper: helper},
	}
	if r.assets == "" {
		return p, nil
	}
	if p.Assets, err = filepath.Abs(r.assets); err != nil {
		return p, err
	}
	output, err := filepath.Abs(r.output)
	if err != nil {
		return p, err
	}
	p.AssetsURL, err = htmlpage.AssetsURL(output, p.Assets)
	return p, err
}

// warnOfAssets tells where the next scan would find the thumbnails, as copies.
func warnOfAssets(ctx context.Context, e *env, x *index.Index, folder string) error {
	if folder == "" {
		return nil
	}
	roots, err := x.Roots(ctx)
	if err != nil {
		return err
	}
	found, err := lookedAt(roots, folder)
	if found {
		e.note("warning: %s lies in a folder of the index: the next scan finds the thumbnails as copies", folder)
		e.note("hint: name a folder elsewhere, or one that begins with a dot")
	}
	return err
}

// sum tells on standard error what the report came to.
func (r *reportRun) sum(ctx context.Context, e *env, x *index.Index, t report.Totals) error {
	if t.Groups == 0 {
		roots, err := x.Roots(ctx)
		if err != nil {
			return err
		}
		if len(roots) == 0 {
			fmt.Fprintln(e.stderr, "no folder was looked at yet\nhint: `dedupidx scan FOLDER` looks at one")
			return nil
		}
	}
	if r.format.value == html && r.assets == "" && t.Files > manyFiles {
		fmt.Fprintf(e.stderr, "hint: with %s in it the page is large: --assets FOLDER keeps the thumbnails beside it\n", count(t.Files, "thumbnail"))
	}
	_, err := fmt.Fprintf(e.stderr, "%s, %s, %s to keep, %s to go, %s to win\n",
		count(t.Groups, "group"), count(t.Files, "file"), grouped(t.Keep), grouped(t.Go), report.Size(t.Space))
	return err
}
