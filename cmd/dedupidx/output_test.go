package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	say := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := fmt.Fprint(w, text); return err }
	}
	if err := writeFile(path, say("first")); err != nil {
		t.Fatal(err)
	}
	// What fails half way leaves the old file, and nothing else.
	broken := errors.New("broken")
	err := writeFile(path, func(w io.Writer) error { fmt.Fprint(w, "half"); return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "first" {
		t.Errorf("the file holds %q", got)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("%d files are left", len(names))
	}
	// A link stays a link.
	link := filepath.Join(dir, "link.csv")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if err := writeFile(link, say("second")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "second" {
		t.Errorf("behind the link is %q", got)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link became a file")
	}
	if err := writeFile(filepath.Join(dir, "no", "such", "folder"), say("x")); err == nil {
		t.Error("a file in a folder that is not there is written")
	}
}
