package main

import (
	"context"
	"os"
	"path/filepath"

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
		path = filepath.Join(xdg.DataHome, "dedupidx", "index.db")
	}
	return filepath.Abs(path)
}

// read opens the index for questions, beside whoever writes to it.
func (e *env) read(ctx context.Context) (*index.Index, error) {
	path, err := e.indexPath()
	if err != nil {
		return nil, err
	}
	return index.OpenReader(ctx, path)
}
