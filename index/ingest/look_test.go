//go:build unix

package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// osDisk is the disk as it is.
type osDisk struct{ opened int }

func (d *osDisk) Open(path string) (io.ReadCloser, error) { d.opened++; return os.Open(path) }

func (d *osDisk) Stat(path string) (index.Stat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return index.Stat{}, err
	}
	st := info.Sys().(*syscall.Stat_t)
	return index.Stat{Size: info.Size(), Mtime: info.ModTime().UnixNano(), Inode: uint64(st.Ino), Device: uint64(st.Dev)}, nil
}

// bench is a folder, an index, and a looker between the two.
type bench struct {
	testing.TB
	folder string
	x      *index.Index
	disk   *osDisk
	look   Looker
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, folder: t.TempDir(), disk: &osDisk{}}
	x, err := index.Create(t.Context(), filepath.Join(t.TempDir(), "index"))
	must(t, err)
	t.Cleanup(func() { must(t, x.Close()) })
	_, err = x.AddRoot(t.Context(), b.folder, 1)
	must(t, err)
	b.x = x
	b.look = Looker{
		Store: x, Disk: b.disk, Decoder: raster.NewDecoder(raster.DecoderOptions{}), Stages: stages.List(),
		Attempt: Attempt(raster.Limits{}), Claims: NewClaims(), Now: time.Now,
		Roots: func(p index.Place) string { return filepath.Join(b.folder, p.Folder, p.Name) },
	}
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.folder, name) }

func (b *bench) write(name string, data []byte) {
	b.Helper()
	must(b, os.WriteFile(b.path(name), data, 0o600))
	old := time.Date(2002, 2, 2, 0, 0, 0, 0, time.UTC)
	must(b, os.Chtimes(b.path(name), old, old))
}

// file is a name as the walk hands it on.
func (b *bench) file(name string, outdated bool) File {
	b.Helper()
	seen, err := b.disk.Stat(b.path(name))
	must(b, err)
	f := File{Place: index.Place{Root: 1, Name: name}, Path: b.path(name), Seen: seen}
	if stored, found, err := b.x.FileAt(b.Context(), b.path(name)); err != nil || found {
		must(b, err)
		f.Stored = &stored
	}
	f.Need = Fresh(f.Stored, seen, outdated)
	return f
}

func (b *bench) at(f File) Result {
	b.Helper()
	r, err := b.look.Look(b.Context(), f)
	must(b, err)
	return r
}

// commit stores what a look gave, as the pipeline does.
func (b *bench) commit(r Result) {
	b.Helper()
	batch := index.Batch{}
	if r.Content != nil {
		batch.Contents = append(batch.Contents, *r.Content)
	}
	if r.Row != nil {
		batch.Files = append(batch.Files, *r.Row)
	}
	must(b, b.x.Write(b.Context(), batch))
	if r.Content != nil {
		b.look.Claims.Committed(r.Content.Hash)
	}
}

func photo(seed uint64) []byte { return drawn.JPEG(drawn.Scene(seed, 90, 60), 90) }

// A photo is hashed, decoded and extracted once, with what its header tells.
func TestLookAtANewPhoto(t *testing.T) {
	b := newBench(t)
	b.write("a.jpg", photo(1))
	r := b.at(b.file("a.jpg", false))
	if r.Reason != New || !r.Hashed || !r.Decoded || len(r.Extracted) != 5 || r.Bytes != int64(len(photo(1))) {
		t.Errorf("%+v", r)
	}
	c := r.Content
	if c.Size != int64(len(photo(1))) || c.Width != 90 || c.Height != 60 || c.Format != "jpeg" || c.Picture.IsZero() || c.Failure != "" {
		t.Errorf("content %+v", c.Content)
	}
	if len(c.Features) != 5 || len(c.Keys) != 3 {
		t.Errorf("%d features and keys of %d stages, want 5 and 3", len(c.Features), len(c.Keys))
	}
	b.commit(r)
	if f := b.file("a.jpg", false); f.Need != Nothing {
		t.Errorf("stored, it needs %d", f.Need)
	}
	// A comment more is another content with the same picture.
	b.write("b.jpg", append(append(photo(1)[:2:2], 0xff, 0xfe, 0, 4, 'h', 'i'), photo(1)[2:]...))
	again := b.at(b.file("b.jpg", false))
	if again.Content.Picture != c.Picture || again.Content.Hash == c.Hash {
		t.Error("a comment changes the picture's hash, or does not change the content's")
	}
}

// Foreign formats that are no pictures inside, or need a helper that there is not, are
// failed files, and are not tried again.
func TestLookAtForeignFormats(t *testing.T) {
	b := newBench(t)
	heic := append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 1<<20)...)
	b.write("a.heic", heic)
	b.write("b.bmp", append([]byte("BM"), make([]byte, 200)...))
	for _, name := range []string{"a.heic", "b.bmp"} {
		r := b.at(b.file(name, false))
		if r.Failure == "" || r.Row.State != index.Failed || r.Content.Failure != r.Failure || r.Content.Attempt == "" || r.Row.Reason != r.Failure {
			t.Errorf("%s: %+v", name, r)
		}
		b.commit(r)
		if f := b.file(name, false); f.Need != Nothing {
			t.Errorf("%s is tried again", name)
		}
	}
}

func TestLookAtWhatIsNoPicture(t *testing.T) {
	b := newBench(t)
	b.write("a.txt", []byte("a text"))
	r := b.at(b.file("a.txt", false))
	if r.Reason != New || r.Row.State != index.Other || r.Hashed || r.Content != nil {
		t.Errorf("%+v", r)
	}
	b.commit(r)
	b.write("a.txt", []byte("another text"))
	if r := b.at(b.file("a.txt", false)); r.Reason != Touched {
		t.Errorf("changed, a text is %s", r.Reason)
	}
	b.write("a.txt", photo(1))
	r = b.at(b.file("a.txt", false))
	if r.Reason != Changed || !r.Decoded {
		t.Errorf("become a photo, it is %s", r.Reason)
	}
	b.commit(r)
	b.write("a.txt", []byte("a text once more"))
	if r := b.at(b.file("a.txt", false)); r.Reason != Changed || r.Row.State != index.Other {
		t.Errorf("become a text, it is %+v", r)
	}
}

// Who claims a content first extracts it; who waits does so only until it is committed.
func TestClaims(t *testing.T) {
	b := newBench(t)
	b.write("a.jpg", photo(1))
	b.write("b.jpg", photo(1))
	first := b.at(b.file("a.jpg", false))
	second := b.at(b.file("b.jpg", false))
	if !first.Decoded || second.Decoded || !second.Waits || second.Reason != Copied || second.Content != nil {
		t.Errorf("the first %+v, the second %+v", first, second)
	}
	if !b.look.Claims.Taken(first.Content.Hash) {
		t.Error("the content is not taken while it is not committed")
	}
	b.commit(first)
	if b.look.Claims.Taken(first.Content.Hash) {
		t.Error("the content is taken still")
	}
	if r := b.at(b.file("b.jpg", false)); r.Waits || r.Reason != Copied || b.look.Claims.Taken(first.Content.Hash) {
		t.Errorf("when it is committed: %+v", r)
	}
}

// outdated says of a content that it must be decoded again.
func (b *bench) outdated(h index.Hash) {
	b.Helper()
	c, _, err := b.x.ContentByHash(b.Context(), h)
	must(b, err)
	b.look.Outdated = map[int64]bool{c.ID: true}
}

// A stale stage is extracted alone: from a file that is as it was, from one that
// was touched, from one that moved; and once for all files of a content.
func TestLookAtAStaleContent(t *testing.T) {
	raised := stages.List()
	raised[1].Version++
	for _, how := range []string{"unchanged", "touched", "moved", "copied"} {
		b := newBench(t)
		b.write("a.jpg", photo(1))
		r := b.at(b.file("a.jpg", false))
		b.commit(r)
		b.outdated(r.Content.Hash)
		b.look.Stages = raised
		name := "a.jpg"
		switch how {
		case "touched":
			must(t, os.Chtimes(b.path("a.jpg"), time.Unix(5, 0), time.Unix(5, 0)))
		case "moved":
			must(t, os.Rename(b.path("a.jpg"), b.path("b.jpg")))
			name = "b.jpg"
		case "copied":
			b.write("b.jpg", photo(1))
			name = "b.jpg"
		}
		r = b.at(b.file(name, true))
		want := map[string]Reason{"unchanged": Stale, "touched": Touched, "moved": Moved, "copied": Copied}[how]
		if r.Reason != want || len(r.Extracted) != 1 || r.Extracted[0] != stages.Color || len(r.Content.Features) != 1 || r.Row.State != index.OK {
			t.Errorf("%s: %+v", how, r)
		}
		if how == "moved" && (r.From == nil || r.From.Name != "a.jpg") {
			t.Errorf("moved from %v", r.From)
		}
		b.commit(r)
		if r := b.at(b.file(name, true)); r.Decoded || r.Hashed || r.Reason != Stale {
			t.Errorf("%s: done, it is looked at again: %+v", how, r)
		}
	}
}

// A failure is tried again with other limits, once for all its files.
func TestLookAgainAtAFailure(t *testing.T) {
	b := newBench(t)
	b.look.Limits = raster.Limits{Side: 50}
	b.look.Attempt = Attempt(b.look.Limits)
	b.look.Decoder = raster.NewDecoder(raster.DecoderOptions{Limits: b.look.Limits})
	b.write("a.jpg", photo(1))
	b.write("b.jpg", photo(1))
	r := b.at(b.file("a.jpg", false))
	if !strings.Contains(r.Failure, "--max-side") {
		t.Fatalf("it fails by %q", r.Failure)
	}
	b.commit(r)
	r = b.at(b.file("b.jpg", false))
	if r.Reason != Copied || r.Decoded || r.Row.State != index.Failed || r.Failure == "" {
		t.Errorf("a copy of a failure: %+v", r)
	}
	b.commit(r)
	b.outdated(r.Row.Hash)
	b.look.Limits = raster.Limits{}
	b.look.Attempt = Attempt(b.look.Limits)
	b.look.Decoder = raster.NewDecoder(raster.DecoderOptions{})
	first, second := b.at(b.file("a.jpg", true)), b.at(b.file("b.jpg", true))
	if first.Reason != Retried || !first.Decoded || first.Failure != "" || first.Row.State != index.OK || first.Row.Reason != "" {
		t.Errorf("the first %+v", first)
	}
	if second.Reason != Retried || second.Decoded || !second.Waits {
		t.Errorf("the second %+v", second)
	}
	b.commit(first)
	if r := b.at(b.file("b.jpg", true)); r.Waits || r.Decoded || r.Row.State != index.OK || r.Row.Reason != "" {
		t.Errorf("when the first is committed: %+v", r)
	}
}

// What is read for a stale stage may have changed without its times, may be gone,
// or may not be readable now.
func TestLookAgainAtWhatIsNoLongerThere(t *testing.T) {
	b := newBench(t)
	b.write("a.jpg", photo(1))
	r := b.at(b.file("a.jpg", false))
	b.commit(r)
	b.outdated(r.Content.Hash)
	b.look.Stages = stages.List()
	b.look.Stages[0].Version++
	f := b.file("a.jpg", true)
	if f.Need != Extract {
		t.Fatalf("it needs %d", f.Need)
	}
	other := photo(2)
	b.write("a.jpg", other)
	f.Seen.Size = int64(len(other))
	if r := b.at(f); r.Reason != Changed || !r.Decoded || len(r.Extracted) != 5 {
		t.Errorf("with other bytes: %+v", r)
	}
	must(t, os.Remove(b.path("a.jpg")))
	if r := b.at(f); !r.Gone {
		t.Errorf("gone: %+v", r)
	}
	must(t, os.Mkdir(b.path("a.jpg"), 0o700))
	if r := b.at(f); r.Reason != Stale || r.Failure == "" || r.Row != nil {
		t.Errorf("not to be read: %+v", r)
	}
	f.Stored.Content = 77
	if _, err := b.look.Look(t.Context(), f); err == nil || !strings.Contains(err.Error(), "content 77 is missing") {
		t.Errorf("without its content it says %v", err)
	}
}

// decoderFunc is a Decoder that does what a function says.
type decoderFunc func() error

func (d decoderFunc) Decode(context.Context, []byte, string) (*raster.Raster, error) { return nil, d() }

// A broken program is an error, a bad photo is none.
func TestErrorsEndTheLook(t *testing.T) {
	b := newBench(t)
	b.write("a.jpg", photo(1))
	broken := errors.New("start decode helper: no such file")
	b.look.Decoder = decoderFunc(func() error { return broken })
	if _, err := b.look.Look(t.Context(), b.file("a.jpg", false)); !errors.Is(err, broken) {
		t.Errorf("a decoder that does not start: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.look.Claims = NewClaims()
	f := b.file("a.jpg", false)
	if _, err := b.look.Look(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	f.Seen.Inode = 0 // not asked for where there are none
	if _, err := b.look.Look(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while it is read: %v", err)
	}
}

// endless grows while it is read.
type endless struct{ *osDisk }

func (endless) Open(string) (io.ReadCloser, error) {
	return io.NopCloser(io.MultiReader(bytes.NewReader(photo(1)), zeros{})), nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A file without end is left where the limit is; one that breaks off while it is
// read is a failed file.
func TestFilesWithoutEnd(t *testing.T) {
	b := newBench(t)
	b.write("a.jpg", photo(1))
	b.look.Disk = endless{b.disk}
	b.look.Limits = raster.Limits{FileSize: 1 << 20}
	if r := b.at(b.file("a.jpg", false)); r.Row.State != index.Failed || !strings.Contains(r.Failure, "--max-file-size") {
		t.Errorf("without end: %+v", r)
	}
	b.look.Disk = breaking{b.disk}
	b.look.Limits = raster.Limits{}
	r := b.at(b.file("a.jpg", false))
	if r.Reason != New || r.Row.State != index.Failed || r.Failure != "read: input/output error" || !r.Row.Hash.IsZero() {
		t.Errorf("broken off: %+v", r)
	}
	b.commit(r)
	if r := b.at(b.file("a.jpg", false)); r.Reason != Unchanged || r.Row != nil {
		t.Errorf("broken off again: %+v", r)
	}
	b.look.Disk = b.disk
	if r := b.at(b.file("a.jpg", false)); r.Reason != Retried || r.Failure != "" {
		t.Errorf("whole again: %+v", r)
	}
}

// breaking has a bad block behind the first.
type breaking struct{ *osDisk }

func (breaking) Open(path string) (io.ReadCloser, error) {
	return io.NopCloser(io.MultiReader(bytes.NewReader(photo(1)[:900]), badBlock{path})), nil
}

type badBlock struct{ path string }

func (b badBlock) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: b.path, Err: errors.New("input/output error")}
}

// Of the links to a file the one that is gone is where a new name came from.
func TestMovedAmongLinks(t *testing.T) {
	b := newBench(t)
	b.write("a.jpg", photo(1))
	must(t, os.Link(b.path("a.jpg"), b.path("z.jpg")))
	for _, name := range []string{"a.jpg", "z.jpg"} {
		b.commit(b.at(b.file(name, false)))
	}
	opened := b.disk.opened
	must(t, os.Rename(b.path("z.jpg"), b.path("m.jpg")))
	r := b.at(b.file("m.jpg", false))
	if r.Reason != Moved || r.From == nil || r.From.Name != "z.jpg" {
		t.Errorf("%s from %v, want moved from z.jpg", r.Reason, r.From)
	}
	b.commit(r)
	must(t, os.Link(b.path("a.jpg"), b.path("k.jpg")))
	must(t, b.x.Write(t.Context(), index.Batch{Gone: []index.Place{{Root: 1, Name: "z.jpg"}}}))
	if r := b.at(b.file("k.jpg", false)); r.Reason != Copied || r.From != nil || r.Hashed {
		t.Errorf("another link is %s from %v", r.Reason, r.From)
	}
	if b.disk.opened != opened {
		t.Errorf("%d files were opened", b.disk.opened-opened)
	}
	// What got the inode of a known file, but has another time, is read.
	must(t, os.Chtimes(b.path("k.jpg"), time.Unix(7, 0), time.Unix(7, 0)))
	if r := b.at(b.file("k.jpg", false)); r.Reason != Copied || !r.Hashed {
		t.Errorf("with another time it is %s, hashed %v", r.Reason, r.Hashed)
	}
}

func ExampleFresh() {
	now := index.Stat{Size: 10, Mtime: 20, Inode: 30}
	row := &index.File{Stat: now, Content: 1, State: index.OK}
	fmt.Println(Fresh(row, now, false) == Nothing, Fresh(nil, now, false) == Hash, Fresh(row, now, true) == Extract)
	// Output: true true true
}
