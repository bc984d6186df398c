package raster

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"testing"
)

// interlacedPNG writes the pixels of a PNG without interlacing, of whole bytes a pixel,
// anew in the seven passes.
func interlacedPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	plain := readPNG(encodePNG(t, m))
	rows := newPNGRows(context.Background(), &plain)
	size := int(plain.depth) * plain.channels() / 8
	var stored [][]byte
	for range plain.height {
		if _, err := rows.next(false); err != nil || rows.stream == nil {
			t.Fatal("no row", err)
		}
		stored = append(stored, bytes.Clone(rows.above[1:])) // where next puts what it read
	}
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	for _, p := range pngPassOrder {
		above := make([]byte, int(plain.width)*size) // each row is stored as what differs from it
		for y := p.y; y < len(stored); y += p.dy {
			if p.x >= int(plain.width) {
				break
			}
			row := []byte{2}
			for x := p.x; x < int(plain.width); x += p.dx {
				row = append(row, stored[y][x*size:(x+1)*size]...)
			}
			for i := 1; i < len(row); i++ {
				row[i], above[i-1] = row[i]-above[i-1], row[i]
			}
			if _, err := z.Write(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	z.Close()
	header := bytes.Clone(plain.header)
	header[12] = 1
	info := plain
	info.header, info.idat = header, [][]byte{data.Bytes()}
	return info.bare()
}

// The passes of an interlaced PNG sum up to the raster of the whole picture.
func TestPNGInterlaced(t *testing.T) {
	for _, kind := range []string{"gray", "nrgba", "nrgba64", "rgba64 opaque"} {
		for _, size := range [][2]int{{1, 1}, {3, 5}, {4, 9}, {35, 19}, {700, 33}} {
			m := noise(kind, size[0], size[1], 11)
			file := interlacedPNG(t, m)
			want, err := png.Decode(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			r := mustDecode(t, file)
			compare(t, fmt.Sprint(kind, size), r.RGB, reducedPlain(t, want, r.Width, r.Height), 1)
			if r.Decoder != "dedupidx/png" || r.Damaged != 0 {
				t.Errorf("%s %v: by %s, damaged %v", kind, size, r.Decoder, r.Damaged)
			}
		}
	}
}

// Of an interlaced PNG that is cut in its last pass, the pixels that came stand for those
// that did not.
func TestPNGInterlacedCutOff(t *testing.T) {
	for _, width := range []int{64, 1600} { // as it is, and reduced
		m := image.NewGray(image.Rect(0, 0, width, width/8))
		for i := range m.Pix {
			m.Pix[i] = byte(i%width*200/width + i/width%2)
		}
		file := interlacedPNG(t, m)
		whole := mustDecode(t, file)
		info := readPNG(file)
		// The zlib stream of few different rows is short: cut its data, not the file.
		part := info.idat[0]
		for n := len(part) - 6; ; n -= max(1, len(part)/50) {
			info.idat = [][]byte{part[:n]}
			r, err := Decode(context.Background(), info.bare(), Limits{})
			if err != nil {
				t.Fatalf("width %d: no cut leaves a damaged picture: %v", width, err)
			}
			if r.Damaged < 0.1 {
				continue
			}
			compare(t, fmt.Sprint(width), r.RGB, whole.RGB, 9)
			break
		}
		info.idat = [][]byte{part[:len(part)/8]}
		if _, err := Decode(context.Background(), info.bare(), Limits{}); !errors.Is(err, Damaged) {
			t.Errorf("an eighth of a file: %v", err)
		}
	}
}

// FuzzPNG writes headers and checksums anew, so that what is behind them is met.
func FuzzPNG(f *testing.F) {
	for _, kind := range []string{"gray", "nrgba", "paletted", "nrgba64"} {
		info := readPNG(encodePNG(f, noise(kind, 9, 7, 1)))
		f.Add(byte(9), byte(7), info.depth, info.colour, info.palette, info.transparency, info.idat[0])
	}
	f.Fuzz(func(t *testing.T, width, height, depth, colour byte, palette, transparency, idat []byte) {
		header := []byte{0, 0, 0, width, 0, 0, 0, height, depth, colour & 7, 0, 0, colour >> 7}
		info := pngInfo{header: header, palette: palette, transparency: transparency, idat: [][]byte{idat}}
		fuzzDecode(t, info.bare(), Decode)
		// The same pixels, deflated anew, so that the stream is whole.
		var b bytes.Buffer
		z, err := zlib.NewWriterLevel(&b, zlib.NoCompression) // the others take long to begin
		if err != nil {
			t.Fatal(err)
		}
		_, _ = z.Write(idat) // to memory
		z.Close()
		info.idat = [][]byte{b.Bytes()}
		fuzzDecode(t, info.bare(), Decode)
	})
}
