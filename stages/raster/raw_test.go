package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// rawTIFF is a raw file of one directory with these entries of type LONG (tag, value),
// and bytes behind it at offset 512.
func rawTIFF(behind []byte, entries ...uint32) []byte {
	b := tiffOf(entries...)
	return append(append(b, make([]byte, 512-len(b))...), behind...)
}

// asRAW decodes bytes as those of a camera raw file.
func asRAW(data []byte) (*Raster, error) {
	return decode(context.Background(), data, RAW, Limits{}.withDefaults(), decodeHere)
}

func TestRawPreviews(t *testing.T) {
	small, large := encodeJPEG(t, noise("nrgba", 24, 16, 1), 90), encodeJPEG(t, noise("nrgba", 60, 40, 2), 90)
	sensor := bytes.Clone(large) // as lossless JPEG, which holds no picture for people
	sensor[bytes.Index(sensor, []byte{0xFF, 0xC0})+1] = 0xC3
	broken := append(bytes.Clone(large)[:bytes.Index(large, []byte{0xFF, 0xDA})], 0xFF, 0xD9)
	at := uint32(512)
	pair := func(first, second []byte, at2 uint32) []byte {
		// The first as JPEGInterchangeFormat, the second as a strip.
		return rawTIFF(append(bytes.Clone(first), second...), 0x103, 6, 0x111, at2, 0x112, 6, 0x117, uint32(len(second)), 0x201, at, 0x202, uint32(len(first)))
	}
	for name, c := range map[string]struct {
		data   []byte
		width  int // upright, of a picture turned by a quarter
		class  Class
		source Source
	}{
		"largest":            {pair(small, large, at+uint32(len(small))), 40, "", Preview},
		"largest first":      {pair(large, small, at+uint32(len(large))), 40, "", Preview},
		"not the sensor":     {pair(small, sensor, at+uint32(len(small))), 16, "", Preview},
		"not a broken one":   {pair(small, broken, at+uint32(len(small))), 16, "", Preview},
		"all broken":         {pair(broken, broken, at+uint32(len(broken))), 0, Damaged, ""},
		"beyond the end":     {pair(small, large, 0xFFFFFF00)[:512], 0, Unsupported, ""},
		"two strips":         {rawTIFF(large, 0x103, 7, 0x117, uint32(len(large))), 0, Unsupported, ""},
		"none":               {rawTIFF(nil), 0, Unsupported, ""},
		"no directory":       {[]byte("II*\x00"), 0, Unsupported, ""},
		"RAF of a few bytes": {[]byte("FUJIFILMCCD-RAW 0201"), 0, Unsupported, ""},
		"CR3 of a head":      {makeBox("ftyp", []byte("crx \x00\x00\x00\x01")), 0, Unsupported, ""},
	} {
		r, err := asRAW(c.data)
		if c.class != "" {
			if !errors.Is(err, c.class) {
				t.Errorf("%s: %v, want %s", name, err, c.class)
			}
			continue
		}
		if err != nil || r.Picture.Width != c.width || r.Orientation != 6 || r.Source != c.source || r.JPEGQuality != 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Makers' notes, trees and chains of directories lead to previews, and loops of them end.
func TestRawDirectories(t *testing.T) {
	jpg := encodeJPEG(t, noise("nrgba", 24, 16, 1), 90)
	// put writes a directory of LONG entries at a place.
	put := func(file []byte, at int, order binary.ByteOrder, next uint32, entries ...uint32) {
		order.PutUint16(file[at:], uint16(len(entries)/2))
		at += 2
		for i := 0; i < len(entries); i += 2 {
			order.PutUint16(file[at:], uint16(entries[i]))
			order.PutUint16(file[at+2:], 4)
			order.PutUint32(file[at+4:], 1)
			order.PutUint32(file[at+8:], entries[i+1])
			at += 12
		}
		order.PutUint32(file[at:], next)
	}
	file := func(mark string) []byte {
		b := append(make([]byte, 2048), jpg...)
		copy(b, mark+"\x08\x00\x00\x00")
		return b
	}
	le, be := binary.LittleEndian, binary.BigEndian
	at, n := uint32(2048), uint32(len(jpg))
	for name, build := range map[string]func() []byte{
		"chain": func() []byte {
			b := file("II*\x00")
			put(b, 8, le, 200)
			put(b, 200, le, 300)
			put(b, 300, le, 8, 0x201, at, 0x202, n) // back to the first
			return b
		},
		"tree": func() []byte {
			b := file("II*\x00")
			put(b, 8, le, 0, 0x14A, 200)
			put(b, 200, le, 200, 0x14A, 8, 0x8769, 300)
			put(b, 300, le, 0, 0x14A, 300, 0x201, at, 0x202, n)
			return b
		},
		"Olympus": func() []byte {
			b := file("IIRO")
			put(b, 8, le, 0, 0x8769, 200)
			put(b, 200, le, 0, 0x927C, 300)
			copy(b[300:], "OLYMPUS\x00MM\x03\x00")
			put(b, 312, be, 0, 0x2020, 100)
			put(b, 400, be, 0, 0x101, at-300, 0x102, n)
			return b
		},
		"Olympus, early": func() []byte {
			b := file("MM\x00*")
			copy(b[4:], "\x00\x00\x00\x08")
			put(b, 8, be, 0, 0x927C, 300)
			copy(b[300:], "OLYMP\x00")
			put(b, 308, be, 0, 0x88, at, 0x89, n)
			return b
		},
		"Pentax": func() []byte {
			b := file("II*\x00")
			put(b, 8, le, 0, 0x927C, 300)
			copy(b[300:], "AOC\x00MM")
			put(b, 306, be, 0, 3, n, 4, at)
			return b
		},
	} {
		if r, err := asRAW(build()); err != nil || r.Picture.Width != 24 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Directories that lead to each other by the thousand.
	b := append([]byte("II*\x00\x08\x00\x00\x00"), make([]byte, 1<<20)...)
	for at := 8; at+32 < len(b); at += 30 {
		put(b, at, le, uint32(at+30), 0x14A, uint32((at*7)%(1<<20)), 0x8769, uint32((at*13)%(1<<20)))
	}
	start := time.Now()
	if _, err := asRAW(b); !errors.Is(err, Unsupported) {
		t.Error(err)
	}
	if r := readRAW(b); r.directories > maxDirectories {
		t.Errorf("%d directories", r.directories)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// What the cameras wrote, of formats whose metadata lie in their own ways.
func TestRawMetadata(t *testing.T) {
	for path, want := range map[string]Picture{
		"made-orientation-8.cr3": {Camera: "Canon EOS R", Taken: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), Orientation: 8},
		"made.rw2":               {Camera: "Panasonic DMC-GH4", Orientation: 1},
		"made.orf":               {Camera: "OLYMPUS CORPORATION E-M5", Orientation: 1},
		"made-orientation-6.raf": {Camera: "FUJIFILM Model One", Orientation: 6},
		"real-nikon-d7100.nef":   {Camera: "NIKON CORPORATION NIKON D7100", Taken: time.Date(2013, 9, 3, 9, 45, 16, 0, time.UTC), Orientation: 1},
		"real-sony-a55.arw":      {Camera: "SONY SLT-A55V", Taken: time.Date(2017, 10, 22, 11, 54, 20, 0, time.UTC), Orientation: 1, GPS: true},
	} {
		r, err := asRAW(read(t, "formats", "raw", path))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if r.Camera != want.Camera || !r.Taken.Equal(want.Taken) || r.Orientation != want.Orientation || r.GPS != want.GPS || r.Source != Preview {
			t.Errorf("%s: %+v", path, r.Picture)
		}
	}
	place := tiffOf(2, 1)
	if !hasPlace(place) || hasPlace(tiffOf(1, 1)) || hasPlace(nil) {
		t.Error("a place where there is none, or none where there is one")
	}
}

func FuzzRAW(f *testing.F) {
	f.Add(rawTIFF([]byte("\xFF\xD8\xFF\xC0\x00\x0B\x08\x00\x10\x00\x10\x01\x01\x11\x00\xFF\xD9"), 0x103, 6, 0x111, 512, 0x117, 17, 0x14A, 8))
	f.Add([]byte("IIRO\x08\x00\x00\x00\x01\x00\x7C\x92\x04\x00\x01\x00\x00\x00\x1A\x00\x00\x00\x00\x00\x00\x00OLYMPUS\x00II\x03\x00\x01\x00\x20\x20\x07\x00\x05\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(append(makeBox("ftyp", []byte("crx ....")), makeBox("moov", makeBox("trak", makeBox("mdia", makeBox("minf", makeBox("stbl",
		makeBox("stsz", []byte("\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x01")), makeBox("co64", []byte("\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x10")))))))...))
	f.Add(append([]byte("FUJIFILMCCD-RAW "), make([]byte, 100)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := readRAW(data)
		if len(r.previews) > maxPreviews || r.directories > maxDirectories {
			t.Fatalf("%d previews of %d directories", len(r.previews), r.directories)
		}
		for _, p := range r.previews {
			if len(p.data) > len(data) || p.width < 1 || p.height < 1 || !bytes.HasPrefix(p.data, []byte("\xFF\xD8")) {
				t.Fatalf("preview of %d x %d in %d bytes", p.width, p.height, len(p.data))
			}
		}
		if len(data) < 1<<12 {
			fuzzDecode(t, data, func(ctx context.Context, data []byte, l Limits) (*Raster, error) {
				return decode(ctx, data, RAW, l.withDefaults(), decodeHere)
			})
		}
	})
}

// The decoders that come as modules, by the helper that they run in.
func TestModulesInHelper(t *testing.T) {
	ctx := context.Background()
	limit := func(o *DecoderOptions) {
		if o.Limits.Memory = 72 << 20; raceOn {
			o.HelperMemory = 1 << 40 // the race detector takes as it likes
		}
	}
	d := testDecoder(t, "sound", limit, func(o *DecoderOptions) {
		// Shorter than making a module ready takes, which is not the file's fault.
		o.HelperDeadline = time.Second
		if raceOn {
			o.HelperDeadline *= 8
		}
	})
	for path, want := range map[string]Picture{
		"heic/real-iphone-15-pro.heic":    {Width: 3024, Height: 4032, Camera: "Apple iPhone 15 Pro", Orientation: 6, GPS: true},
		"avif/exif-orientation-6.avif":    {Width: 240, Height: 340, Camera: "Corpus Model One", Orientation: 6},
		"jxl/jpeg-transcoded.jxl":         {Width: 320, Height: 240, Orientation: 1},
		"heic/nokia-C013.heic":            {Width: 300, Height: 300, Orientation: 1}, // cropped here
		"heic/exif-only-orientation.heic": {Width: 240, Height: 340, Camera: "Corpus Model One", Orientation: 1},
	} {
		r, err := d.Decode(ctx, read(t, "formats", filepath.FromSlash(path)), path)
		if err != nil {
			if path != "heic/real-iphone-15-pro.heic" || !errors.Is(err, TimedOut) { // 12 megapixels on a busy machine
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		p := r.Picture
		if p.Width != want.Width || p.Height != want.Height || p.Camera != want.Camera || p.Orientation != want.Orientation || p.GPS != want.GPS {
			t.Errorf("%s: %+v", path, p)
		}
	}
	d = testDecoder(t, "sound", limit)
	// 82 MiB are too much, and the helper lives on.
	if _, err := d.Decode(ctx, read(t, "formats", "jxl", "real-sunset-logo.jxl"), ""); !errors.Is(err, TooLarge) {
		t.Errorf("over the limit of memory: %v", err)
	}
	first := pidOf(d)
	for _, path := range []string{"heic/base-a.heic", "avif/base-a.avif", "jxl/base-a.jxl"} {
		if raceOn && path == "avif/base-a.avif" {
			continue // its module takes half a minute to make ready then
		}
		data := read(t, "formats", filepath.FromSlash(path))
		for _, cut := range []int{len(data) / 2, 64} {
			if _, err := d.Decode(ctx, data[:cut], path); !errors.Is(err, Damaged) {
				t.Errorf("%d bytes of %s: %v", cut, path, err)
			}
		}
		if _, err := d.Decode(ctx, data, path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if first == 0 || pidOf(d) != first {
		t.Errorf("helper %d became %d", first, pidOf(d))
	}
}
