package main

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// division cuts the pictures into folds, whole families of look-alikes together.
type division struct {
	folds int
	salt  int // another one cuts otherwise
}

// mostOut is how many folds are left out at most for one pair. The pictures of a collage
// may lie in all folds; then what it has in common with the other file is left out
// for certain, since it stands first, and two more.
const mostOut = 3

func (d division) fold(group string) int {
	h := fnv.New32a()
	h.Write([]byte(group))
	if d.salt != 0 {
		fmt.Fprintf(h, "/%d", d.salt)
	}
	return int(h.Sum32() % uint32(d.folds))
}

// out are the folds that the judge of a pair must not have seen.
func (d division) out(p *pair) []int {
	var out []int
	for _, g := range p.apart {
		if f := d.fold(g); !slices.Contains(out, f) && len(out) < mostOut {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// touches tells whether a pair has anything in the folds.
func (d division) touches(p *pair, out []int) bool {
	return slices.ContainsFunc(p.apart, func(g string) bool { return slices.Contains(out, d.fold(g)) })
}

// absence is what a judge did not see: some folds, and a kind of edit.
type absence struct {
	folds string // as fmt.Sprint prints them
	kind  string // empty for none
}

// question is a pair that a judge is to score.
type question struct {
	absence
	pair int
}

// crossValidate scores each pair by trees that saw none of its pictures.
func crossValidate(pairs []pair, more []sample, alone bool, by division, s settings) []float64 {
	scores := make([]float64, len(pairs))
	if alone {
		m := fit(more, s)
		for i := range pairs {
			scores[i] = m.score(pairs[i].x)
		}
		return scores
	}
	var ask []question
	for i := range pairs {
		ask = append(ask, question{absence{folds: fmt.Sprint(by.out(&pairs[i]))}, i})
	}
	for q, v := range answers(ask, pairs, more, by, s) {
		scores[q.pair] = v
	}
	return scores
}

// leaveKinds scores each copy by trees that saw none of its pictures and none of its
// kinds of edit, in the training sets neither. A pair of two edits is scored twice,
// without the one and without the other, and has the mean; with a partial file of another kind
// only without that, since such a pair may touch any folds and the fits would be many. What is no copy, or was not edited, keeps
// its score: trees that lack one kind have still seen strangers in all others.
func leaveKinds(pairs []pair, more []sample, scores []float64, kinds string, by division, s settings) []float64 {
	only := strings.Split(kinds, ",")
	var ask []question
	for i := range pairs {
		if !pairs[i].copy {
			continue
		}
		for _, k := range pairs[i].leave {
			if kinds == "all" || slices.Contains(only, k) {
				ask = append(ask, question{absence{fmt.Sprint(by.out(&pairs[i])), k}, i})
			}
		}
	}
	without := slices.Clone(scores)
	n := make(map[int]float64)
	for q, v := range answers(ask, pairs, more, by, s) {
		if n[q.pair]++; n[q.pair] == 1 {
			without[q.pair] = 0
		}
		without[q.pair] += v
	}
	for i, n := range n {
		without[i] /= n
	}
	return without
}

// answers fits one judge for each absence and lets it score the pairs that ask for it.
func answers(ask []question, pairs []pair, more []sample, by division, s settings) map[question]float64 {
	wanted := make(map[absence][]question)
	for _, q := range ask {
		wanted[q.absence] = append(wanted[q.absence], q)
	}
	all := slices.SortedFunc(maps.Keys(wanted), func(a, b absence) int {
		return strings.Compare(a.kind+a.folds, b.kind+b.folds)
	})
	found := make([]map[question]float64, len(all))
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for i, a := range all {
		g.Go(func() error {
			out := by.out(&pairs[wanted[a][0].pair])
			var train []sample
			for _, p := range more {
				if a.kind == "" || p.kinds[0] != a.kind && p.kinds[1] != a.kind {
					train = append(train, p)
				}
			}
			for j := range pairs {
				p := &pairs[j]
				if !by.touches(p, out) && (a.kind == "" || p.kinds[0] != a.kind && p.kinds[1] != a.kind) {
					train = append(train, p.sample)
				}
			}
			m := fit(train, s)
			found[i] = make(map[question]float64)
			for _, q := range wanted[a] {
				found[i][q] = m.score(pairs[q.pair].x)
			}
			fmt.Fprintf(os.Stderr, "\r%d of %d fits", i+1, len(all))
			return nil
		})
	}
	_ = g.Wait() // none fails
	fmt.Fprintln(os.Stderr)
	scores := make(map[question]float64)
	for _, f := range found {
		maps.Copy(scores, f)
	}
	return scores
}
