package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/index/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Names that break what is careless with them.
var hostile = []string{
	"comma, quote\" and 'tick.jpg", "new\nline.jpg", "carriage\r\nreturn.jpg", "=cmd|' /C calc'!A0.jpg", "-rf.jpg",
	"not utf8 \xff\xfe.jpg", "escape \x1b[2J.jpg", " blanks .jpg", "\u202egnp.jpg", "A\u030a.jpg",
}

// stored is a content and where its files lie.
type stored struct {
	name   byte // the first byte of its hash
	w, h   int
	format string
	taken  time.Time
	files  []index.File
}

func at(root int64, folder, name string, size, inode int64, modified time.Time) index.File {
	return index.File{
		Place: index.Place{Root: root, Folder: folder, Name: name}, State: index.OK,
		Stat: index.Stat{Size: size, Mtime: modified.UnixNano(), Inode: uint64(inode), Device: 1},
	}
}

func hash(b byte) (h index.Hash) {
	for i := range h {
		h[i] = b
	}
	return h
}

// sample is a small index: a group with every kind of row, one whose copy is
// offline, one with hostile names, and one of a single picture and a collage.
func sample(t testing.TB) *index.Index {
	t.Helper()
	ctx := context.Background()
	x, err := index.Create(ctx, filepath.Join(t.TempDir(), "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	var roots []index.Root
	for _, p := range []string{"/photos", "/stick", "/web"} {
		r, err := x.AddRoot(ctx, p, 0)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, r)
	}
	photos, stick, web := roots[0].ID, roots[1].ID, roots[2].ID
	day := time.Date(2020, 5, 17, 10, 30, 0, 0, time.UTC)
	contents := []stored{
		{'a', 4000, 3000, "jpeg", day.Add(-time.Hour), []index.File{
			at(photos, "2020", "best.jpg", 4_000_000, 11, day),
			at(photos, "2020", "another name.jpg", 4_000_000, 11, day), // a hard link
			at(photos, "", "copy.jpg", 4_000_000, 12, day.Add(time.Hour)),
		}},
		{'b', 800, 600, "jpeg", time.Time{}, []index.File{
			at(web, "", "small.jpg", 90_000, 13, day.Add(2*time.Hour+123456789)),
			at(web, "", "small hard link.jpg", 90_000, 13, day.Add(2*time.Hour+123456789)),
		}},
		{'c', 2000, 2000, "png", time.Time{}, []index.File{at(photos, "", "collage.png", 6_000_000, 14, day)}},
		{'d', 1000, 500, "jpeg", time.Time{}, []index.File{at(photos, "", "d.jpg", 500_000, 15, day)}},
		{'e', 1000, 500, "jpeg", time.Time{}, []index.File{at(stick, "", "e.jpg", 400_000, 16, day)}},
		{'f', 100, 100, "gif", time.Time{}, []index.File{at(photos, "", "f.gif", 1000, 0, day)}},
	}
	for i, name := range hostile {
		contents = append(contents, stored{byte(0x10 + i), 10, 10, "jpeg", time.Time{}, []index.File{at(web, "odd", name, 2000, 0, day)}})
	}
	var batch index.Batch
	batch.Roots = []index.Root{{ID: stick, Path: "/stick", State: index.Offline}}
	for _, c := range contents {
		w := index.ContentWrite{Content: index.Content{
			Hash: hash(c.name), Size: c.files[0].Size, Width: c.w, Height: c.h, Format: c.format, Decoder: "test", Source: "full",
		}}
		if !c.taken.IsZero() {
			w.Taken = c.taken.UnixNano()
		}
		batch.Contents = append(batch.Contents, w)
		for _, f := range c.files {
			batch.Files = append(batch.Files, index.FileWrite{File: f, Hash: w.Hash})
		}
	}
	if err := x.Write(ctx, batch); err != nil {
		t.Fatal(err)
	}
	id := func(name byte) int64 {
		c, ok, err := x.ContentByHash(ctx, hash(name))
		if err != nil || !ok {
			t.Fatalf("content %c: %v", name, err)
		}
		return c.ID
	}
	odd := []index.Member{}
	for i := range hostile {
		kind := "near"
		if i == 0 {
			kind = "best"
		}
		odd = append(odd, index.Member{Content: id(byte(0x10 + i)), Kind: kind, Similarity: 1 - float64(i)/100})
	}
	clusters := []index.Cluster{
		{ID: id('a'), Space: 4_090_000, Similarity: 0.7, Files: 6, Path: "/photos/2020/another name.jpg", Members: []index.Member{
			{Content: id('a'), Kind: "best", Similarity: 1},
			{Content: id('b'), Kind: "near", Similarity: 0.987654, Transform: index.Transform{1, 0, 0, 0, 1, 0}},
			{Content: id('c'), Kind: "partial", Similarity: 0.7, Transform: index.Transform{0.5, 0, 0.25, -0.0000001, 0.5, 0}},
		}},
		{ID: id('d'), Space: 400_000, Similarity: 0.95, Files: 2, Path: "/photos/d.jpg", Members: []index.Member{
			{Content: id('d'), Kind: "best", Similarity: 1},
			{Content: id('e'), Kind: "transformed", Similarity: 0.95, Transform: index.Transform{0, 1, 0, -1, 0, 1}},
		}},
		{ID: id(0x10), Space: 18_000, Similarity: 0.91, Files: len(hostile), Path: "/web/odd/x", Members: odd},
		{ID: id('f'), Space: 0, Similarity: 0.6, Files: 2, Path: "/photos/collage.png", Members: []index.Member{
			{Content: id('f'), Kind: "best", Similarity: 1},
			{Content: id('c'), Kind: "partial", Similarity: 0.6, Transform: index.Transform{0.2, 0, 0, 0, 0.2, 0}},
		}},
	}
	if err := x.WriteClusters(ctx, nil, map[string]index.Regrouped{"normal": {Clusters: clusters}}, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

func write(t testing.TB, x *index.Index, o report.Options) (string, report.Totals) {
	t.Helper()
	var b bytes.Buffer
	totals, err := report.Write(context.Background(), &b, x, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), totals
}

// The golden files are the manual of the formats.
func TestFormats(t *testing.T) {
	x := sample(t)
	for name, o := range map[string]report.Options{
		"table.txt":        {},
		"color.txt":        {Color: true},
		"report.csv":       {Format: report.CSV},
		"report.json":      {Format: report.JSON},
		"report.jsonl":     {Format: report.JSONL},
		"against.csv":      {Format: report.CSV, Against: "/web"},
		"all.paths0":       {Format: report.Paths0},
		"go.paths0":        {Format: report.Paths0, Only: report.OnlyGo},
		"keep.paths0":      {Format: report.Paths0, Only: report.OnlyKeep},
		"by-path.csv":      {Format: report.CSV, Sort: index.ByPath},
		"empty.json":       {Format: report.JSON, Sensitivity: "strict"},
		"empty.csv":        {Format: report.CSV, Sensitivity: "strict"},
		"empty.table.txt":  {Sensitivity: "strict"},
		"against-go.paths": {Format: report.Paths0, Against: "/web", Only: report.OnlyGo},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := write(t, x, o)
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestTotals(t *testing.T) {
	_, totals := write(t, sample(t), report.Options{})
	want := report.Totals{Groups: 4, Files: 6 + 2 + 10 + 2, Keep: 4, Go: 3 + 9, Space: 4_090_000 + 18_000}
	if totals != want {
		t.Errorf("got %+v, want %+v", totals, want)
	}
}

// A CSV report gives every name back byte for byte, in a reader that keeps to
// RFC 4180, and in Go's where it does (it turns CR LF in a field into LF).
func TestCSVKeepsNames(t *testing.T) {
	text, _ := write(t, sample(t), report.Options{Format: report.CSV})
	var names []string
	for row, err := range evaluate.ReadReport(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, row.Path)
	}
	for _, h := range hostile {
		if !slices.Contains(names, "/web/odd/"+h) {
			t.Errorf("%q is not among the names", h)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != report.Header {
		t.Errorf("header %s", got)
	}
	for i, row := range rows[1:] {
		if want := strings.ReplaceAll(names[i], "\r\n", "\n"); row[1] != want {
			t.Errorf("row %d: name %q, want %q", i+1, row[1], want)
		}
	}
}

// What is no UTF-8 is whole in a JSON report, too.
func TestJSONKeepsNames(t *testing.T) {
	text, totals := write(t, sample(t), report.Options{Format: report.JSON})
	var doc struct {
		Groups []struct {
			Group int
			Files []struct {
				Path      string
				PathBytes []byte `json:"path_bytes"`
			}
		}
		Totals report.Totals
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, g := range doc.Groups {
		for _, f := range g.Files {
			if f.PathBytes != nil {
				f.Path = string(f.PathBytes)
			}
			names = append(names, f.Path)
		}
	}
	for _, h := range hostile {
		if !slices.Contains(names, "/web/odd/"+h) {
			t.Errorf("%q is not among the names", h)
		}
	}
	if doc.Totals != totals {
		t.Errorf("totals %+v, want %+v", doc.Totals, totals)
	}
}

// No name drives the terminal.
func TestTableIsPrintable(t *testing.T) {
	text, _ := write(t, sample(t), report.Options{})
	for _, bad := range []string{"\x1b", "\r", "\u202e", "\xff"} {
		if strings.Contains(text, bad) {
			t.Errorf("the table holds %q", bad)
		}
	}
	if n := strings.Count(text, "\n"); n != 4+20+3 {
		t.Errorf("%d lines: a name broke one", n)
	}
}

// The rules of what is proposed.
func TestActions(t *testing.T) {
	x := sample(t)
	actions := func(o report.Options) map[string]report.Action {
		out := map[string]report.Action{}
		err := report.Each(context.Background(), x, o, func(g report.Group) error {
			for _, f := range g.Files {
				out[f.Path] = f.Action
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for path, want := range map[string]report.Action{
		"/photos/2020/another name.jpg": report.Keep,  // of two names of one file the smaller
		"/photos/2020/best.jpg":         report.Leave, // would free nothing
		"/photos/copy.jpg":              report.Go,
		"/web/small.jpg":                report.Go, // both names of one file go
		"/web/small hard link.jpg":      report.Go,
		"/photos/collage.png":           report.Leave, // shares a part
		"/stick/e.jpg":                  report.Leave, // offline
		"/photos/d.jpg":                 report.Keep,
	} {
		if got := actions(report.Options{})[path]; got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	against := actions(report.Options{Against: "/web"})
	if _, ok := against["/photos/d.jpg"]; ok {
		t.Error("a group without a file of the folder is listed")
	}
	for path, want := range map[string]report.Action{
		"/web/small.jpg":                report.Keep,
		"/web/small hard link.jpg":      report.Keep,
		"/photos/2020/another name.jpg": report.Keep, // the better picture
		"/photos/copy.jpg":              report.Go,
	} {
		if against[path] != want {
			t.Errorf("against /web: %s: %s, want %s", path, against[path], want)
		}
	}
	// The best file is one of the folder, where it has one.
	copies := actions(report.Options{Against: "/photos/copy.jpg"})
	if copies["/photos/copy.jpg"] != report.Keep || copies["/photos/2020/best.jpg"] != report.Go || copies["/photos/2020/another name.jpg"] != report.Go {
		t.Errorf("against copy.jpg: %v", copies)
	}
}

// A copy is not proposed while what would be kept is not at hand.
func TestOfflineKept(t *testing.T) {
	x := sample(t)
	ctx := context.Background()
	roots, err := x.Roots(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range roots {
		roots[i].State = index.Online
		if roots[i].Path == "/photos" {
			roots[i].State = index.Offline
		}
	}
	if err := x.Write(ctx, index.Batch{Roots: roots}); err != nil {
		t.Fatal(err)
	}
	got, _ := write(t, x, report.Options{Format: report.Paths0, Only: report.OnlyGo})
	if strings.Contains(got, "/stick/e.jpg") || strings.Contains(got, "/web/small.jpg") {
		t.Errorf("proposed to go while the best is offline: %q", got)
	}
}

func TestErrors(t *testing.T) {
	x := sample(t)
	ctx := context.Background()
	if _, err := report.Write(ctx, &bytes.Buffer{}, x, report.Options{Format: "xml"}); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("an unknown format: %v", err)
	}
	if _, err := report.Write(ctx, &bytes.Buffer{}, x, report.Options{Sort: "size"}); err == nil {
		t.Error("an unknown order is taken")
	}
	stop := errors.New("stop")
	if err := report.Each(ctx, x, report.Options{}, func(report.Group) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the visitor's error: %v", err)
	}
	for _, f := range report.Formats() {
		if _, err := report.Write(ctx, full{}, x, report.Options{Format: f}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want the writer's error", f, err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := report.Write(ended, &bytes.Buffer{}, x, report.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain.jpg": "plain.jpg", "Ærø ☀.jpg": "Ærø ☀.jpg", "👩\u200d🚀.jpg": "👩\u200d🚀.jpg", "a\tb\r\n": `a\tb\r\n`,
		"\x1b]0;x\x07": `\x1b]0;x\x07`, "\u009b2J": `\u009b2J`, "\xff": `\xff`, "\ufffd": "\ufffd", "\u2028": `\u2028`, "\U000e0041": `\U000e0041`,
	} {
		if got := report.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1<<20 - 1: "1.0 MiB", 1 << 20: "1.0 MiB", 1536 << 20: "1.5 GiB", 1<<63 - 1: "8.0 EiB",
	} {
		if got := report.Size(n); got != want {
			t.Errorf("Size(%d) = %s, want %s", n, got, want)
		}
	}
}

// Each rule keeps another file, and never one that shares only a part.
func TestRules(t *testing.T) {
	x := sample(t)
	for text, want := range map[string]string{
		"best": "/photos/2020/another name.jpg", "oldest": "/photos/2020/another name.jpg", "newest": "/web/small hard link.jpg",
		"largest": "/photos/2020/another name.jpg", "shortest-path": "/web/small.jpg", "in /web": "/web/small hard link.jpg", "in:/stick": "/photos/2020/another name.jpg",
	} {
		rule, err := report.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := report.ParseRule(rule.String()); err != nil || again != rule {
			t.Errorf("%q reads as %+v, then as %+v %v", text, rule, again, err)
		}
		var kept []string
		err = report.Each(context.Background(), x, report.Options{Keep: rule}, func(g report.Group) error {
			if g.Number > 1 {
				return nil
			}
			for _, f := range g.Files {
				if f.Action == report.Keep {
					kept = append(kept, f.Path)
				}
				if f.Kind == "partial" && f.Action != report.Leave {
					t.Errorf("%s: a part is %s", text, f.Action)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(kept, []string{want}) {
			t.Errorf("%s keeps %q, want %q", text, kept, want)
		}
	}
	got, _ := write(t, x, report.Options{Format: report.Paths0, Only: report.OnlyGo, NeverGo: []string{"/photos", "/web/odd"}})
	if want := "/web/small hard link.jpg\x00/web/small.jpg\x00"; got != want {
		t.Errorf("never go from two folders: %q, want %q", got, want)
	}
	for _, bad := range []string{"", "in", "in ", "worst"} {
		if _, err := report.ParseRule(bad); err == nil {
			t.Errorf("%q is taken for a rule", bad)
		}
	}
}
