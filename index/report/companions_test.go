package report_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

// shot is a content of one group, and where its files lie.
type shot struct {
	kind, format, camera string
	width                int
	taken                int64
	transform            index.Transform
	paths                []string // folder/name
}

// groupOf is an index with one group.
func groupOf(t *testing.T, shots []shot) *index.Index {
	t.Helper()
	ctx := context.Background()
	x, err := index.Create(ctx, filepath.Join(t.TempDir(), "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	root, err := x.AddRoot(ctx, "/p", 0)
	if err != nil {
		t.Fatal(err)
	}
	var batch index.Batch
	for i, s := range shots {
		c := index.Content{Hash: hash(byte(i + 1)), Size: int64(1000 * s.width), Width: s.width, Height: s.width, Format: s.format,
			Decoder: "test", Source: "full", Taken: s.taken, Camera: s.camera}
		batch.Contents = append(batch.Contents, index.ContentWrite{Content: c})
		for _, p := range s.paths {
			folder, name, _ := strings.Cut(p, "/")
			batch.Files = append(batch.Files, index.FileWrite{File: at(root.ID, folder, name, c.Size, 0, time.Unix(1e9, 0)), Hash: c.Hash})
		}
	}
	if err := x.Write(ctx, batch); err != nil {
		t.Fatal(err)
	}
	cluster := index.Cluster{Similarity: 0.9, Path: "/p"}
	for i, s := range shots {
		c, _, err := x.ContentByHash(ctx, hash(byte(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		if s.kind == "best" {
			cluster.ID = c.ID
		}
		cluster.Members = append(cluster.Members, index.Member{Content: c.ID, Kind: s.kind, Similarity: 1 - float64(i)/100, Transform: s.transform})
	}
	if err := x.WriteClusters(ctx, nil, map[string]index.Regrouped{"normal": {Clusters: []index.Cluster{cluster}}}, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

// listed writes the groups as lines.
func listed(t *testing.T, x *index.Index, o report.Options) (lines []string) {
	t.Helper()
	err := report.Each(context.Background(), x, o, func(g report.Group) error {
		for _, f := range g.Files {
			lines = append(lines, fmt.Sprint(g.Number, " ", f.Kind, " ", f.Action, " ", strings.TrimPrefix(filepath.ToSlash(f.Path), "/p/")))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// A camera raw file and its JPEG are companions; what else there is of either is a copy.
func TestRawPairs(t *testing.T) {
	best := shot{kind: "best", format: "raw", camera: "Maker X1", width: 3000, taken: 77, paths: []string{"day/A.NEF"}}
	jpeg := shot{kind: "near", format: "jpeg", width: 2900, paths: []string{"day/a.jpg"}}
	moved := shot{kind: "near", format: "heic", camera: "Maker X1", width: 2900, taken: 77, paths: []string{"phone/1.heic"}}
	small := shot{kind: "near", format: "jpeg", width: 800, paths: []string{"web/a.jpg"}}
	collage := shot{kind: "partial", format: "jpeg", width: 5000, paths: []string{"day/A.jpeg"}}
	twice := best
	twice.paths = []string{"day/A.NEF", "old/A.NEF"}
	with := func(s shot, change func(*shot)) shot { change(&s); return s }
	for name, c := range map[string]struct {
		shots []shot
		want  string // empty: no group
	}{
		"one name":        {[]shot{best, jpeg}, ""},
		"one moment":      {[]shot{best, moved}, ""},
		"a small copy":    {[]shot{best, jpeg, small}, "1 best keep day/a.jpg; 1 near go web/a.jpg"},
		"both copied":     {[]shot{twice, jpeg, small}, "1 best keep day/a.jpg; 1 near go web/a.jpg; 2 best keep day/A.NEF; 2 exact go old/A.NEF"},
		"raw copied":      {[]shot{twice, jpeg}, "1 best keep day/A.NEF; 1 exact go old/A.NEF"},
		"no companion":    {[]shot{best, small}, "1 best keep day/A.NEF; 1 near go web/a.jpg"},
		"another moment":  {[]shot{best, with(moved, func(s *shot) { s.taken = 78 })}, "1 best keep day/A.NEF; 1 near go phone/1.heic"},
		"another camera":  {[]shot{best, with(moved, func(s *shot) { s.camera = "Maker X2" })}, "1 best keep day/A.NEF; 1 near go phone/1.heic"},
		"unknown moments": {[]shot{with(best, func(s *shot) { s.taken = 0 }), with(moved, func(s *shot) { s.taken = 0 })}, "1 best keep day/A.NEF; 1 near go phone/1.heic"},
		"a PNG of it":     {[]shot{best, with(jpeg, func(s *shot) { s.format = "png" })}, "1 best keep day/A.NEF; 1 near go day/a.jpg"},
		"only a part":     {[]shot{best, collage}, "1 best keep day/A.NEF; 1 partial leave day/A.jpeg"},
		"a part beside":   {[]shot{best, jpeg, collage}, "1 best keep day/a.jpg; 1 partial leave day/A.jpeg"},
		"the JPEG is best": {[]shot{with(jpeg, func(s *shot) { s.kind = "best" }), with(best, func(s *shot) { s.kind = "near" }), small},
			"1 best keep day/a.jpg; 1 near go web/a.jpg"},
		"two of one moment": {[]shot{best, with(moved, func(s *shot) { s.width = 700 }), jpeg}, "1 best keep day/a.jpg; 1 near go phone/1.heic"},
	} {
		x := groupOf(t, c.shots)
		if got := strings.Join(listed(t, x, report.Options{}), "; "); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
		joined := listed(t, x, report.Options{JoinRaw: true})
		if n := strings.Count(strings.Join(joined, "\n"), "best"); n != 1 || !slices.ContainsFunc(joined, func(s string) bool { return strings.Contains(s, ".NEF") }) {
			t.Errorf("%s: joined %q", name, joined)
		}
	}
}

// What is shown of a copy is its place against the file that is kept.
func TestRawPairTransforms(t *testing.T) {
	best := shot{kind: "best", format: "raw", width: 3000, paths: []string{"day/A.NEF"}}
	turned := shot{kind: "transformed", format: "jpeg", width: 2900, paths: []string{"day/A.jpg"}, transform: index.Transform{0, -1, 0.75, 1, 0, 0}}
	half := shot{kind: "transformed", format: "jpeg", width: 800, paths: []string{"web/A.jpg"}, transform: index.Transform{0, -0.5, 0.5, 0.5, 0, 0.125}}
	var got []index.Transform
	err := report.Each(context.Background(), groupOf(t, []shot{best, turned, half}), report.Options{}, func(g report.Group) error {
		for _, f := range g.Files {
			got = append(got, f.Transform)
		}
		return nil
	})
	// The turned one halved, and 0.125 to the right and down.
	if want := []index.Transform{{}, {0.5, 0, 0.125, 0, 0.5, 0.125}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, want %v; %v", got, want, err)
	}
}
