package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// outputFile is the file that --output names: none where it is "-", which stands for
// standard output by custom.
func outputFile(path string) string {
	if path == "-" {
		return ""
	}
	return path
}

// writeFile makes a file of what fill writes. The file appears when it is
// whole: it is written beside its place and renamed. What is there is replaced,
// but never a folder, a device, or a picture.
func writeFile(path string, fill func(io.Writer) error) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays a link
	}
	if err := replaceable(path); err != nil {
		return err
	}
	f, err := createBeside(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := fill(f); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// replaceable tells why a path must not be replaced.
func replaceable(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return nil // nothing is there; if it cannot be asked, it cannot be made either
	}
	switch {
	case info.IsDir():
		return withHint(fmt.Errorf("write %s: it is a folder", path), "name a file in it")
	case !info.Mode().IsRegular():
		return withHint(fmt.Errorf("write %s: it is no ordinary file", path), "leave --output out and redirect standard output")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	if raster.ByContent(head[:n]) != raster.Unknown {
		return withHint(fmt.Errorf("write %s: a picture is there, and pictures are never overwritten", path), "name another file")
	}
	return nil
}

// createBeside makes a new file in the folder of path, with the rights that a
// new file of the user has.
func createBeside(path string) (*os.File, error) {
	for i := 0; ; i++ {
		name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".part"+strconv.Itoa(os.Getpid()+i))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, os.ErrExist) || i == 100 {
			return f, err
		}
	}
}
