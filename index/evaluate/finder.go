package evaluate

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Finder leads from a path in a report to the path in the labels. A report's
// path may be absolute, relative to the labels' root, or relative to a folder
// above it. Links are resolved, and the two Unicode spellings of a letter are
// equal (macOS writes the other one).
type Finder struct {
	labels Labels
	root   string            // absolute
	real   string            // with links resolved
	nfc    map[string]string // composed spelling -> labelled path
	byReal map[string]string // labelled files that are links, by where they lead; made when first needed
}

// NewFinder returns a finder for labels whose paths are relative to root.
func NewFinder(labels Labels, root string) (*Finder, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	f := &Finder{labels: labels, root: abs, real: realPath(abs), nfc: make(map[string]string, labels.Len())}
	for _, l := range labels.list {
		f.nfc[norm.NFC.String(l.Path)] = l.Path
	}
	return f, nil
}

// Find returns the labelled path that a report's path means, and true; or a
// key that names the stranger, and false.
func (f *Finder) Find(path string) (key string, labelled bool) {
	for _, t := range f.tries(path) {
		if hit, ok := f.look(t); ok {
			return hit, true
		}
	}
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(f.root, path)
	}
	real := realPath(full)
	if rel, ok := below(real, f.real); ok {
		if hit, ok := f.look(rel); ok {
			return hit, true
		}
	}
	if f.byReal == nil {
		f.byReal = f.links()
	}
	if hit, ok := f.byReal[real]; ok {
		return hit, true
	}
	return "stranger:" + real, false
}

// tries are the spellings, relative to the root, that a path may stand for.
func (f *Finder) tries(path string) []string {
	var tries []string
	add := func(rel string, ok bool) {
		if ok {
			tries = append(tries, rel)
		}
	}
	if filepath.IsAbs(path) {
		p := filepath.Clean(path)
		add(below(p, f.root))
		add(below(p, f.real))
		return tries
	}
	clean := filepath.ToSlash(filepath.Clean(path))
	add(clean, true)
	if abs, err := filepath.Abs(path); err == nil {
		add(below(abs, f.root))
	}
	// Relative to a folder above the root: photos/a.jpg where the root is /data/photos.
	parts := strings.Split(clean, "/")
	tail := strings.Split(filepath.ToSlash(f.root), "/")
	for n := 1; n < len(parts) && n <= len(tail); n++ {
		head, end := strings.Join(parts[:n], "/"), strings.Join(tail[len(tail)-n:], "/")
		add(strings.Join(parts[n:], "/"), head == end)
	}
	return tries
}

func (f *Finder) look(rel string) (string, bool) {
	if _, ok := f.labels.byPath[rel]; ok {
		return rel, true
	}
	hit, ok := f.nfc[norm.NFC.String(rel)]
	return hit, ok
}

func (f *Finder) links() map[string]string {
	m := map[string]string{}
	for _, l := range f.labels.list {
		name := filepath.FromSlash(l.Path)
		q := realPath(filepath.Join(f.root, name))
		if q != filepath.Join(f.real, name) {
			m[q] = l.Path
		}
	}
	return m
}

// below returns path relative to base, with slashes.
func below(path, base string) (string, bool) {
	rest, ok := strings.CutPrefix(path, strings.TrimRight(base, string(filepath.Separator))+string(filepath.Separator))
	if !ok {
		return "", false
	}
	return filepath.ToSlash(rest), true
}

// realPath resolves the links of a path as far as the path exists.
func realPath(path string) string { return resolve(filepath.Clean(path), 0) }

// maxLinks is how many dangling links are followed, as many as Linux follows.
const maxLinks = 40

func resolve(path string, followed int) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	dir, name := filepath.Dir(path), filepath.Base(path)
	if dir == path {
		return path
	}
	// A link to what is not there still says where it leads.
	if to, err := os.Readlink(path); err == nil && followed < maxLinks {
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		return resolve(filepath.Clean(to), followed+1)
	}
	return filepath.Join(resolve(dir, followed), name)
}
