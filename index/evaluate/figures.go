package evaluate

import (
	"cmp"
	"slices"
)

// Recall is how many of the files that should be found were found.
type Recall struct {
	Found int      `json:"found"`
	Of    int      `json:"of"`
	Share *float64 `json:"share"` // nil where there are none
}

// Alone is how many of the files that copy nothing were left alone.
type Alone struct {
	Alone int      `json:"alone"`
	Of    int      `json:"of"`
	Share *float64 `json:"share"`
}

// Precision is how many of the claimed pairs are true. A pair that is claimed
// in two groups counts once.
type Precision struct {
	Claimed   int      `json:"claimed"`
	True      int      `json:"true"`
	False     int      `json:"false"`
	Precision *float64 `json:"precision"`
}

// Mixture tells of groups whose core rows show more than one picture.
type Mixture struct {
	Groups  int `json:"groups"`
	Largest int `json:"largest"` // pictures in the worst group
}

// Figures are the score of a report.
type Figures struct {
	Groups   int       `json:"groups"`
	Rows     int       `json:"rows"`
	Unknown  int       `json:"unlabelled_rows"`
	Byte     Recall    `json:"byte"` // files in one group with the original of their label group
	Pixel    Recall    `json:"pixel"`
	Near     Recall    `json:"near"`
	Hard     Recall    `json:"hard"`
	Partial  Recall    `json:"partial"` // (file, of) pairs in one group
	None     Alone     `json:"none"`    // in no claimed pair with a file that they are no copy of
	Pairs    Precision `json:"pairs"`
	Mixed    Mixture   `json:"mixed"`
	ByEdit   []Edit    `json:"by_edit,omitempty"`
	ByFalse  []Between `json:"false_by_relation,omitempty"`
	False    []Wrong   `json:"false_pairs,omitempty"`
	MixedOf  []Mixed   `json:"mixed_groups,omitempty"`
	NotFound []Missed  `json:"missed,omitempty"`
	ByKind   []Kinds   `json:"kinds,omitempty"`
	Best     *Bests    `json:"best,omitempty"`
	NotBest  []NotBest `json:"not_best,omitempty"`
	Curve    *Curve    `json:"curve,omitempty"` // where it was asked for
}

// Edit is the recall of one kind of edit.
type Edit struct {
	Relation string  `json:"relation"`
	Edit     string  `json:"edit"`
	Found    int     `json:"found"`
	Of       int     `json:"of"`
	Share    float64 `json:"share"`
}

// Between counts false pairs by the relations of their two files.
type Between struct {
	Relations string `json:"relations"`
	False     int    `json:"false"`
}

// Wrong is a pair that was claimed and is not true: a path, what it is, the
// other path, what that is.
type Wrong [4]string

// Missed is a file that was not found: its path, what it is, its edit.
type Missed [3]string

// Detail says what [Result.Figures] lists beside the figures.
type Detail struct {
	ByEdit     bool // recall by kind of edit
	ByRelation bool // false pairs by relation
	ByKind     bool // kinds by relation, and how often the best file is the original
	Confusions int  // so many false pairs and mixed groups, and with ByKind groups with another best file
	Missed     int  // so many files that were not found
}

// Figures returns the score.
func (r Result) Figures(d Detail) Figures {
	f := Figures{Groups: r.groups, Rows: r.rows, Unknown: r.unknown}
	of, found := map[string]int{}, map[string]int{}
	for _, l := range r.labels.list {
		of[l.Relation]++
		if r.found[l.Path] {
			found[l.Relation]++
		}
	}
	recall := func(rel string) Recall { return Recall{found[rel], of[rel], share(found[rel], of[rel])} }
	f.Byte, f.Pixel, f.Near, f.Hard = recall(Byte), recall(Pixel), recall(Near), recall(Hard)
	met := 0
	for _, p := range r.parts {
		if p.found {
			met++
		}
	}
	f.Partial = Recall{met, len(r.parts), share(met, len(r.parts))}
	alone := of[None] - len(r.wrongNone)
	f.None = Alone{alone, of[None], share(alone, of[None])}

	wrong := r.falsePairs()
	c, t := len(r.claimed), len(r.claimed)-len(wrong)
	f.Pairs = Precision{c, t, c - t, share(t, c)}
	f.Mixed = Mixture{Groups: len(r.mixed)}
	switch {
	case len(r.mixed) > 0:
		f.Mixed.Largest = r.mixed[0].Pictures
	case r.groups > 0:
		f.Mixed.Largest = 1
	}

	if d.ByEdit {
		f.ByEdit = r.byEdit()
	}
	if d.ByRelation {
		f.ByFalse = r.byRelation(wrong)
	}
	few := max(d.Confusions, 0)
	if d.ByKind {
		f.ByKind = r.byKind()
		f.Best = &Bests{r.bests.Right, r.bests.Of, share(r.bests.Right, r.bests.Of)}
		f.NotBest = r.notBest[:min(few, len(r.notBest))]
	}
	for _, p := range wrong[:min(few, len(wrong))] {
		f.False = append(f.False, Wrong{p[0], r.tell(p[0]), p[1], r.tell(p[1])})
	}
	f.MixedOf = r.mixed[:min(few, len(r.mixed))]
	f.NotFound = r.missed(d.Missed)
	return f
}

func share(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	s := float64(n) / float64(of)
	return &s
}

// rank is the order in which relations are listed.
func rank(relation string) int {
	return slices.Index([]string{Byte, Pixel, Near, Hard, Partial}, relation)
}

// byEdit lists recall by kind of edit, by relation, the worst first.
func (r Result) byEdit() []Edit {
	at := map[[2]string]int{}
	var out []Edit
	count := func(l Label, found bool) {
		k := [2]string{l.Relation, l.EditKind()}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Edit{Relation: k[0], Edit: k[1]})
		}
		out[i].Of++
		if found {
			out[i].Found++
		}
	}
	for _, l := range r.labels.list {
		if found, ok := r.found[l.Path]; ok {
			count(l, found)
		}
	}
	for _, p := range r.parts {
		l, _ := r.labels.Of(p.path)
		count(l, p.found)
	}
	for i, e := range out {
		out[i].Share = float64(e.Found) / float64(e.Of)
	}
	slices.SortFunc(out, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(rank(a.Relation), rank(b.Relation)), cmp.Compare(a.Share, b.Share), cmp.Compare(a.Edit, b.Edit))
	})
	return out
}

// byRelation counts false pairs by the relations of their files, most first.
func (r Result) byRelation(wrong []Pair) []Between {
	count := map[string]int{}
	for _, p := range wrong {
		k := []string{r.relation(p[0]), r.relation(p[1])}
		slices.Sort(k)
		count[k[0]+" + "+k[1]]++
	}
	var out []Between
	for k, n := range count {
		out = append(out, Between{k, n})
	}
	slices.SortFunc(out, func(a, b Between) int {
		return cmp.Or(cmp.Compare(b.False, a.False), cmp.Compare(a.Relations, b.Relations))
	})
	return out
}

func (r Result) relation(key string) string {
	if l, ok := r.labels.Of(key); ok {
		return l.Relation
	}
	return "stranger"
}

func (r Result) tell(key string) string {
	if l, ok := r.labels.Of(key); ok {
		return l.Relation + " " + l.Group
	}
	return "stranger"
}

// missed lists up to n files that were not found, whole ones first.
func (r Result) missed(n int) []Missed {
	var paths []string
	for p, ok := range r.found {
		if !ok {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	var out []Missed
	for _, p := range paths {
		l, _ := r.labels.Of(p)
		out = append(out, Missed{p, l.Relation, l.Edit})
	}
	for _, p := range r.parts {
		if !p.found {
			l, _ := r.labels.Of(p.path)
			out = append(out, Missed{p.path, "partial of " + p.group, l.Edit})
		}
	}
	return out[:min(max(n, 0), len(out))]
}
