package main

import (
	"context"
	"encoding/csv"
	"fmt"
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
	// apart are the groups, or families of look-alikes, that the two files show. What
	// both show stands first.
	apart []string
	files [2]string // keys of the labels, or of strangers
	leave []string  // kinds of edit without which a copy is to be recognized
}

// gather studies every candidate pair of an index.
func gather(ctx context.Context, x *index.Index, a answered, o dedup.Options) ([]pair, error) {
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
			p, ok, err := a.answer(ctx, x, s)
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
func (a answered) answer(ctx context.Context, x *index.Index, s dedup.Studied) (pair, bool, error) {
	files, err := x.FilesOf(ctx, []int64{s.A.ID, s.B.ID})
	if err != nil {
		return pair{}, false, err
	}
	p := pair{Studied: s}
	var shows, apart [2][]string
	var partial [2]bool
	for i, id := range [2]int64{s.A.ID, s.B.ID} {
		if len(files[id]) == 0 {
			return p, false, nil
		}
		key, labelled := a.finder.Find(files[id][0].Path)
		p.files[i], shows[i] = key, []string{key}
		if labelled {
			l, _ := a.labels.Of(key)
			shows[i], partial[i], p.kinds[i] = l.Pictures(), l.Relation == evaluate.Partial, kind(l)
		}
		apart[i] = shows[i]
		if family := a.families[key]; family != "" {
			apart[i] = []string{family}
		}
	}
	p.copy = slices.ContainsFunc(shows[0], func(g string) bool { return slices.Contains(shows[1], g) })
	if p.copy && partial[0] && partial[1] {
		return p, false, nil
	}
	p.apart = commonFirst(apart[0], apart[1])
	for i, k := range p.kinds {
		if k != "" && !slices.Contains(p.leave, k) && (partial[i] || !partial[1-i]) {
			p.leave = append(p.leave, k)
		}
	}
	p.x, p.weight = stages.Testimony(s.Evidence), 1
	return p, true, nil
}

// commonFirst returns what is in a or b, what is in both first.
func commonFirst(a, b []string) []string {
	both, either := []string(nil), []string(nil)
	for _, g := range a {
		if slices.Contains(b, g) {
			both = append(both, g)
		} else {
			either = append(either, g)
		}
	}
	for _, g := range b {
		if !slices.Contains(a, g) {
			either = append(either, g)
		}
	}
	return append(both, either...)
}

// kind is what was done to a file, where something was.
func kind(l evaluate.Label) string {
	switch l.Relation {
	case evaluate.Original, evaluate.Byte, evaluate.None:
		return ""
	}
	return l.EditKind()
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
