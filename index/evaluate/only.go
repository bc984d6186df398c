package evaluate

// Only is the score of some pictures alone, of which keep tells by a label and the picture
// that is looked for in it: of a partial file each that it shares a part with, of others
// their own. It holds recall and precision, of the claimed pairs with one of these
// pictures; groups, their kinds and best files are not told apart.
func (r Result) Only(keep func(l Label, picture string) bool) Result {
	out := r
	out.labels = Labels{byPath: map[string]int{}}
	out.claimed, out.found, out.wrongNone = map[Pair]bool{}, map[string]bool{}, map[string]bool{}
	out.parts, out.mixed, out.notBest = nil, nil, nil
	out.bests, out.kinds = Bests{}, map[[2]string]int{}
	kept := map[string]bool{}
	for _, l := range r.labels.list {
		for _, g := range l.Pictures() {
			if keep(l, g) {
				kept[l.Path] = true
			}
		}
		if !kept[l.Path] {
			continue
		}
		out.labels.byPath[l.Path] = len(out.labels.list)
		out.labels.list = append(out.labels.list, l)
		if found, ok := r.found[l.Path]; ok {
			out.found[l.Path] = found
		}
		if r.wrongNone[l.Path] {
			out.wrongNone[l.Path] = true
		}
	}
	for _, p := range r.parts {
		if l, _ := r.labels.Of(p.path); keep(l, p.group) {
			out.parts = append(out.parts, p)
		}
	}
	for p, ok := range r.claimed {
		if kept[p[0]] || kept[p[1]] {
			out.claimed[p] = ok
		}
	}
	return out
}
