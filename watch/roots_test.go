package watch

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestOpenRoot(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a.jpg", "sub/")
	t.Chdir(dir)
	root := rootAt(t, "./sub/../sub")
	if !filepath.IsAbs(root.Path) || filepath.Base(root.Path) != "sub" {
		t.Errorf("root %+v", root)
	}
	if got, want := root.Abs("x/y"), filepath.Join(root.Path, "x", "y"); got != want {
		t.Errorf("Abs %s, want %s", got, want)
	}
	if got := (Root{Path: "/"}).Abs("x"); runtime.GOOS != "windows" && got != "/x" {
		t.Errorf("below the top of the disk: %s", got)
	}
	for path, want := range map[string]string{"a.jpg": "a file, not a folder", "none": "no such", "": "empty"} {
		if _, err := OpenRoot(path); err == nil || !strings.Contains(err.Error(), want) && runtime.GOOS != "windows" {
			t.Errorf("%q: error %v, want one with %q", path, err, want)
		}
	}
}

func TestOverlap(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "photos/2024/", "photos2/", "photos/.private/deep/", "other/")
	if err := os.Symlink("photos", filepath.Join(dir, "link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	all, err := NewExcludes(nil, true)
	must(t, err)
	tests := []struct {
		name     string
		roots    string // by spaces
		excludes *Excludes
		walk     string
		covered  string // inner<outer
	}{
		{"apart", "photos photos2 other", nil, "photos photos2 other", ""},
		{"nested, either order", "photos/2024 photos", nil, "photos", "photos/2024<photos"},
		{"nested, either order", "photos photos/2024", nil, "photos", "photos/2024<photos"},
		{"the same twice", "photos other photos", nil, "photos other", "photos<photos"},
		{"the same through a link", "link photos", nil, "link", "photos<link"},
		{"nested through a link", "photos link/2024", nil, "photos", "link/2024<photos"},
		{"three deep", "photos/2024 photos .", nil, ".", "photos/2024<. photos<."},
		{"hidden, but named", "photos photos/.private", nil, "photos photos/.private", ""},
		{"hidden, named, and one in it", "photos photos/.private/deep photos/.private", nil,
			"photos photos/.private", "photos/.private/deep<photos/.private"},
		{"hidden and nothing left out", "photos photos/.private", all, "photos", "photos/.private<photos"},
		{"offline", "gone gone/x", nil, "gone", "gone/x<gone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var roots []Root
			for _, name := range strings.Fields(tt.roots) {
				root, err := NameRoot(filepath.Join(dir, name))
				must(t, err)
				roots = append(roots, root)
			}
			short := func(r Root) string {
				rel, err := filepath.Rel(dir, r.Path)
				must(t, err)
				return filepath.ToSlash(rel)
			}
			walk, covered := Overlap(roots, tt.excludes)
			var gotWalk, gotCovered []string
			for _, r := range walk {
				gotWalk = append(gotWalk, short(r))
			}
			for _, c := range covered {
				gotCovered = append(gotCovered, short(c.Root)+"<"+short(c.By))
				if c.Path == "" != strings.Contains(c.String(), "same folder") {
					t.Errorf("%+v says %s", c, c)
				}
			}
			if got := strings.Join(gotWalk, " "); got != tt.walk {
				t.Errorf("walk %s, want %s", got, tt.walk)
			}
			if got := strings.Join(gotCovered, " "); got != tt.covered {
				t.Errorf("covered %s, want %s", got, tt.covered)
			}
		})
	}
}
