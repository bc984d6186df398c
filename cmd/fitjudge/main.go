// Command fitjudge fits the table by which the judge decides, and says how well
// it does on pictures that it did not see.
//
//	dedupidx --index judge.db scan PHOTOS DISTRACTORS
//	go run ./cmd/fitjudge -index judge.db -labels PHOTOS/labels.csv -o stages/forest_v1.go
//
// The labels are those of `dedupidx evaluate`; pictures that they do not name are
// copies of nothing. Every candidate pair of the index is a sample. Look-alikes
// are left out of a fold by whole families. The same input gives the same table.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/stages"
)

// options are the flags.
type options struct {
	index, labels string // the photos that are scored
	more          list   // further index=labels pairs, learned from and not scored
	out           string
	mistakes      int
	trees         int
	falseWeight   float64
	moreWeight    float64
	alone         bool
	by            division
	kinds         bool // leave out of the fit each kind of edit in turn
	keep          bool
	apply, oracle bool
}

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func main() {
	var o options
	flag.StringVar(&o.index, "index", "", "an index that was scanned in full")
	flag.StringVar(&o.labels, "labels", "", "the labels of its photos")
	flag.Var(&o.more, "more", "`INDEX=LABELS` to learn from as well, and not to be scored; can be given more than once")
	flag.StringVar(&o.out, "o", "", "the Go file to write; empty: only say how well it does")
	flag.IntVar(&o.mistakes, "mistakes", 0, "list so many pairs that were judged most wrongly")
	flag.IntVar(&o.trees, "trees", 300, "number of trees")
	flag.Float64Var(&o.falseWeight, "false-weight", 6, "weight of a pair that is no copy while the trees are fitted")
	flag.Float64Var(&o.moreWeight, "more-weight", 0.5, "weight of a pair of -more")
	flag.BoolVar(&o.alone, "alone", false, "learn from -more alone, to see how well that does on photos of another origin")
	flag.IntVar(&o.by.folds, "folds", 5, "parts that the pictures are cut into for cross-validation")
	flag.IntVar(&o.by.salt, "salt", 0, "another number cuts them otherwise")
	flag.BoolVar(&o.kinds, "leave-kinds", false, "leave each kind of edit out of the fit in turn, too")
	flag.BoolVar(&o.keep, "keep", false, "keep the pairs of each index in INDEX.pairs, and read them from there if nothing that they depend on but the index has changed")
	flag.BoolVar(&o.apply, "apply", false, "write the verdicts of the folds into the index and group again, to evaluate it")
	flag.BoolVar(&o.oracle, "oracle", false, "with -apply: let the labels judge, to see what retrieval and groups lose")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "fitjudge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	x, a, pairs, err := study(ctx, o.index, o.labels, o)
	if err != nil {
		return err
	}
	defer x.Close()
	var more []sample
	for _, m := range o.more {
		file, labels, _ := strings.Cut(m, "=")
		y, _, extra, err := study(ctx, file, labels, o)
		if err != nil {
			return err
		}
		y.Close()
		for _, p := range thinned(extra) {
			p.weight *= o.moreWeight
			more = append(more, p.sample)
		}
		fmt.Printf("%s: %s\n", file, count(extra))
	}
	fmt.Printf("%s: %s\n", o.index, count(pairs))
	s := settings{trees: o.trees, leaves: 8, rate: 0.08, leafMin: 15, l2: 1, bins: 64, maxWeight: 4}
	for _, w := range stages.Witnesses {
		s.signs = append(s.signs, w.Sign)
	}
	scores := crossValidate(pairs, more, o.alone, o.by, s)
	scale, shift := calibrate(pairs, scores)
	probabilities := calibrated(scores, scale, shift)
	tell(pairs, probabilities, o.mistakes)
	if o.oracle {
		for i := range probabilities {
			probabilities[i] = 0
			if pairs[i].copy {
				probabilities[i] = 1
			}
		}
	}
	if o.apply {
		if err := apply(ctx, x, a, pairs, probabilities, o.by, 1); err != nil {
			return err
		}
	}
	if o.kinds {
		unseen := calibrated(leaveKinds(pairs, more, scores, o.by, s), scale, shift)
		tellKinds(pairs, a.labels, probabilities, unseen)
		if o.apply {
			if err := apply(ctx, x, a, pairs, unseen, o.by, 2); err != nil {
				return err
			}
		}
	}
	if o.out == "" {
		return nil
	}
	how := fmt.Sprintf("%s and %d pairs of training sets at weight %v; %d trees of up to %d leaves, rate %v, at least %v in a leaf, L2 %v, weight of others %v",
		count(pairs), len(more), o.moreWeight, s.trees, s.leaves, s.rate, s.leafMin, s.l2, o.falseWeight)
	return write(o.out, fit(append(more, samplesOf(pairs)...), s), scale, shift, how)
}

// apply writes the verdicts into the index, makes the groups anew, and says how they score.
func apply(ctx context.Context, x *index.Index, a answered, pairs []pair, probabilities []float64, by division, round int64) error {
	if err := regroup(ctx, x, pairs, probabilities, round); err != nil {
		return err
	}
	return tellGroups(ctx, x, a, by)
}

func calibrated(scores []float64, scale, shift float64) []float64 {
	out := make([]float64, len(scores))
	for i, v := range scores {
		out[i] = logistic(scale*v + shift)
	}
	return out
}

// study opens an index and gathers its labelled candidate pairs, or reads them where they
// were kept.
func study(ctx context.Context, file, answers string, o options) (*index.Index, answered, []pair, error) {
	text, err := os.ReadFile(answers)
	if err != nil {
		return nil, answered{}, nil, err
	}
	a, err := readAnswers(string(text), filepath.Dir(answers))
	if err != nil {
		return nil, a, nil, err
	}
	x, err := index.Open(ctx, file)
	if err != nil {
		return nil, a, nil, err
	}
	pairs, err := pairsOf(ctx, x, a, string(text), file+".pairs", o.keep)
	for i := range pairs {
		if !pairs[i].copy {
			pairs[i].weight = o.falseWeight
		}
	}
	return x, a, pairs, err
}

func pairsOf(ctx context.Context, x *index.Index, a answered, text, file string, keep bool) ([]pair, error) {
	version := dedup.Version(stages.List())
	if keep {
		if pairs, err := readKept(file, text, version); err != nil || len(pairs) > 0 {
			return pairs, err
		}
	}
	pairs, err := gather(ctx, x, a, dedup.Options{Workers: runtime.NumCPU()})
	if err != nil || !keep {
		return pairs, err
	}
	return pairs, writeKept(file, text, version, pairs)
}

// thinned leaves out two of three pairs that are no copies and that nobody would
// take for one, to save time; the third counts for all.
func thinned(pairs []pair) []pair {
	var out []pair
	n := 0
	for _, p := range pairs {
		if !p.copy && !p.Evidence.Local.Proposed {
			if n++; n%3 != 0 {
				continue
			}
			p.weight *= 3
		}
		out = append(out, p)
	}
	return out
}

func count(pairs []pair) string {
	copies := 0
	for i := range pairs {
		if pairs[i].copy {
			copies++
		}
	}
	return fmt.Sprintf("%d candidate pairs, %d of them copies", len(pairs), copies)
}

func samplesOf(pairs []pair) []sample {
	out := make([]sample, len(pairs))
	for i := range pairs {
		out[i] = pairs[i].sample
	}
	return out
}

// calibrate fits the scores to the answers. Pairs that are no copies weigh twice, so
// that a probability errs a little to the careful side.
func calibrate(pairs []pair, scores []float64) (scale, shift float64) {
	copies, weights := make([]bool, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		copies[i], weights[i] = p.copy, 1
		if !p.copy {
			weights[i] = 2
		}
	}
	return platt(scores, copies, weights)
}
