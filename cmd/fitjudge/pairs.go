package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/stages"
)

// pair is a candidate pair with its answer.
type pair struct {
	dedup.Studied
	sample
	folds []int  // of the pictures that it shows
	name  string // the two files, for a list of mistakes
	edits [2]string
}

// folds is how many parts the pictures are cut into for cross-validation.
const folds = 3

// gather studies every candidate pair of an index.
func gather(ctx context.Context, x *index.Index, labels evaluate.Labels, families map[string]string, root string, o dedup.Options) ([]pair, error) {
	finder, err := evaluate.NewFinder(labels, root)
	if err != nil {
		return nil, err
	}
	seen := make(map[[2]int64]bool)
	var out []pair
	for from, empty := int64(1), 0; empty < 4; from += dedup.BatchSize {
		ids := make([]int64, dedup.BatchSize)
		for i := range ids {
			ids[i] = from + int64(i)
		}
		found, err := x.Contents(ctx, ids)
		if err != nil {
			return nil, err
		}
		var batch []index.Content
		for _, id := range ids {
			if c, ok := found[id]; ok && c.Failure == "" {
				batch = append(batch, c)
			}
		}
		if len(batch) == 0 {
			empty++
			continue
		}
		studied, err := dedup.Study(ctx, x, o, batch)
		if err != nil {
			return nil, err
		}
		for _, s := range studied {
			key := [2]int64{s.A.ID, s.B.ID}
			if seen[key] {
				continue
			}
			seen[key] = true
			p, ok, err := answer(ctx, x, finder, labels, families, s)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, p)
			}
		}
		fmt.Fprintf(os.Stderr, "\r%d pairs", len(out))
	}
	fmt.Fprintln(os.Stderr)
	return out, nil
}

// answer looks up whether a pair shows the same picture. Two partial files of a
// common picture are left out: they may show different parts of it.
func answer(ctx context.Context, x *index.Index, finder *evaluate.Finder, labels evaluate.Labels, families map[string]string, s dedup.Studied) (pair, bool, error) {
	files, err := x.FilesOf(ctx, []int64{s.A.ID, s.B.ID})
	if err != nil {
		return pair{}, false, err
	}
	p := pair{Studied: s}
	var shows [2][]string
	var partial [2]bool
	for i, id := range [2]int64{s.A.ID, s.B.ID} {
		if len(files[id]) == 0 {
			return p, false, nil
		}
		key, labelled := finder.Find(files[id][0].Path)
		shows[i] = []string{key}
		if labelled {
			l, _ := labels.Of(key)
			shows[i], partial[i], p.edits[i] = []string{l.Group}, l.Relation == evaluate.Partial, l.Relation+" "+l.EditKind()
			if partial[i] {
				shows[i] = l.Of
			}
		}
		p.name += key + " | "
		together := shows[i]
		if family := families[key]; family != "" {
			together = []string{family}
		}
		for _, g := range together {
			h := fnv.New32a()
			h.Write([]byte(g))
			if f := int(h.Sum32() % folds); !slices.Contains(p.folds, f) && len(p.folds) < 3 {
				p.folds = append(p.folds, f)
			}
		}
	}
	slices.Sort(p.folds)
	for _, g := range shows[0] {
		p.copy = p.copy || slices.Contains(shows[1], g)
	}
	if p.copy && partial[0] && partial[1] {
		return p, false, nil
	}
	p.x, p.weight = stages.Testimony(s.Evidence), 1
	return p, true, nil
}

// readFamilies reads which files belong to a family of look-alikes: those whose
// column `of` says family:NAME. They stay together in a fold.
func readFamilies(r io.Reader) (map[string]string, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	path, of := slices.Index(rows[0], "path"), slices.Index(rows[0], "of")
	out := make(map[string]string)
	for _, row := range rows[1:] {
		if path >= 0 && of >= 0 && strings.HasPrefix(row[of], "family:") {
			out[row[path]] = row[of]
		}
	}
	return out, nil
}
