// Command fitjudge fits the table by which the judge decides, and says how well
// it does on pictures that it did not see.
//
//	dedupidx --index judge.db scan PHOTOS DISTRACTORS
//	go run ./cmd/fitjudge -index judge.db -labels PHOTOS/labels.csv -o stages/forest_v1.go
//
// With -more it learns from training sets too (cmd/fitjudge/training, cmd/tiles), with -apply it
// writes what unseen pictures were judged into the index, which should be a copy, and
// scores the groups, fold by fold. -keep saves the minutes that gathering takes.
//
// The labels are those of `dedupidx evaluate`; pictures that they do not name are
// copies of nothing. Every candidate pair of the index is a sample. Look-alikes
// are left out of a fold by whole families. The same input gives the same table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
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
	rate          float64
	falseWeight   float64
	moreWeight    float64
	alone         bool
	by            division
	kinds         string // leave these kinds of edit out of the fit in turn
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
	flag.Var(&o.more, "more", "`INDEX=LABELS[=WEIGHT]` to learn from as well, and not to be scored, with the weight of what is no copy there (default: -false-weight); can be given more than once")
	flag.StringVar(&o.out, "o", "", "the Go file to write; empty: only say how well it does")
	flag.IntVar(&o.mistakes, "mistakes", 0, "list so many pairs that were judged most wrongly")
	flag.IntVar(&o.trees, "trees", 400, "number of trees")
	flag.Float64Var(&o.rate, "rate", 0.08, "how much of what a tree says is added")
	flag.Float64Var(&o.falseWeight, "false-weight", 6, "weight of a pair that is no copy while the trees are fitted")
	flag.Float64Var(&o.moreWeight, "more-weight", 0.5, "weight of a pair of -more")
	flag.BoolVar(&o.alone, "alone", false, "learn from -more alone, to see how well that does on photos of another origin")
	flag.IntVar(&o.by.folds, "folds", 5, "parts that the pictures are cut into for cross-validation")
	flag.IntVar(&o.by.salt, "salt", 0, "another number cuts them otherwise")
	flag.StringVar(&o.kinds, "leave-kinds", "", "leave these `KINDS` of edit, joined by commas, out of the fit in turn, too; all: each that there is")
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
	x, a, pairs, err := study(ctx, o)
	if err != nil {
		return err
	}
	defer x.Close()
	var more []sample
	var weights []float64 // of what is no copy, by training set
	for _, m := range o.more {
		file, labels, _ := strings.Cut(m, "=")
		labels, text, given := strings.Cut(labels, "=")
		weight := o.falseWeight
		if given {
			if weight, err = strconv.ParseFloat(text, 64); err != nil {
				return fmt.Errorf("-more %s: the weight %q is no number", m, text)
			}
		}
		weights = append(weights, weight)
		extra, err := extraPairs(ctx, file, labels, o)
		if err != nil {
			return err
		}
		weigh(extra, weight)
		for _, p := range thinned(extra) {
			p.weight *= o.moreWeight
			more = append(more, p.sample)
		}
		fmt.Printf("%s: %s\n", file, count(extra))
	}
	fmt.Printf("%s: %s\n", o.index, count(pairs))
	s := settings{trees: o.trees, leaves: 8, rate: o.rate, leafMin: 15, l2: 1, bins: 64, maxWeight: 4}
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
	if o.kinds != "" {
		unseen := calibrated(leaveKinds(pairs, more, scores, o.kinds, o.by, s), scale, shift)
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
	how := fmt.Sprintf("%s and %d pairs of training sets at weight %v; %d trees of up to %d leaves, rate %v, at least %v in a leaf, L2 %v, weight of others %v, in training sets %v",
		count(pairs), len(more), o.moreWeight, s.trees, s.leaves, s.rate, s.leafMin, s.l2, o.falseWeight, weights)
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

// study opens the index that is scored and returns its labelled candidate pairs.
func study(ctx context.Context, o options) (*index.Index, answered, []pair, error) {
	text, err := os.ReadFile(o.labels)
	if err != nil {
		return nil, answered{}, nil, err
	}
	a, err := readAnswers(string(text), filepath.Dir(o.labels))
	if err != nil {
		return nil, a, nil, err
	}
	x, err := index.Open(ctx, o.index)
	if err != nil {
		return nil, a, nil, err
	}
	pairs, err := pairsOf(o.index, string(text), o, func() ([]pair, error) { return gather(ctx, x, a, workers()) })
	weigh(pairs, o.falseWeight)
	return x, a, pairs, err
}

// extraPairs returns the labelled candidate pairs of a training set, whose index is opened only
// where they were not kept.
func extraPairs(ctx context.Context, file, labels string, o options) ([]pair, error) {
	text, err := os.ReadFile(labels)
	if err != nil {
		return nil, err
	}
	return pairsOf(file, string(text), o, func() ([]pair, error) {
		a, err := readAnswers(string(text), filepath.Dir(labels))
		if err != nil {
			return nil, err
		}
		x, err := index.Open(ctx, file)
		if err != nil {
			return nil, err
		}
		pairs, err := gather(ctx, x, a, workers())
		return pairs, errors.Join(err, x.Close())
	})
}

func workers() dedup.Options { return dedup.Options{Workers: runtime.NumCPU()} }

// pairsOf reads the pairs of an index where they were kept, or gathers them.
func pairsOf(file, labels string, o options, gather func() ([]pair, error)) ([]pair, error) {
	file += ".pairs"
	version := dedup.Version(stages.List())
	var pairs []pair
	var err error
	if o.keep {
		if pairs, err = readKept(file, labels, version); err != nil {
			return nil, err
		}
	}
	if len(pairs) == 0 {
		if pairs, err = gather(); err != nil {
			return nil, err
		}
		if o.keep {
			if err := writeKept(file, labels, version, pairs); err != nil {
				return nil, err
			}
		}
	}
	return pairs, nil
}

// weigh gives what is no copy its weight.
func weigh(pairs []pair, w float64) {
	for i := range pairs {
		if !pairs[i].copy {
			pairs[i].weight = w
		}
	}
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
