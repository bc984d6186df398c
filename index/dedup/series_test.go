package dedup

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
)

const second = index.SeriesStep

// shotsOf is a grouper over contents that are tied into one piece, in order; the hash of
// content n is n.
func shotsOf(contents ...index.Content) *grouper {
	g := &grouper{contents: map[int64]index.Content{}, edges: map[int64][]*index.Match{}, known: map[[2]int64]*index.Match{}}
	for i, c := range contents {
		c.ID, c.Hash[0] = int64(i), byte(i)
		g.contents[c.ID] = c
		if i > 0 {
			g.match(int64(i-1), int64(i), "near", 0.6)
		}
	}
	return g
}

func (g *grouper) match(a, b int64, kind string, similarity float64) {
	m := &index.Match{A: a, B: b, Kind: kind, Probability: similarity, Similarity: similarity}
	g.known[[2]int64{a, b}] = m
	g.edges[a], g.edges[b] = append(g.edges[a], m), append(g.edges[b], m)
}

// A series goes from moment to moment of one camera; what is not tied to it, is of another
// camera, or of no time, is none of it.
func TestNameSeries(t *testing.T) {
	at := func(camera string, s int64) index.Content { return index.Content{Camera: camera, Taken: s} }
	g := shotsOf(at("X", 1e12), at("X", 1e12+9*second), at("X", 1e12+18*second), at("X", 1e12+29*second), at("Y", 1e12), at("X", 0), at("", 1e12), at("X", 1e12+second/2))
	for _, c := range []struct {
		a, b int64
		want bool
	}{
		{0, 1, true}, {0, 2, true}, {2, 3, false}, {0, 4, false}, {0, 5, false}, {0, 6, false}, {5, 6, false},
		{0, 7, false}, {1, 7, true}, // less than a step from the first
	} {
		g.nameSeries([]int64{0, 1, 2, 3, 4, 5, 6, 7})
		if got := g.shots(c.a, c.b); got != c.want || g.shots(c.b, c.a) != c.want {
			t.Errorf("%d and %d are shots of a series: %v", c.a, c.b, got)
		}
	}
	// Without what lies between them, the first and the third are too far apart, and
	// without what ties them, two are none of one piece.
	g.nameSeries([]int64{0, 2})
	if g.shots(0, 2) {
		t.Error("18 seconds are bridged by nothing")
	}
	g.edges = map[int64][]*index.Match{}
	g.nameSeries([]int64{0, 1})
	if g.shots(0, 1) {
		t.Error("two pieces make one series")
	}
	// Times at both ends of what can be stored.
	wild := shotsOf(at("X", math.MinInt64), at("X", math.MaxInt64))
	wild.nameSeries([]int64{0, 1})
	if wild.shots(0, 1) {
		t.Error("a difference that does not fit is taken for seconds")
	}
}

// Who stays with the representative of a group when shots of a series are copies of it.
func TestOnePerMoment(t *testing.T) {
	shot := func(s int64) index.Content { return index.Content{Camera: "X", Taken: s*second + 1e15} }
	timeless := index.Content{}
	for name, c := range map[string]struct {
		contents []index.Content
		matches  string // of the first with each: kind of p for pixels, similarity
		extra    [][3]float64
		stay     []int64
	}{
		"two shots":                  {[]index.Content{shot(0), shot(3)}, "n.95", nil, []int64{0}},
		"as good as equal":           {[]index.Content{shot(0), shot(3)}, "n.9995", nil, []int64{0, 1}},
		"the same pixels":            {[]index.Content{shot(0), shot(3)}, "p.99", nil, []int64{0, 1}},
		"a copy keeps its time":      {[]index.Content{shot(0), shot(0)}, "n.7", nil, []int64{0, 1}},
		"a copy without a time":      {[]index.Content{shot(0), timeless}, "n.7", nil, []int64{0, 1}},
		"it is of the other shot":    {[]index.Content{shot(0), shot(3), timeless}, "n.95 n.93", [][3]float64{{1, 2, 0.998}}, []int64{0}},
		"it is of this shot":         {[]index.Content{shot(0), shot(3), timeless}, "n.95 n.998", [][3]float64{{1, 2, 0.94}}, []int64{0, 2}},
		"best without a time":        {[]index.Content{timeless, shot(0), shot(3)}, "n.95 n.998", nil, []int64{0, 2}},
		"two shots nearly the same":  {[]index.Content{timeless, shot(0), shot(3)}, "n.95 n.96", [][3]float64{{1, 2, 0.9999}}, []int64{0, 1, 2}},
		"two shots known to be none": {[]index.Content{timeless, shot(0), shot(3)}, "n.9995 n.9996", [][3]float64{{1, 2, 0.8}}, []int64{0, 2}},
	} {
		g := &grouper{contents: map[int64]index.Content{}, edges: map[int64][]*index.Match{}, known: map[[2]int64]*index.Match{}}
		var ids []int64
		for i, content := range c.contents {
			content.ID, content.Hash[0] = int64(i), byte(i)
			g.contents[content.ID] = content
			ids = append(ids, content.ID)
		}
		members := []index.Member{{Content: 0, Kind: index.Best, Similarity: 1}}
		rest := c.matches
		for i := int64(1); rest != ""; i++ {
			var kind rune
			var similarity float64
			if _, err := fmt.Sscanf(rest, "%c%f", &kind, &similarity); err != nil {
				t.Fatal(err)
			}
			_, rest, _ = strings.Cut(rest, " ")
			word := map[rune]string{'n': "near", 'p': "pixels"}[kind]
			g.match(0, i, word, similarity)
			members = append(members, index.Member{Content: i, Kind: word, Similarity: similarity})
		}
		for _, x := range c.extra {
			g.match(int64(x[0]), int64(x[1]), "near", x[2])
		}
		g.nameSeries(ids)
		stay, leave := g.onePerMoment(members)
		var got []int64
		for _, m := range stay {
			got = append(got, m.Content)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.stay) || len(stay)+len(leave) != len(members) {
			t.Errorf("%s: %v stay and %v leave, want %v to stay", name, got, leave, c.stay)
		}
	}
}
