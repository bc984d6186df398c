//go:build unix

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// What comes and has a copy is told once, as a line, or as JSON and to a program.
func watchTells(t *testing.T, p *program) {
	original := filepath.Join(p.photos, "1.jpg")
	p.put(original, small()[0][0])
	p.put(filepath.Join(p.photos, "2.jpg"), small()[1][0])
	p.put(filepath.Join(p.photos, "2 copy.jpg"), small()[1][0]) // known from the first look: not told
	r := p.watch(p.photos)
	lesser := filepath.Join(p.photos, "lesser.jpg")
	p.put(lesser, small()[0][1])
	p.put(filepath.Join(p.photos, "alone.jpg"), small()[2][0])
	r.until("a duplicate", func() bool { return strings.Contains(r.out.String(), "\n") })
	if got := r.out.String(); !regexp.MustCompile(`: near copy \((0\.9\d\d|1\.000)\) of `+regexp.QuoteMeta(original)+"\n$").MatchString(got) || !strings.HasPrefix(got, lesser+": ") {
		t.Errorf("it tells %q", got)
	}
	now := time.Now()
	must(t, os.Chtimes(lesser, now, now)) // no news
	same := filepath.Join(p.photos, "same.jpg")
	p.put(same, small()[0][0])
	r.until("the other", func() bool { return strings.Count(r.out.String(), "\n") > 1 })
	r.isTrue("copies", p.photos)
	r.stop(syscall.SIGTERM)
	if got := r.out.String(); strings.Count(got, "\n") > 2 || !strings.Contains(got, "same.jpg: exact copy (1.000) of "+original+"\n") {
		t.Errorf("it tells %q", got)
	}
}

func watchEvents(t *testing.T, p *program) {
	original := filepath.Join(p.photos, "1.jpg")
	p.put(original, small()[0][0])
	script, got := filepath.Join(p.folder, "on duplicate"), filepath.Join(p.folder, "got")
	must(t, os.WriteFile(script, []byte("#!/bin/sh\necho \"$1\" > \"$2\"\ncat >> \"$2\"\necho said >&2\n"), 0o755))
	r := p.watch("--events", "--on-duplicate", `"`+script+`" '$HOME; x' `+got, p.photos)
	lesser := filepath.Join(p.photos, "les\nser\xe9.jpg")
	if os.WriteFile(lesser, small()[0][1], 0o644) != nil {
		lesser = filepath.Join(p.photos, "lesser.jpg")
		p.put(lesser, small()[0][1])
	}
	r.until("a duplicate", func() bool { return strings.Contains(r.out.String(), "\n") })
	var d duplicate
	must(t, json.Unmarshal([]byte(r.out.String()), &d))
	if d.PathBytes != nil {
		d.Path = string(d.PathBytes)
	}
	if d.Path != lesser || d.Of != original || d.Kind != "near" || d.Similarity < 0.9 || d.Size != int64(len(small()[0][1])) || len(d.Members) != 2 ||
		d.Members[0].Path != original || d.Members[0].Kind != "best" || d.Group != d.Members[0].Hash || d.Hash != d.Members[1].Hash {
		t.Errorf("it tells %+v", d)
	}
	r.until("the program", func() bool { return strings.Contains(r.err.String(), "said") })
	text, err := os.ReadFile(got)
	must(t, err)
	if string(text) != "$HOME; x\n"+r.out.String() {
		t.Errorf("the program got %q", text)
	}
	r.stop(syscall.SIGTERM)
}

// From close(2) of a picture that comes to its row in the report. With
// DEDUPIDX_CROWD, an index that cmd/crowd filled, 1,000 photos (DEDUPIDX_ARRIVALS)
// come one by one, every two seconds, into a copy of it.
func watchLatency(t *testing.T, p *program) {
	if crowd := os.Getenv("DEDUPIDX_CROWD"); crowd != "" {
		intoCrowd(t, p, crowd)
		return
	}
	for i, two := range small() {
		p.put(filepath.Join(p.photos, string(rune('a'+i))+".jpg"), two[0])
	}
	must(t, os.Mkdir(filepath.Join(p.photos, "in"), 0o755))
	r := p.watch(p.photos)
	reached := measure(t, p, 100, 50*time.Millisecond, func(i int) (string, []byte) {
		return filepath.Join(p.photos, "in", string(rune('a'+i%26))+string(rune('a'+i/26))+".jpg"), append(append([]byte{}, small()[i%12][1]...), byte(i))
	})
	tellLatency(t, reached, 100)
	r.stop(syscall.SIGTERM)
}

func tellLatency(t *testing.T, reached []time.Duration, least int) {
	if len(reached) < least {
		t.Fatalf("%d reached the report", len(reached))
	}
	t.Logf("%d arrivals, from close to report: median %v, 99th of 100 %v, worst %v", len(reached),
		reached[len(reached)/2], reached[len(reached)*99/100], reached[len(reached)-1])
	if worst := reached[len(reached)-1]; worst > time.Minute {
		t.Errorf("one took %v", worst)
	}
}

// intoCrowd lets halves of the corpus' strangers, and eighths of its photos of cameras,
// come as copies of such that are known.
func intoCrowd(t *testing.T, p *program, crowd string) {
	corpus := cmp.Or(os.Getenv("DEDUPIDX_CORPUS"), filepath.Join("..", "..", "..", "shared", "corpus"))
	var halves [][2][]byte
	cut := func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		img, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds().Dx() < 400 {
			return nil // of another format
		}
		across, down := 2, 1
		if img.Bounds().Dx() > 2000 {
			across, down = 4, 2
		}
		for i := range across * down {
			x, y := float64(i%across), float64(i/across)
			half := drawn.Crop(img, x/float64(across), y/float64(down), (x+1)/float64(across), (y+1)/float64(down))
			halves = append(halves, [2][]byte{drawn.JPEG(half, 92), drawn.JPEG(half, 80)})
		}
		return nil
	}
	must(t, filepath.WalkDir(filepath.Join(corpus, "distractors"), cut))
	must(t, filepath.WalkDir(filepath.Join(corpus, "camera-original"), cut))
	arrivals, err := strconv.Atoi(os.Getenv("DEDUPIDX_ARRIVALS"))
	if err != nil {
		arrivals = 1000
	}
	halves = halves[:min(arrivals, len(halves))]
	for i, two := range halves {
		p.put(filepath.Join(p.photos, "known", fmt.Sprintf("%04d.jpg", i)), two[0])
	}
	must(t, os.Mkdir(filepath.Join(p.photos, "in"), 0o755))
	from, err := os.Open(crowd)
	must(t, err)
	defer from.Close()
	to, err := os.Create(p.index)
	must(t, err)
	_, err = io.Copy(to, from)
	must(t, errors.Join(err, to.Close()))
	r := p.startWatch(nil, p.photos)
	r.untilWithin(10*time.Minute, "the first look", func() bool { return strings.Contains(r.err.String(), "looked at everything") })
	reached := measure(t, p, len(halves), 2*time.Second, func(i int) (string, []byte) {
		return filepath.Join(p.photos, "in", fmt.Sprintf("%04d.jpg", i)), halves[i][1]
	})
	tellLatency(t, reached, len(halves)*9/10) // a half may be as good as blank
	r.stop(syscall.SIGTERM)
}
