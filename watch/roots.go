// Roots: how they are named, and where one lies in another.

package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Root is a folder that the user named.
type Root struct {
	Path string // absolute and clean, links in it kept as the user wrote them
	Real string // the same with all links resolved; "" while it is offline
}

// OpenRoot makes a root of a path that must be a folder now.
func OpenRoot(path string) (Root, error) {
	root, err := NameRoot(path)
	if err != nil {
		return Root{}, err
	}
	info, err := os.Stat(root.Path)
	if err != nil {
		return Root{}, fmt.Errorf("open root %s: %w", root.Path, reason(err))
	}
	if !info.IsDir() {
		return Root{}, fmt.Errorf("open root %s: it is a file, not a folder", root.Path)
	}
	return root, nil
}

// NameRoot makes a root of a path that may be offline, such as a stored one.
func NameRoot(path string) (Root, error) {
	if path == "" {
		return Root{}, fmt.Errorf("open root: the path is empty")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return Root{}, fmt.Errorf("open root %s: %w", path, err)
	}
	root := Root{Path: abs}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		root.Real = real
	}
	return root, nil
}

// Abs is the path on this system of a path from the root.
func (r Root) Abs(path string) string {
	switch {
	case path == "":
		return r.Path
	case strings.HasSuffix(r.Path, string(os.PathSeparator)): // the root of the disk
		return r.Path + filepath.FromSlash(path)
	}
	return r.Path + string(os.PathSeparator) + filepath.FromSlash(path)
}

// Covered is a root that needs no walk of its own.
type Covered struct {
	Root Root
	By   Root
	Path string // where Root lies in By; "" when both are the same folder
}

// String tells the user.
func (c Covered) String() string {
	if c.Path == "" {
		return fmt.Sprintf("%s is the same folder as %s", c.Root.Path, c.By.Path)
	}
	return fmt.Sprintf("%s lies in %s and is covered by it", c.Root.Path, c.By.Path)
}

// Overlap parts roots into those to walk and those that others cover, so that no
// file is walked twice and taken for its own copy. A root lies in another when
// its path does, with links resolved or as written, or when it is the same
// folder by device and inode (a bind mount). The outer root wins, of the same
// folder the first. A root that the excludes leave out of the outer one (a
// hidden folder that the user named) is not covered. Both lists keep the order
// of roots. excludes may be nil: the defaults.
func Overlap(roots []Root, excludes *Excludes) (walk []Root, covered []Covered) {
	if excludes == nil {
		excludes = defaultsOnly()
	}
	for i, inner := range roots {
		by := -1
		var at string
		for j, outer := range roots {
			if i == j {
				continue
			}
			path, ok := inside(inner, outer)
			if !ok || path == "" && j > i {
				continue
			}
			if _, out := excludes.Excluded(path, true); out {
				continue
			}
			if by < 0 || len(outer.Path) < len(roots[by].Path) {
				by, at = j, path
			}
		}
		if by < 0 {
			walk = append(walk, inner)
			continue
		}
		covered = append(covered, Covered{Root: inner, By: roots[by], Path: at})
	}
	return walk, covered
}

// inside says where in outer a root lies.
func inside(inner, outer Root) (string, bool) {
	if path, ok := below(inner.Path, outer.Path); ok {
		return path, true
	}
	if inner.Real == "" || outer.Real == "" {
		return "", false
	}
	if path, ok := below(inner.Real, outer.Real); ok {
		return path, true
	}
	a, errA := os.Stat(inner.Real)
	b, errB := os.Stat(outer.Real)
	return "", errA == nil && errB == nil && os.SameFile(a, b)
}

// below gives the path from an absolute folder to an absolute path in it.
func below(path, folder string) (string, bool) {
	if path == folder {
		return "", true
	}
	sep := string(os.PathSeparator)
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(folder, sep)+sep)
	return filepath.ToSlash(rest), ok
}
