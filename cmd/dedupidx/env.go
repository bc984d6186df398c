package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/dedupidx/dedupidx/index/report"
)

// env is what a command may use of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	log            *slog.Logger

	noteByLog bool // what is told beside results goes by the log: it is for programs

	indexFlag string
	noColor   bool
	logLevel  choice
}

func newEnv(stdin io.Reader, stdout, stderr io.Writer) *env {
	return &env{stdin: stdin, stdout: stdout, stderr: stderr, log: slog.New(slog.DiscardHandler),
		logLevel: newChoice("warn", "debug", "info", "warn", "error")}
}

// globals adds the flags that every command has. They may stand before the
// command and after it: what was said before stays as the default.
func (e *env) globals(f *pflag.FlagSet) {
	f.StringVar(&e.indexFlag, "index", e.indexFlag, "the index `FILE` (default: $DEDUPIDX_INDEX, else "+dataFolderName+")")
	f.BoolVar(&e.noColor, "no-color", e.noColor, "no colours (the same as NO_COLOR)")
	f.Var(&e.logLevel, "log-level", "what is logged on standard error: "+e.logLevel.list())
}

// startLog makes the log, once the flags are read.
func (e *env) startLog(w io.Writer) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(e.logLevel.value)) // one of the choices
	e.log = slog.New(newPlainLog(w, level))
}

// note tells the user something beside the results, a line.
func (e *env) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if e.noteByLog {
		e.log.Info(text)
		return
	}
	fmt.Fprintln(e.stderr, report.Printable(text)) // one line, whatever names are in it
}

// color tells whether a writer takes colours.
func (e *env) color(w io.Writer) bool {
	return !e.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminal(w)
}

// terminal tells whether a writer is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns is the width of a terminal, 80 where it is not known.
func columns(w io.Writer) int {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
