package page_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/page"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// hostile are names that do harm where one is careless with them.
var hostile = []string{
	"</script><script>alert(1)</script>.jpg", "<!-- <img src=x onerror=alert(2)>.jpg", "new\nline.jpg", "quote ' and \".jpg", "-rf.jpg",
	"not utf8 \xff\xfe.jpg", "line\u2028separator.jpg", "\u202egnp.jpg", "${x} `id` $(id).jpg", "escape \x1b[2J.jpg",
}

// photo is a file of a sample index.
type photo struct {
	name string
	data []byte
	kind string
	turn index.Transform
}

// sample is an index with one group of the photos, the first of which is the
// best, in a folder of their own. Names that the disk refuses are left out.
func sample(t testing.TB, photos []photo) (*index.Index, string) {
	t.Helper()
	ctx := context.Background()
	x, err := index.Create(ctx, filepath.Join(t.TempDir(), "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	folder := t.TempDir()
	root, err := x.AddRoot(ctx, folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2020, 5, 17, 10, 30, 0, 0, time.UTC)
	var batch index.Batch
	var cluster index.Cluster
	var members []index.Member
	var hashes []index.Hash
	for i, p := range photos {
		base := strings.ReplaceAll(p.name, "/", "\u2215") // no name holds a slash; this one looks like it
		if err := os.WriteFile(filepath.Join(folder, base), p.data, 0o644); err != nil {
			t.Logf("no file of this name here: %v", err)
		}
		r, err := raster.Decode(ctx, p.data, raster.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		c := index.ContentWrite{Content: index.Content{
			Hash: blake3.Sum256(p.data), Size: int64(len(p.data)), Width: r.Picture.Width, Height: r.Picture.Height,
			Format: string(r.Format), Decoder: r.Decoder, Source: string(r.Source),
		}}
		for _, s := range stages.List() { // those that a page is made of
			if s.Name != stages.Local && s.Name != stages.Quality {
				continue
			}
			c.Features = append(c.Features, index.Feature{Stage: s.Name, Version: s.Version, Bytes: s.Extract(r)})
		}
		batch.Contents = append(batch.Contents, c)
		batch.Files = append(batch.Files, index.FileWrite{Hash: c.Hash, File: index.File{
			Place: index.Place{Root: root.ID, Name: base}, State: index.OK,
			Stat: index.Stat{Size: c.Size, Mtime: day.Add(time.Duration(i) * time.Hour).UnixNano()},
		}})
		hashes = append(hashes, c.Hash)
		cluster.Space += c.Size
	}
	if err := x.Write(ctx, batch); err != nil {
		t.Fatal(err)
	}
	for i, h := range hashes {
		c, ok, err := x.ContentByHash(ctx, h)
		if err != nil || !ok {
			t.Fatalf("content %d: %v", i, err)
		}
		members = append(members, index.Member{Content: c.ID, Kind: photos[i].kind, Similarity: 1 - float64(i)/100, Transform: photos[i].turn})
	}
	cluster.ID, cluster.Members, cluster.Similarity, cluster.Files, cluster.Path = members[0].Content, members, 0.9, len(photos), folder
	if err := x.WriteClusters(ctx, nil, map[string]index.Regrouped{"normal": {Clusters: []index.Cluster{cluster}}}, nil); err != nil {
		t.Fatal(err)
	}
	return x, folder
}

// picture draws a scene as JPEG.
func picture(seed uint64, w, h, quality int) []byte {
	return drawn.JPEG(drawn.Scene(seed, w, h), quality)
}

// hostileSample has a file of each hostile name.
func hostileSample(t testing.TB) (*index.Index, string) {
	var photos []photo
	base := picture(1, 160, 120, 90)
	for i, name := range hostile {
		data := append(base[:len(base):len(base)], byte(i)) // bytes behind the end make another content of the same picture
		kind := "near"
		if i == 0 {
			kind = "best"
		}
		photos = append(photos, photo{name: name, data: data, kind: kind})
	}
	return sample(t, photos)
}

func options() page.Options {
	return page.Options{Made: time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC), Workers: 2, Read: os.ReadFile}
}

func write(t testing.TB, x *index.Index, o page.Options) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := page.Write(context.Background(), &b, x, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// data returns what the elements of JSON hold that match a pattern.
func data(t testing.TB, text, pattern string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<script type="application/json" `+pattern+`>(.*?)</script>`).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// No name becomes markup, and each is named to the byte.
func TestHostileNames(t *testing.T) {
	x, folder := hostileSample(t)
	text := write(t, x, options())
	for _, bad := range []string{"alert(1)</script>", "<!-- <img", "\u2028", "\x1b", "\xff"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	var groups []struct {
		Files []struct{ Path, Bytes, Shown string }
	}
	if err := json.Unmarshal([]byte(data(t, text, `id="groups"`)[0]), &groups); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, f := range groups[0].Files {
		exact := f.Path
		if f.Bytes != "" {
			b, err := base64.StdEncoding.DecodeString(f.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			exact = string(b)
		}
		named[strings.TrimPrefix(exact, folder+"/")] = true
		if strings.ContainsAny(f.Path, "\n\x1b\u202e") && f.Shown == "" {
			t.Errorf("%q is shown as it is", f.Path)
		}
	}
	for _, name := range hostile {
		if !named[strings.ReplaceAll(name, "/", "\u2215")] {
			t.Errorf("%q is not among the names: %v", name, named)
		}
	}
}

// The policy names what runs by its hash, so a page whose script or style was
// changed does not run; and pictures come from nowhere but the page or beside it.
func TestPolicy(t *testing.T) {
	x, _ := hostileSample(t)
	embedded := write(t, x, options())
	o := options()
	o.Assets, o.AssetsURL = filepath.Join(t.TempDir(), "thumbs"), "./thumbs"
	beside := write(t, x, o)
	for text, images := range map[string]string{embedded: "img-src data:;", beside: "img-src 'self' file:;"} {
		m := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
		if m == nil {
			t.Fatal("no policy")
		}
		for _, want := range []string{"default-src 'none';", images, "script-src 'sha256-", "style-src 'sha256-"} {
			if !strings.Contains(m[1], want) {
				t.Errorf("%q is not in %s", want, m[1])
			}
		}
		if strings.Contains(m[1], "unsafe") || strings.Contains(m[1], "http") {
			t.Errorf("too much is allowed: %s", m[1])
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "style=\"") || strings.Contains(text, "onclick") {
			t.Error("the page holds what the template should not")
		}
	}
	if len(data(t, beside, `class="thumbnails"`)) == 0 || len(beside) >= len(embedded) {
		t.Error("the page with a folder of thumbnails is not smaller")
	}
	names, err := filepath.Glob(filepath.Join(o.Assets, "*-256.jpg"))
	if err != nil || len(names) != len(hostile) {
		t.Errorf("%d thumbnails in the folder, want %d", len(names), len(hostile))
	}
	if left, _ := filepath.Glob(filepath.Join(o.Assets, ".part*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if again := write(t, x, o); again != beside {
		t.Error("a second page of the same index differs")
	}
}

// thumbnailSize decodes a thumbnail of the page.
func thumbnailSize(t *testing.T, text string) (w, h int) {
	t.Helper()
	var pictures map[string][]byte
	if err := json.Unmarshal([]byte(data(t, text, `class="thumbnails"`)[0]), &pictures); err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		c, err := jpeg.DecodeConfig(bytes.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		return c.Width, c.Height
	}
	return 0, 0
}

// A thumbnail is of the bytes that the index knows: of the file, or where that
// is away or another one by now, the small one that is stored.
func TestThumbnails(t *testing.T) {
	x, folder := sample(t, []photo{
		{name: "a.jpg", data: picture(1, 320, 240, 90), kind: "best"}, {name: "b.jpg", data: picture(1, 320, 240, 60), kind: "near"},
	})
	if w, h := thumbnailSize(t, write(t, x, options())); w != 256 || h != 192 {
		t.Errorf("a thumbnail of %dx%d, want 256x192", w, h)
	}
	o := options()
	o.Read = func(string) ([]byte, error) { t.Error("a photo was opened"); return nil, io.EOF }
	o.Side = 96
	if w, h := thumbnailSize(t, write(t, x, o)); w != 96 || h != 72 {
		t.Errorf("a thumbnail of %dx%d, want 96x72", w, h)
	}
	for name, content := range map[string][]byte{"a.jpg": picture(2, 320, 240, 90), "b.jpg": nil} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if w, h := thumbnailSize(t, write(t, x, options())); w != 96 || h != 72 {
		t.Errorf("of a changed file a thumbnail of %dx%d, want the stored one of 96x72", w, h)
	}
	o = options()
	o.Assets, o.AssetsURL = t.TempDir(), "./x"
	write(t, x, o)
	if names, _ := filepath.Glob(filepath.Join(o.Assets, "*-96.jpg")); len(names) != 2 {
		t.Errorf("%d stored thumbnails by their own name, want 2", len(names))
	}
}

// What the writer, the index or the user ends, ends the page.
func TestWriteEnds(t *testing.T) {
	x, _ := hostileSample(t)
	full := errors.New("disk full")
	for _, after := range []int{0, 100_000} {
		if _, err := page.Write(context.Background(), &limited{left: after, err: full}, x, options()); !errors.Is(err, full) {
			t.Errorf("after %d bytes: %v, want %v", after, err, full)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	o := options()
	o.Read = func(path string) ([]byte, error) { cancel(); return os.ReadFile(path) }
	if _, err := page.Write(ended, io.Discard, x, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	o = options()
	o.Assets = filepath.Join(x.Path(), "below a file")
	if _, err := page.Write(context.Background(), io.Discard, x, o); err == nil || !strings.Contains(err.Error(), "make folder of thumbnails") {
		t.Errorf("a folder that cannot be made: %v", err)
	}
	o = options()
	o.Report = report.Options{Sort: "size"}
	if _, err := page.Write(context.Background(), io.Discard, x, o); err == nil {
		t.Error("an unknown order is taken")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type limited struct {
	left int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, l.err
	}
	return len(p), nil
}

func TestAssetsURL(t *testing.T) {
	got, err := page.AssetsURL("/a/page.html", "/a/b c/thümbs#")
	if want := "./b%20c/th%C3%BCmbs%23"; err != nil || got != want {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
}
