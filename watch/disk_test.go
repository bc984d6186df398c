// What the tests of this package build and read on the real disk.

package watch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// plant makes files below a folder; a path that ends in "/" is a folder.
func plant(t testing.TB, root string, paths ...string) {
	t.Helper()
	for _, path := range paths {
		abs := filepath.Join(root, filepath.FromSlash(path))
		if strings.HasSuffix(path, "/") {
			must(t, os.MkdirAll(abs, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(abs), 0o755))
		must(t, os.WriteFile(abs, []byte(path), 0o644))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func rootAt(t testing.TB, path string) Root {
	t.Helper()
	root, err := OpenRoot(path)
	must(t, err)
	return root
}

// walkAll gathers the folders of a walk.
func walkAll(t testing.TB, root Root, opts Options) []Folder {
	t.Helper()
	var all []Folder
	err := Walk(context.Background(), root, opts, func(f Folder) error {
		all = append(all, f)
		return nil
	})
	must(t, err)
	return all
}

// files are the paths of the files in folders, in walk order.
func files(folders []Folder) []string {
	var paths []string
	for _, f := range folders {
		for _, file := range f.Files {
			paths = append(paths, join(f.Path, file.Name))
		}
	}
	return paths
}

func folderPaths(folders []Folder) []string {
	var paths []string
	for _, f := range folders {
		paths = append(paths, f.Path)
	}
	return paths
}

func sumSkipped(folders []Folder) Skipped {
	var s Skipped
	for _, f := range folders {
		s.Excluded += f.Skipped.Excluded
		s.Own += f.Skipped.Own
		s.Links += f.Skipped.Links
		s.Twice += f.Skipped.Twice
		s.Pipes += f.Skipped.Pipes
		s.Sockets += f.Skipped.Sockets
		s.Devices += f.Skipped.Devices
		s.Other += f.Skipped.Other
		s.Vanished += f.Skipped.Vanished
	}
	return s
}
