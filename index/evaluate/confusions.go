package evaluate

import (
	"cmp"
	"html/template"
	"io"
	"slices"
)

// Confusion is a pair of files of which the report says what is not so.
type Confusion struct {
	What       string // false: the relations of the two; missed: the relation
	Edit       string // missed: the kind of edit
	A, B       string // keys of the files; of a missed copy, itself and its original
	SaysA      string // what each is, as the labels say
	SaysB      string
	Similarity float64 // of the stored verdict on the two; 0 where there is none
	Reason     string
	ThumbnailA template.URL // data URIs; empty for none
	ThumbnailB template.URL
}

// Confusions are all pairs that were claimed and are false, by the relations of their
// files, most first, and all copies that were not found, by relation and kind of edit, each
// with its original.
func (r Result) Confusions() (wrong, missed []Confusion) {
	rows := r.falsePairs()
	order := map[string]int{}
	for i, k := range r.byRelation(rows) {
		order[k.Relations] = i
	}
	for _, p := range rows {
		k := []string{r.relation(p[0]), r.relation(p[1])}
		slices.Sort(k)
		wrong = append(wrong, Confusion{What: k[0] + " + " + k[1], A: p[0], B: p[1], SaysA: r.says(p[0]), SaysB: r.says(p[1])})
	}
	slices.SortStableFunc(wrong, func(a, b Confusion) int { return cmp.Compare(order[a.What], order[b.What]) })

	original := map[string]string{}
	for _, l := range r.labels.list {
		if l.Relation == Original {
			original[l.Group] = l.Path
		}
	}
	add := func(path, group string) {
		l, _ := r.labels.Of(path)
		o := original[group]
		missed = append(missed, Confusion{What: l.Relation, Edit: l.EditKind(), A: path, B: o, SaysA: r.says(path), SaysB: r.says(o)})
	}
	for _, l := range r.labels.list {
		if found, counts := r.found[l.Path]; counts && !found {
			add(l.Path, l.Group)
		}
	}
	for _, p := range r.parts {
		if !p.found {
			add(p.path, p.group)
		}
	}
	slices.SortStableFunc(missed, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(rank(a.What), rank(b.What)), cmp.Compare(a.Edit, b.Edit), cmp.Compare(a.A, b.A))
	})
	return wrong, missed
}

// says is what a label says of a file.
func (r Result) says(key string) string {
	l, ok := r.labels.Of(key)
	switch {
	case !ok:
		return "stranger"
	case l.Edit == "":
		return l.Relation + " " + l.Group
	}
	return l.Relation + " " + l.Group + ": " + l.Edit
}

// WriteConfusions writes a page with pairs that were claimed wrongly and copies that were not
// found, two thumbnails each. It loads nothing and runs nothing.
func WriteConfusions(w io.Writer, f Figures, wrong, missed []Confusion) error {
	type section struct {
		Head  string
		Pairs []Confusion
	}
	divide := func(list []Confusion, head func(Confusion) string) (out []section) {
		for _, c := range list {
			if h := head(c); len(out) == 0 || out[len(out)-1].Head != h {
				out = append(out, section{Head: h})
			}
			last := &out[len(out)-1]
			last.Pairs = append(last.Pairs, c)
		}
		return out
	}
	recall := []struct {
		Name string
		Recall
	}{{"byte", f.Byte}, {"pixel", f.Pixel}, {"near", f.Near}, {"hard", f.Hard}, {"partial", f.Partial}, {"none, left alone", Recall{f.None.Alone, f.None.Of, f.None.Share}},
		{"pairs that are true", Recall{f.Pairs.True, f.Pairs.Claimed, f.Pairs.Precision}}}
	return confusionPage.Execute(w, map[string]any{
		"Recall": recall,
		"False":  divide(wrong, func(c Confusion) string { return c.What }),
		"Missed": divide(missed, func(c Confusion) string { return c.What + ", " + c.Edit }),
		"Wrong":  len(wrong), "NotFound": len(missed),
	})
}

var confusionPage = template.Must(template.New("confusions").Funcs(template.FuncMap{"text": text}).Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>What was confused</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
body { font: 14px sans-serif; margin: 1.5em; color: #222; background: #fff }
td, th { text-align: left; padding: 0 1em 0 0 }
.pair { display: flex; flex-wrap: wrap; gap: 1em; border-top: 1px solid #ddd; padding: .6em 0 }
figure { margin: 0; width: 20em; overflow-wrap: anywhere }
img { display: block; min-height: 40px; background: #eee }
.said { flex: 1; min-width: 18em }
</style></head><body>
<h1>What was confused</h1>
<table>{{range .Recall}}<tr><th>{{.Name}}</th><td>{{text .Share}}</td><td>{{.Found}} of {{.Of}}</td></tr>{{end}}</table>
<h2>pairs claimed wrongly: {{.Wrong}}</h2>{{range .False}}
<h3>{{.Head}}: {{len .Pairs}}</h3>{{range .Pairs}}{{template "pair" .}}{{end}}{{end}}
<h2>copies not found: {{.NotFound}}</h2>{{range .Missed}}
<h3>{{.Head}}: {{len .Pairs}}</h3>{{range .Pairs}}{{template "pair" .}}{{end}}{{end}}
</body></html>
{{define "pair"}}<div class="pair">
<figure>{{if .ThumbnailA}}<img alt="" src="{{.ThumbnailA}}">{{end}}<figcaption>{{.A}}<br>{{.SaysA}}</figcaption></figure>
<figure>{{if .ThumbnailB}}<img alt="" src="{{.ThumbnailB}}">{{end}}<figcaption>{{.B}}<br>{{.SaysB}}</figcaption></figure>
<div class="said">{{if .Reason}}{{printf "%.4f" .Similarity}}: {{.Reason}}{{else}}no verdict is stored on the two{{end}}</div>
</div>
{{end}}`))
