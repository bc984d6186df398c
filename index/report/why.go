package report

import (
	"context"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// Said is what is told of a file of a group in words.
type Said struct {
	Reason  string // what it is to the best file, as the judge saw it; empty for the best one
	Quality string // of the best file: why it is best; of another: in what the best one is better
}

// Explain says of the files of a group, best first, why the best one is best, by the order
// of stage quality, and what the judge said of each other. What is not stored is left empty.
func Explain(ctx context.Context, x *index.Index, files []File) ([]Said, error) {
	out := make([]Said, len(files))
	ids := make([]int64, len(files))
	for i, f := range files {
		ids[i] = f.Content
	}
	best := ids[0]
	matches, err := x.MatchesOf(ctx, ids[:1])
	if err != nil {
		return nil, err
	}
	reasons := make(map[int64]string, len(matches))
	for _, m := range matches {
		other := m.A + m.B - best
		reasons[other] = toldOf(m.Reason, other == m.A)
	}
	standing, err := standings(ctx, x, ids)
	if err != nil {
		return nil, err
	}
	var next *stages.Standing // the best of the others
	for i, f := range files {
		s, known := standing[f.Content]
		switch {
		case f.Content == best:
			if i > 0 {
				out[i].Reason = "the same bytes"
				out[0].Quality = "the others are the same bytes"
			}
			continue
		case known:
			out[i].Quality = stages.WhyBetter(standing[best], s)
			if f.Kind != "partial" && (next == nil || stages.Better(s, *next) > 0) {
				next = &s
			}
		}
		out[i].Reason = reasons[f.Content]
	}
	switch {
	case next != nil:
		out[0].Quality = stages.WhyBetter(standing[best], *next)
	case out[0].Quality == "":
		out[0].Quality = "the others share only a part of it"
	}
	return out, nil
}

// why is the sentence about a file of a group: of the first, why it is best; of others, what
// they are to it. Empty where none was asked for.
func (g Group) why(i int) string {
	switch {
	case g.Said == nil:
		return ""
	case i == 0:
		return g.Said[0].Quality
	}
	return g.Said[i].Reason
}

// toldOf turns the judge's sentence about the first and the second picture of a match, which
// stand in the order of their hashes, into one about a file and the best one of its group.
func toldOf(reason string, first bool) string {
	if first {
		return strings.NewReplacer("the first", "this one", "the second", "the best one").Replace(reason)
	}
	return strings.NewReplacer("the first", "the best one", "the second", "this one").Replace(reason)
}

// standings are the features of stage quality, by content.
func standings(ctx context.Context, x *index.Index, contents []int64) (map[int64]stages.Standing, error) {
	var version int
	for _, s := range stages.List() {
		if s.Name == stages.Quality {
			version = s.Version
		}
	}
	encoded, err := x.Features(ctx, stages.Quality, version, contents)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]stages.Standing, len(encoded))
	for id, b := range encoded {
		if out[id], err = stages.DecodeStanding(b); err != nil {
			return nil, err
		}
	}
	return out, nil
}
