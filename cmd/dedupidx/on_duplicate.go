package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// commandLine reads --on-duplicate: once, it is split at blanks, and quotes hold
// a part together; more than once, each is an argument as it is. Nothing else
// has a meaning: no escapes, no variables, no shell.
func commandLine(given []string) ([]string, error) {
	if len(given) != 1 {
		if len(given) > 0 && given[0] == "" {
			return nil, usagef("name a program", "--on-duplicate is empty")
		}
		return given, nil
	}
	var argv []string
	var word strings.Builder
	in, quote := false, rune(0)
	for _, r := range given[0] {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, in = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if in {
				argv = append(argv, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if in {
		argv = append(argv, word.String())
	}
	switch {
	case quote != 0:
		return nil, usagef("close the quote, or give --on-duplicate once for each argument", "--on-duplicate %s: a quote is not closed", given[0])
	case len(argv) == 0 || argv[0] == "":
		return nil, usagef("name a program", "--on-duplicate is empty")
	}
	return argv, nil
}

// onDuplicate runs a program for each duplicate, one after the other.
type onDuplicate struct {
	argv   []string
	stderr io.Writer
	log    *slog.Logger
	jobs   chan []byte // closed by close
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

const (
	programTime = time.Minute
	// programQueue is how many duplicates may wait for the program; more are
	// not handed to it, so that a slow program holds up nothing.
	programQueue = 4096
	// programStop is how long those that wait have when the daemon ends.
	programStop = 2 * time.Second
)

func startOnDuplicate(argv []string, stderr io.Writer, log *slog.Logger) (*onDuplicate, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, withHint(fmt.Errorf("--on-duplicate: %w", err), "name a program that is in $PATH, or by its full path")
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &onDuplicate{argv: append([]string{path}, argv[1:]...), stderr: stderr, log: log, jobs: make(chan []byte, programQueue), cancel: cancel}
	p.ended.Go(func() {
		for job := range p.jobs {
			if ctx.Err() != nil {
				log.Warn("the program of --on-duplicate did not get all", "left", len(p.jobs)+1)
				return
			}
			p.run(ctx, job)
		}
	})
	return p, nil
}

// hand queues a duplicate.
func (p *onDuplicate) hand(text []byte) {
	select {
	case p.jobs <- text:
	default:
		p.log.Warn("the program of --on-duplicate is too slow and does not get all", "waiting", programQueue)
	}
}

func (p *onDuplicate) run(ctx context.Context, text []byte) {
	ctx, cancel := context.WithTimeout(ctx, programTime)
	defer cancel()
	c := exec.CommandContext(ctx, p.argv[0], p.argv[1:]...)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(text), p.stderr, p.stderr
	c.WaitDelay = time.Second
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("stopped after %s: %w", programTime, ctx.Err())
		}
		p.log.Warn("the program of --on-duplicate failed", "program", p.argv[0], "error", err)
	}
}

// close lets what waits be done, for a short while.
func (p *onDuplicate) close() {
	close(p.jobs)
	timer := time.AfterFunc(programStop, p.cancel)
	p.ended.Wait()
	timer.Stop()
	p.cancel()
}
