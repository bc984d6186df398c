//go:build unix

package main

import (
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"image"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// Shots of one camera seconds apart are listed as a series and are no copies of each other,
// while each has its own copies, with a capture time or without.
func TestSeries(t *testing.T) {
	p := build(t)
	photos := p.photos
	scene, passer := drawn.Scene(1, 480, 320), drawn.Scene(99, 480, 320)
	shot := func(step float64) image.Image { // somebody walks by, the camera moves a little
		return drawn.Crop(drawn.Inset(scene, passer, 0.1+step/12, 0.5, 0.15), 0.01*step, 0, 0.96+0.01*step, 1)
	}
	noon := time.Date(2021, 7, 3, 12, 0, 0, 0, time.UTC)
	put := func(name string, data []byte) {
		if err := writeNew(filepath.Join(photos, name), data); err != nil {
			t.Fatal(err)
		}
	}
	for i, seconds := range []int{0, 8, 16, 60} { // the third is further than a gap from the first, the fourth is no shot of the series
		img := shot(float64(i))
		name := string(rune('a' + i))
		if name == "d" {
			put("d.jpg", withEXIF(drawn.JPEG(img, 92), "Maker", "X1", noon.Add(time.Minute)))
			continue
		}
		put(name+".jpg", withEXIF(drawn.JPEG(img, 92), "Maker", "X1", noon.Add(time.Duration(seconds)*time.Second)))
		put(name+"-kept.jpg", withEXIF(drawn.JPEG(img, 60), "Maker", "X1", noon.Add(time.Duration(seconds)*time.Second)))
		put(name+"-sent.jpg", drawn.JPEG(drawn.Resize(img, img.Bounds().Dx()/2, img.Bounds().Dy()/2), 80))
	}
	ask := func(args ...string) string {
		out, _ := p.run(0, args...)
		return out
	}
	// In two steps, the best shot last: the groups are those of one step.
	ask("scan", "--quiet", photos, "--exclude", "c*.jpg", "--exclude", "b-sent.jpg")
	ask("scan", "--quiet")
	stepwise := ask("report", "--format", "csv", "--sensitivity", "loose")
	p.index = filepath.Join(p.folder, "once.db")
	ask("scan", "--quiet", photos)
	if once := ask("report", "--format", "csv", "--sensitivity", "loose"); once != stepwise {
		t.Errorf("in two steps:\n%s\nin one:\n%s", stepwise, once)
	}
	groups := map[string]string{}
	rows, err := csv.NewReader(strings.NewReader(ask("report", "--format", "csv", "--sensitivity", "loose"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		groups[strings.TrimSuffix(filepath.Base(r[1]), ".jpg")] = r[0]
	}
	for _, shot := range []string{"a", "b", "c"} {
		if g := groups[shot]; g == "" || g != groups[shot+"-kept"] || g != groups[shot+"-sent"] {
			t.Errorf("%s and its copies stand in groups %q, %q, %q", shot, g, groups[shot+"-kept"], groups[shot+"-sent"])
		}
	}
	if groups["a"] == groups["b"] || groups["a"] == groups["c"] || groups["b"] == groups["c"] {
		t.Errorf("two shots stand in one group: %v", groups)
	}

	var list struct {
		Series []struct {
			Moments, Seconds int
			Camera           string
			Files            []struct {
				Path string
				Best bool
			}
		}
		Totals struct{ Series, Files int }
	}
	if err := json.Unmarshal([]byte(ask("report", "--bursts", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Series) != 1 || list.Totals.Series != 1 || list.Totals.Files != 6 {
		t.Fatalf("series %+v", list)
	}
	s := list.Series[0]
	var names []string
	for _, f := range s.Files {
		names = append(names, filepath.Base(f.Path))
	}
	if want := "a-kept.jpg a.jpg b-kept.jpg b.jpg c-kept.jpg c.jpg"; s.Moments != 3 || s.Seconds != 16 || s.Camera != "Maker Corp X1 pro" || strings.Join(names, " ") != want {
		t.Errorf("the series is %+v", s)
	}
	table := ask("report", "--bursts")
	for _, want := range []string{"series 1: 6 files, 3 moments in 16s, Maker Corp X1 pro, in ", "\n        +8s     0.", "\n  best  +16s    0."} {
		if !strings.Contains(table, want) {
			t.Errorf("the table says\n%s, without %q", table, want)
		}
	}
	if rows, err := csv.NewReader(strings.NewReader(ask("report", "--bursts", "--format", "csv"))).ReadAll(); err != nil || len(rows) != 7 || rows[6][4] != "2021-07-03T12:00:16Z" {
		t.Errorf("the csv has %q, %v", rows, err)
	}
	if lines := ask("report", "--bursts", "--format", "jsonl"); strings.Count(lines, "\n") != 1 || !strings.HasPrefix(lines, `{"series":1,"camera":"Maker Corp X1 pro","moments":3,`) {
		t.Errorf("json lines: %s", lines)
	}
}

// withEXIF puts camera and capture time into a JPEG (EXIF 2.3, sections 4.5 and 4.6).
func withEXIF(jpeg []byte, maker, model string, taken time.Time) []byte {
	const ascii, long = 2, 4
	order := binary.BigEndian
	var after []byte // the values that do not fit into an entry
	directory := func(b []byte, start int, tags []tag) []byte {
		b = order.AppendUint16(b, uint16(len(tags)))
		start += 2 + 12*len(tags) + 4
		after = nil
		for _, x := range tags {
			b = order.AppendUint16(b, x.id)
			if x.text == "" {
				b = order.AppendUint32(order.AppendUint32(order.AppendUint16(b, long), 1), x.number)
				continue
			}
			b = order.AppendUint32(order.AppendUint16(b, ascii), uint32(len(x.text)+1))
			b = order.AppendUint32(b, uint32(start+len(after)))
			after = append(append(after, x.text...), 0)
		}
		return append(order.AppendUint32(b, 0), after...)
	}
	first := []tag{{0x010f, maker + " Corp", 0}, {0x0110, model + " pro", 0}, {0x8769, "", 0}}
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08")
	first[2].number = uint32(len(directory(tiff, 8, first)))
	tiff = directory(tiff, 8, first)
	tiff = directory(tiff, len(tiff), []tag{{0x9003, taken.Format("2006:01:02 15:04:05"), 0}})
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, jpeg[:2]...)
	out = order.AppendUint16(append(out, 0xff, 0xe1), uint16(len(segment)+2))
	return append(append(out, segment...), jpeg[2:]...)
}

// tag is an entry of an EXIF directory: a text, or where that is empty a number.
type tag struct {
	id     uint16
	text   string
	number uint32
}
