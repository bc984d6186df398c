package evaluate_test

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index/evaluate"
)

// known are a photo with copies, a part of it, and one that copies nothing.
var known = evaluate.NewLabels([]evaluate.Label{
	{Path: "a", Group: "g", Relation: evaluate.Original},
	{Path: "a2", Group: "g", Relation: evaluate.Byte, Edit: "copy"},
	{Path: "b", Group: "g", Relation: evaluate.Near, Edit: "crop 0.9; jpeg 80"},
	{Path: "c", Group: "g", Relation: evaluate.Hard, Edit: "meme"},
	{Path: "p", Group: "p1", Relation: evaluate.Partial, Edit: "collage 2", Of: []string{"g", "lost"}},
	{Path: "n", Group: "n1", Relation: evaluate.None},
})

func TestCurve(t *testing.T) {
	c := known.Curve([]evaluate.Judged{
		{A: []string{"b"}, B: []string{"a2", "a"}, Similarity: 1}, // the original's bytes lie under two names
		{A: []string{"a", "a2"}, B: []string{"c"}, Similarity: 0.55},
		{A: []string{"b"}, B: []string{"c"}, Similarity: 0.97},
		{A: []string{"n"}, B: []string{"b"}, Similarity: 0.96},
		{A: []string{"p"}, B: []string{"a", "a2"}, Similarity: 0.9},
		{A: []string{"stranger:x"}, B: []string{"a", "a2"}, Similarity: 0.5},
	})
	want := map[float64][2]int{0.5: {1, 2}, 0.9: {1, 1}, 0.95: {1, 2}, 0.999: {1, 1}} // low end: true, of
	for _, b := range c.Bins {
		if w := want[b.Low]; b.True != w[0] || b.Of != w[1] {
			t.Errorf("from %g: %d of %d true, want %v", b.Low, b.True, b.Of, w)
		}
		if b.Of > 0 && (b.From > *b.Share || b.To < *b.Share || b.Mean < b.Low || b.Mean > b.High) || b.Of == 0 && b.Share != nil {
			t.Errorf("%+v", b)
		}
	}
	// Of b, c, p in g and p in a group whose original is lost.
	for _, x := range c.Thresholds {
		switch x.At {
		case 0.5:
			if x.Claimed != 6 || x.True != 4 || x.Found != 3 || x.Of != 4 || *x.Recall != 0.75 {
				t.Errorf("%+v", x)
			}
		case 0.95:
			if x.Claimed != 3 || x.True != 2 || x.Found != 1 || math.Abs(*x.Precision-2./3) > 1e-9 {
				t.Errorf("%+v", x)
			}
		}
	}

	var svg, table strings.Builder
	if err := errors.Join(c.Plot(&svg), c.Table(&table)); err != nil {
		t.Fatal(err)
	}
	circles := 0
	for d := xml.NewDecoder(strings.NewReader(svg.String())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the plot is no XML: %v", err)
		}
		if s, ok := token.(xml.StartElement); ok && s.Name.Local == "circle" {
			circles++
		}
	}
	if circles != 4 || strings.Contains(svg.String(), "NaN") || strings.Contains(svg.String(), "Inf") {
		t.Errorf("%d points in\n%s", circles, &svg)
	}
	if !strings.Contains(table.String(), "\n     0.950              3     0.6667  0.2500\n") {
		t.Errorf("the table says\n%s", &table)
	}
	empty := evaluate.NewLabels(nil).Curve(nil)
	if err := empty.Plot(io.Discard); err != nil || empty.Thresholds[0].Precision != nil {
		t.Errorf("without pairs: %+v, %v", empty, err)
	}
}

func TestConfusions(t *testing.T) {
	rows := func(yield func(evaluate.Row, error) bool) {
		for _, r := range []evaluate.Row{{"1", "a", "best"}, {"1", "a2", "exact"}, {"1", "n", "near"}, {"1", "p", "partial"}} {
			if !yield(r, nil) {
				return
			}
		}
	}
	r, err := evaluate.Score(known, rows, func(p string) (string, bool) { return p, true }, true)
	if err != nil {
		t.Fatal(err)
	}
	wrong, missed := r.Confusions()
	if len(wrong) != 3 || wrong[0].What != "byte + none" || wrong[0].A != "a2" || wrong[0].B != "n" {
		t.Errorf("wrong: %+v", wrong)
	}
	var said []string
	for _, m := range missed {
		said = append(said, m.What+" "+m.Edit+" "+m.A+" "+m.B)
	}
	if got := strings.Join(said, "; "); got != "near crop b a; hard meme c a; partial collage p " {
		t.Errorf("missed: %s", got)
	}
	wrong[0].SaysA, wrong[0].ThumbnailA = "<script>", template.URL("data:image/jpeg;base64,QUJD")
	wrong[0].Reason, wrong[0].Similarity = "they look it", 0.91
	var page strings.Builder
	if err := evaluate.WriteConfusions(&page, r.Figures(evaluate.Detail{}), wrong, missed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pairs claimed wrongly: 3", "byte &#43; none: 1", "hard, meme: 1", "&lt;script&gt;", `src="data:image/jpeg;base64,QUJD"`, "0.9100: they look it", "no verdict is stored"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page is without %q", want)
		}
	}
	if strings.Contains(page.String(), "<script>") {
		t.Error("a label is taken for markup")
	}
}
