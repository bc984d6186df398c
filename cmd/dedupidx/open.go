package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/adrg/xdg"

	"github.com/dedupidx/dedupidx/index"
)

// dataFolderName says in words where the index lies by default.
const dataFolderName = "dedupidx/index.db in the user's data folder"

// indexPath is the index that the user means: --index, $DEDUPIDX_INDEX, or a
// file in the platform's data folder ($XDG_DATA_HOME on Linux). Asking makes nothing.
func (e *env) indexPath() (string, error) {
	path := e.indexFlag
	if path == "" {
		path = os.Getenv("DEDUPIDX_INDEX")
	}
	if path == "" {
		if homeless() {
			return "", withHint(errors.New("find index: there is no data folder of the user, since $HOME is not set"), "name the index with --index FILE or $DEDUPIDX_INDEX")
		}
		path = filepath.Join(xdg.DataHome, "dedupidx", "index.db")
	}
	if strings.HasPrefix(path, "~"+string(filepath.Separator)) {
		// A shell takes the ~ in --index=~/x as it stands, and so do files of settings;
		// an index in a folder named ~ would be found by nobody.
		return "", withHint(fmt.Errorf("find index %s: ~ stands for your home folder only where a shell replaces it", path), "write the path in full, or $HOME in its place")
	}
	return filepath.Abs(path)
}

// openToWrite opens the index, which must be there, for a command that changes it.
func (e *env) openToWrite(ctx context.Context) (*index.Index, error) {
	path, err := e.indexPath()
	if err != nil {
		return nil, err
	}
	return index.Open(ctx, path)
}

// homeless tells that nothing says whose data folder is meant, as of a service of the
// system: it would become one in the root of the disk.
func homeless() bool {
	return runtime.GOOS != "windows" && os.Getenv("HOME") == "" && os.Getenv("XDG_DATA_HOME") == ""
}

// read opens the index for questions, beside whoever writes to it.
func (e *env) read(ctx context.Context) (*index.Index, error) {
	path, err := e.indexPath()
	if err != nil {
		return nil, err
	}
	return index.OpenReader(ctx, path)
}
