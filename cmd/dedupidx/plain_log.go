package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/dedupidx/dedupidx/index/report"
)

// plainLog is a log handler for the eyes of who ran a command that ends: a record a
// line, "warning: what happened: more of it", without the time and the names of fields.
// What could drive a terminal is escaped. A daemon's log has another form.
type plainLog struct {
	mu    *sync.Mutex
	w     io.Writer
	level slog.Level
	attrs []slog.Attr
}

func newPlainLog(w io.Writer, level slog.Level) *plainLog {
	return &plainLog{mu: new(sync.Mutex), w: w, level: level}
}

func (p *plainLog) Enabled(_ context.Context, level slog.Level) bool { return level >= p.level }

func (p *plainLog) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	word := strings.ToLower(r.Level.String())
	if r.Level == slog.LevelWarn {
		word = "warning"
	}
	b.WriteString(word + ": " + r.Message)
	add := func(a slog.Attr) bool {
		if a.Key == "error" {
			fmt.Fprintf(&b, ": %v", a.Value)
		} else {
			fmt.Fprintf(&b, ", %s %v", a.Key, a.Value)
		}
		return true
	}
	for _, a := range p.attrs {
		add(a)
	}
	r.Attrs(add)
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := io.WriteString(p.w, report.Printable(b.String())+"\n")
	return err
}

func (p *plainLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *p
	with.attrs = append(p.attrs[:len(p.attrs):len(p.attrs)], attrs...)
	return &with
}

// WithGroup leaves the name of the group out: it says where a record comes from, and
// not what happened.
func (p *plainLog) WithGroup(string) slog.Handler { return p }
