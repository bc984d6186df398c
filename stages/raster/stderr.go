package raster

import (
	"strings"
	"sync"
)

// stderr keeps what matters of a child's standard error: the first line that the Go
// runtime writes when it gives up, before pages of traces, and the first bytes.
type stderr struct {
	mu    sync.Mutex
	first []byte // of everything, 4 KiB at most
	line  []byte // the line being written, 1 KiB at most
	fatal string // the first line of a panic or fatal error
}

// Write implements io.Writer.
func (s *stderr) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = append(s.first, p[:min(len(p), 4<<10-len(s.first))]...)
	for _, b := range p {
		if b != '\n' {
			if len(s.line) < 1<<10 {
				s.line = append(s.line, b)
			}
			continue
		}
		if s.fatal == "" {
			s.fatal = fatalText(string(s.line))
		}
		s.line = s.line[:0]
	}
	return len(p), nil
}

// fatalText returns the message of a line that tells of a panic or a fatal error.
func fatalText(line string) string {
	for _, mark := range []string{"panic: ", "fatal error: "} {
		if text, ok := strings.CutPrefix(line, mark); ok {
			return text
		}
	}
	// A thread's stack counts against the limit of memory, too.
	for _, mark := range []string{"pthread_create failed", "failed to create new OS thread"} {
		if strings.Contains(line, mark) {
			return "out of memory: no thread"
		}
	}
	return ""
}

// lastWords returns the message of the panic or fatal error, empty without one.
func (s *stderr) lastWords() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fatal
}

// firstWords returns how the child's standard error begins.
func (s *stderr) firstWords() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.first)
}
