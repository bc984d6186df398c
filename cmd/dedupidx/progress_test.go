package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index/pipeline"
)

// clocked is a progress display with a clock that the test sets.
func clocked(mode string) (*progress, *bytes.Buffer, *time.Time) {
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	p := newProgress(mode, &out)
	p.now, p.last = func() time.Time { return now }, now
	return p, &out, &now
}

func snapshot(task pipeline.Task, done, total int64) pipeline.Snapshot {
	s := pipeline.Snapshot{Task: task, Done: done, Total: total, Rate: 50, Elapsed: time.Second}
	if total > 0 {
		s.Percent = 100 * float64(done) / float64(total)
		s.Left = time.Duration(total-done) * time.Second / 50
	}
	return s
}

// Ten minutes of snapshots, ten a second: a line every ten seconds.
func TestPlainProgress(t *testing.T) {
	p, out, now := clocked("plain")
	for i := range int64(6000) {
		*now = now.Add(100 * time.Millisecond)
		p.show(snapshot(pipeline.Photos, i, 6000))
	}
	p.end()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 60 {
		t.Fatalf("%d lines, want 60", len(lines))
	}
	if want := "photos 99 of 6,000 (2%), 50/s, 1m58s left"; lines[0] != want {
		t.Errorf("first line %q, want %q", lines[0], want)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("escape sequences where there is no terminal")
	}
}

// On a terminal a line for each task, redrawn in place at most ten times a second.
func TestBarProgress(t *testing.T) {
	p, out, now := clocked("bar")
	for i := range int64(1000) {
		*now = now.Add(10 * time.Millisecond)
		p.show(snapshot(pipeline.Files, i, 0))
		p.show(snapshot(pipeline.Photos, i/2, 1000))
	}
	drawn := strings.Count(out.String(), "\x1b[2A")
	if drawn < 90 || drawn > 100 {
		t.Errorf("drawn %d times in ten seconds, want about 100", drawn)
	}
	final := snapshot(pipeline.Photos, 1000, 1000)
	final.Final = true
	p.show(final)
	p.end()
	screen := render(t, out.String())
	if len(screen) != 2 {
		t.Fatalf("%d lines on the terminal, want 2: %q", len(screen), screen)
	}
	if !strings.HasPrefix(screen[1], "photos      [####################]") || !strings.HasSuffix(screen[1], "1,000  50/s  done") {
		t.Errorf("last line %q", screen[1])
	}
}

// A narrow terminal has room for the numbers alone, and never a line that wraps.
func TestNarrowTerminal(t *testing.T) {
	s := snapshot(pipeline.Photos, 100, 200)
	for width, want := range map[int]string{
		79: "photos      [##########..........]  50%  100 of 200  50/s  2.0s left",
		50: "photos 100 of 200 (50%), 50/s, 2.0s left",
		12: "photos 100 o",
		0:  "",
		-1: "",
	} {
		if got := fit(s, width); got != want {
			t.Errorf("in %d columns %q, want %q", width, got, want)
		}
	}
}

// The log goes above the lines and does not tear them.
func TestLogBesideBar(t *testing.T) {
	p, out, now := clocked("bar")
	*now = now.Add(time.Second)
	p.show(snapshot(pipeline.Files, 1, 2))
	fmt.Fprintln(p, "a warning")
	p.end()
	screen := render(t, out.String())
	if len(screen) != 2 || screen[0] != "a warning" || !strings.HasPrefix(screen[1], "files ") {
		t.Errorf("the terminal shows %q", screen)
	}
}

func TestJSONProgress(t *testing.T) {
	p, out, _ := clocked("json")
	p.show(snapshot(pipeline.Comparisons, 5, 10))
	p.end()
	var got struct {
		Stage   string
		Done    int64
		Total   int64
		Percent float64
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Stage != "comparisons" || got.Done != 5 || got.Total != 10 || got.Percent != 50 {
		t.Errorf("got %+v", got)
	}
}

func TestNoProgress(t *testing.T) {
	p, out, now := clocked("none")
	*now = now.Add(time.Hour)
	p.show(snapshot(pipeline.Files, 1, 2))
	p.end()
	if out.Len() > 0 {
		t.Errorf("it shows %q", out)
	}
	if p = newProgress("auto", &bytes.Buffer{}); p.mode != "plain" {
		t.Errorf("auto is %s where there is no terminal", p.mode)
	}
}

// render plays what was written on a terminal as far as progress uses one:
// lines, carriage return, cursor up, clear to the end of line or screen.
func render(t *testing.T, text string) []string {
	t.Helper()
	var screen []string
	row := 0
	for text != "" {
		var n int
		switch {
		case strings.HasPrefix(text, "\x1b[K"):
			text = text[3:]
		case strings.HasPrefix(text, "\x1b[J"):
			screen, text = screen[:min(row, len(screen))], text[3:]
		case strings.HasPrefix(text, "\x1b["):
			if _, err := fmt.Sscanf(text, "\x1b[%dA", &n); err != nil {
				t.Fatalf("unknown sequence in %q", text[:min(8, len(text))])
			}
			row, text = row-n, text[strings.IndexByte(text, 'A')+1:]
		case text[0] == '\r':
			text = text[1:]
		default:
			end := strings.IndexByte(text, '\n')
			if end < 0 {
				t.Fatalf("a line without end: %q", text)
			}
			line := strings.TrimSuffix(text[:end], "\x1b[K")
			for len(screen) <= row {
				screen = append(screen, "")
			}
			screen[row] = line
			row, text = row+1, text[end+1:]
		}
	}
	return screen
}
