package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages"
)

// answered is the labels of an index with what leads to them.
type answered struct {
	labels   evaluate.Labels
	finder   *evaluate.Finder
	families map[string]string
}

func readAnswers(text, root string) (answered, error) {
	labels, err := evaluate.ReadLabels(strings.NewReader(text))
	if err != nil {
		return answered{}, err
	}
	families, err := readFamilies(strings.NewReader(text))
	if err != nil {
		return answered{}, err
	}
	finder, err := evaluate.NewFinder(labels, root)
	return answered{labels, finder, families}, err
}

// tellGroups prints how the groups of the index score, for all pictures and fold by fold.
func tellGroups(ctx context.Context, x *index.Index, a answered, by division) error {
	result, err := score(ctx, x, a)
	if err != nil {
		return err
	}
	fmt.Printf("%-10s", "groups")
	for _, name := range columns {
		fmt.Printf(" %9s", name)
	}
	row := func(name string, values []float64) {
		fmt.Printf("\n%-10s", name)
		for _, v := range values {
			fmt.Printf(" %9.4f", v)
		}
	}
	row("all", shares(result.Figures(evaluate.Detail{})))
	var folds [][]float64
	for fold := range by.folds {
		part := result.Only(func(l evaluate.Label, picture string) bool {
			return by.fold(cmp.Or(a.families[l.Path], picture)) == fold
		})
		folds = append(folds, shares(part.Figures(evaluate.Detail{})))
		row(fmt.Sprint("fold ", fold+1), folds[fold])
	}
	var deviation []float64
	for c := range columns {
		var sum, squares float64
		for _, f := range folds {
			sum += f[c]
			squares += f[c] * f[c]
		}
		n := float64(len(folds))
		deviation = append(deviation, math.Sqrt(max(0, (squares-sum*sum/n)/max(1, n-1))))
	}
	row("deviation", deviation)
	fmt.Println()
	return nil
}

// score scores the groups of the index at the sensitivity that users have.
func score(ctx context.Context, x *index.Index, a answered) (evaluate.Result, error) {
	var rows []evaluate.Row
	err := report.Each(ctx, x, report.Options{JoinRaw: true}, func(g report.Group) error {
		for _, f := range g.Files {
			rows = append(rows, evaluate.Row{Group: strconv.Itoa(g.Number), Path: f.Path, Kind: f.Kind})
		}
		return nil
	})
	if err != nil {
		return evaluate.Result{}, err
	}
	return evaluate.Score(a.labels, func(yield func(evaluate.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}, a.finder.Find, true)
}

var columns = [...]string{"byte", "pixel", "near", "hard", "partial", "none", "precision"}

// shares are the figures in the order of columns, 1 where there is nothing to find.
func shares(f evaluate.Figures) []float64 {
	var out []float64
	for _, s := range []*float64{f.Byte.Share, f.Pixel.Share, f.Near.Share, f.Hard.Share, f.Partial.Share, f.None.Share, f.Pairs.Precision} {
		v := 1.0
		if s != nil {
			v = *s
		}
		out = append(out, v)
	}
	return out
}

// tellKinds prints how many copies of each kind of edit are tied to their original by a judge
// that has seen the kind, and by one that has not; those that lose most first.
func tellKinds(pairs []pair, labels evaluate.Labels, seen, unseen []float64) {
	type row struct {
		relation, kind   string
		of, seen, unseen int
		fall             float64 // of the probabilities, summed
	}
	rows := make(map[[2]string]*row)
	for i := range pairs {
		p := &pairs[i]
		l, ok := copyOfOriginal(p, labels)
		if !ok {
			continue
		}
		k := [2]string{l.Relation, kind(l)}
		if rows[k] == nil {
			rows[k] = &row{relation: k[0], kind: k[1]}
		}
		rows[k].of++
		rows[k].fall += seen[i] - unseen[i]
		if seen[i] >= stages.Normal.Cut() {
			rows[k].seen++
		}
		if unseen[i] >= stages.Normal.Cut() {
			rows[k].unseen++
		}
	}
	var list []*row
	for _, r := range rows {
		list = append(list, r)
	}
	loss := func(r *row) float64 { return float64(r.seen-r.unseen) / float64(r.of) }
	slices.SortFunc(list, func(a, b *row) int {
		return cmp.Or(cmp.Compare(loss(b), loss(a)), cmp.Compare(b.fall/float64(b.of), a.fall/float64(a.of)), cmp.Compare(a.relation, b.relation), cmp.Compare(a.kind, b.kind))
	})
	fmt.Println("kind left out of the fit: candidate pairs with the original, share tied with the kind seen, and unseen, mean fall of the probability")
	var all row
	for _, r := range list {
		fmt.Printf("  %-8s %-20s %4d %7.3f %7.3f %7.4f\n", r.relation, r.kind, r.of, float64(r.seen)/float64(r.of), float64(r.unseen)/float64(r.of), r.fall/float64(r.of))
		all.of, all.seen, all.unseen, all.fall = all.of+r.of, all.seen+r.seen, all.unseen+r.unseen, all.fall+r.fall
	}
	fmt.Printf("  %-8s %-20s %4d %7.3f %7.3f %7.4f\n", "all", "", all.of, float64(all.seen)/float64(all.of), float64(all.unseen)/float64(all.of), all.fall/float64(all.of))
}

// copyOfOriginal tells whether one file of a pair is the original of a picture, or has its bytes,
// that the other, whose label it returns, shows.
func copyOfOriginal(p *pair, labels evaluate.Labels) (evaluate.Label, bool) {
	if !p.copy {
		return evaluate.Label{}, false
	}
	for i := range 2 {
		l, ok := labels.Of(p.files[i])
		o, known := labels.Of(p.files[1-i])
		if ok && known && (o.Relation == evaluate.Original || o.Relation == evaluate.Byte) && kind(l) != "" {
			return l, true
		}
	}
	return evaluate.Label{}, false
}
