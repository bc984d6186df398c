package evaluate

import (
	"cmp"
	"slices"
)

// Kinds is which kinds a report gave to files of one relation, in groups whose best file is
// the original or a twin of it, of the same bytes or pixels. The relation is that to the
// best file: where a twin of the same pixels is best, the original is a pixel file. Best
// files themselves are not counted.
type Kinds struct {
	Relation string         `json:"relation"`
	Counts   map[string]int `json:"counts"` // by kind
	Of       int            `json:"of"`
	// Right is the share of the kinds that the relation allows: exact for byte, pixels or
	// near for pixel, partial for partial; nil for others.
	Right *float64 `json:"right"`
}

// Bests is of how many groups with an original, or a twin of it of the same bytes or pixels,
// the best file is such a one.
type Bests struct {
	Right int      `json:"right"`
	Of    int      `json:"of"`
	Share *float64 `json:"share"`
}

// NotBest is a group whose best file is not the original that it holds, nor a twin of it.
type NotBest struct {
	Group    string `json:"group"`
	Best     string `json:"best"`     // the file that was preferred
	Original string `json:"original"` // the first that should have been
}

// allowed tells which kinds a relation may have; none where any may be right.
func allowed(relation string) []string {
	switch relation {
	case Byte:
		return []string{"exact"}
	case Pixel:
		return []string{"pixels", "near"}
	case Partial:
		return []string{"partial"}
	}
	return nil
}

// twin tells whether a label is an original or of its bytes or pixels.
func (l Label) twin() bool {
	return l.Relation == Original || l.Relation == Byte || l.Relation == Pixel
}

// standing notes the kinds of a group's rows, and whether its best file is the right one.
func (r *Result) standing(g *group) {
	best, ok := r.labels.Of(g.best)
	kept := "" // the first that may be best
	right := false
	for _, f := range g.files {
		if l, known := r.labels.Of(f); known && l.twin() && g.core[f] {
			if kept == "" {
				kept = f
			}
			right = right || ok && best.twin() && best.Group == l.Group
		}
	}
	if kept != "" {
		r.bests.Of++
		if right {
			r.bests.Right++
		} else {
			r.notBest = append(r.notBest, NotBest{g.name, g.best, kept})
		}
	}
	if !ok || !best.twin() {
		return
	}
	for _, f := range g.files {
		l, known := r.labels.Of(f)
		if !known || f == g.best || !slices.Contains(l.Pictures(), best.Group) {
			continue
		}
		relation := l.Relation
		switch {
		case best.Relation == Pixel && l.twin():
			relation = Pixel
		case relation == Original:
			relation = Byte
		}
		r.kinds[[2]string{relation, g.kinds[f]}]++
	}
}

// byKind lists the kinds of each relation.
func (r Result) byKind() []Kinds {
	at := map[string]*Kinds{}
	for k, n := range r.kinds {
		if at[k[0]] == nil {
			at[k[0]] = &Kinds{Relation: k[0], Counts: map[string]int{}}
		}
		at[k[0]].Counts[k[1]] += n
		at[k[0]].Of += n
	}
	var out []Kinds
	for _, k := range at {
		if may := allowed(k.Relation); may != nil {
			n := 0
			for _, kind := range may {
				n += k.Counts[kind]
			}
			k.Right = share(n, k.Of)
		}
		out = append(out, *k)
	}
	slices.SortFunc(out, func(a, b Kinds) int { return cmp.Compare(rank(a.Relation), rank(b.Relation)) })
	return out
}
