package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustDecode(t testing.TB, data []byte) *Raster {
	t.Helper()
	r, err := Decode(context.Background(), data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The PNG decoder of this package must give what image/png gives.
func TestPNGAgainstStandardLibrary(t *testing.T) {
	files := make(map[string][]byte)
	for _, kind := range imageKinds {
		for _, w := range []int{1, 7, 64} {
			files[fmt.Sprint(kind, w)] = encodePNG(t, noise(kind, w, 9, 5))
		}
	}
	paths, _ := filepath.Glob(filepath.Join(corpus(t, "formats", "png"), "*.png"))
	for _, p := range paths {
		files[p] = read(t, "formats", "png", filepath.Base(p))
	}
	for name, data := range files {
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		d, err := decodePNG(context.Background(), data, Limits{}.withDefaults())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := d.reduced(d.width, d.height)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compare(t, name, got, refRaster(img, d.width, d.height), 1)
	}
}

// The one colour or shade that tRNS names is white, whatever lies beside it.
func TestPNGTransparentColour(t *testing.T) {
	grey := encodePNG(t, &image.Gray{Pix: []byte{7, 8}, Stride: 2, Rect: image.Rect(0, 0, 2, 1)})
	if r := mustDecode(t, insertChunk(grey, "tRNS", []byte{0, 7})); r.Luma[0] != 255 || r.Luma[1] != 8 {
		t.Errorf("grey with a transparent shade: %v", r.Luma)
	}
	rgb := encodePNG(t, &image.RGBA{Pix: []byte{1, 2, 3, 255, 1, 2, 4, 255}, Stride: 8, Rect: image.Rect(0, 0, 2, 1)})
	if r := mustDecode(t, insertChunk(rgb, "tRNS", []byte{0, 1, 0, 2, 0, 3})); !bytes.Equal(r.RGB, []byte{255, 255, 255, 1, 2, 4}) {
		t.Errorf("RGB with a transparent colour: %v", r.RGB)
	}
	wide := encodePNG(t, &image.Gray16{Pix: []byte{7, 7, 7, 8}, Stride: 4, Rect: image.Rect(0, 0, 2, 1)})
	if r := mustDecode(t, insertChunk(wide, "tRNS", []byte{7, 8})); r.Luma[0] != 7 || r.Luma[1] != 255 {
		t.Errorf("16 bits with a transparent shade: %v", r.Luma)
	}
}

// insertChunk puts a chunk behind IHDR.
func insertChunk(data []byte, kind string, payload []byte) []byte {
	const behind = 8 + 25
	c := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	c = append(append(c, kind...), payload...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	return append(append(append([]byte(nil), data[:behind]...), c...), data[behind:]...)
}

// The GIF decoder of this package must give what image/gif gives.
func TestGIFAgainstStandardLibrary(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(corpus(t, "formats", "gif"), "*.gif"))
	if len(paths) == 0 {
		t.Fatal("no GIF files")
	}
	for _, p := range paths {
		data := read(t, "formats", "gif", filepath.Base(p))
		frame, err := gif.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		screen, err := gif.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		canvas := image.NewNRGBA(image.Rect(0, 0, screen.Width, screen.Height))
		for y := range screen.Height {
			for x := range screen.Width {
				if (image.Point{X: x, Y: y}).In(frame.Bounds()) {
					canvas.Set(x, y, frame.At(x, y))
				}
			}
		}
		r := mustDecode(t, data)
		compare(t, filepath.Base(p), r.RGB, refRaster(canvas, r.Width, r.Height), 0)
	}
}

func TestGIFCutOff(t *testing.T) {
	m := noise("paletted", 64, 64, 8)
	var b bytes.Buffer
	if err := gif.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	whole := mustDecode(t, b.Bytes())
	if whole.Damaged != 0 {
		t.Errorf("a whole file is damaged by %v", whole.Damaged)
	}
	r := mustDecode(t, b.Bytes()[:b.Len()*3/4])
	if r.Damaged < 0.15 || r.Damaged > 0.35 || !bytes.Equal(r.RGB[:64*3*40], whole.RGB[:64*3*40]) {
		t.Errorf("three quarters of a file: damaged by %v", r.Damaged)
	}
	if _, err := Decode(context.Background(), b.Bytes()[:b.Len()/3], Limits{}); !errors.Is(err, Damaged) {
		t.Errorf("a third of a file: %v", err)
	}
}

func TestPNGCutOff(t *testing.T) {
	data := encodePNG(t, noise("nrgba", 80, 80, 4))
	whole := mustDecode(t, data)
	r := mustDecode(t, data[:len(data)*4/5])
	if r.Damaged < 0.15 || r.Damaged > 0.25 || !bytes.Equal(r.RGB[:80*3*60], whole.RGB[:80*3*60]) {
		t.Errorf("four fifths of a file: damaged by %v", r.Damaged)
	}
	flipped := bytes.Clone(data)
	flipped[len(flipped)/2] ^= 4 // the chunk's checksum tells
	if _, err := Decode(context.Background(), flipped, Limits{}); !errors.Is(err, Damaged) {
		t.Errorf("a flipped bit: %v", err)
	}
}

// A picture with a red, a green and a blue corner on grey, stored in each orientation.
func TestOrientations(t *testing.T) {
	upright := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			c := color.RGBA{128, 128, 128, 255}
			switch {
			case x < 24 && y < 16:
				c = color.RGBA{255, 0, 0, 255}
			case x >= 40 && y < 16:
				c = color.RGBA{0, 255, 0, 255}
			case x < 24 && y >= 32:
				c = color.RGBA{0, 0, 255, 255}
			}
			upright.Set(x, y, c)
		}
	}
	for orientation := 1; orientation <= 8; orientation++ {
		back := turnOf(orientation).Inverse()
		stored, w, h := turnRGB(reducePlain(t, upright), 64, 48, back)
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			copy(m.Pix[4*i:], stored[3*i:3*i+3])
			m.Pix[4*i+3] = 255
		}
		exif := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00")
		jpg := encodeJPEG(t, m, 95)
		segment := append([]byte("\xFF\xE1\x00\x00Exif\x00\x00"), exif...)
		binary.BigEndian.PutUint16(segment[2:], uint16(len(segment)-2))
		jpg = append(append([]byte{0xFF, 0xD8}, segment...), jpg[2:]...)
		for name, file := range map[string][]byte{"jpeg": jpg, "png": insertChunk(encodePNG(t, m), "eXIf", exif)} {
			r := mustDecode(t, file)
			if r.Width != 64 || r.Height != 48 || r.Picture.Width != 64 || r.Picture.Height != 48 || r.Orientation != orientation {
				t.Errorf("%s %d: %+v", name, orientation, r.Picture)
				continue
			}
			compare(t, fmt.Sprint(name, orientation), r.RGB, reducePlain(t, upright), 40)
		}
	}
}

func reducePlain(t *testing.T, m image.Image) []byte {
	t.Helper()
	b := m.Bounds()
	rgb, err := reduce(rowsOf(m), b.Dx(), b.Dy(), b.Dx(), b.Dy())
	if err != nil {
		t.Fatal(err)
	}
	return rgb
}

// Files of one picture must look alike whatever their colours are written in.
func TestColoursAgree(t *testing.T) {
	want := mustDecode(t, read(t, "formats", "png", "base-a.png"))
	d := testDecoder(t, "sound")
	for path, most := range map[string]float64{
		"png/rgb16.png": 0, "png/rgba16.png": 0, "png/interlaced.png": -1, "jpeg/base-a.jpg": 3, "jpeg/rgb.jpg": 3,
		"jpeg/cmyk-adobe.jpg": 6, "jpeg/ycck-adobe.jpg": 6, "jpeg/s420.jpg": 6, "jpeg/progressive.jpg": 6,
		"tiff/base-a.tif": 0, "tiff/rgb16-le.tif": 0, "bmp/base-a.bmp": 0, "bmp/32bit.bmp": 0, "webp/base-a.webp": 0,
		"webp/animated-lossless.webp": -1, "webp/lossy.webp": 9, "bmp/8bit.bmp": 25, "gif/base-a.gif": 25,
	} {
		r, err := d.Decode(context.Background(), read(t, "formats", filepath.FromSlash(path)), path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if most < 0 {
			continue // of another size
		}
		var sum float64
		for i := range r.RGB {
			sum += max(float64(r.RGB[i])-float64(want.RGB[i]), float64(want.RGB[i])-float64(r.RGB[i]))
		}
		if mean := sum / float64(len(r.RGB)); mean > most {
			t.Errorf("%s: differs by %.2f on average", path, mean)
		}
	}
}

// Nothing may be allocated on the word of a header.
func TestDeclaredSizes(t *testing.T) {
	big := func(file []byte, change func(b []byte)) []byte {
		b := bytes.Clone(file)
		change(b)
		return b
	}
	small := image.NewGray(image.Rect(0, 0, 8, 8))
	jpg := encodeJPEG(t, small, 75)
	sof := bytes.Index(jpg, []byte{0xFF, 0xC0})
	pngFile := encodePNG(t, small)
	var gifFile bytes.Buffer
	if err := gif.Encode(&gifFile, small, nil); err != nil {
		t.Fatal(err)
	}
	picture := bytes.IndexByte(gifFile.Bytes()[13+768:], 0x2C) + 13 + 768
	setPNG := func(w, h uint32) func(b []byte) {
		return func(b []byte) {
			binary.BigEndian.PutUint32(b[16:], w)
			binary.BigEndian.PutUint32(b[20:], h)
			binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		}
	}
	for name, c := range map[string]struct {
		file  []byte
		class Class
		flag  string
	}{
		"jpeg 20000": {big(jpg, func(b []byte) {
			binary.BigEndian.PutUint16(b[sof+5:], 20000)
			binary.BigEndian.PutUint16(b[sof+7:], 20000)
		}), Damaged, ""},
		"jpeg progressive 20000": {big(jpg, func(b []byte) {
			b[sof+1] = 0xC2
			binary.BigEndian.PutUint16(b[sof+5:], 20000)
			binary.BigEndian.PutUint16(b[sof+7:], 20000)
		}), Damaged, ""},
		"jpeg 65535": {big(jpg, func(b []byte) { binary.BigEndian.PutUint32(b[sof+5:], 0xFFFFFFFF) }), TooLarge, "--max-pixels"},
		"jpeg 0":     {big(jpg, func(b []byte) { binary.BigEndian.PutUint16(b[sof+7:], 0) }), Damaged, ""},
		"png 20000":  {big(pngFile, setPNG(20000, 20000)), Damaged, ""},
		"png 60000":  {big(pngFile, setPNG(60000, 60000)), TooLarge, "--max-pixels"},
		"png 70000":  {big(pngFile, setPNG(70000, 1)), TooLarge, "--max-side"},
		"png 0":      {big(pngFile, setPNG(0, 1)), Damaged, ""},
		"gif 20000": {big(gifFile.Bytes(), func(b []byte) {
			for _, at := range []int{6, 8, picture + 5, picture + 7} {
				binary.LittleEndian.PutUint16(b[at:], 20000)
			}
		}), Damaged, ""},
		"gif 65535 screen": {big(gifFile.Bytes(), func(b []byte) { binary.LittleEndian.PutUint32(b[6:], 0xFFFFFFFF) }), TooLarge, "--max-pixels"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(context.Background(), c.file, Limits{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.class) || !bytes.Contains([]byte(err.Error()), []byte(c.flag)) {
			t.Errorf("%s: %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
}

// A large screen with a small frame is decoded in memory for a few rows.
func TestGIFLargeScreen(t *testing.T) {
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White}), nil); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	binary.LittleEndian.PutUint16(data[6:], 20000)
	binary.LittleEndian.PutUint16(data[8:], 2000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := mustDecode(t, data)
	runtime.ReadMemStats(&after)
	if r.Width != 512 || r.Height != 51 || r.Luma[len(r.Luma)-1] != 255 || r.Luma[0] == 255 {
		t.Errorf("%d x %d, %d, %d", r.Width, r.Height, r.Luma[0], r.Luma[len(r.Luma)-1])
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 2<<20 {
		t.Errorf("took %d bytes", took)
	}
}

func TestLimits(t *testing.T) {
	data := encodePNG(t, image.NewGray(image.Rect(0, 0, 100, 50)))
	for _, c := range []struct {
		l    Limits
		flag string
	}{
		{Limits{Pixels: 4999}, "more than 4999; --max-pixels"}, {Limits{Side: 99}, "--max-side"}, {Limits{FileSize: 10}, "--max-file-size"}, {Limits{}, ""}, {Limits{Pixels: 5000, Side: 100}, ""},
	} {
		_, err := Decode(context.Background(), data, c.l)
		if (err != nil) != (c.flag != "") || err != nil && (!errors.Is(err, TooLarge) || !bytes.Contains([]byte(err.Error()), []byte(c.flag))) {
			t.Errorf("%+v: %v", c.l, err)
		}
	}
	if err := (Limits{}).CheckFileSize(5 << 30); !errors.Is(err, TooLarge) {
		t.Error(err)
	}
	photo := encodeJPEG(t, noise("nrgba", 64, 64, 1), 80)
	if _, err := Decode(context.Background(), photo, Limits{Memory: 1000}); !errors.Is(err, TooLarge) {
		t.Error(err)
	}
	if _, err := Decode(context.Background(), photo, Limits{Parts: 2}); !errors.Is(err, TooLarge) {
		t.Error(err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := NewDecoder(DecoderOptions{})
	for _, data := range [][]byte{encodePNG(t, image.NewGray(image.Rect(0, 0, 9, 9))), encodeJPEG(t, image.NewGray(image.Rect(0, 0, 9, 9)), 50)} {
		if _, err := Decode(ctx, data, Limits{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := d.Decode(ctx, data, ""); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := decodeHere(ctx, data, ByContent(data), Limits{}.withDefaults()); err == nil {
			continue // the rows ask later
		} else if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestDecoderWithoutHelper(t *testing.T) {
	d := NewDecoder(DecoderOptions{})
	if _, err := d.Decode(context.Background(), tinyWebP(), "a.webp"); !errors.Is(err, Unsupported) {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"a.jpg":    `is no JPEG: starts with "hello"`,
		"a.CR2":    `is no camera raw file: starts with "hello"`,
		"a.txt":    `is no known picture: starts with "hello"`,
		"a/b.heic": `is no HEIC: starts with "hello"`,
	} {
		_, err := d.Decode(context.Background(), []byte("hello"), name)
		if !errors.Is(err, Foreign) || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Decode(context.Background(), nil, "a.jpg"); !errors.Is(err, Foreign) || err.Error() != "is empty" {
		t.Error(err)
	}
	if _, err := d.Decode(context.Background(), []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "a.nef"); !errors.Is(err, Unsupported) || err.Error() != "camera raw file holds no JPEG preview that this version finds" {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// Camera files: dimensions, orientation and camera as the table of the corpus says.
func TestCameraOriginals(t *testing.T) {
	dir := corpus(t, "camera-original")
	rows := table(t, filepath.Join(dir, "files.csv"))
	if testing.Short() || raceOn {
		rows = rows[:2]
	}
	for _, row := range rows {
		data, err := os.ReadFile(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		info := readJPEG(data)
		if strconv.Itoa(info.width) != row["width"] || strconv.Itoa(info.height) != row["height"] {
			t.Logf("%s: stored %d x %d, table %s x %s", row["path"], info.width, info.height, row["width"], row["height"])
		}
		r := mustDecode(t, data)
		if max(r.Width, r.Height) != Side || strconv.Itoa(r.Orientation) != row["orientation"] || r.JPEGQuality == 0 {
			t.Errorf("%s: %d x %d, orientation %d, quality %d", row["path"], r.Width, r.Height, r.Orientation, r.JPEGQuality)
		}
		if r.Camera == "" || r.Tags == 0 {
			t.Logf("%s: camera %q, taken %v, GPS %v, %d tags", row["path"], r.Camera, r.Taken, r.GPS, r.Tags)
		}
	}
}
