package raster

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCaptureTime(t *testing.T) {
	for _, c := range []struct{ date, offset, want string }{
		{"2019:07:14 18:05:09", "", "2019-07-14T18:05:09Z"},
		{"2019:07:14 18:05:09\x00", "+02:00", "2019-07-14T18:05:09+02:00"},
		{"2019:07:14 18:05:09", "nonsense", "2019-07-14T18:05:09Z"},
		{"2019:13:14 18:05:09", "", "0001-01-01T00:00:00Z"},
		{"0000:00:00 00:00:00", "", "0001-01-01T00:00:00Z"},
		{"    :  :     :  :  ", "", "0001-01-01T00:00:00Z"},
		{"", "+02:00", "0001-01-01T00:00:00Z"},
	} {
		if got := captureTime(c.date, c.offset).Format(time.RFC3339); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.date, c.offset, got, c.want)
		}
	}
}

func TestCamera(t *testing.T) {
	for _, c := range [][3]string{
		{"Canon", "Canon EOS 5D", "Canon EOS 5D"}, {"Apple", "iPhone 12", "Apple iPhone 12"}, {"", "X", "X"}, {"Y ", "", "Y"},
		{"NIKON CORPORATION", "NIKON D3100", "NIKON CORPORATION NIKON D3100"}, {"  A\x00\x00", "a  b\n", "a b"}, {"", "", ""},
	} {
		if got := camera(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestMetadataOfPhotos(t *testing.T) {
	p := func(elem ...string) Picture {
		var p Picture
		info := readJPEG(read(t, elem...))
		readMetadata(&p, info.exif, nil, info.extras)
		return p
	}
	nikon := p("formats", "jpeg", "real-nikon-gps.jpg")
	if !nikon.GPS || nikon.Camera == "" || nikon.Taken.IsZero() || nikon.Tags < 20 {
		t.Errorf("%+v", nikon)
	}
	canon := p("camera-original", "Canon EOS 450D.jpg")
	if canon.GPS || canon.Camera != "Canon EOS 450D" || canon.Taken.Year() < 2008 {
		t.Errorf("%+v", canon)
	}
	if plain := p("formats", "jpeg", "base-a.jpg"); plain.Orientation != 1 || plain.GPS || plain.Camera != "" || !plain.Taken.IsZero() {
		t.Errorf("%+v", plain)
	}
}

// Files whose metadata are broken open, and those of the corpus quickly.
func TestBrokenMetadata(t *testing.T) {
	dir := corpus(t, "bad", "exif")
	paths, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		mustDecode(t, data)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: took %v", path, took)
		}
	}
}

func TestOrientationTag(t *testing.T) {
	build := func(order binary.AppendByteOrder, mark string, kind uint16, count, value uint32) []byte {
		b := append([]byte(mark), 0, 0)
		if mark == "MM" {
			b[3] = 42
		} else {
			b[2] = 42
		}
		b = order.AppendUint32(b, 8)
		b = order.AppendUint16(b, 1)
		b = order.AppendUint16(b, 0x0112)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		if kind == 3 && count == 1 {
			b = order.AppendUint16(b, uint16(value))
			return order.AppendUint16(b, 0)
		}
		return order.AppendUint32(b, value)
	}
	for _, c := range []struct {
		tiff []byte
		want int
	}{
		{build(binary.LittleEndian, "II", 3, 1, 6), 6},
		{build(binary.BigEndian, "MM", 3, 1, 8), 8},
		{build(binary.BigEndian, "MM", 4, 1, 3), 3},
		{build(binary.BigEndian, "MM", 3, 1, 9), 1},
		{build(binary.BigEndian, "MM", 3, 1, 0), 1},
		{build(binary.BigEndian, "MM", 2, 2, 0x36000000), 1}, // as text
		{build(binary.BigEndian, "MM", 4, 2, 0xFFFFFFF0), 1}, // beyond the end
		{build(binary.BigEndian, "MM", 3, 0, 6), 1},
		{build(binary.BigEndian, "MM", 3, 1, 6)[:20], 1}, // cut off
		{[]byte("MM\x00*\xFF\xFF\xFF\xF0"), 1}, {[]byte("XX\x00*\x00\x00\x00\x08"), 1}, {nil, 1},
	} {
		if got := orientation(c.tiff); got != c.want {
			t.Errorf("% x: %d, want %d", c.tiff, got, c.want)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, tiff []byte) {
		if o := orientation(tiff); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		pictureDirectory(tiff, 16)
		var p Picture
		readMetadata(&p, tiff, nil, 0)
	})
}
