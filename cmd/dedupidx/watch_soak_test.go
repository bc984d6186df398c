//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// watchSoak lets the daemon work for DEDUPIDX_SOAK (10m in the long form, which
// scripts/soak runs; a few seconds here) with 2,000 creations, 1,000 renames, 500
// deletions and 200 overwrites a minute, and asks the system what it takes.
func watchSoak(t *testing.T, p *program) {
	if runtime.GOOS != "linux" {
		t.Skip("asks /proc")
	}
	length, err := time.ParseDuration(os.Getenv("DEDUPIDX_SOAK"))
	if err != nil {
		length = 12 * time.Second
	}
	rest := min(time.Minute, length/4)
	for i := range 40 {
		must(t, os.Mkdir(filepath.Join(p.photos, strconv.Itoa(i)), 0o755))
	}
	r := p.watch("--metrics", "127.0.0.1:0", p.photos)
	url := regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(r.err.String())[1]
	var samples []taken
	began := time.Now()
	name := func(i int) string { return filepath.Join(p.photos, strconv.Itoa(i%40), strconv.Itoa(i)) }
	var last []byte
	n := 0
	for tick := time.NewTicker(30 * time.Millisecond); time.Since(began) < length; <-tick.C {
		data := []byte("no picture " + strconv.Itoa(n))
		switch n % 4 {
		case 0:
			last = drawn.JPEG(drawn.Scene(uint64(5000+n), 96, 64), 85)
			fallthrough
		case 1:
			data = last
		}
		must(t, os.WriteFile(name(n), data, 0o644))
		if n%2 == 0 && n > 10 {
			_ = os.Rename(name(n-10), name(n-10)+".jpg") // it may be gone
		}
		if n%4 == 1 && n > 100 {
			_ = os.Remove(name(n - 100)) // as above
		}
		if n%10 == 7 && n > 8 {
			must(t, os.WriteFile(name(n-4), last, 0o644))
		}
		if n++; n%100 == 0 {
			samples = append(samples, r.takes(url))
		}
	}
	r.isTrue("the soak", p.photos)
	idle := r.takes(url)
	time.Sleep(rest)
	end := r.takes(url)
	share := (end.cpu - idle.cpu).Seconds() / rest.Seconds()
	for i, s := range samples {
		if i%max(1, len(samples)/10) == 0 {
			t.Log(s)
		}
	}
	t.Log(end)
	t.Logf("%d creations in %v, idle for %v at %.3f %% of a core", n, length, rest, 100*share)
	if share > 0.001 && rest > 30*time.Second || share > 0.02 {
		t.Errorf("it takes %.3f %% of a core when there is nothing to do", 100*share)
	}
	half, late := samples[len(samples)/2], samples[len(samples)-1]
	if late.rss > half.rss*5/4+32<<10 {
		t.Errorf("memory grows: %d KiB in the middle, %d KiB at the end", half.rss, late.rss)
	}
	if end.goroutines > samples[0].goroutines+10 || end.descriptors > samples[0].descriptors+10 {
		t.Errorf("goroutines or descriptors grow: %v at first, %v at the end", samples[0], end)
	}
	if end.wal > 64<<20 {
		t.Errorf("the log of SQLite has %d bytes", end.wal)
	}
	r.stop(syscall.SIGTERM)
}

// taken is what a process takes of the system.
type taken struct {
	rss, wal                int64 // KiB, bytes
	goroutines, descriptors int
	cpu                     time.Duration
}

func (s taken) String() string {
	return fmt.Sprintf("%d KiB, %d goroutines, %d descriptors, %d bytes of log, %v of processor", s.rss, s.goroutines, s.descriptors, s.wal, s.cpu)
}

func (r *running) takes(url string) (s taken) {
	r.Helper()
	proc := fmt.Sprintf("/proc/%d/", r.c.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	must(r, err)
	s.rss, err = strconv.ParseInt(regexp.MustCompile(`VmRSS:\s+(\d+)`).FindStringSubmatch(string(status))[1], 10, 64)
	must(r, err)
	stat, err := os.ReadFile(proc + "stat")
	must(r, err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
	for _, f := range fields[11:13] { // utime and stime, in hundredths (proc(5))
		ticks, err := strconv.ParseInt(f, 10, 64)
		must(r, err)
		s.cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	descriptors, err := os.ReadDir(proc + "fd")
	must(r, err)
	s.descriptors = len(descriptors)
	if info, err := os.Stat(r.index + "-wal"); err == nil {
		s.wal = info.Size()
	}
	answer, err := http.Get(url)
	must(r, err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	must(r, err)
	s.goroutines, err = strconv.Atoi(regexp.MustCompile(`(?m)^dedupidx_goroutines (\d+)`).FindStringSubmatch(string(page))[1])
	must(r, err)
	return s
}
