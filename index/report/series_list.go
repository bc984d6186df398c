package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// Series is what one camera took of a scene within seconds: shots of which each is like
// another one enough for the two to be matched, though they are no copies.
type Series struct {
	Number  int // from 1, the earliest first
	Camera  string
	Moments int    // different capture times
	Files   []File // by capture time, then path; Similarity is the best to a shot of another moment
}

// Span is the time from the first shot to the last.
func (s Series) Span() time.Duration { return s.Files[len(s.Files)-1].Taken.Sub(s.Files[0].Taken) }

// SeriesTotals sum a list of series up.
type SeriesTotals struct {
	Series int64 `json:"series"`
	Files  int64 `json:"files"`
}

// AllSeries finds the series of an index (see [index.SeriesGap]) by its stored matches, which are those of
// probability 0.5 and more, whatever the sensitivity. The best file of each, by stage
// quality, has kind best; of several with its bytes the first.
func AllSeries(ctx context.Context, x *index.Index) ([]Series, error) {
	matches, err := x.SeriesMatches(ctx)
	if err != nil || len(matches) == 0 {
		return nil, err
	}
	tied := map[int64]int64{} // to one of the same series, in the end to its head
	head := func(id int64) int64 {
		for tied[id] != id {
			id = tied[id]
		}
		return id
	}
	alike := map[int64]float64{}
	var ids []int64
	for _, m := range matches {
		for _, id := range [2]int64{m.A, m.B} {
			if _, ok := tied[id]; !ok {
				tied[id] = id
				ids = append(ids, id)
			}
			alike[id] = max(alike[id], m.Similarity)
		}
		a, b := head(m.A), head(m.B)
		tied[max(a, b)] = min(a, b)
	}
	contents, err := x.Contents(ctx, ids)
	if err != nil {
		return nil, err
	}
	files, err := x.FilesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	standing, err := standings(ctx, x, ids)
	if err != nil {
		return nil, err
	}
	names, err := rootNames(ctx, x)
	if err != nil {
		return nil, err
	}
	members := map[int64][]File{}
	for _, id := range ids {
		for _, f := range files[id] {
			h := head(id)
			members[h] = append(members[h], fileOf(index.Row{Kind: "shot", Similarity: alike[id], Content: contents[id], File: f}, names[f.Root]))
		}
	}
	var out []Series
	for _, list := range members {
		if s := seriesOf(list, standing); s.Moments > 1 { // else the others' files are gone
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Series) int {
		f, g := a.Files[0], b.Files[0]
		return cmp.Or(f.Taken.Compare(g.Taken), strings.Compare(a.Camera, b.Camera), strings.Compare(f.Path, g.Path))
	})
	for i := range out {
		out[i].Number = i + 1
	}
	return out, nil
}

func seriesOf(files []File, standing map[int64]stages.Standing) Series {
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(a.Taken.Compare(b.Taken), strings.Compare(a.Path, b.Path))
	})
	s := Series{Camera: files[0].camera, Files: files}
	best := 0
	for i, f := range files {
		if i == 0 || !f.Taken.Equal(files[i-1].Taken) {
			s.Moments++
		}
		if stages.Better(standing[f.Content], standing[files[best].Content]) > 0 {
			best = i
		}
	}
	files[best].Kind = index.Best
	return s
}
