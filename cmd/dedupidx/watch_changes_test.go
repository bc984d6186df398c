//go:build unix

// Whatever is done to the folders: the index ends as a fresh scan would find it.

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func watchChanges(t *testing.T, p *program) {
	a, b, away := filepath.Join(p.folder, "a"), filepath.Join(p.folder, "b"), filepath.Join(p.folder, "away")
	in := func(root string, name ...string) string { return filepath.Join(append([]string{root}, name...)...) }
	must(t, os.Mkdir(away, 0o755))
	for i := range 4 {
		p.put(in(a, fmt.Sprintf("%d.jpg", i)), small()[i][0])
	}
	p.put(in(b, "1 small.jpg"), small()[1][1])
	p.put(in(b, "sub", "2.jpg"), small()[2][0])
	many := func(folder string, n int) {
		for i := range n {
			p.put(in(folder, fmt.Sprintf("%02d", i%10), fmt.Sprintf("%04d.jpg", i)), small()[i%len(small())][i/12%2])
		}
	}
	r := p.watch("--metrics", "127.0.0.1:0", a, b)
	r.isTrue("the first look", a, b)
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"create", func() { p.put(in(a, "new.jpg"), small()[0][1]) }},
		{"overwrite", func() { p.put(in(a, "new.jpg"), small()[5][1]) }},
		{"append in small writes over 3 s", func() {
			f, err := os.Create(in(a, "slow.jpg"))
			must(t, err)
			data := small()[3][1]
			for i := range 15 {
				_, err := f.Write(data[i*len(data)/15 : (i+1)*len(data)/15])
				must(t, err)
				time.Sleep(200 * time.Millisecond)
			}
			must(t, f.Close())
		}},
		{"rename", func() { must(t, os.Rename(in(a, "new.jpg"), in(a, "renamed.jpg"))) }},
		{"rename over an existing file", func() { must(t, os.Rename(in(a, "slow.jpg"), in(a, "renamed.jpg"))) }},
		{"move between roots", func() { must(t, os.Rename(in(a, "renamed.jpg"), in(b, "sub", "moved.jpg"))) }},
		{"move out", func() { must(t, os.Rename(in(b, "sub", "moved.jpg"), in(away, "moved.jpg"))) }},
		{"move a folder of 1,000 in", func() { many(in(away, "many"), 1000); must(t, os.Rename(in(away, "many"), in(a, "many"))) }},
		{"move a folder of 1,000 out", func() { must(t, os.Rename(in(a, "many"), in(away, "many"))) }},
		{"a tree ten deep in one cp -r", func() {
			p.put(in(away, "d1/d2/d3/d4/d5/d6/d7/d8/d9/d10/deep.jpg"), small()[6][0])
			p.put(in(away, "d1/d2/d3/half.jpg"), small()[6][1])
			p.shell("cp", "-r", in(away, "d1"), in(b, "d1"))
		}},
		{"rename a folder, and one in it", func() {
			must(t, os.Rename(in(b, "d1"), in(b, "e1")))
			must(t, os.Rename(in(b, "e1/d2"), in(b, "e1/e2")))
			p.put(in(b, "e1/e2/d3/after.jpg"), small()[7][0])
		}},
		{"move a folder between roots", func() { must(t, os.Rename(in(b, "e1"), in(a, "e1"))) }},
		{"delete a tree", func() { must(t, os.RemoveAll(in(a, "e1"))) }},
		{"hard link", func() { must(t, os.Link(in(a, "1.jpg"), in(b, "linked.jpg"))) }},
		{"remove a hard link", func() { must(t, os.Remove(in(b, "linked.jpg"))) }},
		{"symlink swap", func() {
			must(t, os.Symlink(in(a, "1.jpg"), in(a, "link.jpg")))
			must(t, os.Symlink(in(a, "2.jpg"), in(a, "link.new")))
			must(t, os.Rename(in(a, "link.new"), in(a, "link.jpg")))
			must(t, os.Remove(in(a, "3.jpg")))
			must(t, os.Symlink(in(a, "1.jpg"), in(a, "3.jpg"))) // in the place of a file
		}},
		{"a file in the place of a folder", func() {
			must(t, os.RemoveAll(in(b, "sub")))
			p.put(in(b, "sub"), small()[8][0])
		}},
		{"a folder in the place of a file", func() {
			must(t, os.Remove(in(b, "sub")))
			p.put(in(b, "sub", "2.jpg"), small()[2][1])
		}},
		{"chmod", func() { must(t, os.Chmod(in(a, "0.jpg"), 0o600)) }},
		{"touch", func() { now := time.Now(); must(t, os.Chtimes(in(a, "0.jpg"), now, now)) }},
		{"a rename storm", func() {
			for i := range 601 {
				must(t, os.Rename(in(a, fmt.Sprintf("%d.jpg", i%3)), in(a, "x")))
				must(t, os.Rename(in(a, fmt.Sprintf("%d.jpg", (i+1)%3)), in(a, fmt.Sprintf("%d.jpg", i%3))))
				must(t, os.Rename(in(a, "x"), in(a, fmt.Sprintf("%d.jpg", (i+1)%3))))
			}
		}},
		{"editors: temporary file and rename", func() {
			p.put(in(a, ".0.jpg.swp"), []byte("swap"))
			p.put(in(a, "0.jpg.tmp"), small()[9][0])
			must(t, os.Rename(in(a, "0.jpg"), in(a, "0.jpg~")))
			must(t, os.Rename(in(a, "0.jpg.tmp"), in(a, "0.jpg")))
			must(t, os.Remove(in(a, "0.jpg~")))
			must(t, os.Remove(in(a, ".0.jpg.swp")))
		}},
		{"downloads: .part to final", func() {
			for i := range 5 {
				part := in(b, fmt.Sprintf("photo %d.jpg.part", i))
				p.put(part, small()[i+6][1][:900])
				p.put(part, small()[i+6][1])
				must(t, os.Rename(part, strings.TrimSuffix(part, ".part")))
			}
		}},
		{"a name that is no UTF-8", func() {
			if os.WriteFile(in(a, "caf\xe9.jpg"), small()[2][1], 0o644) != nil {
				t.Log("this file system takes UTF-8 alone")
			}
		}},
	} {
		began := time.Now()
		step.do()
		did := time.Since(began)
		r.isTrue(step.what, a, b)
		t.Logf("%-42s took %5d ms, true after %5d ms", step.what, did.Milliseconds(), (time.Since(began) - did).Milliseconds())
	}

	url := regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(r.err.String())
	answer, err := http.Get(url[1])
	must(t, err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	must(t, err)
	for _, line := range []string{
		`(?m)^dedupidx_queue_depth 0$`, `(?m)^dedupidx_events_total [1-9]`, `(?m)^dedupidx_images_decoded_total [1-9]`, `(?m)^dedupidx_roots_offline 0$`,
		`(?m)^dedupidx_step_seconds_total\{step="ingest"\} 0?\.?[0-9]`, `(?m)^dedupidx_build_info\{version="[^"]+",commit="[^"]*",go="go1`, `(?m)^dedupidx_overflows_total 0$`,
	} {
		if !regexp.MustCompile(line).Match(page) {
			t.Errorf("the metrics lack %s:\n%s", line, page)
		}
	}
	r.stop(syscall.SIGTERM)
	p.sound()
}
