package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// groups reads the groups of a report, each as its paths with their kinds.
func groups(t testing.TB, x *Index, sensitivity string, order Order) (list []string) {
	t.Helper()
	for g, err := range x.ClusterRows(t.Context(), sensitivity, order) {
		must(t, err)
		var rows []string
		for _, r := range g.Rows {
			rows = append(rows, fmt.Sprintf("%d %s %s", r.Group, r.Kind, strings.ReplaceAll(r.File.Path, separator, "/")))
		}
		list = append(list, strings.Join(rows, ", "))
	}
	return list
}

// scene is six photos, of which b, c and d have other capture times, in three groups.
func scene(t testing.TB) (*Index, map[string]int64) {
	t.Helper()
	var b Batch
	for i, n := range []string{"a", "b", "c", "d", "e", "f"} {
		c := photo(n)
		c.Taken = []int64{1, 5, 3, 9, 0, 0}[i]
		b.Contents = append(b.Contents, c)
		if n != "f" { // has no file any more
			b.Files = append(b.Files, fileOf("x", n+".jpg", n))
		}
	}
	b.Files = append(b.Files, fileOf("", "z of a.jpg", "a"), fileOf("x", "b again.jpg", "b"))
	x := withRoot(t, b)
	id := map[string]int64{}
	for _, n := range []string{"a", "b", "c", "d", "e", "f"} {
		id[n] = ids(t, x, n)[0]
	}
	must(t, x.WriteClusters(t.Context(), nil, map[string]Regrouped{
		"normal": {Clusters: []Cluster{
			{ID: id["a"], Space: 10, Similarity: 0.5, Files: 5, Path: "/photos/m", Members: []Member{
				{id["a"], Best, 1, Transform{1, 0, 0, 0, 1, 0}}, {id["b"], "near", 0.9, Transform{1, 0, 0.5, 0, 1, 0}},
				{id["e"], "partial", 0.7, Transform{}}, {id["f"], "near", 0.5, Transform{}},
			}},
			{ID: id["c"], Space: 30, Similarity: 0.75, Files: 2, Path: "/photos/k", Members: []Member{
				{id["c"], Best, 1, Transform{}}, {id["e"], "partial", 0.75, Transform{}},
			}},
			{ID: id["d"], Space: 10, Similarity: 0.9, Files: 2, Path: "/photos/l", Members: []Member{
				{id["d"], Best, 1, Transform{}}, {id["e"], "partial", 0.9, Transform{}},
			}},
		}},
		"strict": {Clusters: []Cluster{{ID: id["a"], Space: 1, Similarity: 1, Path: "/x", Members: []Member{{id["a"], Best, 1, Transform{}}}}}},
	}, nil))
	return x, id
}

func TestGroupsInEachOrder(t *testing.T) {
	x, _ := scene(t)
	a := "%d best /photos/x/a.jpg, %[1]d best /photos/z of a.jpg, %[1]d near /photos/x/b again.jpg, %[1]d near /photos/x/b.jpg, %[1]d partial /photos/x/e.jpg"
	c := "%d best /photos/x/c.jpg, %[1]d partial /photos/x/e.jpg"
	d := "%d best /photos/x/d.jpg, %[1]d partial /photos/x/e.jpg"
	for order, want := range map[Order][]string{
		BySpace:      {c, d, a},
		"":           {c, d, a},
		BySimilarity: {d, c, a},
		ByPath:       {c, d, a},
		ByDate:       {d, a, c},
	} {
		want = slices.Clone(want)
		for i := range want {
			want[i] = fmt.Sprintf(want[i], i+1)
		}
		if have := groups(t, x, "normal", order); !slices.Equal(have, want) {
			t.Errorf("by %q:\n%s\nwant\n%s", order, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
	}
	if have := groups(t, x, "strict", BySpace); len(have) != 1 {
		t.Errorf("strict: %q", have)
	}
	if have := groups(t, x, "loose", BySpace); len(have) != 0 {
		t.Errorf("loose: %q", have)
	}
	for _, err := range x.ClusterRows(t.Context(), "normal", "color") {
		if err == nil || !strings.Contains(err.Error(), "color") {
			t.Errorf("an order that is none: %v", err)
		}
	}
}

func TestGroupReadsBack(t *testing.T) {
	x, id := scene(t)
	for g, err := range x.ClusterRows(t.Context(), "normal", ByDate) {
		must(t, err)
		if g.ID != id["a"] {
			continue
		}
		if g.Space != 10 || g.Similarity != 0.5 || g.Files != 5 || g.Path != "/photos/m" || len(g.Members) != 4 {
			t.Errorf("cluster %+v", g.Cluster)
		}
		b := g.Rows[2]
		if b.Similarity != 0.9 || b.Transform != (Transform{1, 0, 0.5, 0, 1, 0}) || b.Content.Taken != 5 || b.Content.Hash != hash("b") || b.File.Content != id["b"] || b.File.Mtime != 11 {
			t.Errorf("row %+v", b)
		}
		break // and the cursor is closed
	}
	clusters := got(x.ClustersOf(t.Context(), "normal", []int64{id["e"], id["b"]}))(t)
	if !slices.Equal(clusters, []int64{id["a"], id["c"], id["d"]}) {
		t.Errorf("clusters of e and b: %v", clusters)
	}
}

// A report shows one moment, though groups are made meanwhile.
func TestReportSeesOneMoment(t *testing.T) {
	x, id := scene(t)
	n := 0
	for g, err := range x.ClusterRows(t.Context(), "normal", BySpace) {
		must(t, err)
		if n++; n == 1 {
			must(t, x.WriteClusters(t.Context(), nil, map[string]Regrouped{"normal": {Removed: []int64{id["a"], id["c"], id["d"]}}}, nil))
			must(t, x.RemoveRoot(t.Context(), 1))
		}
		if len(g.Rows) < 2 {
			t.Errorf("group %d has lost its files", n)
		}
	}
	if n != 3 {
		t.Errorf("%d groups", n)
	}
	if have := groups(t, x, "normal", BySpace); len(have) != 0 {
		t.Errorf("afterwards: %q", have)
	}
	if n := number(t, x, "SELECT count(*) FROM grouping WHERE sensitivity = 'normal'"); n != 0 {
		t.Errorf("%d members of clusters that are gone", n)
	}
}

func TestRegroup(t *testing.T) {
	ctx := t.Context()
	x, id := scene(t)
	must(t, x.RemoveRoot(ctx, 1)) // flags those that had files
	flagged(t, x, "a", "b", "c", "d", "e")
	extra := match(t, x, None, "a", "b")
	extra.Direct = true
	must(t, x.WriteClusters(ctx, []int64{id["a"], id["c"], id["a"]}, map[string]Regrouped{
		"normal": {Removed: []int64{id["c"]}, Clusters: []Cluster{{ID: id["a"], Similarity: 1, Members: []Member{{id["a"], Best, 1, Transform{}}}}}},
	}, []Match{extra}))
	flagged(t, x, "b", "d", "e") // the extra match has flagged nobody
	if of := got(x.MatchesOf(ctx, []int64{id["a"]}))(t); !slices.Contains(of, extra) {
		t.Errorf("no extra match among %+v", of)
	}
	if c := got(x.ClustersOf(ctx, "normal", []int64{id["a"], id["b"], id["c"], id["d"]}))(t); !slices.Equal(c, []int64{id["a"], id["d"]}) {
		t.Errorf("clusters %v", c)
	}
	for _, bad := range []Cluster{
		{ID: id["b"], Similarity: 2},
		{ID: 99, Similarity: 1},
		{ID: id["b"], Similarity: 1, Members: []Member{{id["b"], Best, -1, Transform{}}}},
		{ID: id["b"], Similarity: 1, Members: []Member{{id["b"], "odd", 1, Transform{}}}},
	} {
		if err := x.WriteClusters(ctx, []int64{id["b"]}, map[string]Regrouped{"normal": {Clusters: []Cluster{bad}}}, nil); err == nil {
			t.Errorf("taken: %+v", bad)
		}
	}
	flagged(t, x, "b", "d", "e")
}

// A flag that is raised again while the groups are made does not fall with them.
func TestFlagRaisedMeanwhileStays(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, twoPhotos())
	must(t, x.Write(ctx, Batch{Gone: []Place{{1, "", "a.jpg"}, {1, "2020", "b.jpg"}}}))
	seen := got(x.Flagged(ctx, 10))(t)
	must(t, x.Write(ctx, Batch{Files: []FileWrite{fileOf("", "a.jpg", "a")}}))
	must(t, x.WriteClusters(ctx, seen, nil, nil))
	flagged(t, x, "a")

	// Nor after the next start.
	path := x.Path()
	must(t, x.Write(ctx, Batch{Gone: []Place{{1, "", "a.jpg"}}}))
	must(t, x.Close())
	y, err := Open(ctx, path)
	must(t, err)
	defer y.Close()
	seen = got(y.Flagged(ctx, 10))(t)
	must(t, y.Write(ctx, Batch{Files: []FileWrite{fileOf("", "a.jpg", "a")}}))
	must(t, y.WriteClusters(ctx, seen, nil, nil))
	flagged(t, y, "a")
	if one := got(y.Flagged(ctx, 0))(t); len(one) != 0 {
		t.Errorf("none was asked for: %v", one)
	}
}

func TestDecisions(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, twoPhotos())
	first, second := ordered("a", "b")
	must(t, x.Decide(ctx, hash(second), hash(first), 77))
	must(t, x.Decide(ctx, hash(first), hash(second), 88)) // it stands already
	must(t, x.Decide(ctx, hash("a"), hash("not stored"), 99))
	want := Decision{hash(first), hash(second), 77}
	if d := got(x.Decisions(ctx))(t); len(d) != 2 || !slices.Contains(d, want) || d[1].A.Less(d[0].A) {
		t.Errorf("decisions %+v", d)
	}
	flagged(t, x, "a", "b")
	calm(t, x)
	must(t, x.Undecide(ctx, hash(second), hash(first)))
	flagged(t, x, "a", "b")
	calm(t, x)
	must(t, x.Undecide(ctx, hash(second), hash(first)))
	flagged(t, x)
	if d := got(x.Decisions(ctx))(t); len(d) != 1 {
		t.Errorf("decisions %+v", d)
	}
	if err := x.Decide(ctx, hash("a"), hash("a"), 1); err == nil {
		t.Error("a picture is not its own copy")
	}
}

func TestGroupsOf(t *testing.T) {
	x, id := scene(t)
	for name, want := range map[string][]int64{
		"e": {id["a"], id["c"], id["d"]}, // hangs on three
		"b": {id["a"]},
		"c": {id["c"]},
	} {
		list, err := x.GroupsOf(t.Context(), "normal", id[name])
		must(t, err)
		var got []int64
		for _, g := range list {
			got = append(got, g.ID)
			if len(g.Rows) == 0 || g.Rows[0].Kind != Best {
				t.Errorf("group %d of %s: rows %v", g.ID, name, g.Rows)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("groups of %s: %v, want %v", name, got, want)
		}
	}
	if list, err := x.GroupsOf(t.Context(), "strict", id["b"]); err != nil || len(list) != 0 {
		t.Errorf("groups of one that is in none: %v, %v", list, err)
	}
}
