package report_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

// Series are read off the stored matches: those of one camera, of different moments, seconds apart.
func TestSeries(t *testing.T) {
	ctx := context.Background()
	at := func(camera string, second int64, paths ...string) shot {
		return shot{kind: "near", format: "jpeg", width: 900, camera: camera, taken: 1_600_000_000_000_000_000 + second*1_000_000_000, paths: paths}
	}
	shots := []shot{
		at("Maker X1", 0, "d/1.jpg", "d/1 copy.jpg"), at("Maker X1", 4, "d/2.jpg"), at("Maker X1", 11, "d/3.jpg"),
		at("Maker X1", 100, "d/4.jpg"), at("Other", 3, "d/5.jpg"), at("Maker X1", -50, "d/6.jpg"), at("Maker X1", -45, "d/7.jpg"),
		at("Maker X1", -500, "d/8.jpg"), at("Maker X1", -495),
	}
	shots[0].kind = "best"
	x := groupOf(t, shots)
	id := map[int]int64{}
	for i := range shots {
		c, _, err := x.ContentByHash(ctx, hash(byte(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		id[i+1] = c.ID
	}
	var matches []index.Match
	for _, m := range []struct {
		a, b  int
		kind  string
		alike float64
	}{
		{1, 2, "near", 0.8}, {2, 3, "partial", 0.6}, {3, 4, "near", 0.99}, {2, 5, "near", 0.99}, {6, 7, "near", 0.7}, {1, 3, "none", 0.1}, {8, 9, "near", 0.9},
	} {
		matches = append(matches, index.Match{A: id[m.a], B: id[m.b], Kind: m.kind, Probability: m.alike, Similarity: m.alike, Version: 1, Scores: "{}"})
	}
	if err := x.WriteComparison(ctx, 1, nil, matches); err != nil {
		t.Fatal(err)
	}
	list, err := report.AllSeries(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, s := range list {
		for _, f := range s.Files {
			said = append(said, strings.TrimSuffix(filepath.Base(f.Path), ".jpg"))
		}
		said = append(said, s.Span().String(), "|")
	}
	// What only 8 remains of is no series.
	if got := strings.Join(said, " "); got != "6 7 5s | 1 copy 1 2 3 11s |" || list[1].Moments != 3 || list[1].Files[2].Similarity != 0.8 || list[1].Number != 2 {
		t.Errorf("series %q: %+v", got, list)
	}
	for format, want := range map[report.Format]string{
		report.Table: "series 1: 2 files, 2 moments in 5s, Maker X1, in ", report.CSV: report.SeriesHeader + "\n1,",
		report.JSON: "{\"series\":[\n{\"series\":1,\"camera\":\"Maker X1\",\"moments\":2,\"seconds\":5,", report.JSONL: "{\"series\":1,",
	} {
		var b bytes.Buffer
		totals, err := report.WriteSeries(ctx, &b, x, report.Options{Format: format})
		if err != nil || totals != (report.SeriesTotals{Series: 2, Files: 6}) || !strings.HasPrefix(b.String(), want) {
			t.Errorf("%s: %+v, %v:\n%s", format, totals, err, &b)
		}
		if _, err := report.WriteSeries(ctx, full{}, x, report.Options{Format: format}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want the writer's error", format, err)
		}
	}
	if _, err := report.WriteSeries(ctx, &bytes.Buffer{}, x, report.Options{Format: report.Paths0}); err == nil {
		t.Error("a list of series as paths0")
	}
	if none, err := report.AllSeries(ctx, sample(t)); err != nil || none != nil {
		t.Errorf("without capture times: %+v, %v", none, err)
	}
}
