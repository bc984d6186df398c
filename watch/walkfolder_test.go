package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func walkPart(t testing.TB, root Root, folder string, deep bool, opts Options) []Folder {
	t.Helper()
	var all []Folder
	must(t, WalkFolder(context.Background(), root, Part{Folder: folder, Deep: deep}, opts, func(f Folder) error {
		all = append(all, f)
		return nil
	}))
	return all
}

// A part of a walk is what the whole walk finds there.
func TestWalkFolder(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "1.jpg", "a/2.jpg", "a/b/3.jpg", "a/b/c/4.jpg", "a/.x/5.jpg", "ab/6.jpg", "out/7.jpg")
	must(t, os.Symlink("a", filepath.Join(dir, "link")))
	root := rootAt(t, dir)
	whole := walkAll(t, root, Options{})
	for _, at := range whole {
		for _, deep := range []bool{false, true} {
			var want []Folder
			for _, f := range whole {
				if _, ok := relative(f.Path, at.Path); ok && (deep || f.Path == at.Path) {
					want = append(want, f)
				}
			}
			got := walkPart(t, root, at.Path, deep, Options{})
			if !slices.EqualFunc(got, want, func(a, b Folder) bool {
				return a.Path == b.Path && slices.Equal(a.Files, b.Files) && slices.Equal(a.Folders, b.Folders) &&
					a.Device == b.Device && a.Volume == b.Volume && a.Mount == b.Mount && a.Err == nil
			}) {
				t.Errorf("%q deep %v:\ngot  %+v\nwant %+v", at.Path, deep, got, want)
			}
		}
	}
	for _, path := range []string{"none", "1.jpg", "a/none/x", "a/.x", "a/.x/y", "link", "link/b", "link/b/c"} {
		if got := walkPart(t, root, path, true, Options{}); len(got) != 0 {
			t.Errorf("%q: %+v", path, got)
		}
	}
	if got := files(walkPart(t, root, "link/b", true, Options{Follow: true})); !slices.Equal(got, []string{"link/b/3.jpg", "link/b/c/4.jpg"}) {
		t.Errorf("followed: %q", got)
	}
}

// Of a folder of which some names are asked for, only those are found.
func TestWalkFolderByName(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a/1.jpg", "a/2.jpg", "a/3.jpg", "a/sub/4.jpg", "a/other/5.jpg", "a/.x")
	var all []Folder
	part := Part{Folder: "a", Names: []string{"2.jpg", "sub", "gone.jpg", ".x"}}
	must(t, WalkFolder(context.Background(), rootAt(t, dir), part, Options{}, func(f Folder) error {
		all = append(all, f)
		return nil
	}))
	if len(all) != 1 || !slices.Equal(files(all), []string{"a/2.jpg"}) || !slices.Equal(all[0].Folders, []string{"sub"}) {
		t.Errorf("%+v", all)
	}
}

// Where the root is away nothing may look as if it were gone.
func TestWalkFolderOfAMissingRoot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "root")
	plant(t, dir, "a/b/1.jpg")
	root := rootAt(t, dir)
	err := WalkFolder(context.Background(), root, Part{Folder: "a", Deep: true}, Options{}, func(Folder) error {
		return os.Rename(dir, dir+".away")
	})
	if !errors.Is(err, ErrWentOffline) {
		t.Errorf("error %v, want ErrWentOffline", err)
	}
	for _, folder := range []string{"", "a", "a/b"} {
		got := walkPart(t, root, folder, true, Options{})
		if len(got) != 1 || got[0].Path != folder || !errors.Is(got[0].Err, os.ErrNotExist) {
			t.Errorf("%q: %+v", folder, got)
		}
	}
}
