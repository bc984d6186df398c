package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
)

func selftestCommand() command {
	return command{
		name: "selftest", args: "FOLDER", files: true,
		short: "try the program on copies made of your own photos",
		long: `Draws photos below a folder by lot, makes copies of them by some forty known edits in a
temporary folder, with more of the photos beside them, looks at all of that with a
temporary index, and prints how many copies of each kind are found and what is claimed
wrongly. Your index is not touched, and the folder is removed at the end. It needs the
disk space of the photos drawn, twice, and some 2 MB for each.

Your own photos may be copies of each other. Where two are claimed to be, nobody but you
knows whether that is right: such pairs are listed, and not counted.`,
		examples: []string{
			"dedupidx selftest ~/Pictures # of 20 photos, two minutes of one core",
			"dedupidx selftest ~/Pictures --sample 100 --seed 2 # more, and others",
			"dedupidx selftest ~/Pictures --kinds cropped,collage --json",
		},
		flags: func(f *pflag.FlagSet) runner {
			s := &selftestRun{sensitivity: newSensitivity()}
			f.IntVar(&s.sample, "sample", 20, "make copies of `N` photos, 1 to 1000; four times as many stand beside them")
			f.Uint64Var(&s.seed, "seed", 1, "another `N` draws other photos and edits")
			f.StringSliceVar(&s.kinds, "kinds", nil, "make only copies of these `KINDS`, joined by commas: "+strings.Join(copyKinds(), ", "))
			f.Var(&s.sensitivity, "sensitivity", "which groups are scored: "+s.sensitivity.list())
			f.BoolVar(&s.json, "json", false, "print JSON")
			return s.run
		},
	}
}

type selftestRun struct {
	sample      int
	seed        uint64
	sensitivity choice
	json        bool
	kinds       []string
}

// selftested is what a self-test came to.
type selftested struct {
	Folder string                     `json:"folder"`
	Seed   uint64                     `json:"seed"`
	Photos int                        `json:"photos"` // of which copies were made
	Others int                        `json:"others"` // beside them
	Files  int                        `json:"files"`  // in all
	Kinds  []evaluate.Edit            `json:"kinds"`  // how many of each kind were found
	Pairs  evaluate.Precision         `json:"pairs"`
	False  []claimed                  `json:"false"`  // claimed wrongly
	Alike  []claimed                  `json:"alike"`  // photos of the user's that are claimed to be copies
	Missed []missedCopy               `json:"missed"` // copies that were not found
	Recall map[string]evaluate.Recall `json:"by_relation"`
}

// claimed is a pair of files that stand in one group; paths are the user's.
type claimed struct {
	A string `json:"a"`
	B string `json:"b"`
}

type missedCopy struct {
	Name string `json:"copy"`
	How  string `json:"how"`
}

func (s *selftestRun) run(ctx context.Context, e *env, args []string) (err error) {
	if err := wantArgs("selftest", args, 1, 1); err != nil {
		return err
	}
	if s.sample < 1 || s.sample > 1000 {
		return usagef("", "--sample wants a number from 1 to 1000, got %d", s.sample)
	}
	for _, k := range s.kinds {
		if !slices.Contains(copyKinds(), k) {
			return usagef("it is one of "+strings.Join(copyKinds(), ", "), "--kinds: there is no kind %q", k)
		}
	}
	paths, err := pathsBelow(ctx, args[0])
	if err != nil {
		return err
	}
	folder, remove, err := temporaryFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	a := &trial{kinds: s.kinds, folder: filepath.Join(folder, "photos"), name: map[string]string{}}
	started := fmt.Sprintf("making copies of %s in %s\n", count(int64(s.sample), "photo"), report.Printable(folder))
	if _, err := io.WriteString(e.stderr, started); err != nil {
		return err
	}
	if err := a.make(ctx, paths, s.sample, s.seed); err != nil {
		return err
	}
	if a.photos == 0 {
		return withHint(fmt.Errorf("self-test of %s: no photo of %d pixels or more that can be decoded lies there", args[0], smallestTested), "name a folder with photos")
	}
	groups, err := s.groups(ctx, e, a, filepath.Join(folder, "index.db"))
	if err != nil {
		return err
	}
	out, err := s.score(a, groups)
	if err != nil {
		return err
	}
	out.Folder, out.Seed = args[0], s.seed
	if s.json {
		return printJSON(e.stdout, out)
	}
	return printSelftest(e.stdout, out)
}

// groups scans the trial with a temporary index and returns the rows of its groups.
func (s *selftestRun) groups(ctx context.Context, e *env, a *trial, path string) (rows []evaluate.Row, err error) {
	x, err := index.Create(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	root, err := x.AddRoot(ctx, a.folder, 0)
	if err != nil {
		return nil, err
	}
	var l looking
	l.previews = newChoice("auto", "auto", "never")
	o, excludes, err := l.options(ctx)
	if err != nil {
		return nil, err
	}
	show := newProgress("auto", e.stderr)
	o.Progress, o.Log = show.show, e.log
	_, err = pipeline.Scan(ctx, x, newDisk(excludes, false, x.Path()), []index.Root{root}, o)
	show.end()
	if err != nil {
		return nil, err
	}
	err = report.Each(ctx, x, report.Options{Sensitivity: s.sensitivity.value, JoinRaw: true}, func(g report.Group) error {
		for _, f := range g.Files {
			rel, err := filepath.Rel(a.folder, f.Path)
			if err != nil {
				return err
			}
			rows = append(rows, evaluate.Row{Group: strconv.Itoa(g.Number), Path: filepath.ToSlash(rel), Kind: f.Kind})
		}
		return nil
	})
	return rows, err
}

// score counts what was found, and then what was claimed wrongly, taking photos of the user's
// that are claimed to be copies of each other for one picture.
func (s *selftestRun) score(a *trial, rows []evaluate.Row) (out selftested, err error) {
	find := func(path string) (string, bool) { _, ok := a.name[path]; return path, ok }
	score := func(labels []evaluate.Label) (evaluate.Figures, error) {
		r, err := evaluate.Score(evaluate.NewLabels(labels), all(rows), find, true)
		return r.Figures(evaluate.Detail{ByEdit: true, Confusions: len(rows) * len(rows), Missed: len(a.labels)}), err
	}
	f, err := score(a.labels)
	if err != nil {
		return out, err
	}
	labels := slices.Clone(a.labels)
	same := map[string]string{} // group -> the group that it is one with
	head := func(g string) string {
		for same[g] != "" {
			g = same[g]
		}
		return g
	}
	group := map[string]string{}
	for _, l := range labels {
		group[l.Path] = l.Group
	}
	for _, w := range f.False {
		if strings.HasPrefix(w[0], "original/") && strings.HasPrefix(w[2], "original/") {
			out.Alike = append(out.Alike, claimed{a.name[w[0]], a.name[w[2]]})
			if x, y := head(group[w[0]]), head(group[w[2]]); x != y {
				same[y] = x
			}
		}
	}
	for i := range labels {
		l := &labels[i]
		l.Group = head(l.Group)
		l.Of = slices.Clone(l.Of)
		for j := range l.Of {
			l.Of[j] = head(l.Of[j])
		}
	}
	merged, err := score(labels)
	if err != nil {
		return out, err
	}
	for _, w := range merged.False {
		out.False = append(out.False, claimed{a.name[w[0]], a.name[w[2]]})
	}
	for _, m := range f.NotFound {
		out.Missed = append(out.Missed, missedCopy{a.name[m[0]], m[2]})
	}
	out.Photos, out.Others, out.Files = a.photos, a.others, len(a.labels)
	out.Kinds, out.Pairs = f.ByEdit, merged.Pairs
	out.Recall = map[string]evaluate.Recall{"byte": f.Byte, "pixel": f.Pixel, "near": f.Near, "hard": f.Hard, "partial": f.Partial}
	return out, nil
}

// fewListed is how many pairs are printed; --json has all.
const fewListed = 20

func printSelftest(w io.Writer, s selftested) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s, %s beside them\n", count(int64(s.Files-s.Photos-s.Others), "copy"), count(int64(s.Photos), "photo"), count(int64(s.Others), "other"))
	for i, k := range s.Kinds {
		if i == 0 || s.Kinds[i-1].Relation != k.Relation {
			all := s.Recall[k.Relation]
			fmt.Fprintf(&b, "%-21s %s  %d of %d\n", relationWord(k.Relation), percent(all.Share), all.Found, all.Of)
		}
		fmt.Fprintf(&b, "  %-19s %s  %d of %d\n", k.Edit, percent(&k.Share), k.Found, k.Of)
	}
	fmt.Fprintf(&b, "true of what is claimed %s  %d of %d pairs\n", percent(s.Pairs.Precision), s.Pairs.True, s.Pairs.Claimed)
	list := func(head string, pairs []claimed) {
		for i, p := range pairs {
			if i == fewListed {
				fmt.Fprintf(&b, "  and %d more (--json lists all)\n", len(pairs)-i)
				break
			}
			if i == 0 {
				b.WriteString(head + "\n")
			}
			fmt.Fprintf(&b, "  %s | %s\n", report.Printable(p.A), report.Printable(p.B))
		}
	}
	list("claimed wrongly:", s.False)
	list("photos of yours that are claimed to be copies, or parts, of each other (not counted: look yourself):", s.Alike)
	_, err := io.WriteString(w, b.String())
	return err
}

// relationWord is what a relation of labels means to the user.
func relationWord(relation string) string {
	return map[string]string{
		evaluate.Byte: "the same bytes", evaluate.Pixel: "the same pixels", evaluate.Near: "ordinary edits",
		evaluate.Hard: "strong edits", evaluate.Partial: "parts",
	}[relation]
}

// all are rows that cannot fail.
func all(rows []evaluate.Row) iter.Seq2[evaluate.Row, error] {
	return func(yield func(evaluate.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}
