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
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/stages"
)

func main() {
	file := flag.String("index", "", "an index that was scanned in full")
	answers := flag.String("labels", "", "the labels of its photos")
	out := flag.String("o", "", "the Go file to write; empty: only say how well it does")
	mistakes := flag.Int("mistakes", 0, "list so many pairs that were judged most wrongly")
	trees := flag.Int("trees", 120, "number of trees")
	falseWeight := flag.Float64("false-weight", 3, "weight of a pair that is no copy")
	apply := flag.Bool("apply", false, "write the verdicts of the folds into the index and group again, to evaluate it")
	oracle := flag.Bool("oracle", false, "with -apply: let the labels judge, to see what retrieval and groups lose")
	flag.Parse()
	if err := run(context.Background(), *file, *answers, *out, *mistakes, *trees, *falseWeight, *apply, *oracle); err != nil {
		fmt.Fprintln(os.Stderr, "fitjudge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file, answers, out string, mistakes, trees int, falseWeight float64, apply, oracle bool) error {
	f, err := os.Open(answers)
	if err != nil {
		return err
	}
	defer f.Close()
	labels, err := evaluate.ReadLabels(f)
	if err != nil {
		return err
	}
	x, err := index.Open(ctx, file)
	if err != nil {
		return err
	}
	defer x.Close()
	pairs, err := gather(ctx, x, labels, filepath.Dir(answers), dedup.Options{Workers: runtime.NumCPU()})
	if err != nil {
		return err
	}
	samples := make([]sample, len(pairs))
	copies := 0
	for i := range pairs {
		if pairs[i].copy {
			copies++
		} else {
			pairs[i].weight = falseWeight
		}
		samples[i] = pairs[i].sample
	}
	fmt.Printf("%d candidate pairs, %d of them copies\n", len(pairs), copies)
	s := settings{trees: trees, leaves: 8, rate: 0.08, leafMin: 15, l2: 1, bins: 64, maxWeight: 4}
	for _, w := range stages.Witnesses {
		s.signs = append(s.signs, w.Sign)
	}
	scores := crossValidate(pairs, samples, s)
	scale, shift := calibrate(pairs, scores)
	probabilities := make([]float64, len(scores))
	for i, v := range scores {
		probabilities[i] = logistic(scale*v + shift)
	}
	tell(pairs, probabilities, mistakes)
	if apply {
		if oracle {
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
	if out == "" {
		return nil
	}
	m := fit(samples, s)
	return write(out, m, scale, shift, fmt.Sprintf("%d candidate pairs, %d of them copies; %d trees of up to %d leaves, rate %v, at least %v in a leaf, L2 %v, weight of others %v",
		len(pairs), copies, s.trees, s.leaves, s.rate, s.leafMin, s.l2, falseWeight))
}

// crossValidate scores each pair by trees that saw none of its pictures.
func crossValidate(pairs []pair, samples []sample, s settings) []float64 {
	scores := make([]float64, len(pairs))
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
	for _, k := range keys {
		out := pairs[byFolds[k][0]].folds
		var train []sample
		for i, p := range pairs {
			if !slices.ContainsFunc(p.folds, func(f int) bool { return slices.Contains(out, f) }) {
				train = append(train, samples[i])
			}
		}
		m := fit(train, s)
		for _, i := range byFolds[k] {
			scores[i] = m.score(samples[i].x)
		}
		fmt.Fprintf(os.Stderr, "\rfolds %s left out", k)
	}
	fmt.Fprintln(os.Stderr)
	return scores
}

// calibrate fits the scores to the answers; every pair counts once, whatever its
// weight in the fit of the trees.
func calibrate(pairs []pair, scores []float64) (scale, shift float64) {
	copies, weights := make([]bool, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		copies[i], weights[i] = p.copy, 1
	}
	return platt(scores, copies, weights)
}
