package main

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"dedupidx": main})
}

// tests are all tests, with a folder for what they build once.
type tests struct{ *testing.M }

const builtIn = "DEDUPIDX_TEST_BUILT"

func (m tests) Run() int {
	folder, err := os.MkdirTemp("", "dedupidx-built-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	_ = os.Chmod(folder, 0o755)    // other users run it, too
	_ = os.Setenv(builtIn, folder) // cannot fail: both are plain words
	return m.M.Run()
}

// The scripts read as the manual of each command. Each finds drawn pictures in
// $WORK/photos, and an empty home folder.
func TestScripts(t *testing.T) {
	photos := t.TempDir()
	var labels []drawn.File
	for f := range drawn.Set(1, 4) {
		if err := writeNew(filepath.Join(photos, filepath.FromSlash(f.Path)), f.Bytes); err != nil {
			t.Fatal(err)
		}
		labels = append(labels, f)
	}
	if err := writeNew(filepath.Join(photos, "labels.csv"), drawn.Labels(labels)); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			e.Setenv("HOME", home)
			e.Setenv("XDG_DATA_HOME", filepath.Join(home, ".local", "share"))
			e.Setenv("LOCALAPPDATA", home)
			if err := os.MkdirAll(home, 0o700); err != nil {
				return err
			}
			flat := image.NewGray(image.Rect(0, 0, 64, 64)) // a picture without features
			if err := writeNew(filepath.Join(e.WorkDir, "flat.png"), drawn.PNG(flat)); err != nil {
				return err
			}
			return copyPhotos(photos, filepath.Join(e.WorkDir, "photos"))
		},
		Condition: func(c string) (bool, error) {
			switch c {
			case "bash":
				_, err := exec.LookPath("bash")
				return err == nil && runtime.GOOS != "windows", nil
			case "race":
				return raceOn, nil
			}
			return false, errors.New("unknown condition " + c)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// copyPhotos copies files and gives them times of years ago, so that none
// counts as written while it is read.
func copyPhotos(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	modified := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		modified = modified.Add(time.Minute)
		return os.Chtimes(path, modified, modified)
	})
}

// exits CODE COMMAND ARGS... runs a command that must end with the exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
