package evaluate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index/evaluate"
)

const labelsCSV = `path,group,relation,edit,of,width,height
a/o.jpg,g1,original,,,10,10
a/b.jpg,g1,byte,copy,,10,10
a/n.jpg,g1,near,resize 0.5; jpeg 80,,10,10
b/o.jpg,g2,original,,,10,10
b/h.jpg,g2,hard,rotate 5,,10,10
b/p.png,g2,pixel,png level 6,,10,10
c/part.jpg,p1,partial,inset 0.2,g1;g2,10,10
c/part2.jpg,p2,partial,crop-small 0.1,g1,10,10
n/1.jpg,n1,none,,family:x,10,10
n/2.jpg,n2,none,,family:x,10,10
n/` + "\u00c5" + `.jpg,n3,none,,,10,10
`

func labels(t testing.TB) evaluate.Labels {
	t.Helper()
	l, err := evaluate.ReadLabels(strings.NewReader(labelsCSV))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// score judges a report made of lines "group,path,kind" beside labels in dir.
func score(t testing.TB, dir, lines string, strangers bool, d evaluate.Detail) evaluate.Figures {
	t.Helper()
	return scoreRaw(t, dir, "group,path,kind\n"+lines, strangers, d)
}

func scoreRaw(t testing.TB, dir, csv string, strangers bool, d evaluate.Detail) evaluate.Figures {
	t.Helper()
	l := labels(t)
	f, err := evaluate.NewFinder(l, dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := evaluate.Score(l, evaluate.ReadReport(strings.NewReader(csv)), f.Find, strangers)
	if err != nil {
		t.Fatal(err)
	}
	return r.Figures(d)
}

// want is what a case expects; -1 stands for "not looked at".
type want struct {
	byteF, pixel, near, hard, partial int // found
	alone                             int
	claimed, false                    int
	mixed, largest                    int
}

func TestFigures(t *testing.T) {
	const no = -1
	for _, c := range []struct {
		name, report string
		strangers    bool
		want         want
	}{
		{"everything is found, and two partial rows are no pair",
			"1,a/o.jpg,best\n1,a/b.jpg,exact\n1,a/n.jpg,near\n1,c/part.jpg,partial\n1,c/part2.jpg,partial\n" +
				"2,b/o.jpg,best\n2,b/h.jpg,transformed\n2,b/p.png,pixels\n2,c/part.jpg,partial\n", false,
			want{1, 1, 1, 1, 3, 3, 3 + 3*2 + 3 + 3, 0, 0, 1}},
		{"an empty report", "", false, want{0, 0, 0, 0, 0, 3, 0, 0, 0, 0}},
		{"without the original nothing is found, and yet the pair is true",
			"1,a/b.jpg,best\n1,a/n.jpg,near\n", false, want{0, 0, 0, 0, 0, 3, 1, 0, 0, 1}},
		{"a partial file as a core row is true with a group it is of",
			"1,a/o.jpg,best\n1,c/part.jpg,near\n", false, want{0, 0, 0, 0, 1, 3, 1, 0, 0, 1}},
		{"two pictures joined through it are one false pair, and mixed",
			"1,a/o.jpg,best\n1,c/part.jpg,near\n1,b/o.jpg,near\n", false, want{0, 0, 0, 0, 2, 3, 3, 1, 1, 2}},
		{"both originals as parts of a collage",
			"1,c/part.jpg,best\n1,a/o.jpg,partial\n1,b/o.jpg,partial\n", false, want{0, 0, 0, 0, 2, 3, 2, 0, 0, 1}},
		{"two partial rows are not claimed, so the copy is not found",
			"1,c/part.jpg,best\n1,a/o.jpg,partial\n1,a/b.jpg,partial\n", false, want{0, 0, 0, 0, 1, 3, 2, 0, 0, 1}},
		{"one of the two is core",
			"1,a/o.jpg,best\n1,a/b.jpg,partial\n", false, want{1, 0, 0, 0, 0, 3, 1, 0, 0, 1}},
		{"two parts of one picture",
			"1,c/part.jpg,best\n1,c/part2.jpg,near\n", false, want{0, 0, 0, 0, 0, 3, 1, 0, 0, 1}},
		{"a part of another picture, as a partial row",
			"1,b/o.jpg,best\n1,c/part2.jpg,partial\n", false, want{0, 0, 0, 0, 0, 3, 1, 1, 0, 1}},
		{"a part of another picture, as a core row",
			"1,b/o.jpg,best\n1,c/part2.jpg,near\n", false, want{0, 0, 0, 0, 0, 3, 1, 1, 1, 2}},
		{"two look-alikes", "1,n/1.jpg,best\n1,n/2.jpg,near\n", false, want{0, 0, 0, 0, 0, 1, 1, 1, 1, 2}},
		{"a look-alike alone in a group", "1,n/1.jpg,best\n", false, want{0, 0, 0, 0, 0, 3, 0, 0, 0, 1}},
		{"a look-alike as a partial row", "1,a/o.jpg,best\n1,n/1.jpg,partial\n", false, want{0, 0, 0, 0, 0, 2, 1, 1, 0, 1}},
		{"a pair in two groups counts once",
			"1,a/o.jpg,best\n1,a/b.jpg,exact\n2,a/o.jpg,best\n2,a/b.jpg,exact\n", false, want{1, 0, 0, 0, 0, 3, 1, 0, 0, 1}},
		{"strangers are left out",
			"1,a/o.jpg,best\n1,/elsewhere/x.jpg,near\n1,/elsewhere/y.jpg,near\n2,n/1.jpg,best\n2,/elsewhere/z.jpg,near\n", false,
			want{0, 0, 0, 0, 0, 3, 0, 0, 0, 1}},
		{"strangers count when asked for",
			"1,a/o.jpg,best\n1,/elsewhere/x.jpg,near\n1,/elsewhere/y.jpg,near\n2,n/1.jpg,best\n2,/elsewhere/z.jpg,near\n", true,
			want{0, 0, 0, 0, 0, 2, 4, 4, 2, 3}},
		{"the other spelling of a letter", "1,n/A\u030a.jpg,best\n1,n/1.jpg,near\n", false, want{0, 0, 0, 0, 0, 1, 1, 1, 1, 2}},
		{"kinds in capitals", "1,a/o.jpg,BEST\n1,a/b.jpg, Exact \n", false, want{1, 0, 0, 0, 0, 3, 1, 0, no, no}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := score(t, t.TempDir(), c.report, c.strangers, evaluate.Detail{})
			got := want{f.Byte.Found, f.Pixel.Found, f.Near.Found, f.Hard.Found, f.Partial.Found, f.None.Alone,
				f.Pairs.Claimed, f.Pairs.False, f.Mixed.Groups, f.Mixed.Largest}
			if c.want.mixed == no {
				got.mixed, got.largest = no, no
			}
			if got != c.want {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
			if f.Byte.Of != 1 || f.Partial.Of != 3 || f.None.Of != 3 {
				t.Errorf("of: byte %d, partial %d, none %d", f.Byte.Of, f.Partial.Of, f.None.Of)
			}
		})
	}
}

func TestShares(t *testing.T) {
	f := score(t, t.TempDir(), "", false, evaluate.Detail{})
	if f.Pairs.Precision != nil {
		t.Errorf("precision of no pair is %v, want none", *f.Pairs.Precision)
	}
	f = score(t, t.TempDir(), "1,a/o.jpg,best\n1,c/part.jpg,near\n1,b/o.jpg,near\n", false, evaluate.Detail{})
	if p := f.Pairs.Precision; p == nil || *p != 2.0/3 {
		t.Errorf("precision %v, want 2/3", p)
	}
	if s := f.Partial.Share; s == nil || *s != 2.0/3 {
		t.Errorf("partial %v, want 2/3", s)
	}
}

func TestDetail(t *testing.T) {
	all := evaluate.Detail{ByEdit: true, ByRelation: true, Confusions: 9, Missed: 9}
	f := score(t, t.TempDir(), "1,a/o.jpg,best\n1,n/1.jpg,near\n2,b/o.jpg,best\n2,b/h.jpg,near\n2,/x.jpg,near\n", true, all)
	if f.ByEdit[0] != (evaluate.Edit{Relation: "byte", Edit: "copy", Found: 0, Of: 1}) {
		t.Errorf("first edit %+v", f.ByEdit[0])
	}
	var edits []string
	for _, e := range f.ByEdit {
		edits = append(edits, e.Relation+" "+e.Edit)
	}
	if got := strings.Join(edits, ", "); got != "byte copy, pixel png, near resize, hard rotate, partial crop-small, partial inset" {
		t.Errorf("edits: %s", got)
	}
	if len(f.ByFalse) != 3 || f.ByFalse[0].Relations != "hard + stranger" || f.ByFalse[1].Relations != "none + original" {
		t.Errorf("false by relation: %+v", f.ByFalse)
	}
	if f.False[0] != (evaluate.Wrong{"a/o.jpg", "original g1", "n/1.jpg", "none n1"}) {
		t.Errorf("first false pair %q", f.False[0])
	}
	if len(f.MixedOf) != 2 || f.MixedOf[0] != (evaluate.Mixed{Group: "2", Pictures: 2}) {
		t.Errorf("mixed groups %+v", f.MixedOf)
	}
	if len(f.NotFound) != 6 || f.NotFound[0] != (evaluate.Missed{"a/b.jpg", "byte", "copy"}) ||
		f.NotFound[3] != (evaluate.Missed{"c/part.jpg", "partial of g1", "inset 0.2"}) {
		t.Errorf("missed %q", f.NotFound)
	}
	if f = score(t, t.TempDir(), "1,a/o.jpg,best\n1,n/1.jpg,near\n", true, evaluate.Detail{Confusions: -1, Missed: 1}); len(f.False) != 0 || len(f.NotFound) != 1 {
		t.Errorf("limits: %d false, %d missed", len(f.False), len(f.NotFound))
	}
}

// A path of the report finds its label however it is written.
func TestPaths(t *testing.T) {
	real := t.TempDir()
	dir := filepath.Join(real, "photos")
	for _, d := range []string{"a", "n"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(real, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	// A labelled file that is a link to a file elsewhere.
	outside := filepath.Join(real, "outside.jpg")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "n", "1.jpg")); err != nil {
		t.Fatal(err)
	}
	// And one that leads nowhere.
	if err := os.Symlink("../../gone.jpg", filepath.Join(dir, "n", "2.jpg")); err != nil {
		t.Fatal(err)
	}
	f, err := evaluate.NewFinder(labels(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "a", "o.jpg"):    "a/o.jpg",
		"./a/../a/b.jpg":                    "a/b.jpg",
		"photos/a/n.jpg":                    "a/n.jpg",
		filepath.Join(link, "a", "o.jpg"):   "a/o.jpg",
		outside:                             "n/1.jpg",
		filepath.Join(real, "gone.jpg"):     "n/2.jpg",
		filepath.Join(dir, "n/A\u030a.jpg"): "n/\u00c5.jpg",
	} {
		if got, ok := f.Find(path); !ok || got != want {
			t.Errorf("Find(%q) = %q, %v; want %q", path, got, ok, want)
		}
	}
	for _, path := range []string{filepath.Join(real, "a", "o.jpg"), "a/unknown.jpg", "a\xff.jpg", "", "/"} {
		if got, ok := f.Find(path); ok {
			t.Errorf("Find(%q) = %q, want a stranger", path, got)
		}
	}
	a, _ := f.Find("x/1.jpg")
	b, _ := f.Find("x/2.jpg")
	if a == b {
		t.Error("two strangers have one key")
	}
}

// The names of a report come as bytes, from whatever wrote the file.
func TestReportBytes(t *testing.T) {
	raw := "\xef\xbb\xbfgroup,kind,size,path\r\n1,best,5,\"a/o.jpg\"\r\n1,exact,5,a/b.jpg\r\n\r\n1,near,5,\"x/\xff\xfe,\"\"1.jpg\"\r\n"
	f := scoreRaw(t, t.TempDir(), raw, false, evaluate.Detail{})
	if f.Byte.Found != 1 || f.Unknown != 1 || f.Rows != 3 {
		t.Errorf("%+v", f)
	}
	if f = scoreRaw(t, t.TempDir(), raw, true, evaluate.Detail{}); f.Pairs.False != 2 {
		t.Errorf("false pairs %d, want 2", f.Pairs.False)
	}
}

func TestBadReports(t *testing.T) {
	for raw, what := range map[string]string{
		"":                                       "empty file",
		"path,kind\na,best\n":                    "no column group",
		"group,path,kind\n1,a/o.jpg,odd\n":       `row 2: kind "odd"`,
		"group,path,kind\n1,a,best\n\n1,a/o.jpg": "row 3 is short",
	} {
		_, err := evaluate.Score(labels(t), evaluate.ReadReport(strings.NewReader(raw)), func(p string) (string, bool) { return p, true }, false)
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: error %v, want one that says %q", raw, err, what)
		}
	}
	for raw, what := range map[string]string{
		"":                      "empty file",
		"path,group,relation\n": "no column edit, of",
		"path,group,relation,edit,of\n,g1,near\n": "row 2 has no path",
	} {
		if _, err := evaluate.ReadLabels(strings.NewReader(raw)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("labels %q: error %v, want one that says %q", raw, err, what)
		}
	}
}

// Whatever the bytes of a field, quoting them and reading them gives them back.
func FuzzReadReport(f *testing.F) {
	f.Add("a.jpg", "b.jpg")
	f.Add("=cmd,\"x\"\r\n", "\xff\r\r\n\n")
	f.Add("", "\xef\xbb\xbf")
	f.Fuzz(func(t *testing.T, a, b string) {
		quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		csv := "path,group,kind\r\n" + quote(a) + "," + quote(b) + ",near\n"
		n := 0
		for row, err := range evaluate.ReadReport(strings.NewReader(csv)) {
			if err != nil {
				t.Fatal(err)
			}
			if row.Path != a || row.Group != b {
				t.Errorf("got %q %q, want %q %q", row.Path, row.Group, a, b)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%d rows", n)
		}
		for range evaluate.ReadReport(strings.NewReader(a + "\n" + b)) { // any bytes: an error or rows, and an end
		}
	})
}

// Kinds are counted against the best file, where that is an original or its twin; a group
// whose best file is an edit of the original that it holds is told.
func TestKinds(t *testing.T) {
	f := score(t, t.TempDir(), "1,a/b.jpg,best\n1,a/o.jpg,exact\n1,a/n.jpg,near\n1,c/part.jpg,partial\n"+
		"2,b/p.png,best\n2,b/o.jpg,near\n2,b/h.jpg,transformed\n2,c/part.jpg,near\n"+
		"3,a/n.jpg,best\n3,a/o.jpg,near\n4,n/1.jpg,best\n4,n/2.jpg,near\n", false, evaluate.Detail{ByKind: true, Confusions: 5})
	if f.Best == nil || f.Best.Right != 2 || f.Best.Of != 3 {
		t.Errorf("best %+v, want 2 of 3", f.Best)
	}
	if want := []evaluate.NotBest{{Group: "3", Best: "a/n.jpg", Original: "a/o.jpg"}}; !slices.Equal(f.NotBest, want) {
		t.Errorf("not best %+v, want %+v", f.NotBest, want)
	}
	right := map[string]float64{"byte": 1, "pixel": 1, "partial": 0.5}
	var of []string
	for _, k := range f.ByKind {
		of = append(of, fmt.Sprintf("%s %v", k.Relation, k.Counts))
		if want, told := right[k.Relation]; told != (k.Right != nil) || told && *k.Right != want {
			t.Errorf("%s: right %v, want %v", k.Relation, k.Right, want)
		}
	}
	want := []string{"byte map[exact:1]", "pixel map[near:1]", "near map[near:1]", "hard map[transformed:1]", "partial map[near:1 partial:1]"}
	if !slices.Equal(of, want) {
		t.Errorf("kinds %q, want %q", of, want)
	}
}

// The score of some pictures alone: their files and parts, and what is claimed of these.
func TestOnly(t *testing.T) {
	report := "group,path,kind\n1,a/o.jpg,best\n1,a/b.jpg,exact\n1,c/part.jpg,partial\n1,n/1.jpg,near\n2,b/o.jpg,best\n2,b/h.jpg,transformed\n"
	all, err := evaluate.Score(labels(t), evaluate.ReadReport(strings.NewReader(report)), func(p string) (string, bool) { return p, true }, false)
	if err != nil {
		t.Fatal(err)
	}
	of := func(group string) evaluate.Figures {
		return all.Only(func(_ evaluate.Label, picture string) bool { return picture == group }).Figures(evaluate.Detail{})
	}
	if f := of("g1"); f.Byte.Found != 1 || f.Byte.Of != 1 || f.Near.Found != 0 || f.Near.Of != 1 || f.Hard.Of != 0 ||
		f.Partial.Found != 1 || f.Partial.Of != 2 || f.Pairs.Claimed != 6 || f.Pairs.False != 3 {
		t.Errorf("first picture: %+v", f)
	}
	if f := of("g2"); f.Hard.Found != 1 || f.Hard.Of != 1 || f.Partial.Found != 0 || f.Partial.Of != 1 || f.Pairs.Claimed != 4 || f.Pairs.False != 1 {
		t.Errorf("second picture: %+v", f)
	}
}
