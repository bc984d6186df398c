package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

func TestWalkTellsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "b.jpg", "a.jpg", "2024/x.jpg", "2024/deep/y.jpg", "empty/")
	when := time.Unix(1700000000, 123456700)
	must(t, os.Chtimes(filepath.Join(dir, "a.jpg"), when, when))

	folders := walkAll(t, rootAt(t, dir), Options{})
	if got, want := folderPaths(folders), []string{"", "2024", "2024/deep", "empty"}; !slices.Equal(got, want) {
		t.Fatalf("folders %q, want %q", got, want)
	}
	top := folders[0]
	if got, want := top.Folders, []string{"2024", "empty"}; !slices.Equal(got, want) {
		t.Errorf("folders in the root %q, want %q", got, want)
	}
	a := top.Files[0]
	if a.Name != "a.jpg" || a.Size != int64(len("a.jpg")) || a.Mtime != when.UnixNano() || a.Kind != File {
		t.Errorf("entry %+v", a)
	}
	info, err := os.Stat(filepath.Join(dir, "a.jpg"))
	must(t, err)
	if device, inode := infoIdentity(info); a.Inode != inode || inode != 0 && a.Device != device {
		t.Errorf("inode %d device %d, want %d %d", a.Inode, a.Device, inode, device)
	}
	if got := files(folders); len(got) != 4 {
		t.Errorf("files %q", got)
	}
}

// The order must be that of the stored paths, so that caller and store can be
// read side by side. "a b" < "a/b" although a plain descent gives "a/b" first.
func TestWalkGoesInByteOrderOfPaths(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a/b/c/f", "a b/f", "a-/f", "a0/f", "A/f", "a/b!/f", "é/f", "~/f")
	got := folderPaths(walkAll(t, rootAt(t, dir), Options{}))
	if !sort.StringsAreSorted(got) {
		t.Errorf("not in byte order: %q", got)
	}
	if len(got) != 11 {
		t.Errorf("%d folders: %q", len(got), got)
	}
	for range 3 {
		if again := folderPaths(walkAll(t, rootAt(t, dir), Options{})); !slices.Equal(again, got) {
			t.Errorf("another order: %q", again)
		}
	}
}

func TestWalkManyFilesSorted(t *testing.T) {
	dir := t.TempDir()
	for i := range 3000 {
		plant(t, dir, fmt.Sprintf("%d.jpg", i*7919%3000))
	}
	top := walkAll(t, rootAt(t, dir), Options{})[0]
	if len(top.Files) != 3000 {
		t.Fatalf("%d files", len(top.Files))
	}
	if !slices.IsSortedFunc(top.Files, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("files are not in byte order")
	}
}

func TestWalkNeverReportsTheIndex(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "index.db", "index.db-wal", "index.db-shm", "index.db-journal", "index.db.lock",
		"index.db.jpg", "keep.jpg", "tmp/x.jpg", "sub/index.db")
	root := rootAt(t, dir)
	opts := Options{Index: filepath.Join(dir, "index.db"), Skip: []string{filepath.Join(dir, "tmp")}}
	folders := walkAll(t, root, opts)
	if got, want := files(folders), []string{"index.db.jpg", "keep.jpg", "sub/index.db"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if got := sumSkipped(folders).Own; got != 6 {
		t.Errorf("%d own, want 6", got)
	}

	t.Run("made during the walk", func(t *testing.T) {
		dir := t.TempDir()
		plant(t, dir, "a.jpg", "data/index.db")
		err := Walk(context.Background(), rootAt(t, dir), Options{Index: filepath.Join(dir, "data", "index.db")},
			func(f Folder) error {
				if f.Path == "" {
					plant(t, dir, "data/index.db-wal")
				}
				for _, file := range f.Files {
					if file.Name != "a.jpg" {
						t.Errorf("reported %s", file.Name)
					}
				}
				return nil
			})
		must(t, err)
	})
	t.Run("relative path", func(t *testing.T) {
		t.Chdir(dir)
		got := files(walkAll(t, root, Options{Index: "index.db"}))
		if slices.Contains(got, "index.db") || slices.Contains(got, "index.db-wal") {
			t.Errorf("reported: %q", got)
		}
	})
}

func TestWalkOfWhatVanishes(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a/1.jpg", "b/2.jpg", "c/3.jpg", "d/4.jpg")
	var got []string
	err := Walk(context.Background(), rootAt(t, dir), Options{}, func(f Folder) error {
		got = append(got, f.Path)
		if f.Err != nil {
			t.Errorf("%s: %v", f.Path, f.Err)
		}
		if f.Path == "a" {
			must(t, os.RemoveAll(filepath.Join(dir, "b")))
			must(t, os.RemoveAll(filepath.Join(dir, "c")))
			must(t, os.WriteFile(filepath.Join(dir, "c"), nil, 0o644)) // a file in its place
		}
		return nil
	})
	must(t, err)
	if want := []string{"", "a", "d"}; !slices.Equal(got, want) {
		t.Errorf("visited %q, want %q", got, want)
	}
}

// A root that is taken away must not look as if its folders were deleted.
func TestWalkSaysThatTheRootWentAway(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "photos")
		plant(t, dir, "a/1.jpg", "b/2.jpg")
		err := Walk(context.Background(), rootAt(t, dir), Options{}, func(f Folder) error {
			if f.Path == "a" {
				must(t, os.Rename(dir, dir+".away"))
				if replaced {
					must(t, os.Mkdir(dir, 0o755))
				}
			}
			return nil
		})
		if !errors.Is(err, ErrWentOffline) {
			t.Errorf("replaced %v: error %v, want ErrWentOffline", replaced, err)
		}
	}
}

func TestWalkOfAMissingRoot(t *testing.T) {
	root, err := NameRoot(filepath.Join(t.TempDir(), "gone"))
	must(t, err)
	folders := walkAll(t, root, Options{})
	if len(folders) != 1 || folders[0].Path != "" || !errors.Is(folders[0].Err, fs.ErrNotExist) {
		t.Errorf("%+v", folders)
	}
}

func TestWalkEndsWhenTold(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a/f", "b/f", "c/f")
	root := rootAt(t, dir)

	ctx, cancel := context.WithCancel(context.Background())
	visits := 0
	err := Walk(ctx, root, Options{}, func(Folder) error {
		visits++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || visits != 1 {
		t.Errorf("error %v after %d visits, want context.Canceled after 1", err, visits)
	}

	stop := errors.New("stop")
	if err := Walk(context.Background(), root, Options{}, func(Folder) error { return stop }); err != stop {
		t.Errorf("error %v, want the one of visit as it is", err)
	}
}

func TestWalkOfADeepTree(t *testing.T) {
	dir := t.TempDir()
	const depth = 300
	path := strings.TrimSuffix(strings.Repeat("d/", depth), "/")
	plant(t, dir, path+"/f.jpg")
	folders := walkAll(t, rootAt(t, dir), Options{})
	if len(folders) != depth+1 || len(folders[depth].Files) != 1 {
		t.Errorf("%d folders, want %d", len(folders), depth+1)
	}
}

// BenchmarkWalk tells the cost of a file in a tree of 20,000 in 200 folders,
// with warm caches. Beside it: `time find DIR -printf '%s %T@ %C@ %i\n' >/dev/null`.
func BenchmarkWalk(b *testing.B) {
	dir := b.TempDir()
	for i := range 20000 {
		plant(b, dir, fmt.Sprintf("%03d/IMG_%05d.jpg", i/100, i))
	}
	root := rootAt(b, dir)
	b.ReportAllocs()
	for b.Loop() {
		count := 0
		err := Walk(context.Background(), root, Options{}, func(f Folder) error {
			count += len(f.Files)
			return nil
		})
		if err != nil || count != 20000 {
			b.Fatal(err, count)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20000, "ns/file")
}
