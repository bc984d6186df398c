package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/dedupidx/dedupidx/index/pipeline"
)

// progress shows on standard error how far a run is: on a terminal a line for
// each task, redrawn in place at most ten times a second; else a line every ten
// seconds; or a JSON object a line for programs.
type progress struct {
	w    io.Writer
	mode string // bar, plain, json or none
	now  func() time.Time

	mu    sync.Mutex
	tasks []pipeline.Snapshot // the latest of each, in order of appearance
	drawn int                 // lines on the terminal that the next drawing replaces
	last  time.Time           // when it was drawn or written
}

const (
	barEvery   = 100 * time.Millisecond
	plainEvery = 10 * time.Second
)

// newProgress resolves the mode auto: bar on a terminal, else plain.
func newProgress(mode string, w io.Writer) *progress {
	if mode == "auto" {
		mode = "plain"
		if terminal(w) {
			mode = "bar"
		}
	}
	return &progress{w: w, mode: mode, now: time.Now, last: time.Now()}
}

// show takes the next snapshot.
func (p *progress) show(s pipeline.Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == "none" {
		return
	}
	if p.mode == "json" {
		p.json(s)
		return
	}
	p.keep(s)
	every := barEvery
	if p.mode == "plain" {
		every = plainEvery
	}
	if now := p.now(); now.Sub(p.last) >= every || s.Final && p.mode == "bar" {
		p.last = now
		p.draw()
	}
}

func (p *progress) keep(s pipeline.Snapshot) {
	for i := range p.tasks {
		if p.tasks[i].Task == s.Task {
			p.tasks[i] = s
			return
		}
	}
	p.tasks = append(p.tasks, s)
}

// end leaves the last state on the terminal and goes on below it.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == "bar" {
		p.draw()
	}
	p.drawn = 0
}

// Write lets the log through without tearing the lines.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	n, err := p.w.Write(b)
	if p.mode == "bar" && len(p.tasks) > 0 {
		p.draw()
	}
	return n, err
}

func (p *progress) draw() {
	if p.mode == "plain" {
		var parts []string
		for _, s := range p.tasks {
			if !s.Final {
				parts = append(parts, line(s))
			}
		}
		if len(parts) > 0 {
			fmt.Fprintln(p.w, strings.Join(parts, "; "))
		}
		return
	}
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn)
	}
	width := columns(p.w) - 1 // a full line would wrap
	for _, s := range p.tasks {
		b.WriteString("\r" + fit(s, width) + "\x1b[K\n")
	}
	p.drawn = len(p.tasks)
	_, _ = io.WriteString(p.w, b.String()) // who cannot see it loses nothing
}

// fit is a snapshot in one line of a terminal; of a narrow one the numbers matter more
// than the gauge.
func fit(s pipeline.Snapshot, width int) string {
	text := strings.TrimRight(bar(s), " ")
	if len(text) > width {
		text = line(s)
	}
	return text[:min(len(text), max(width, 0))] // all ASCII
}

// erase removes what was drawn.
func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(p.w, "\x1b[%dA\r\x1b[J", p.drawn)
		p.drawn = 0
	}
}

// line is a snapshot in words.
func line(s pipeline.Snapshot) string {
	text := fmt.Sprintf("%s %s", s.Task, grouped(s.Done))
	if s.Total > 0 && !s.Final {
		text += fmt.Sprintf(" of %s (%.0f%%)", grouped(s.Total), s.Percent)
	}
	if s.Rate > 0 {
		text += ", " + rate(s.Rate)
	}
	if s.Left > 0 {
		text += ", " + brief(s.Left) + " left"
	}
	return text
}

// bar is a snapshot as a line of fixed columns.
func bar(s pipeline.Snapshot) string {
	const cells = 20
	of, percent, left := "", "", ""
	full := 0
	if s.Total > 0 {
		of = " of " + grouped(s.Total)
		percent = fmt.Sprintf("%3.0f%%", s.Percent)
		full = min(cells, max(0, int(s.Percent*cells/100)))
	}
	if s.Final {
		full, percent, of = cells, "", ""
		left = "done"
	} else if s.Left > 0 {
		left = brief(s.Left) + " left"
	}
	gauge := strings.Repeat("#", full) + strings.Repeat(".", cells-full)
	speed := ""
	if s.Rate > 0 {
		speed = rate(s.Rate)
	}
	return fmt.Sprintf("%-11s [%s] %4s  %s  %s  %s", s.Task, gauge, percent, grouped(s.Done)+of, speed, left)
}

func rate(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.1f/s", v)
	}
	return grouped(int64(v)) + "/s"
}

// json writes a snapshot as one line.
func (p *progress) json(s pipeline.Snapshot) {
	text, err := json.Marshal(struct {
		Task    pipeline.Task `json:"stage"`
		Done    int64         `json:"done"`
		Total   int64         `json:"total"`
		Percent float64       `json:"percent"`
		Rate    float64       `json:"rate"`
		Elapsed float64       `json:"elapsed_seconds"`
		Left    float64       `json:"left_seconds"`
		Final   bool          `json:"final"`
	}{s.Task, s.Done, s.Total, s.Percent, s.Rate, s.Elapsed.Seconds(), s.Left.Seconds(), s.Final})
	if err == nil {
		_, _ = p.w.Write(append(text, '\n'))
	}
}
