package evaluate

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// Pair is two files by their keys, the smaller first.
type Pair [2]string

// Mixed is a group whose core rows show more than one picture.
type Mixed struct {
	Group    string `json:"group"`
	Pictures int    `json:"pictures"`
}

// part is a partial file and a group that it shares a part with.
type part struct {
	path, group string
	found       bool
}

// Result is what the rows of a report came to.
type Result struct {
	labels    Labels
	groups    int
	rows      int
	unknown   int
	claimed   map[Pair]bool // to whether it is true
	found     map[string]bool
	parts     []part
	mixed     []Mixed // most pictures first
	wrongNone map[string]bool
	kinds     map[[2]string]int // by relation and kind
	bests     Bests
	notBest   []NotBest
}

// group holds the files of a report's group in the order of its rows, and
// whether each is a core row, that is any but partial.
type group struct {
	name  string
	files []string
	core  map[string]bool
	kinds map[string]string // of its row that is not partial, where it has one
	best  string
}

// Score judges the rows of a report. find leads from a path to a label's path,
// or to a key of its own and false for a file that has no label: a stranger.
// Strangers are left out, unless strangers is set: then each is a picture that
// nothing else shows, and every pair with one is false.
func Score(labels Labels, rows iter.Seq2[Row, error], find func(path string) (string, bool), strangers bool) (Result, error) {
	r := Result{labels: labels, claimed: map[Pair]bool{}, found: map[string]bool{}, wrongNone: map[string]bool{}, kinds: map[[2]string]int{}}
	groups, err := r.gather(rows, find, strangers)
	if err != nil {
		return Result{}, err
	}
	r.groups = len(groups)
	partners := map[string]map[string]bool{}
	for _, g := range groups {
		r.claim(g, partners)
		r.standing(g)
		if n := r.shown(g); n > 1 {
			r.mixed = append(r.mixed, Mixed{g.name, n})
		}
	}
	slices.SortFunc(r.mixed, func(a, b Mixed) int {
		return cmp.Or(cmp.Compare(b.Pictures, a.Pictures), cmp.Compare(b.Group, a.Group))
	})
	r.recall(partners)
	return r, nil
}

func (r *Result) gather(rows iter.Seq2[Row, error], find func(string) (string, bool), strangers bool) ([]*group, error) {
	var groups []*group
	byName := map[string]*group{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		key, labelled := find(row.Path)
		r.rows++
		if !labelled {
			r.unknown++
			if !strangers {
				continue
			}
		}
		g := byName[row.Group]
		if g == nil {
			g = &group{name: row.Group, core: map[string]bool{}, kinds: map[string]string{}}
			byName[row.Group] = g
			groups = append(groups, g)
		}
		if _, ok := g.core[key]; !ok {
			g.files = append(g.files, key)
		}
		if !g.core[key] {
			g.kinds[key] = row.Kind
		}
		if row.Kind == "best" {
			g.best = key
		}
		g.core[key] = g.core[key] || row.Kind != "partial"
	}
	return groups, nil
}

// claim notes every pair that a group claims, and whether it is true.
func (r *Result) claim(g *group, partners map[string]map[string]bool) {
	files := slices.Sorted(slices.Values(g.files))
	meet := func(a, b string) {
		if partners[a] == nil {
			partners[a] = map[string]bool{}
		}
		partners[a][b] = true
	}
	for i, a := range files {
		for _, b := range files[i+1:] {
			if !g.core[a] && !g.core[b] {
				continue
			}
			ok := r.truth(a, b)
			r.claimed[Pair{a, b}] = ok
			meet(a, b)
			meet(b, a)
			if ok {
				continue
			}
			for _, p := range []string{a, b} {
				if l, known := r.labels.Of(p); known && l.Relation == None {
					r.wrongNone[p] = true
				}
			}
		}
	}
}

// truth tells whether two files show the same picture, or a part of it.
func (r *Result) truth(a, b string) bool {
	if a == b {
		return true
	}
	x, ok := r.labels.Of(a)
	y, ok2 := r.labels.Of(b)
	if !ok || !ok2 {
		return false
	}
	if x.Relation == None || y.Relation == None {
		return x.Group == y.Group
	}
	return overlap(x.Pictures(), y.Pictures())
}

// recall notes which labelled files stand where they belong.
func (r *Result) recall(partners map[string]map[string]bool) {
	original := map[string]string{}
	whole := map[string][]string{} // label group -> its files, partial and none apart
	for _, l := range r.labels.list {
		switch l.Relation {
		case Original:
			original[l.Group] = l.Path
			whole[l.Group] = append(whole[l.Group], l.Path)
		case Byte, Pixel, Near, Hard:
			whole[l.Group] = append(whole[l.Group], l.Path)
		}
	}
	for _, l := range r.labels.list {
		switch l.Relation {
		case Byte, Pixel, Near, Hard:
			o, ok := original[l.Group]
			r.found[l.Path] = ok && partners[l.Path][o]
		case Partial:
			for _, g := range slices.Sorted(slices.Values(l.Of)) {
				met := slices.ContainsFunc(whole[g], func(p string) bool { return partners[l.Path][p] })
				r.parts = append(r.parts, part{l.Path, g, met})
			}
		}
	}
}

// shown counts the pictures that the core rows of a group show. A partial file
// among them is taken to show any of its groups: it adds a picture only if
// none of them is there.
func (r *Result) shown(g *group) int {
	whole := map[string]bool{}
	var parts []Label
	alone := 0
	for _, p := range g.files {
		if !g.core[p] {
			continue
		}
		l, ok := r.labels.Of(p)
		switch {
		case !ok:
			alone++
		case l.Relation == Partial:
			parts = append(parts, l)
		default:
			whole[l.Group] = true
		}
	}
	for _, l := range parts {
		if slices.ContainsFunc(l.Of, func(g string) bool { return whole[g] }) {
			continue
		}
		// Parts of one picture that is not there itself count once: take the
		// group that most of the parts show.
		best, most := l.Group, 0
		for _, of := range slices.Sorted(slices.Values(l.Of)) {
			n := 0
			for _, o := range parts {
				if slices.Contains(o.Of, of) {
					n++
				}
			}
			if n > most {
				best, most = of, n
			}
		}
		whole[best] = true
	}
	return len(whole) + alone
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// falsePairs are the claimed pairs that are not true, in order.
func (r *Result) falsePairs() []Pair {
	var out []Pair
	for p := range maps.Keys(r.claimed) {
		if !r.claimed[p] {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Pair) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return out
}
