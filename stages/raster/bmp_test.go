package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// drawnBMP writes a BMP: a header of a size, masks or palette behind it, pixels.
func drawnBMP(header, width, height, bits, compression int, behind, pixels []byte) []byte {
	b := make([]byte, 14+header)
	le := binary.LittleEndian
	copy(b, "BM")
	le.PutUint32(b[10:], uint32(14+header+len(behind)))
	le.PutUint32(b[14:], uint32(header))
	if header == 12 {
		le.PutUint16(b[18:], uint16(width))
		le.PutUint16(b[20:], uint16(height))
		le.PutUint16(b[24:], uint16(bits))
	} else {
		le.PutUint32(b[18:], uint32(width))
		le.PutUint32(b[22:], uint32(height))
		le.PutUint16(b[28:], uint16(bits))
		if header >= 40 {
			le.PutUint32(b[30:], uint32(compression))
		}
	}
	return append(append(b, behind...), pixels...)
}

// masksOf are bit masks as they are stored.
func masksOf(masks ...uint32) (b []byte) {
	for _, m := range masks {
		b = binary.LittleEndian.AppendUint32(b, m)
	}
	return b
}

func TestBMPVariants(t *testing.T) {
	four := []byte{0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 255, 255, 255, 0} // black, 3 2 1, 6 5 4, white
	three := []byte{0, 0, 0, 1, 2, 3, 4, 5, 6, 255, 255, 255}
	v5 := func(bits int, masks, pixels []byte) []byte {
		b := drawnBMP(124, 2, 1, bits, bmpFields, nil, pixels)
		copy(b[54:], masks)
		return b
	}
	const k, w = 0, 255
	for name, c := range map[string]struct {
		file []byte
		want []byte // RGB from the upper left corner
	}{
		"OS/2 1":             {drawnBMP(12, 2, 2, 4, 0, three, []byte{0x12, 0, 0, 0, 0x30, 0, 0, 0}), []byte{w, w, w, k, k, k, 3, 2, 1, 6, 5, 4}},
		"OS/2 2 of 16 bytes": {drawnBMP(16, 2, 1, 8, 0, four, []byte{1, 2, 0, 0}), []byte{3, 2, 1, 6, 5, 4}},
		"OS/2 2 of 64 bytes": {drawnBMP(64, 2, 1, 8, 0, four, []byte{2, 1, 0, 0}), []byte{6, 5, 4, 3, 2, 1}},
		"1 bit":              {drawnBMP(40, 2, 1, 1, 0, four[:8], []byte{0x40, 0, 0, 0}), []byte{k, k, k, 3, 2, 1}},
		"from the top":       {drawnBMP(40, 1, -2, 8, 0, four, []byte{1, 0, 0, 0, 2, 0, 0, 0}), []byte{3, 2, 1, 6, 5, 4}},
		"beyond the palette": {drawnBMP(40, 2, 1, 8, 0, four, []byte{200, 1, 0, 0}), []byte{k, k, k, 3, 2, 1}},
		"16 bits":            {drawnBMP(40, 2, 1, 16, 0, nil, []byte{0x00, 0x7C, 0xE0, 0x03}), []byte{w, 0, 0, 0, w, 0}},
		"5-6-5":              {drawnBMP(40, 2, 1, 16, bmpFields, masksOf(0xF800, 0x7E0, 0x1F), []byte{0xE0, 0x07, 0x10, 0x00}), []byte{0, w, 0, 0, 0, 132}},
		"24 bits":            {drawnBMP(40, 1, 1, 24, 0, nil, []byte{1, 2, 3, 0}), []byte{3, 2, 1}},
		"32 bits":            {drawnBMP(40, 1, 1, 32, 0, nil, []byte{1, 2, 3, 0}), []byte{3, 2, 1}},
		"10 bits a colour":   {drawnBMP(52, 1, 1, 32, bmpFields, nil, masksOf(0x3FF<<20|511<<10)), nil},
		"12 bits of a mask":  {drawnBMP(40, 1, 1, 32, bmpFields, masksOf(0xFFF00000, 0x0FF00, 0xFF), masksOf(0x80010203)), []byte{128, 2, 3}},
		"alpha":              {v5(32, masksOf(0xFF, 0xFF00, 0xFF0000, 0xFF000000), []byte{0, 255, 100, 51, 1, 2, 3, 255}), []byte{204, 255, 224, 1, 2, 3}},
		"alpha all zero":     {v5(32, masksOf(0xFF, 0xFF00, 0xFF0000, 0xFF000000), []byte{1, 2, 3, 0, 4, 5, 6, 0}), []byte{1, 2, 3, 4, 5, 6}},
		"alpha of a bit":     {v5(16, masksOf(0x7C00, 0x3E0, 0x1F, 0x8000), []byte{0, 0, 0, 0x80}), []byte{w, w, w, k, k, k}},
		// Two of 1, end of line; skip one, up one: a 2; absolute 3 of 1 2 0, padded; end.
		"RLE8": {drawnBMP(40, 3, 3, 8, bmpRLE8, four, []byte{2, 1, 0, 0, 0, 2, 1, 1, 1, 2, 0, 0, 0, 1}),
			[]byte{w, w, w, 6, 5, 4, w, w, w, w, w, w, w, w, w, w, w, w, 3, 2, 1, 3, 2, 1, w, w, w}},
		"RLE8 absolute": {drawnBMP(40, 3, 1, 8, bmpRLE8, four, []byte{0, 3, 1, 2, 0, 0, 0, 1}), []byte{3, 2, 1, 6, 5, 4, k, k, k}},
		"RLE8 padded":   {drawnBMP(40, 4, 1, 8, bmpRLE8, four, []byte{0, 3, 1, 2, 0, 0, 1, 2, 0, 1}), []byte{3, 2, 1, 6, 5, 4, k, k, k, 6, 5, 4}},
		"RLE8 aside":    {drawnBMP(40, 3, 1, 8, bmpRLE8, four, []byte{1, 1, 0, 2, 1, 0, 9, 2, 0, 1}), []byte{3, 2, 1, w, w, w, 6, 5, 4}},
		"RLE4":          {drawnBMP(40, 5, 1, 4, bmpRLE4, four, []byte{2, 0x12, 0, 3, 0x21, 0x30, 0, 1}), []byte{3, 2, 1, 6, 5, 4, 6, 5, 4, 3, 2, 1, w, w, w}},
	} {
		if c.want == nil { // masks stand in the header
			copy(c.file[54:], masksOf(0x3FF<<20, 0x3FF<<10, 0x3FF))
			c.want = []byte{255, 127, 0}
		}
		r, err := Decode(context.Background(), c.file, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(r.RGB, c.want) || r.Damaged != 0 || r.Decoder != "dedupidx/bmp" {
			t.Errorf("%s: %v, want %v; damaged %v by %s", name, r.RGB, c.want, r.Damaged, r.Decoder)
		}
	}
}

func TestBMPDamage(t *testing.T) {
	four := make([]byte, 16)
	row := []byte{8, 1, 0, 0}
	rle := drawnBMP(40, 8, 8, 8, bmpRLE8, four, bytes.Repeat(row, 8))
	if r := mustDecode(t, rle); r.Damaged != 0 {
		t.Errorf("a whole picture without an end: damaged by %v", r.Damaged)
	}
	if r := mustDecode(t, rle[:len(rle)-8]); r.Damaged != 0.25 || r.Luma[0] != 255 || r.Luma[16] != 0 {
		t.Errorf("six of eight rows: damaged by %v, %v", r.Damaged, r.Luma)
	}
	for name, c := range map[string]struct {
		file  []byte
		class Class
		says  string
	}{
		"RLE cut":      {rle[:len(rle)-20], Damaged, "62 %"},
		"RLE nothing":  {drawnBMP(40, 20000, 20000, 8, bmpRLE8, four, nil), Damaged, "100 %"},
		"JPEG inside":  {drawnBMP(40, 8, 8, 24, bmpJPEG, nil, nil), Unsupported, "another format"},
		"Huffman":      {drawnBMP(64, 8, 8, 1, 3, nil, nil), Unsupported, "another format"},
		"compression":  {drawnBMP(40, 8, 8, 24, 77, nil, nil), Damaged, "compression 77"},
		"RLE of 24":    {drawnBMP(40, 8, 8, 24, bmpRLE8, nil, nil), Damaged, "24 bits"},
		"no masks":     {drawnBMP(40, 8, 8, 32, bmpFields, masksOf(0, 0, 0), nil), Damaged, "no bits"},
		"fields of 24": {drawnBMP(40, 8, 8, 24, bmpFields, nil, nil), Damaged, "24 bits"},
	} {
		if _, err := Decode(context.Background(), c.file, Limits{}); !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzBMP ends any bytes as a raster or a failure, the same each time.
func FuzzBMP(f *testing.F) {
	f.Add(tinyBMP())
	four := make([]byte, 16)
	f.Add(drawnBMP(40, 8, 8, 8, bmpRLE8, four, bytes.Repeat([]byte{8, 1, 0, 0, 0, 2, 1, 1, 0, 3, 1, 2, 3, 0}, 3)))
	f.Add(drawnBMP(40, 8, 3, 4, bmpRLE4, four, bytes.Repeat([]byte{8, 0x12, 0, 0}, 3)))
	f.Add(drawnBMP(12, 2, 2, 4, 0, four, []byte{0x12, 0, 0, 0, 0x30, 0, 0, 0}))
	f.Add(drawnBMP(40, 2, 1, 16, bmpFields, masksOf(0xF800, 0x7E0, 0x1F), []byte{0xE0, 0x07, 0x10, 0x00}))
	v5 := drawnBMP(124, 2, 1, 32, bmpFields, nil, make([]byte, 8))
	copy(v5[54:], masksOf(0xFF, 0xFF00, 0xFF0000, 0xFF000000))
	f.Add(v5)
	f.Fuzz(func(t *testing.T, data []byte) {
		if ByContent(data) == BMP {
			fuzzDecode(t, data, Decode)
		}
	})
}
