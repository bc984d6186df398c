package dedup

import (
	"cmp"
	"context"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// Found is a content of the index that a picture is a copy of. Its verdict leads
// from the picture asked about to the content.
type Found struct {
	Content index.Content
	Verdict stages.Verdict
}

// Query returns what in the index is the same picture as one that need not be in
// it, the surest first. encoded are the picture's features by stage name (see
// stages.ExtractAll); picture is the hash of its picture data, zero where the
// format has none. Matches are those that a scan would store, from the cut of
// stages.Loose up.
func Query(ctx context.Context, x *index.Index, o Options, encoded map[string][]byte, picture index.Hash) ([]Found, error) {
	o = o.withDefaults()
	decoded, err := stages.DecodeFeatures(encoded)
	if err != nil {
		return nil, err
	}
	asked := stages.Prepare(decoded)
	proposed := make(map[int64]bool)
	var c Counts
	crowded := false
	for _, s := range proposing(o.Stages) {
		who := []asker{{feature: encoded[s.Name], crowded: crowded}}
		met, err := ask(ctx, x, o, s, who, &c)
		if err != nil {
			return nil, err
		}
		crowded = who[0].crowded
		for _, m := range met {
			proposed[m.stored] = true
		}
	}
	same := make(map[int64]bool)
	if !picture.IsZero() {
		ids, err := x.SamePicture(ctx, picture)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			same[id], proposed[id] = true, true
		}
	}
	ids := sortedKeys(proposed)
	contents, err := x.Contents(ctx, ids)
	if err != nil {
		return nil, err
	}
	features, err := loadFeatures(ctx, x, o, ids)
	if err != nil {
		return nil, err
	}
	var out []Found
	for _, id := range ids {
		content, known := contents[id]
		f, ok := features[id]
		if !known || !ok {
			continue
		}
		v, _ := asked.Decide(f)
		if same[id] {
			v.Kind, v.Probability, v.Similarity, v.Reason = stages.Pixels, 1, 1, "the same picture data in other wrapping"
		}
		if v.Probability >= stages.Loose.Cut() {
			out = append(out, Found{content, v})
		}
	}
	slices.SortFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(b.Verdict.Probability, a.Verdict.Probability), slices.Compare(a.Content.Hash[:], b.Content.Hash[:]))
	})
	return out, nil
}

// Explain returns what every stage says of two pictures, given by their encoded
// features, and the verdict over it; also where that is that they are no copies.
func Explain(a, b map[string][]byte) (stages.Evidence, stages.Verdict, error) {
	x, err := stages.DecodeFeatures(a)
	if err != nil {
		return stages.Evidence{}, stages.Verdict{}, err
	}
	y, err := stages.DecodeFeatures(b)
	if err != nil {
		return stages.Evidence{}, stages.Verdict{}, err
	}
	e := stages.Compare(x, y)
	return e, stages.Judge(e), nil
}
