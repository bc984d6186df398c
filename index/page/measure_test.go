//go:build unix

package page_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/page"
	"github.com/dedupidx/dedupidx/index/report"
)

// corpusIndex opens the index of the labelled photos: made with
// `dedupidx --index FILE scan PHOTOS`, which takes minutes, and named by DEDUPIDX_CORPUS_INDEX.
func corpusIndex(t *testing.T) (x *index.Index, labels map[string][]string) {
	t.Helper()
	path := os.Getenv("DEDUPIDX_CORPUS_INDEX")
	if os.Getenv("DEDUPIDX_MEASURE") == "" || path == "" {
		t.Skip("needs DEDUPIDX_MEASURE=1 and DEDUPIDX_CORPUS_INDEX, an index of the labelled photos")
	}
	x, err := index.OpenReader(context.Background(), path)
	must(t, err)
	t.Cleanup(func() { x.Close() })
	roots, err := x.Roots(context.Background())
	must(t, err)
	f, err := os.Open(filepath.Join(roots[0].Path, "labels.csv"))
	if err != nil {
		t.Skipf("no labels: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	must(t, err)
	labels = map[string][]string{}
	for _, r := range rows {
		labels[filepath.Join(roots[0].Path, r[0])] = r
	}
	return x, labels
}

// Ten pairs that were turned, mirrored, cropped, stretched or photographed off a
// screen by others lie over each other: where both are, their grey differs by 12 levels at most.
func TestOverlaysOfCorpus(t *testing.T) {
	x, labels := corpusIndex(t)
	want := []string{"turn ", "turn ", "mirror", "mirror", "crop ", "crop-half", "phone-screenshot", "desktop-screenshot", "stretch", "stretch", "rotate-crop"}
	type pair struct{ path, edit string }
	var pairs []pair
	for i, edit := range want {
		skip := 0
		for _, before := range want[:i] {
			if before == edit {
				skip++
			}
		}
		must(t, report.Each(context.Background(), x, report.Options{}, func(g report.Group) error {
			// Where the best one is an edit of tones, tones differ, not places.
			if b := labels[g.Files[0].Path]; b == nil || b[2] != "original" && b[2] != "byte" && b[2] != "pixel" {
				return nil
			}
			for _, f := range g.Files[1:] {
				l := labels[f.Path]
				if l == nil || !strings.HasPrefix(l[3], edit) || strings.Contains(l[3], "others") || f.Transform == (index.Transform{}) || l[1] != labels[g.Files[0].Path][1] && !strings.Contains(l[4], labels[g.Files[0].Path][1]) {
					continue
				}
				if skip--; skip == -1 {
					pairs = append(pairs, pair{f.Path, l[3]})
				}
			}
			return nil
		}))
	}
	if len(pairs) < 10 {
		t.Fatalf("only %d pairs", len(pairs))
	}
	b := startBrowser(t)
	o := options()
	dir := t.TempDir()
	b.open("file://" + writePage(t, x, o, filepath.Join(dir, "page.html")))
	b.until(`[...document.querySelectorAll(".file img")].every((i) => i.complete && i.naturalWidth)`)
	b.shot("corpus-list")
	for i, p := range pairs {
		b.choose("#search", filepath.Base(p.path))
		b.choose("#folder", filepath.Dir(p.path))
		sel := fmt.Sprintf(`[...document.querySelectorAll(".file")].find((f) => f.getAttribute("aria-label").startsWith(%s))`, quote(p.path))
		b.until(sel)
		b.eval(sel + `.querySelector(".picture").click()`)
		b.press("4")
		b.until(`measure.textContent.includes("levels")`)
		levels, err := strconv.ParseFloat(b.text(`measure.dataset.levels`), 64)
		must(t, err)
		t.Logf("%-50s %5.2f levels: %s", p.edit, levels, b.text(`measure.textContent`))
		if levels > 12 {
			t.Errorf("%s (%s): %.2f levels", p.path, p.edit, levels)
		}
		b.shot(fmt.Sprintf("corpus-%d-difference", i))
		b.press("3")
		b.shot(fmt.Sprintf("corpus-%d-swipe", i))
		b.press("Escape")
		b.until(`!compare.open`)
	}
	b.quiet()
}

// writePage writes a page to a file.
func writePage(t testing.TB, x *index.Index, o page.Options, path string) string {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	_, err = page.Write(context.Background(), f, x, o)
	must(t, err)
	must(t, f.Close())
	return path
}

// TestManyGroups measures a page of 10,000 groups with 30,000 files and its
// thumbnails in a folder: what the writer needs, how large it is, when the browser
// paints it, and how long frames last while it is scrolled.
func TestManyGroups(t *testing.T) {
	if os.Getenv("DEDUPIDX_MEASURE") == "" {
		t.Skip("needs DEDUPIDX_MEASURE=1")
	}
	const groups = 10_000
	x := synthetic(t, groups)
	dir := t.TempDir()
	o := options()
	o.Assets, o.AssetsURL, o.Side = filepath.Join(dir, "thumbs"), "./thumbs", 96
	peak := watchHeap()
	began := time.Now()
	path := writePage(t, x, o, filepath.Join(dir, "page.html"))
	t.Logf("written in %v, heap %d MiB at most", time.Since(began).Round(time.Millisecond), peak()>>20)
	info, err := os.Stat(path)
	must(t, err)
	b := startBrowser(t)
	b.open("file://" + path)
	paint, _ := b.eval(`new Promise((done) => { const p = performance.getEntriesByName("first-contentful-paint"); if (p.length) done(p[0].startTime);
		new PerformanceObserver((l) => { for (const e of l.getEntriesByName("first-contentful-paint")) done(e.startTime); }).observe({type: "paint", buffered: true}); })`).(float64)
	var heap struct {
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	b.call(b.session, "Performance.getMetrics", nil, &heap)
	for _, m := range heap.Metrics {
		if m.Name == "JSHeapUsedSize" {
			t.Logf("page of %.1f MiB, first paint after %.0f ms, %.0f MiB of script memory", float64(info.Size())/(1<<20), paint, m.Value/(1<<20))
		}
	}
	t.Logf("the browser's process of the page has %d MiB resident", b.resident()>>20)
	if paint > 1000 {
		t.Errorf("first paint after %.0f ms", paint)
	}
	frames := b.text(`new Promise((done) => { const times = []; let last = performance.now(); let y = 0;
		const step = (now) => { times.push(now - last); last = now; y += 120; scrollTo(0, y); if (times.length < 300) requestAnimationFrame(step);
			else { times.sort((a, b) => a - b); done("median " + times[150].toFixed(1) + " ms, 95 % " + times[285].toFixed(1) + " ms, longest " + times[299].toFixed(1) + " ms, " + document.querySelectorAll(".group").length + " groups made"); } };
		requestAnimationFrame(step); })`)
	t.Logf("frames while scrolling: %s", frames)
	began = time.Now()
	b.choose("#search", "p9999")
	b.until(`count.textContent.startsWith("1 group of")`)
	t.Logf("a search shows after %v", time.Since(began).Round(time.Millisecond))
	b.quiet()
}

// synthetic is an index of groups of three drawn thumbnails.
func synthetic(t *testing.T, groups int) *index.Index {
	ctx := context.Background()
	x, err := index.Create(ctx, filepath.Join(t.TempDir(), "index.db"))
	must(t, err)
	t.Cleanup(func() { x.Close() })
	fill(t, x, groups)
	return x
}

// watchHeap tells the largest heap from now on.
func watchHeap() (peak func() uint64) {
	stop := make(chan struct{})
	most := make(chan uint64)
	go func() {
		var m uint64
		var s runtime.MemStats
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				runtime.ReadMemStats(&s)
				m = max(m, s.HeapInuse+s.StackInuse)
			case <-stop:
				most <- m
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-most
	}
}
