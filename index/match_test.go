package index

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestMatchesReadBack(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, Batch{Contents: []ContentWrite{photo("a"), photo("b"), photo("c")}})
	ab, bc, ac := match(t, x, "near", "a", "b"), match(t, x, "partial", "b", "c"), match(t, x, None, "a", "c")
	ac.Transform, ac.Direct, ac.Probability, ac.Similarity, ac.Contains = Transform{}, true, 0, 0, -1
	must(t, x.WriteComparison(ctx, 5, nil, []Match{ab, bc, ac}))
	all := []Match{ab, bc, ac}
	slices.SortFunc(all, func(m, n Match) int {
		if m.A != n.A {
			return int(m.A - n.A)
		}
		return int(m.B - n.B)
	})
	if m := got(x.MatchesOf(ctx, ids(t, x, "a", "b", "c", "a")))(t); !slices.Equal(m, all) {
		t.Errorf("matches %+v, want %+v", m, all)
	}
	of := got(x.MatchesOf(ctx, ids(t, x, "b")))(t)
	if len(of) != 2 || slices.Contains(of, ac) {
		t.Errorf("matches of b: %+v", of)
	}
}

func TestWhatAComparisonFlags(t *testing.T) {
	ctx := t.Context()
	names := Batch{Contents: []ContentWrite{photo("a"), photo("b"), photo("c")}}
	for _, c := range []struct {
		name     string
		compared []string
		change   func(m *Match)
		flags    []string
	}{
		{"the same again", []string{"a", "b"}, func(*Match) {}, nil},
		{"new content", []string{"c"}, func(*Match) {}, []string{"c"}},
		{"other verdict", nil, func(m *Match) { m.Similarity = 0.5 }, []string{"a", "b"}},
		{"finer than a millionth", nil, func(m *Match) { m.Similarity += 1e-9 }, nil},
		{"no copies any more", nil, func(m *Match) { m.Kind = None }, []string{"a", "b"}},
	} {
		x := withRoot(t, names)
		m := match(t, x, "near", "a", "b")
		must(t, x.WriteComparison(ctx, 5, ids(t, x, "a", "b"), []Match{m}))
		calm(t, x)
		c.change(&m)
		commits := x.Commits()
		must(t, x.WriteComparison(ctx, 5, ids(t, x, c.compared...), []Match{m}))
		flagged(t, x, c.flags...)
		if (x.Commits() == commits) != (len(c.flags) == 0) {
			t.Errorf("%s: %d commits", c.name, x.Commits()-commits)
		}
	}

	x := withRoot(t, names)
	none := match(t, x, None, "a", "b")
	must(t, x.WriteComparison(ctx, 5, nil, []Match{none}))
	flagged(t, x) // two strangers stay strangers
}

// At a new version the second of a pair to be compared says whether the match
// is still there.
func TestOutdatedMatchGoes(t *testing.T) {
	ctx := t.Context()
	for _, turn := range [][3]string{{"a", "b", "c"}, {"b", "a", "c"}} { // as A of the match and as B
		x := withRoot(t, Batch{Contents: []ContentWrite{photo("a"), photo("b"), photo("c")}})
		lost, kept := match(t, x, "near", turn[0], turn[1]), match(t, x, "near", turn[1], turn[2])
		all := ids(t, x, turn[:]...)
		must(t, x.WriteComparison(ctx, 5, all, []Match{lost, kept}))

		must(t, x.WriteComparison(ctx, 6, all[:1], nil))
		if m := got(x.MatchesOf(ctx, all))(t); len(m) != 2 {
			t.Errorf("gone before the other end was asked: %+v", m)
		}
		calm(t, x)
		kept.Version = 6
		must(t, x.WriteComparison(ctx, 6, all[1:], []Match{kept}))
		if m := got(x.MatchesOf(ctx, all))(t); len(m) != 1 || m[0] != kept {
			t.Errorf("left: %+v, want %+v", m, kept)
		}
		flagged(t, x, "a", "b", "c")
	}
}

func TestMatchIsChecked(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, twoPhotos())
	good := match(t, x, "near", "a", "b")
	for name, spoil := range map[string]func(*Match){
		"smaller hash must stand first": func(m *Match) { m.A, m.B = m.B, m.A },
		"there is no content 99":        func(m *Match) { m.B = 99 },
		"probability":                   func(m *Match) { m.Probability = 1.1 },
		"similarity":                    func(m *Match) { m.Similarity = math.NaN() },
		"CHECK constraint":              func(m *Match) { m.Kind = "odd" },
	} {
		bad := good
		spoil(&bad)
		err := x.WriteComparison(ctx, 5, ids(t, x, "a"), []Match{good, bad})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m := got(x.MatchesOf(ctx, ids(t, x, "a")))(t); len(m) != 0 {
		t.Errorf("half a comparison was stored: %+v", m)
	}
}
