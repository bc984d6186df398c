package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// corpus returns a folder of the test photos, or skips the test.
func corpus(tb testing.TB, elem ...string) string {
	tb.Helper()
	root := os.Getenv("DEDUPIDX_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("no test photos at %s; set DEDUPIDX_CORPUS", path)
	}
	return path
}

// table reads a CSV file with a header into rows by column name.
func table(tb testing.TB, path string) []map[string]string {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := make(map[string]string)
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// notDecoded lists the files of the corpus that must open and that this version fails
// with a reason. The test fails when one starts to work.
var notDecoded = map[string]string{}

// otherLabel lists files whose orientation the table gives in another way.
var otherLabel = map[string]int{
	"avif/real-kimono.rotate90.avif": 6, // irot 3, and upright it is the picture of its group
	"heic/nokia-C042.heic":           4, // imir 0, which is what its turn by a half is
}

// alteredBy lists files that show their group's picture otherwise than up to coding, and
// by how many grey levels.
var alteredBy = map[string]float64{
	"jpeg/real-landscape-3.jpg": 13, // another number is painted in, and it is darker
	"jpeg/real-landscape-6.jpg": 13,
	"jpeg/real-landscape-8.jpg": 13,
	"png/grey4.png":             9,  // 16 greys
	"tiff/grey4.tif":            9,  // 16 greys
	"tiff/g3.tif":               75, // black and white
	"tiff/g4.tif":               75,
}

// small is the luma of a raster at 16 x 16.
func small(t *testing.T, r *Raster) []byte {
	t.Helper()
	rgb, err := reduce(greyRows{&image.Gray{Pix: r.Luma, Stride: r.Width, Rect: image.Rect(0, 0, r.Width, r.Height)}}, r.Width, r.Height, 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	return rgb
}

// difference is the mean difference of two pictures in grey levels.
func difference(a, b []byte) float64 {
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(a))
}

// Each file that must open has the size and orientation of the table and, where the
// table says that it shows the same picture as others, looks like the first of them:
// upright, and with the same colours up to coding.
func TestFormats(t *testing.T) {
	dir := corpus(t, "formats")
	d := testDecoder(t, "sound")
	groups := make(map[string][]byte)
	thumbnails := 0
	for _, row := range table(t, filepath.Join(dir, "labels.csv")) {
		path := row["path"]
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		format := Sniff(data, path)
		if want := map[string]Format{"mpo": JPEG, "apng": PNG}[row["format"]]; want != "" && format != want || want == "" && string(format) != row["format"] {
			t.Errorf("%s: is %q, want %q", path, format, row["format"])
		}
		r, err := d.Decode(context.Background(), data, path)
		reason, known := notDecoded[path]
		var f *Failure
		switch {
		case err != nil && !errors.As(err, &f):
			t.Errorf("%s: %v", path, err)
		case err != nil && row["opens"] == "yes" && !known:
			t.Errorf("%s: %v", path, err)
		case err == nil && known:
			t.Errorf("%s: works now; take it off the list (%s)", path, reason)
		}
		if err != nil {
			if testing.Verbose() {
				t.Logf("%-40s %-5s %s: %v", path, row["opens"], f.Class, err)
			}
			continue
		}
		w, _ := strconv.Atoi(row["width"])
		h, _ := strconv.Atoi(row["height"])
		if r.Picture.Width != w || r.Picture.Height != h || row["orientation"] != "" && strconv.Itoa(r.Orientation) != row["orientation"] && r.Orientation != otherLabel[path] {
			t.Errorf("%s: %d x %d orientation %d, want %d x %d, %s", path, r.Picture.Width, r.Picture.Height, r.Orientation, w, h, row["orientation"])
		}
		if len(r.RGB) != 3*r.Width*r.Height || len(r.Luma) != r.Width*r.Height || r.Damaged != 0 || r.Bytes != int64(len(data)) || r.Format != format {
			t.Errorf("%s: %d x %d, %d, %d bytes, %+v", path, r.Width, r.Height, len(r.RGB), len(r.Luma), r.Picture)
		}
		if format == HEIC && r.Source == Preview {
			thumbnails++
			compareWithFull(t, d, data, path, r)
		}
		if row["expect"] == "same" {
			got := small(t, r)
			if want, ok := groups[row["group_id"]]; !ok {
				groups[row["group_id"]] = got
			} else if d := difference(want, got); d > max(3, alteredBy[path]) {
				t.Errorf("%s: %.1f grey levels from the picture of its group", path, d)
			}
		}
	}
	// What the files took is given back, file by file: machine code and the program stay.
	if rss := residentMemory(pidOf(d)); rss > 384<<20 && !raceOn {
		t.Errorf("the helper keeps %d MiB", rss>>20)
	} else {
		t.Logf("the helper keeps %d MiB", rss>>20)
	}
	if thumbnails == 0 {
		t.Error("no HEIC was decoded by its thumbnail")
	}
	testCroppedAVIF(t, d, filepath.Join(dir, "avif", "real-kimono.crop.avif"))
}

// compareWithFull decodes a HEIC in full, too: it is as large, and looks like its thumbnail.
func compareWithFull(t *testing.T, d *Decoder, data []byte, path string, small16 *Raster) {
	t.Helper()
	d.helper.limits.FullOnly = true
	defer func() { d.helper.limits.FullOnly = false }()
	full, err := d.Decode(context.Background(), data, path)
	if err != nil {
		t.Errorf("%s: in full: %v", path, err)
		return
	}
	want, got := full.Picture, small16.Picture
	got.Source = Full
	if got != want {
		t.Errorf("%s: by its thumbnail %+v, in full %+v", path, got, want)
	}
	if off := difference(small(t, full), small(t, small16)); off > 3 {
		t.Errorf("%s: its thumbnail is %.1f grey levels from it", path, off)
	}
}

// testCroppedAVIF moves the crop of a file by half a pixel, so that it follows the rules.
func testCroppedAVIF(t *testing.T, d *Decoder, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := d.Decode(context.Background(), data, path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("clap")) + 4 + 16 // 103 / 1 to the right of the centre
	binary.BigEndian.PutUint32(data[at:], 205)
	binary.BigEndian.PutUint32(data[at+4:], 2)
	cropped, err := d.Decode(context.Background(), data, path)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Picture.Width != 722 || cropped.Picture.Width != 385 || cropped.Picture.Height != 330 {
		t.Fatalf("%d, %d x %d", whole.Picture.Width, cropped.Picture.Width, cropped.Picture.Height)
	}
	// The same part of the whole raster, which is half as large.
	r := image.Rect(271, 39, 271+385, 39+330)
	scale := func(v int) int { return (v*whole.Width + 361) / 722 }
	part := (&image.Gray{Pix: whole.Luma, Stride: whole.Width, Rect: image.Rect(0, 0, whole.Width, whole.Height)}).SubImage(
		image.Rect(scale(r.Min.X), scale(r.Min.Y), scale(r.Max.X), scale(r.Max.Y))).(*image.Gray)
	want, err := reduce(greyRows{part}, part.Rect.Dx(), part.Rect.Dy(), 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	if off := difference(want, small(t, cropped)); off > 3 {
		t.Errorf("%s: the crop is %.1f grey levels from that part of the whole", path, off)
	}
}
