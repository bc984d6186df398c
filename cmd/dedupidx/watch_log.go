package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// sparing is a log handler that says the same thing once an hour: a daemon looks
// at the same broken disk again and again. What was held back is counted in the
// next that is said. Below the level of warnings all is said.
type sparing struct {
	slog.Handler
	said *repeats
}

type repeats struct {
	mu  sync.Mutex
	now func() time.Time
	at  map[string]*repeat
}

type repeat struct {
	last time.Time
	held int
}

const (
	sayAgain = time.Hour
	maxSaid  = 1000 // lines that are remembered
)

func newSparing(h slog.Handler) *sparing {
	return &sparing{h, &repeats{now: time.Now, at: map[string]*repeat{}}}
}

func (s *sparing) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn {
		return s.Handler.Handle(ctx, r)
	}
	held, say := s.said.ask(key(r))
	if !say {
		return nil
	}
	if held > 0 {
		r.Add("repeated", held)
	}
	return s.Handler.Handle(ctx, r)
}

// key is what makes two records the same: level, message, and path and error.
func key(r slog.Record) string {
	k := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "path" || a.Key == "error" || a.Key == "reason" {
			k += " " + a.Value.String()
		}
		return true
	})
	return k
}

// ask is whether to say something, and how often it was held back since it was said.
func (s *repeats) ask(key string) (held int, say bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if r := s.at[key]; r != nil {
		if now.Sub(r.last) < sayAgain {
			r.held++
			return 0, false
		}
		held, r.held, r.last = r.held, 0, now
		return held, true
	}
	if len(s.at) >= maxSaid {
		clear(s.at)
	}
	s.at[key] = &repeat{last: now}
	return 0, true
}

func (s *sparing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &sparing{s.Handler.WithAttrs(attrs), s.said}
}

func (s *sparing) WithGroup(name string) slog.Handler {
	return &sparing{s.Handler.WithGroup(name), s.said}
}
