package local

import (
	"context"
	"encoding/csv"
	"fmt"
	"image"
	"image/draw"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/stages/raster"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// corpus is the folder of test photos, or skips.
func corpus(t testing.TB) string {
	dir := os.Getenv("DEDUPIDX_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "photos", "labels.csv")); err != nil {
		t.Skipf("no test photos at %s: set DEDUPIDX_CORPUS", dir)
	}
	return dir
}

// readRaster decodes a photo; nil where this package's tests cannot.
func readRaster(t testing.TB, path string) *raster.Raster {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := raster.Decode(context.Background(), data, raster.Limits{})
	if err == nil {
		return r
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var img image.Image
	if img, err = webp.Decode(f); err != nil {
		f.Seek(0, 0)
		if img, err = tiff.Decode(f); err != nil {
			return nil
		}
	}
	b := img.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(rgba, rgba.Rect, img, b.Min, draw.Over)
	r = rasterOf(rgba.Rect.Dx(), rgba.Rect.Dy(), func(x, y int) (uint8, uint8, uint8) {
		c := rgba.RGBAAt(x, y)
		return c.R, c.G, c.B
	})
	if long := max(r.Width, r.Height); long > raster.Side {
		w, h := max(1, r.Width*raster.Side/long), max(1, r.Height*raster.Side/long)
		pix := areaRGBA(r, w, h)
		r = rasterOf(w, h, func(x, y int) (uint8, uint8, uint8) {
			i := 4 * (y*w + x)
			return pix[i], pix[i+1], pix[i+2]
		})
	}
	return r
}

// rasterOf draws a raster.
func rasterOf(w, h int, at func(x, y int) (r, g, b uint8)) *raster.Raster {
	r := &raster.Raster{Width: w, Height: h, RGB: make([]byte, 0, 3*w*h), Luma: make([]byte, 0, w*h)}
	for y := range h {
		for x := range w {
			red, green, blue := at(x, y)
			r.RGB = append(r.RGB, red, green, blue)
			r.Luma = append(r.Luma, uint8((299*int(red)+587*int(green)+114*int(blue)+500)/1000))
		}
	}
	return r
}

// photo is a labelled picture of the corpus.
type photo struct {
	path, relation, edit string
	groups               []string // that it shows
	families             string
	feature              Feature
}

func (p *photo) shares(q *photo) bool {
	return slices.ContainsFunc(p.groups, func(g string) bool { return slices.Contains(q.groups, g) })
}

// photos extracts the features of all labelled photos and the strangers.
func photos(t testing.TB) []*photo {
	dir := corpus(t)
	f, err := os.Open(filepath.Join(dir, "photos", "labels.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []*photo
	for _, row := range rows[1:] {
		p := &photo{path: filepath.Join(dir, "photos", row[0]), relation: row[2], edit: row[3], groups: []string{row[1]}}
		switch p.relation {
		case "byte", "pixel":
			continue
		case "partial":
			p.groups = append(p.groups, strings.Split(row[4], ";")...)
		case "none":
			p.families = row[4]
		}
		all = append(all, p)
	}
	for _, path := range distractors(t) {
		all = append(all, &photo{path: path, relation: "stranger", groups: []string{path}})
	}
	var wait sync.WaitGroup
	next := make(chan *photo)
	for range runtime.NumCPU() {
		wait.Go(func() {
			for p := range next {
				if r := readRaster(t, p.path); r != nil {
					p.feature = Extract(r)
				}
			}
		})
	}
	for _, p := range all {
		next <- p
	}
	close(next)
	wait.Wait()
	return slices.DeleteFunc(all, func(p *photo) bool { return p.feature.Width == 0 })
}

// TestMeasure prints what the constants of this package are chosen by:
//
//	DEDUPIDX_MEASURE=1 go test ./stages/local -run TestMeasure -v
func TestMeasure(t *testing.T) {
	if os.Getenv("DEDUPIDX_MEASURE") == "" {
		t.Skip("takes minutes: set DEDUPIDX_MEASURE=1")
	}
	start := time.Now()
	all := photos(t)
	fmt.Printf("%d pictures read in %v\n", len(all), time.Since(start))
	few, size := 0, 0
	for _, p := range all {
		if len(p.feature.Points) < 50 {
			few++
		}
		size += len(Encode(p.feature))
	}
	fmt.Printf("bytes %d in the mean, fewer than 50 keypoints %d\n", size/len(all), few)

	type posting struct {
		of   int
		data uint64
	}
	stored := 0
	index := make(map[uint32][]posting)
	for i, p := range all {
		for _, k := range Keys(p.feature) {
			index[k.Word] = append(index[k.Word], posting{i, k.Data})
			stored++
		}
	}
	originals := make(map[string]int)
	for i, p := range all {
		if p.relation == "original" {
			originals[p.groups[0]] = i
		}
	}

	// Each edited photo asks for the originals it was made from.
	cuts := []int{vote * 3 / 2, vote * 7 / 4, MinVotes * vote, vote * 5 / 2, 3 * vote}
	inliers := []int{5, 8, 12}
	type count struct {
		pairs    int
		votes    [5]int // pairs with at least so many
		inliers  [3]int
		proposed int // by votes and inliers together
	}
	counts := map[string]*count{"near": {}, "hard": {}, "partial": {}}
	var strangers, labelled [5]int // of the distractors, of other labelled photos
	var false3 [3]int
	var agreeTime, compareTime time.Duration
	agrees, compares, asked, postings, alike, falsePairs := 0, 0, 0, 0, 0, 0
	misses := make(map[string]int)
	for i, p := range all {
		c := counts[p.relation]
		if c == nil {
			continue
		}
		asked++
		met := make(map[int][]Pair)
		for _, k := range Probes(p.feature) {
			postings += len(index[k.Word])
			for _, h := range index[k.Word] {
				if q := (Key{k.Word, h.data}); h.of != i && Alike(k, q) {
					met[h.of] = append(met[h.of], Pair{k, q})
					alike++
				}
			}
		}
		votes := make(map[int]int)
		began := time.Now()
		for of, pairs := range met {
			votes[of] = Agree(pairs).Worth
		}
		agreeTime += time.Since(began)
		agrees += len(met)
		for of, q := range all {
			if votes[of] < cuts[0] || p.shares(q) {
				continue
			}
			for n, cut := range cuts {
				if votes[of] >= cut && q.relation == "stranger" {
					strangers[n]++
				} else if votes[of] >= cut {
					labelled[n]++
				}
			}
			if votes[of] >= MinVotes*vote && q.relation == "stranger" {
				falsePairs++
				for n, k := range inliers {
					if Compare(p.feature, q.feature).Inliers >= k {
						false3[n]++
					}
				}
			}
		}
		for _, g := range p.groups {
			of, ok := originals[g]
			if !ok {
				continue
			}
			c.pairs++
			for n, cut := range cuts {
				if votes[of] >= cut {
					c.votes[n]++
				}
			}
			began := time.Now()
			e := Compare(p.feature, all[of].feature)
			compareTime += time.Since(began)
			compares++
			for n, k := range inliers {
				if e.Inliers >= k {
					c.inliers[n]++
				}
			}
			if e.Proposed && votes[of] >= MinVotes*vote {
				c.proposed++
			}
			if votes[of] < MinVotes*vote {
				kind, _, _ := strings.Cut(strings.Fields(p.edit + " ?")[0], ";")
				misses[p.relation+" "+kind]++
			}
		}
	}
	fmt.Printf("share of pairs with worth >= %v; inliers >= %v; both\n", cuts, inliers)
	for _, relation := range []string{"near", "hard", "partial"} {
		c := counts[relation]
		fmt.Printf("%-8s %4d pairs:", relation, c.pairs)
		for _, n := range c.votes {
			fmt.Printf(" %.3f", float64(n)/float64(c.pairs))
		}
		fmt.Print(";")
		for _, n := range c.inliers {
			fmt.Printf(" %.3f", float64(n)/float64(c.pairs))
		}
		fmt.Printf("; %.3f\n", float64(c.proposed)/float64(c.pairs))
	}
	fmt.Print("strangers per query by votes, of distractors and of labelled photos:")
	for n := range cuts {
		fmt.Printf(" %.3f+%.2f", float64(strangers[n])/float64(asked), float64(labelled[n])/float64(asked))
	}
	of := float64(asked * len(all))
	fmt.Printf("\nkeys a picture %d; of each, postings read per query %.1f, of which alike %.1f; pictures met %d of %d\n",
		stored/len(all), float64(postings)/of, float64(alike)/of, agrees/asked, len(all))
	fmt.Printf("distractors of enough votes: %d, by inliers %v\n", falsePairs, false3)
	fmt.Printf("Agree %v, Compare %v\n", agreeTime/time.Duration(agrees), compareTime/time.Duration(compares))
	for _, k := range slices.Sorted(maps.Keys(misses)) {
		fmt.Printf("  too few votes: %s %d\n", k, misses[k])
	}
}

func BenchmarkExtract(b *testing.B) {
	r := readRaster(b, firstDistractor(b))
	b.Logf("%dx%d", r.Width, r.Height)
	for b.Loop() {
		Extract(r)
	}
}

func BenchmarkKeys(b *testing.B) {
	f := Extract(readRaster(b, firstDistractor(b)))
	for b.Loop() {
		Keys(f)
	}
}

// BenchmarkCompare compares pictures that are prepared, as when one meets several: with
// itself, a copy (upright: nobody looks into the mirror) and a stranger.
func BenchmarkCompare(b *testing.B) {
	r := readRaster(b, firstDistractor(b))
	f, g := Prepare(Extract(r)), Prepare(Extract(readRaster(b, distractors(b)[5])))
	half := Prepare(Extract(&raster.Raster{Width: r.Width, Height: r.Height / 2,
		RGB: r.RGB[:3*r.Width*(r.Height/2)], Luma: r.Luma[:r.Width*(r.Height/2)]}))
	for _, c := range []struct {
		name  string
		other *Prepared
	}{{"self", f}, {"copy", half}, {"stranger", g}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Compare(c.other)
			}
		})
	}
}

// distractors lists the strangers.
func distractors(t testing.TB) []string {
	var paths []string
	err := filepath.WalkDir(filepath.Join(corpus(t), "distractors"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func firstDistractor(t testing.TB) string {
	for _, p := range distractors(t) {
		if r := readRaster(t, p); r != nil && max(r.Width, r.Height) == raster.Side {
			return p
		}
	}
	t.Skip("no photo of 512 pixels")
	return ""
}
