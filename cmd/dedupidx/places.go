package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/watch"
)

// What is wrong with a folder that was named.
var (
	errNotInIndex  = errors.New("it lies in no folder of the index")
	errNothingOfIt = errors.New("nothing of it is in the index")
)

// storedAs are the names under which the index knows what lies in a folder that a
// user names for a flag: the index keeps the links in a path as they were given to
// scan, and the folder may be named by other ones. A folder that lies in none of
// the index and holds none is an error, as is one that is neither there nor known: a rule
// that is mistyped protects nothing.
func storedAs(ctx context.Context, x *index.Index, flag, path string) ([]string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	roots, err := x.Roots(ctx)
	if err != nil {
		return nil, err
	}
	_, missing := os.Lstat(abs)
	known := missing == nil
	var names []string
	for _, root := range roots {
		for _, name := range namesIn(root.Path, abs) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			if !known {
				if known, err = holds(ctx, x, root, name); err != nil {
					return nil, err
				}
			}
		}
	}
	switch {
	case len(names) == 0:
		return nil, withHint(fmt.Errorf("%s %s: %w", flag, abs, errNotInIndex),
			"`dedupidx status` lists the folders, `dedupidx scan FOLDER` adds one")
	case !known:
		return nil, withHint(fmt.Errorf("%s %s: it is not there, and %w", flag, abs, errNothingOfIt), "is it mistyped?")
	}
	return names, nil
}

// holds tells whether the index knows something at or below a place: all of a root, or
// a folder or file in it.
func holds(ctx context.Context, x *index.Index, root index.Root, name string) (bool, error) {
	if !below(name, root.Path) || name == root.Path {
		return true, nil
	}
	rest := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, root.Path), string(filepath.Separator)))
	for _, err := range x.FoldersBelow(ctx, root.ID, rest) {
		return err == nil, err
	}
	folder, leaf := "", rest
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		folder, leaf = rest[:i], rest[i+1:]
	}
	files, err := x.FilesNamed(ctx, root.ID, folder, []string{leaf})
	return len(files) > 0, err
}

// namesIn names what root and the folder have in common, as the index would: the
// folder where it lies in root or holds it as written, and where it does so by its links
// resolved, as a link in root to another folder in it. Empty where they have nothing in common.
func namesIn(root, folder string) (names []string) {
	if below(folder, root) || below(root, folder) {
		names = append(names, folder)
	}
	realRoot, realFolder := resolved(root), resolved(folder)
	switch {
	case below(realFolder, realRoot):
		if name := filepath.Join(root, strings.TrimPrefix(realFolder, realRoot)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	case below(realRoot, realFolder) && len(names) == 0:
		names = append(names, root)
	}
	return names
}

// resolved follows the links in a path as far as it exists.
func resolved(path string) string {
	for end, rest := path, ""; ; {
		if real, err := filepath.EvalSymlinks(end); err == nil {
			return filepath.Join(real, rest)
		}
		up := filepath.Dir(end)
		if up == end {
			return path
		}
		end, rest = up, filepath.Join(filepath.Base(end), rest)
	}
}

// storedAsOne is [storedAs] for a flag that stands for one folder.
func storedAsOne(ctx context.Context, x *index.Index, flag, path string) (string, error) {
	names, err := storedAs(ctx, x, flag, path)
	if err == nil && len(names) > 1 {
		err = withHint(fmt.Errorf("%s %s: it is several folders of the index", flag, path), "name one of "+strings.Join(names, ", "))
	}
	if err != nil {
		return "", err
	}
	return names[0], nil
}

// lookedAt tells whether pictures that are put into a folder are found by the next
// scan: it lies in a folder of the index, and is none that is left out by default.
func lookedAt(roots []index.Root, folder string) (bool, error) {
	excludes, err := watch.NewExcludes(nil, false)
	if err != nil {
		return false, err
	}
	for _, root := range roots {
		for _, name := range namesIn(root.Path, folder) {
			if !below(name, root.Path) {
				continue
			}
			rest := strings.TrimPrefix(strings.TrimPrefix(name, root.Path), string(filepath.Separator))
			if _, out := excludes.Excluded(filepath.ToSlash(rest), true); !out {
				return true, nil
			}
		}
	}
	return false, nil
}

// below tells whether an absolute path is a folder or lies in it.
func below(path, folder string) bool {
	if path == folder {
		return true
	}
	sep := string(filepath.Separator)
	return strings.HasPrefix(path, strings.TrimSuffix(folder, sep)+sep)
}
