//go:build unix

package pipeline_test

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/png"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// recoded are pictures in two codings without loss each, and one that differs from the first
// by a grey level in one pixel.
func recoded(t *testing.T) map[string][]byte {
	t.Helper()
	encode := func(m image.Image, level png.CompressionLevel) []byte {
		var b bytes.Buffer
		must(t, (&png.Encoder{CompressionLevel: level}).Encode(&b, m))
		return b.Bytes()
	}
	scene := drawn.Scene(400, 180, 120)
	other := image.NewRGBA(scene.Bounds())
	draw.Draw(other, other.Rect, scene, image.Point{}, draw.Src)
	other.Pix[other.PixOffset(75, 50)] ^= 1
	files := map[string][]byte{
		"a.png":       encode(scene, png.BestSpeed),
		"a again.png": encode(scene, png.BestCompression),
		"a other.png": encode(other, png.BestSpeed),
		"b.jpg":       drawn.JPEG(drawn.Scene(401, 180, 120), 90),
	}
	if _, err := exec.LookPath("jpegtran"); err == nil {
		cmd := exec.Command("jpegtran", "-progressive")
		cmd.Stdin = bytes.NewReader(files["b.jpg"])
		progressive, err := cmd.Output()
		must(t, err)
		files["b progressive.jpg"] = progressive
	}
	return files
}

// kinds reads from a report, by name, what the files of groups are at sensitivity normal.
func kinds(report string) map[string]string {
	out := make(map[string]string)
	_, report, _ = strings.Cut(report, "normal\n")
	report, _, _ = strings.Cut(report, "loose\n")
	for _, line := range strings.Split(report, "\n")[1:] {
		if f := strings.Split(line, ","); len(f) > 3 {
			out[strings.TrimPrefix(f[1], "/")] = f[2]
		}
	}
	return out
}

// Pictures that were coded anew without loss are of kind pixels, whichever came first; one
// that only looks the same is near.
func TestRecodedPictures(t *testing.T) {
	files := recoded(t)
	w := newWorld(t)
	w.writeAll(files)
	w.scan()
	got := kinds(w.report())
	for name, others := range map[string][]string{"a.png": {"a again.png"}, "b.jpg": {"b progressive.jpg"}} {
		pair := []string{got[name], got[others[0]]}
		slices.Sort(pair)
		if _, there := files[others[0]]; there && !slices.Equal(pair, []string{"best", "pixels"}) {
			t.Errorf("%s and %s are %v", name, others[0], pair)
		}
	}
	if got["a other.png"] != "near" {
		t.Errorf("a picture with another pixel is %s", got["a other.png"])
	}
	if raceDetector {
		return
	}
	late := newWorld(t)
	names := slices.Sorted(maps.Keys(files))
	for i, name := range slices.Backward(names) {
		late.day = time.Duration(i) * 24 * time.Hour // the times are those of the whole
		late.write(name, files[name])
		late.scan()
	}
	same(t, "one by one backwards", late.report(), w.report())
}

// A file that cannot be read when pictures are compared leaves what the judge says.
func TestRecodedButGone(t *testing.T) {
	if raceDetector {
		t.Skip("the test before runs the same code")
	}
	files := recoded(t)
	w := newWorld(t)
	w.writeAll(files)
	opened := make(map[string]int)
	w.disk.onOpen = func(path string) error {
		if opened[path]++; opened[path] > 1 {
			return errors.New("unplugged")
		}
		return nil
	}
	w.scan()
	for name, kind := range kinds(w.report()) {
		if kind == "pixels" {
			t.Errorf("%s is said to have the same pixels unread", name)
		}
	}
}
