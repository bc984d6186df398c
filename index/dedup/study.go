package dedup

import (
	"context"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// Studied is a candidate pair with what the stages say of it. A has the smaller hash.
type Studied struct {
	A, B     index.Content
	Evidence stages.Evidence
}

// Study returns the candidates of some contents of an index that was compared in
// full, with their evidence: what the judge is fitted on (cmd/fitjudge). A pair of
// two of the contents comes once.
func Study(ctx context.Context, x *index.Index, o Options, contents []index.Content) ([]Studied, error) {
	o = o.withDefaults()
	var c Counts
	pairs, err := candidates(ctx, x, o, contents, Version(o.Stages), &c)
	if err != nil {
		return nil, err
	}
	ready, features, err := withFeatures(ctx, x, o, pairs)
	if err != nil {
		return nil, err
	}
	out := make([]Studied, len(ready))
	for i, p := range ready {
		out[i] = Studied{A: p.a, B: p.b}
	}
	return out, spread(ctx, o.Workers, len(out), func(i int) error {
		out[i].Evidence = features[out[i].A.ID].Compare(features[out[i].B.ID])
		return nil
	})
}

// Match is the row of a verdict over the pair.
func (s Studied) Match(v stages.Verdict, version int64) (index.Match, error) {
	return match(pair{s.A, s.B}, v, version)
}
