package report_test

import (
	"context"
	"slices"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

// What is said speaks of this file and the best one, whichever stands first in the match,
// and of what is not stored nothing is said.
func TestExplain(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name  string
		shots []shot
		a, b  byte // of the stored match, in the order of their hashes
		want  []report.Said
	}{
		{"the best stands first", []shot{
			{kind: "best", format: "jpeg", width: 900, paths: []string{"d/a.jpg"}},
			{kind: "near", format: "jpeg", width: 400, paths: []string{"d/b.jpg"}},
		}, 1, 2, []report.Said{
			{Quality: "the others share only a part of it"}, // without features nothing tells
			{Reason: "the best one shows 90 % of this one, this one all of the best one"},
		}},
		{"the best stands second", []shot{
			{kind: "near", format: "jpeg", width: 400, paths: []string{"d/b.jpg"}},
			{kind: "best", format: "jpeg", width: 900, paths: []string{"d/a.jpg", "d/c.jpg"}},
		}, 1, 2, []report.Said{
			{Quality: "the others are the same bytes"},
			{Reason: "the same bytes"},
			{Reason: "this one shows 90 % of the best one, the best one all of this one"},
		}},
	} {
		x := groupOf(t, c.shots)
		id := func(name byte) int64 {
			content, _, err := x.ContentByHash(ctx, hash(name))
			if err != nil {
				t.Fatal(err)
			}
			return content.ID
		}
		m := index.Match{A: id(c.a), B: id(c.b), Kind: "near", Probability: 0.95, Similarity: 0.95, Version: 1, Scores: "{}",
			Reason: "the first shows 90 % of the second, the second all of the first"}
		if err := x.WriteComparison(ctx, 1, nil, []index.Match{m}); err != nil {
			t.Fatal(err)
		}
		err := report.Each(ctx, x, report.Options{Explain: true}, func(g report.Group) error {
			if !slices.Equal(g.Said, c.want) {
				t.Errorf("%s: %q, want %q", c.name, g.Said, c.want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
