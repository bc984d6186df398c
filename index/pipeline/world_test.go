//go:build unix

package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/watch"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a folder of photos and an index of it, on the real disk.
type world struct {
	testing.TB
	root string
	x    *index.Index
	disk *disk
	o    pipeline.Options
	day  time.Duration // of the next file that is written: all are old, and none is racy
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, root: filepath.Join(t.TempDir(), "photos"), o: pipeline.Options{Budget: pipeline.Budget{Workers: 2, Batch: 3}}}
	must(t, os.MkdirAll(w.root, 0o755))
	w.x = newIndex(t)
	w.disk = &disk{}
	w.add(w.root)
	return w
}

func newIndex(t testing.TB) *index.Index {
	t.Helper()
	x, err := index.Create(t.Context(), filepath.Join(t.TempDir(), "index"))
	must(t, err)
	t.Cleanup(func() { must(t, x.Close()) })
	return x
}

func (w *world) add(path string) {
	w.Helper()
	_, err := w.x.AddRoot(w.Context(), path, 0)
	must(w, err)
}

func (w *world) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

// write puts a file on the disk, with a time years ago that no other has.
func (w *world) write(name string, data []byte) {
	w.Helper()
	path := w.path(name)
	must(w, os.MkdirAll(filepath.Dir(path), 0o755))
	must(w, os.WriteFile(path, data, 0o644))
	w.age(path)
}

func (w *world) age(path string) {
	w.Helper()
	w.day += 24 * time.Hour
	at := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).Add(w.day)
	must(w, os.Chtimes(path, at, at))
}

func (w *world) rename(from, to string) {
	w.Helper()
	must(w, os.MkdirAll(filepath.Dir(w.path(to)), 0o755))
	must(w, os.Rename(w.path(from), w.path(to)))
}

func (w *world) copy(from, to string) {
	w.Helper()
	data, err := os.ReadFile(w.path(from))
	must(w, err)
	w.write(to, data)
}

func (w *world) remove(name string) {
	w.Helper()
	must(w, os.RemoveAll(w.path(name)))
}

func (w *world) roots() []index.Root {
	w.Helper()
	roots, err := w.x.Roots(w.Context())
	must(w, err)
	return roots
}

// scan runs a scan of all roots.
func (w *world) scan() pipeline.Summary {
	w.Helper()
	w.disk.opens.Store(0)
	sum, err := pipeline.Scan(w.Context(), w.x, w.disk, w.roots(), w.o)
	must(w, err)
	return sum
}

// did checks what a scan did: the count of each reason, and of files opened, hashed and decoded.
func (w *world) did(sum pipeline.Summary, reasons string, opened, hashed, decoded int64) {
	w.Helper()
	var have []string
	for _, r := range ingest.Reasons {
		if n := sum.Reasons[r]; n > 0 {
			have = append(have, fmt.Sprintf("%s %d", r, n))
		}
	}
	if got := strings.Join(have, ", "); got != reasons {
		w.Errorf("reasons %q, want %q", got, reasons)
	}
	if got := w.disk.opens.Load(); got != opened {
		w.Errorf("opened %d files, want %d", got, opened)
	}
	if sum.Hashed != hashed || sum.Decoded != decoded {
		w.Errorf("hashed %d and decoded %d files, want %d and %d", sum.Hashed, sum.Decoded, hashed, decoded)
	}
}

// report is the report of an index at each sensitivity, with paths from the root.
func (w *world) report() string {
	w.Helper()
	return reportOf(w, w.x, w.root)
}

func reportOf(t testing.TB, x *index.Index, root string) string {
	t.Helper()
	var b bytes.Buffer
	for _, s := range []string{"strict", "normal", "loose"} {
		fmt.Fprintln(&b, s)
		_, err := report.Write(t.Context(), &b, x, report.Options{Format: report.CSV, Sensitivity: s})
		must(t, err)
	}
	return strings.ReplaceAll(b.String(), root, "")
}

// fresh is the report of a new index of the same folder.
func (w *world) fresh() string {
	w.Helper()
	f := &world{TB: w.TB, root: w.root, x: newIndex(w.TB), disk: &disk{}, o: w.o}
	for _, r := range w.roots() {
		f.add(r.Path)
	}
	f.scan()
	return f.report()
}

// same fails where two reports differ, and shows the first line that does.
func same(t testing.TB, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "", ""
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("%s: line %d is\n%s\nwant\n%s", what, i+1, a, b)
			return
		}
	}
}

// disk is the real one, as the program ties it, with a count and with hooks.
type disk struct {
	opens  atomic.Int64
	follow bool
	onOpen func(path string) error   // before a file is opened
	onWalk func(folder string) error // before a folder is visited
	onEnd  func()                    // when a walk has ended
}

func (d *disk) Open(path string) (io.ReadCloser, error) {
	d.opens.Add(1)
	if d.onOpen != nil {
		if err := d.onOpen(path); err != nil {
			return nil, err
		}
	}
	return os.Open(path)
}

func (d *disk) Stat(path string) (index.Stat, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return index.Stat{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return index.Stat{Size: st.Size, Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(), Inode: uint64(st.Ino), Device: uint64(st.Dev)}, nil
}

func (d *disk) Walk(ctx context.Context, path string, visit func(pipeline.Folder) error) error {
	root, err := watch.NameRoot(path)
	if err != nil {
		return err
	}
	if d.onEnd != nil {
		defer d.onEnd()
	}
	return watch.Walk(ctx, root, watch.Options{Follow: d.follow}, d.visitor(visit))
}

func (d *disk) WalkFolder(ctx context.Context, p pipeline.Place, visit func(pipeline.Folder) error) error {
	root, err := watch.NameRoot(p.Root)
	if err != nil {
		return err
	}
	return watch.WalkFolder(ctx, root, watch.Part{Folder: p.Folder, Names: p.Names, Deep: p.Deep}, watch.Options{Follow: d.follow}, d.visitor(visit))
}

func (d *disk) visitor(visit func(pipeline.Folder) error) func(watch.Folder) error {
	return func(f watch.Folder) error {
		if d.onWalk != nil {
			if err := d.onWalk(f.Path); err != nil {
				return err
			}
		}
		out := pipeline.Folder{Path: f.Path, Folders: f.Folders, Err: f.Err}
		if f.Mount && f.Path != "" {
			out.Device = max(f.Volume, 1)
		}
		for _, e := range f.Files {
			out.Files = append(out.Files, pipeline.Entry{Name: e.Name, Stat: index.Stat{
				Size: e.Size, Mtime: e.Mtime, Ctime: e.Ctime, Inode: e.Inode, Device: e.Device}})
		}
		return visit(out)
	}
}

func (d *disk) Presence(path, folder string, known pipeline.Known) (bool, uint64, string) {
	root, err := watch.NameRoot(path)
	if err != nil {
		return false, known.Device, err.Error()
	}
	seen := watch.Look(root, folder)
	state, why := watch.Presence(watch.Known{Device: known.Device, Knows: known.Knows, EverHeld: known.EverHeld}, seen)
	if seen.Device == 0 {
		seen.Device = known.Device
	}
	return state == watch.Online, seen.Device, why
}

// small are photos that are quick to decode, none like another.
var small = sync.OnceValue(func() [][]byte {
	out := make([][]byte, 24)
	for i := range out {
		out[i] = drawn.JPEG(drawn.Scene(uint64(i), 96, 64), 85)
	}
	return out
})

// family is a set of scenes with what people make of them: a report of it has
// groups of each kind. By name, in the order of names.
var family = sync.OnceValue(func() map[string][]byte {
	out := make(map[string][]byte)
	var four [4]image.Image
	for i := range 5 {
		scene := drawn.Scene(uint64(100+i), 360, 240)
		if i < 4 {
			four[i] = scene
		}
		name := fmt.Sprintf("%c", 'a'+i)
		original := drawn.JPEG(scene, 92)
		out["photos/"+name+".jpg"] = original
		out["web/"+name+"-small.jpg"] = drawn.JPEG(drawn.Resize(scene, 270, 180), 80)
		switch i {
		case 0:
			out["copies/"+name+".jpg"] = original
			out["edited/a-turned.jpg"] = drawn.JPEG(drawn.Turn(scene), 88)
		case 1:
			out["edited/b-mirrored.png"] = drawn.PNG(drawn.Mirror(scene))
			out["copies/b again.jpg"] = original
		case 2:
			out["edited/c-crop.jpg"] = drawn.JPEG(drawn.Crop(scene, 0.05, 0.05, 0.95, 0.95), 88)
			out["edited/c-part.jpg"] = drawn.JPEG(drawn.Crop(scene, 0.3, 0.2, 0.9, 0.9), 88)
		case 3:
			out["edited/d-grey.png"] = drawn.PNG(drawn.Grey(scene))
		}
	}
	for i := range 5 {
		out[fmt.Sprintf("others/%d.jpg", i)] = drawn.JPEG(drawn.Scene(uint64(200+i), 360, 240), 90)
	}
	page := drawn.Scene(300, 480, 320)
	out["pages/collage.jpg"] = drawn.JPEG(drawn.Collage(720, 480, four), 90)
	out["pages/inset.jpg"] = drawn.JPEG(drawn.Inset(page, four[1], 0.3, 0.2, 0.5), 90)
	return out
})

func (w *world) writeAll(files map[string][]byte) {
	w.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w.write(name, files[name])
	}
}
