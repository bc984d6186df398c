package main

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
)

func TestPlainLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(newPlainLog(&out, slog.LevelInfo)).WithGroup("scan").With("try", 2)
	log.Debug("not this")
	log.Warn("photos \x1b[2J\ncould not be read", "error", errors.New("permission denied"))
	log.Info("done")
	log.Error("lost", "path", "a.jpg")
	want := "warning: photos \\x1b[2J\\ncould not be read, try 2: permission denied\ninfo: done, try 2\nerror: lost, try 2, path a.jpg\n"
	if out.String() != want {
		t.Errorf("the log says %q, want %q", out.String(), want)
	}
}

// A note is one line, whatever names are in it.
func TestNote(t *testing.T) {
	var out bytes.Buffer
	newEnv(nil, nil, &out).note("added folder %s", "a\nremoved folder /")
	if want := "added folder a\\nremoved folder /\n"; out.String() != want {
		t.Errorf("it says %q, want %q", out.String(), want)
	}
}
