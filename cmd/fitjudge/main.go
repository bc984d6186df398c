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
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/evaluate"
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
	flag.BoolVar(&o.apply, "apply", false, "write the verdicts of the folds into the index and group again, to evaluate it")
	flag.BoolVar(&o.oracle, "oracle", false, "with -apply: let the labels judge, to see what retrieval and groups lose")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "fitjudge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	x, pairs, err := study(ctx, o.index, o.labels, o.falseWeight)
	if err != nil {
		return err
	}
	defer x.Close()
	var more []sample
	for _, m := range o.more {
		file, labels, _ := strings.Cut(m, "=")
		y, extra, err := study(ctx, file, labels, o.falseWeight)
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
	scores := crossValidate(pairs, more, o.alone, s)
	scale, shift := calibrate(pairs, scores)
	probabilities := make([]float64, len(scores))
	for i, v := range scores {
		probabilities[i] = logistic(scale*v + shift)
	}
	tell(pairs, probabilities, o.mistakes)
	if o.apply {
		if o.oracle {
			for i := range probabilities {
				probabilities[i] = 0
				if pairs[i].copy {
					probabilities[i] = 1
				}
			}
		}
		if err := regroup(ctx, x, pairs, probabilities); err != nil {
			return err
		}
	}
	if o.out == "" {
		return nil
	}
	how := fmt.Sprintf("%s and %d pairs of training sets at weight %v; %d trees of up to %d leaves, rate %v, at least %v in a leaf, L2 %v, weight of others %v",
		count(pairs), len(more), o.moreWeight, s.trees, s.leaves, s.rate, s.leafMin, s.l2, o.falseWeight)
	return write(o.out, fit(append(more, samplesOf(pairs)...), s), scale, shift, how)
}

// study opens an index and gathers its labelled candidate pairs.
func study(ctx context.Context, file, answers string, falseWeight float64) (*index.Index, []pair, error) {
	f, err := os.Open(answers)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	labels, err := evaluate.ReadLabels(f)
	if err != nil {
		return nil, nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	families, err := readFamilies(f)
	if err != nil {
		return nil, nil, err
	}
	x, err := index.Open(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	pairs, err := gather(ctx, x, labels, families, filepath.Dir(answers), dedup.Options{Workers: runtime.NumCPU()})
	for i := range pairs {
		if !pairs[i].copy {
			pairs[i].weight = falseWeight
		}
	}
	return x, pairs, err
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

// crossValidate scores each pair by trees that saw none of its pictures.
func crossValidate(pairs []pair, more []sample, alone bool, s settings) []float64 {
	scores := make([]float64, len(pairs))
	if alone {
		m := fit(more, s)
		for i := range pairs {
			scores[i] = m.score(pairs[i].x)
		}
		return scores
	}
	byFolds := make(map[string][]int)
	var keys []string
	for i, p := range pairs {
		k := fmt.Sprint(p.folds)
		if byFolds[k] == nil {
			keys = append(keys, k)
		}
		byFolds[k] = append(byFolds[k], i)
	}
	slices.Sort(keys)
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for _, k := range keys {
		g.Go(func() error {
			out := pairs[byFolds[k][0]].folds
			train := slices.Clone(more)
			for _, p := range pairs {
				if !slices.ContainsFunc(p.folds, func(f int) bool { return slices.Contains(out, f) }) {
					train = append(train, p.sample)
				}
			}
			m := fit(train, s)
			for _, i := range byFolds[k] {
				scores[i] = m.score(pairs[i].x)
			}
			fmt.Fprintf(os.Stderr, "folds %s left out\n", k)
			return nil
		})
	}
	_ = g.Wait() // none fails
	return scores
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
