package dedup

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// chunk is how many pairs are verified with their features in memory: some 25
// KiB for each content with the pixels of its thumbnail, so a few megabytes.
const chunk = 64

// verify lets the judge decide each pair and returns those that it lets pass,
// in the order of the pairs.
func verify(ctx context.Context, x *index.Index, o Options, pairs []pair, c *Counts) ([]index.Match, error) {
	var out []index.Match
	for from := 0; from < len(pairs); from += chunk {
		part := pairs[from:min(from+chunk, len(pairs))]
		judged, looked, err := judge(ctx, x, o, part)
		if err != nil {
			return nil, err
		}
		c.Looked += looked
		for _, m := range judged {
			if m.Probability >= stages.Loose.Cut() {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// judge compares each pair and returns a match for each, of probability 0 where
// they are no copies, and of how many pairs the pixels were compared. A pair of which a feature is missing (its stage was raised,
// and its file has not been at hand since) is left out: it is judged when the
// feature is there again.
func judge(ctx context.Context, x *index.Index, o Options, pairs []pair) (_ []index.Match, looked int64, err error) {
	if len(pairs) == 0 {
		return nil, 0, nil // as for each picture that is like no other
	}
	ready, features, err := withFeatures(ctx, x, o, pairs)
	if err != nil {
		return nil, 0, err
	}
	out := make([]index.Match, len(ready))
	var pixels atomic.Int64
	err = spread(ctx, o.Workers, len(ready), func(i int) error {
		p := ready[i]
		a, b := features[p.a.ID], features[p.b.ID]
		v, looked := a.Decide(b)
		if looked {
			pixels.Add(1)
		}
		m, err := match(p, v, Version(o.Stages))
		if err == nil && m.Kind == string(stages.Near) && m.Probability >= stages.Loose.Cut() && stages.Identical(a.Features, b.Features) {
			m, err = samePixels(ctx, o, p, m)
		}
		out[i] = m
		return err
	})
	return out, pixels.Load(), err
}

// samePixels asks for the pixels of two pictures that look identical, and makes a match of
// kind pixels where they are the same. Where a file is not at hand the match stays what
// the judge made of it.
func samePixels(ctx context.Context, o Options, p pair, m index.Match) (index.Match, error) {
	if o.Pixels == nil || p.a.Format != p.b.Format {
		return m, nil
	}
	a, ok, err := o.Pixels(ctx, p.a)
	if err != nil || !ok {
		return m, err
	}
	b, ok, err := o.Pixels(ctx, p.b)
	if err != nil || !ok || a != b {
		return m, err
	}
	same := samePicture(p, m.Version)
	same.Scores, same.Reason = m.Scores, "the same pixels, coded in another way without loss"
	return same, nil
}

// withFeatures loads the features of some pairs, and leaves out the pairs of which
// one is missing.
func withFeatures(ctx context.Context, x *index.Index, o Options, pairs []pair) ([]pair, map[int64]stages.Prepared, error) {
	ids := make(map[int64]bool)
	for _, p := range pairs {
		ids[p.a.ID], ids[p.b.ID] = true, true
	}
	features, err := loadFeatures(ctx, x, o, sortedKeys(ids))
	if err != nil {
		return nil, nil, err
	}
	ready := make([]pair, 0, len(pairs))
	for _, p := range pairs {
		_, okA := features[p.a.ID]
		_, okB := features[p.b.ID]
		if okA && okB {
			ready = append(ready, p)
		}
	}
	return ready, features, nil
}

// loadFeatures reads and decodes the features of those contents that have all.
func loadFeatures(ctx context.Context, x *index.Index, o Options, ids []int64) (map[int64]stages.Prepared, error) {
	encoded := make(map[int64]map[string][]byte, len(ids))
	for _, s := range o.Stages {
		found, err := x.Features(ctx, s.Name, s.Version, ids)
		if err != nil {
			return nil, err
		}
		for id, b := range found {
			if encoded[id] == nil {
				encoded[id] = make(map[string][]byte, len(o.Stages))
			}
			encoded[id][s.Name] = b
		}
	}
	out := make(map[int64]stages.Prepared, len(ids))
	for id, e := range encoded {
		if len(e) < len(o.Stages) {
			continue
		}
		f, err := stages.DecodeFeatures(e)
		if err != nil {
			return nil, fmt.Errorf("read content %d: %w", id, err)
		}
		out[id] = stages.Prepare(f)
	}
	return out, nil
}

// match puts a verdict into a row. The pair is in canonical order already.
func match(p pair, v stages.Verdict, version int64) (index.Match, error) {
	scores, err := json.Marshal(v.Scores)
	if err != nil {
		return index.Match{}, fmt.Errorf("write the scores of contents %d and %d: %w", p.a.ID, p.b.ID, err)
	}
	return index.Match{
		A: p.a.ID, B: p.b.ID, Kind: string(v.Kind), Probability: v.Probability, Similarity: v.Similarity,
		Contains: v.Contains, Transform: transform(v.Transform), Scores: string(scores), Reason: v.Reason,
		Version: version,
	}, nil
}

func transform(m raster.Affine) index.Transform {
	return index.Transform{m.A, m.B, m.C, m.D, m.E, m.F}
}
