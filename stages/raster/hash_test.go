package raster

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

func pictureHash(t testing.TB, data []byte, orientation int) [32]byte {
	t.Helper()
	sum, ok := PictureHash(data, ByContent(data), orientation)
	if !ok {
		t.Fatal("no hash")
	}
	return sum
}

// segment makes a JPEG marker segment.
func segment(marker byte, payload string) []byte {
	b := []byte{0xFF, marker, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(len(payload)+2))
	return append(b, payload...)
}

func behindSOI(data []byte, parts ...[]byte) []byte {
	return append(append([]byte{0xFF, 0xD8}, bytes.Join(parts, nil)...), data[2:]...)
}

func TestPictureHashJPEG(t *testing.T) {
	data := encodeJPEG(t, noise("nrgba", 40, 30, 1), 80)
	want := pictureHash(t, data, 1)
	for name, same := range map[string][]byte{
		"comment":     behindSOI(data, segment(0xFE, "hello")),
		"exif":        behindSOI(data, segment(0xE1, "Exif\x00\x00nothing")),
		"icc":         behindSOI(data, segment(0xE2, "ICC_PROFILE\x00\x01\x01")),
		"jfif":        behindSOI(data, segment(0xE0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")),
		"adobe ycc":   behindSOI(data, segment(0xEE, "Adobe\x00d\x00\x00\x00\x00\x01")),
		"fill bytes":  behindSOI(data, []byte{0xFF, 0xFF, 0xFF}),
		"trailer":     append(bytes.Clone(data), "a film follows"...),
		"second":      append(bytes.Clone(data), encodeJPEG(t, noise("nrgba", 300, 300, 2), 95)...),
		"without EOI": data[:len(data)-2],
	} {
		if pictureHash(t, same, 1) != want {
			t.Errorf("%s: another hash", name)
		}
		if !bytes.Equal(mustDecode(t, same).RGB, mustDecode(t, data).RGB) {
			t.Errorf("%s: other pixels", name)
		}
	}
	for o := range 10 {
		if same := pictureHash(t, data, o) == want; same != (o < 2 || o > 8) {
			t.Errorf("orientation %d: same hash %v", o, same)
		}
	}
	// Adobe's transform 0 has the same bytes read as RGB.
	rgb := behindSOI(data, segment(0xEE, "Adobe\x00d\x00\x00\x00\x00\x00"))
	if pictureHash(t, rgb, 1) == want {
		t.Error("RGB and YCbCr have one hash")
	}
	if bytes.Equal(mustDecode(t, rgb).RGB, mustDecode(t, data).RGB) {
		t.Error("RGB and YCbCr have the same pixels")
	}
	scan := bytes.Clone(data)
	scan[len(scan)-10] ^= 1
	dqt := bytes.Index(data, []byte{0xFF, 0xDB})
	table := bytes.Clone(data)
	table[dqt+10]++
	for name, other := range map[string][]byte{"scan": scan, "table": table, "cut off": data[:len(data)-9]} {
		if pictureHash(t, other, 1) == want {
			t.Errorf("%s: the same hash", name)
		}
	}
	for name, none := range map[string][]byte{"empty": nil, "no scan": data[:dqt+30], "text": []byte("text")} {
		if _, ok := PictureHash(none, JPEG, 1); ok {
			t.Errorf("%s has a hash", name)
		}
	}
}

func TestPictureHashPNG(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 30, 30), color.Palette{color.Black, color.White, color.NRGBA{1, 2, 3, 99}})
	m.SetColorIndex(3, 3, 2)
	data := encodePNG(t, m)
	want := pictureHash(t, data, 1)
	info := readPNG(data)
	split := info
	whole := bytes.Join(info.idat, nil)
	split.idat = [][]byte{whole[:5], whole[5:9], whole[9:]}
	for name, same := range map[string][]byte{
		"text":    insertChunk(data, "tEXt", []byte("Comment\x00hello")),
		"gamma":   insertChunk(data, "gAMA", []byte{0, 0, 1, 2}),
		"split":   split.bare(),
		"trailer": append(bytes.Clone(data), 1, 2, 3),
	} {
		if pictureHash(t, same, 1) != want {
			t.Errorf("%s: another hash", name)
		}
	}
	opaque, recoloured := info, info
	opaque.transparency = nil
	recoloured.palette = bytes.Clone(info.palette)
	recoloured.palette[0] = 1
	for name, other := range map[string][]byte{"without transparency": opaque.bare(), "palette": recoloured.bare()} {
		if pictureHash(t, other, 1) == want {
			t.Errorf("%s: the same hash", name)
		}
	}
	if _, ok := PictureHash(data[:40], PNG, 1); ok {
		t.Error("a PNG without pixels has a hash")
	}
	if _, ok := PictureHash(data, GIF, 1); ok {
		t.Error("a format without a picture hash has one")
	}
}

// Of the corpus' pixel copies, those of the same coding share their original's hash;
// no two pictures of different groups do.
func TestPictureHashCorpus(t *testing.T) {
	dir := corpus(t, "photos")
	groups := make(map[[32]byte]string)
	hashed, shared := 0, 0
	for _, row := range table(t, filepath.Join(dir, "labels.csv")) {
		data, err := os.ReadFile(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		format := ByContent(data)
		o := 1
		switch format {
		case JPEG:
			o = orientation(readJPEG(data).exif)
		case PNG:
			o = orientation(readPNG(data).exif)
		}
		sum, ok := PictureHash(data, format, o)
		if !ok {
			continue
		}
		hashed++
		if other, ok := groups[sum]; ok {
			shared++
			if other != row["group"] {
				t.Errorf("%s: same hash as a picture of group %s", row["path"], other)
			}
		}
		groups[sum] = row["group"]
	}
	if shared < 20 {
		t.Errorf("of %d hashed files only %d share a hash", hashed, shared)
	}
	t.Logf("%d files hashed, %d share the hash of another", hashed, shared)
}

func FuzzPictureHash(f *testing.F) {
	f.Add(encodeJPEG(f, noise("nrgba", 8, 8, 1), 50), 1)
	f.Add(encodePNG(f, noise("paletted", 8, 8, 1)), 6)
	f.Fuzz(func(t *testing.T, data []byte, orientation int) {
		format := ByContent(data)
		a, ok := PictureHash(data, format, orientation)
		b, ok2 := PictureHash(data, format, orientation)
		if a != b || ok != ok2 {
			t.Error("two hashes of the same bytes")
		}
		if ok && format == JPEG { // a comment changes nothing
			if c, _ := PictureHash(behindSOI(data, segment(0xFE, "x")), format, orientation); c != a {
				t.Error("a comment changes the hash")
			}
		}
	})
}

// bare writes the PNG anew with the chunks that carry pixels alone.
func (p *pngInfo) bare() []byte {
	out := []byte("\x89PNG\r\n\x1A\n")
	chunk := func(kind string, payload []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(payload)))
		start := len(out)
		out = append(append(out, kind...), payload...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	chunk("IHDR", p.header)
	if p.palette != nil {
		chunk("PLTE", p.palette)
	}
	if p.transparency != nil {
		chunk("tRNS", p.transparency)
	}
	for _, part := range p.idat {
		chunk("IDAT", part)
	}
	chunk("IEND", nil)
	return out
}
