package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// foreign decodes as the helper does, in this process.
func foreign(data []byte, l Limits) (*Raster, error) {
	return decode(context.Background(), bytes.Clone(data), ByContent(data), l.withDefaults(), new(libraries).decode)
}

// animation wraps the picture of a still WebP file as the first frame of an
// animation, at a place on a canvas.
func animation(still []byte, canvasW, canvasH, x, y int) []byte {
	put24 := func(b []byte, v int) []byte { return append(b, byte(v), byte(v>>8), byte(v>>16)) }
	chunk := func(kind string, p []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(p)))
		if b = append(b, p...); len(p)%2 != 0 {
			b = append(b, 0)
		}
		return b
	}
	w := readWebP(still)
	head := put24(put24([]byte{2, 0, 0, 0}, canvasW-1), canvasH-1)
	frame := put24(put24(nil, x/2), y/2)
	frame = append(put24(put24(put24(frame, w.width-1), w.height-1), 100), 0)
	frame = append(frame, chunk(w.kind, w.bits)...)
	out := append([]byte("RIFF\x00\x00\x00\x00WEBP"), chunk("VP8X", head)...)
	out = append(out, chunk("ANIM", make([]byte, 6))...)
	out = append(out, chunk("ANMF", frame)...)
	out = append(out, chunk("ANMF", make([]byte, 30))...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// The first frame of an animation is shown where it lies on its canvas.
func TestAnimatedWebP(t *testing.T) {
	for _, name := range []string{"base-a.webp", "lossy.webp"} { // RGB, and YCbCr in planes
		still := read(t, "formats", "webp", name)
		want, err := foreign(still, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := foreign(animation(still, 400, 300, 30, 20), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Picture.Width != 400 || got.Picture.Height != 300 {
			t.Fatalf("%s: canvas of %d x %d", name, got.Picture.Width, got.Picture.Height)
		}
		for y := range 300 {
			for x := range 400 {
				p, white := got.RGB[3*(y*400+x):][:3], []byte{255, 255, 255}
				if x >= 30 && x < 350 && y >= 20 && y < 260 {
					white = want.RGB[3*((y-20)*320+x-30):][:3]
				}
				if !bytes.Equal(p, white) {
					t.Fatalf("%s: pixel %d, %d is %v, want %v", name, x, y, p, white)
				}
			}
		}
		if _, err := foreign(animation(still, 400, 300, 100, 20), Limits{}); !errors.Is(err, Damaged) {
			t.Errorf("%s: a frame beyond its canvas: %v", name, err)
		}
	}
}

// tiffOf is the head of a TIFF with these entries, of type LONG.
func tiffOf(entries ...uint32) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)/2))
	for i := 0; i+1 < len(entries); i += 2 {
		b = binary.LittleEndian.AppendUint16(b, uint16(entries[i]))
		b = binary.LittleEndian.AppendUint16(b, 4)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, entries[i+1])
	}
	return binary.LittleEndian.AppendUint32(b, 0)
}

// Headers are enough to fail these, before a library sees them.
func TestForeignDeclaredSizes(t *testing.T) {
	bmp := func(w, h uint32, bits byte) []byte {
		b := tinyBMP()
		binary.LittleEndian.PutUint32(b[18:], w)
		binary.LittleEndian.PutUint32(b[22:], h)
		b[28] = bits
		return b
	}
	still := read(t, "formats", "webp", "base-a.webp")
	for name, c := range map[string]struct {
		file  []byte
		class Class
		says  string
	}{
		"bmp large":        {bmp(3_000_000, 2_000_000, 24), TooLarge, "--max-side"},
		"bmp 20000":        {bmp(20000, 20000, 24), Damaged, "100 %"},
		"bmp top down":     {bmp(20000, 0xFFFFFFFF-19999, 24), Damaged, "100 %"},
		"bmp 0":            {bmp(0, 1, 24), Damaged, "0 x 1"},
		"bmp 7 bits":       {bmp(1, 1, 7), Damaged, "7 bits"},
		"bmp head":         {tinyBMP()[:20], Damaged, "ends before"},
		"tiff 60000":       {tiffOf(0x100, 60000, 0x101, 60000), TooLarge, "--max-pixels"},
		"tiff 20000":       {tiffOf(0x100, 20000, 0x101, 20000, 0x102, 8), Damaged, "hold"},
		"tiff 20000 LZW":   {tiffOf(0x100, 20000, 0x101, 20000, 0x102, 8, 0x103, 5), Damaged, "hold"},
		"tiff no size":     {tiffOf(0x103, 5), Damaged, "0 x 0"},
		"tiff 999 bits":    {tiffOf(0x100, 1, 0x101, 1, 0x102, 999), Damaged, "999 bits"},
		"tiff 999 samples": {tiffOf(0x100, 1, 0x101, 1, 0x115, 999), Damaged, "999 samples"},
		"tiff planes":      {tiffOf(0x100, 1, 0x101, 1, 0x115, 3, 0x11C, 2), Damaged, "no strips"},
		"webp canvas":      {animation(still, 1<<24, 1<<24, 0, 0), TooLarge, "--max-side"},
		"webp empty":       {[]byte("RIFF\x04\x00\x00\x00WEBP"), Damaged, "no picture"},
		"webp 16384":       {[]byte("RIFF\x14\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2F\xFF\xFF\xFF\x0F\x00"), Damaged, "hold"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := foreign(c.file, Limits{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
}

func TestBMPCutOff(t *testing.T) {
	data := read(t, "formats", "bmp", "base-a.bmp")
	whole, err := foreign(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := foreign(data[:len(data)*3/4], Limits{})
	if err != nil || r.Damaged < 0.25 || r.Damaged > 0.26 {
		t.Fatalf("three quarters of a file: %+v, %v", r, err)
	}
	// The rows of a BMP go from the lower edge up.
	if n := len(r.RGB); !bytes.Equal(r.RGB[n/3:], whole.RGB[n/3:]) || r.RGB[0] != 255 {
		t.Error("other pixels than the whole file's")
	}
	if _, err := foreign(data[:len(data)/3], Limits{}); !errors.Is(err, Damaged) {
		t.Errorf("a third of a file: %v", err)
	}
}

// The page that is no reduced copy counts, wherever it stands, and a chain of pages
// that loops ends.
func TestPictureDirectory(t *testing.T) {
	page := func(kind, width uint32) []byte { return tiffOf(0xFE, kind, 0x100, width)[8:] }
	file := append([]byte("II*\x00\x08\x00\x00\x00"), page(1, 10)...)
	second := uint32(len(file))
	binary.LittleEndian.PutUint32(file[len(file)-4:], second)
	file = append(file, page(0, 40)...)
	if d, at, ok := pictureDirectory(file, 16); !ok || at != uint64(second) {
		t.Errorf("directory at %d, %v", at, ok)
	} else if w, _ := d.number(tagImageWidth); w != 40 {
		t.Errorf("width %d", w)
	}
	loop := append([]byte("II*\x00\x08\x00\x00\x00"), page(1, 10)...)
	binary.LittleEndian.PutUint32(loop[len(loop)-4:], 8)
	if _, at, ok := pictureDirectory(loop, 1000); !ok || at != 8 {
		t.Errorf("directory at %d, %v", at, ok)
	}
}
