package index

import (
	"fmt"
	"slices"
	"testing"
)

// Below "a" are "a" and what its path leads into, not its neighbours "a b" and
// "a.d", which stand between "a" and "a/b" in the order of bytes.
func TestFoldersBelow(t *testing.T) {
	var b Batch
	for _, folder := range []string{"", "a", "a b", "a.d", "a/b", "a/b/c", "a0", "b"} {
		b.Files = append(b.Files, fileOf(folder, "photo.jpg", "one"))
	}
	for i := range 2500 { // more than two pages
		b.Files = append(b.Files, fileOf(fmt.Sprintf("many/%04d", i), "photo.jpg", "one"))
	}
	b.Contents = []ContentWrite{photo("one")}
	x := withRoot(t, b)
	below := func(path string) (list []string) {
		for f, err := range x.FoldersBelow(t.Context(), 1, path) {
			must(t, err)
			list = append(list, f.Path)
		}
		return list
	}
	for path, want := range map[string][]string{
		"a":    {"a", "a/b", "a/b/c"},
		"a/b":  {"a/b", "a/b/c"},
		"a b":  {"a b"},
		"none": nil,
	} {
		if got := below(path); !slices.Equal(got, want) {
			t.Errorf("below %q: %q, want %q", path, got, want)
		}
	}
	if got := below("many"); len(got) != 2500 || got[0] != "many/0000" || got[2499] != "many/2499" {
		t.Errorf("below a folder of 2,500: %d", len(got))
	}
	if got := below(""); len(got) != 2508 {
		t.Errorf("below the root: %d, want all 2,508", len(got))
	}
	for f, err := range x.FoldersBelow(t.Context(), 1, "a") {
		must(t, err)
		if f.Path != "a" {
			t.Errorf("after the loop ended: %q", f.Path)
		}
		break
	}
}
