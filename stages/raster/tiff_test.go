package raster

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"runtime"
	"strings"
	"testing"
)

// byteOrder is little or big endian, to read and to write.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// drawnTIFF says how a TIFF is written.
type drawnTIFF struct {
	order       byteOrder
	big         bool
	width       int
	height      int
	bits        int
	samples     int
	kind        int // SampleFormat
	photometric int
	compression int
	predictor   int
	tile        int // side of tiles, 0 for strips of rows
	rows        int
	planar      bool
	extra       map[uint16][]uint64 // further tags, of type SHORT
	raw         map[uint16][]byte   // further tags, of type UNDEFINED
	// sample is the value of a sample as its bits.
	sample func(x, y, s int) uint64
	// pack codes the bytes of a strip or tile, where compression has no writer here.
	pack func(raw []byte, w, h int) []byte
}

// write writes the file: the directory first, then the strips.
func (d drawnTIFF) write(t testing.TB) []byte {
	t.Helper()
	w, h := d.width, d.rows
	if h == 0 {
		h = d.height
	}
	if d.tile > 0 {
		w, h = d.tile, d.tile
	}
	planes, each := 1, d.samples
	if d.planar {
		planes, each = d.samples, 1
	}
	var parts [][]byte
	for p := range planes {
		for y0 := 0; y0 < d.height; y0 += h {
			for x0 := 0; x0 < d.width; x0 += w {
				n := h
				if d.tile == 0 {
					n = min(h, d.height-y0)
				}
				var raw []byte
				for y := y0; y < y0+n; y++ {
					raw = append(raw, d.row(x0, y, w, p, each)...)
				}
				parts = append(parts, d.code(t, raw, w, n))
			}
		}
	}
	return d.assemble(parts)
}

// row is a row of a strip or tile as stored.
func (d drawnTIFF) row(x0, y, w, plane, each int) []byte {
	var values []uint64
	for x := x0; x < x0+w; x++ {
		for s := range each {
			values = append(values, d.sample(min(x, d.width-1), min(y, d.height-1), plane+s))
		}
	}
	size := d.bits / 8
	var out []byte
	switch {
	case d.predictor == 2:
		for i := len(values) - 1; i >= each; i-- {
			values[i] -= values[i-each]
		}
	case d.predictor == 3:
		out = make([]byte, size*len(values))
		for i, v := range values {
			for k := range size {
				out[k*len(values)+i] = byte(v >> (8 * (size - 1 - k)))
			}
		}
		for i := len(out) - 1; i >= each; i-- {
			out[i] -= out[i-each]
		}
		return out
	}
	if d.bits%8 != 0 {
		held, have := uint64(0), 0
		for _, v := range values {
			for k := d.bits - 1; k >= 0; k-- {
				if held, have = held<<1|v>>k&1, have+1; have == 8 {
					out, held, have = append(out, byte(held)), 0, 0
				}
			}
		}
		if have > 0 {
			out = append(out, byte(held<<(8-have)))
		}
		return out
	}
	for _, v := range values {
		for k := range size {
			shift := 8 * k
			if d.order == byteOrder(binary.BigEndian) {
				shift = 8 * (size - 1 - k)
			}
			out = append(out, byte(v>>shift))
		}
	}
	return out
}

// code compresses a strip or tile.
func (d drawnTIFF) code(t testing.TB, raw []byte, w, h int) []byte {
	if d.pack != nil {
		return d.pack(raw, w, h)
	}
	switch d.compression {
	case tiffDeflate, tiffOldDeflate:
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		if _, err := z.Write(raw); err != nil {
			t.Fatal(err)
		}
		z.Close()
		return b.Bytes()
	case tiffPackBits:
		var out []byte
		for len(raw) > 0 {
			n := 1
			for n < min(len(raw), 128) && raw[n] == raw[0] {
				n++
			}
			if n > 1 {
				out, raw = append(out, byte(1-n), raw[0], 0x80), raw[n:] // 80 does nothing
				continue
			}
			n = min(len(raw), 3)
			out, raw = append(append(out, byte(n-1)), raw[:n]...), raw[n:]
		}
		return out
	}
	return raw
}

// assemble writes head, directory and parts.
func (d drawnTIFF) assemble(parts [][]byte) []byte {
	type field struct {
		tag, kind uint16
		n         int
		value     []byte
	}
	var fields []field
	size := map[bool]int{false: 4, true: 8}[d.big]
	add := func(tag, kind uint16, values ...uint64) {
		f := field{tag: tag, kind: kind, n: len(values)}
		for _, v := range values {
			switch fieldSize[kind] {
			case 2:
				f.value = d.order.AppendUint16(f.value, uint16(v))
			case 4:
				f.value = d.order.AppendUint32(f.value, uint32(v))
			case 8:
				f.value = d.order.AppendUint64(f.value, v)
			}
		}
		fields = append(fields, f)
	}
	kind := map[bool]uint16{false: 4, true: 16}[d.big]
	add(tagImageWidth, 4, uint64(d.width))
	add(tagImageLength, 4, uint64(d.height))
	bits := make([]uint64, d.samples)
	for i := range bits {
		bits[i] = uint64(d.bits)
	}
	add(tagBitsPerSample, 3, bits...)
	add(tagCompression, 3, uint64(max(d.compression, 1)))
	add(tagPhotometric, 3, uint64(d.photometric))
	add(tagSamples, 3, uint64(d.samples))
	if d.planar {
		add(tagPlanar, 3, 2)
	}
	if d.predictor > 0 {
		add(tagPredictor, 3, uint64(d.predictor))
	}
	if d.kind > 0 {
		add(tagSampleFormat, 3, uint64(d.kind))
	}
	for tag, values := range d.extra {
		add(tag, 3, values...)
	}
	for tag, value := range d.raw {
		fields = append(fields, field{tag, 7, len(value), value})
	}
	places, counts := uint16(tagStripOffsets), uint16(tagStripBytes)
	if d.tile > 0 {
		places, counts = tagTileOffsets, tagTileBytes
		add(tagTileWidth, 3, uint64(d.tile))
		add(tagTileLength, 3, uint64(d.tile))
	} else if d.rows > 0 {
		add(tagRowsPerStrip, 3, uint64(d.rows))
	}
	lengths := make([]uint64, len(parts))
	for i, p := range parts {
		lengths[i] = uint64(len(p))
	}
	add(counts, kind, lengths...)
	at := 8 + 2 + 12*(len(fields)+1) + 4
	if d.big {
		at = 16 + 8 + 20*(len(fields)+1) + 8
	}
	behind := at // of the directory: values, then parts
	for _, f := range fields {
		if len(f.value) > size {
			behind += len(f.value)
		}
	}
	if len(parts)*size > size {
		behind += len(parts) * size
	}
	offsets := make([]uint64, len(parts))
	for i, p := range parts {
		offsets[i] = uint64(behind)
		behind += len(p)
	}
	add(places, kind, offsets...)

	name := map[bool]string{true: "MM", false: "II"}[d.order == byteOrder(binary.BigEndian)]
	out := []byte(name)
	number := func(v uint64) {
		if d.big {
			out = d.order.AppendUint64(out, v)
		} else {
			out = d.order.AppendUint32(out, uint32(v))
		}
	}
	if d.big {
		out = d.order.AppendUint16(d.order.AppendUint16(d.order.AppendUint16(out, 43), 8), 0)
		number(16)
		number(uint64(len(fields)))
	} else {
		out = d.order.AppendUint16(out, 42)
		number(8)
		out = d.order.AppendUint16(out, uint16(len(fields)))
	}
	var values []byte
	for _, f := range fields {
		out = d.order.AppendUint16(d.order.AppendUint16(out, f.tag), f.kind)
		number(uint64(f.n))
		if len(f.value) > size {
			number(uint64(at + len(values)))
			values = append(values, f.value...)
		} else {
			out = append(out, append(bytes.Clone(f.value), make([]byte, size)...)[:size]...)
		}
	}
	number(0)
	out = append(out, values...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// shade is a picture whose every pixel and channel differs from its neighbours.
func shade(x, y, s int) byte { return byte(x*37 + y*91 + s*53 + x*y) }

// Each way of storing a picture shows its pixels.
func TestTIFFLayouts(t *testing.T) {
	depths := []struct {
		bits, kind, predictor int
		value                 func(v byte) uint64
	}{
		{8, 1, 0, func(v byte) uint64 { return uint64(v) }},
		{8, 1, 2, func(v byte) uint64 { return uint64(v) }},
		{16, 1, 0, func(v byte) uint64 { return uint64(v) * 257 }},
		{16, 1, 2, func(v byte) uint64 { return uint64(v) * 257 }},
		{32, 1, 2, func(v byte) uint64 { return uint64(v) * 16843009 }},
		{64, 1, 2, func(v byte) uint64 { return uint64(v) * 0x0101010101010101 }},
		{16, 2, 0, func(v byte) uint64 { return uint64(v)*257 - 32768 }},
		{12, 1, 0, func(v byte) uint64 { return (uint64(v)*4095 + 127) / 255 }},
		{32, 3, 0, func(v byte) uint64 { return uint64(math.Float32bits(float32(v) / 255)) }},
		{32, 3, 3, func(v byte) uint64 { return uint64(math.Float32bits(float32(v) / 255)) }},
		{64, 3, 3, func(v byte) uint64 { return math.Float64bits(float64(v) / 255) }},
	}
	n := 0
	for _, depth := range depths {
		for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, layout := range []struct {
				tile, rows  int
				planar, big bool
			}{{0, 5, false, false}, {16, 0, false, true}, {0, 4, true, true}, {16, 0, true, false}, {0, 0, false, false}} {
				for _, samples := range []int{1, 3} {
					n++
					d := drawnTIFF{order: order, big: layout.big, width: 35, height: 19, bits: depth.bits, kind: depth.kind,
						predictor: depth.predictor, samples: samples, photometric: samples / 2, tile: layout.tile, rows: layout.rows,
						planar: layout.planar && samples > 1, compression: []int{tiffNone, tiffDeflate, tiffPackBits}[n%3],
						sample: func(x, y, s int) uint64 { return depth.value(shade(x, y, s)) }}
					if samples == 1 {
						d.photometric = tiffBlackIsZero
					} else {
						d.photometric = tiffRGB
					}
					name := fmt.Sprintf("%d bits kind %d predictor %d, %v %+v, %d samples, compression %d", depth.bits, depth.kind, depth.predictor, order, layout, samples, d.compression)
					r, err := Decode(context.Background(), d.write(t), Limits{})
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					for i, v := range r.RGB {
						x, y, s := i/3%35, i/3/35, i%3
						if samples == 1 {
							s = 0
						}
						if v != shade(x, y, s) || r.Damaged > 0 {
							t.Errorf("%s: pixel %d, %d is %d, want %d; damaged %v", name, x, y, v, shade(x, y, s), r.Damaged)
							break
						}
					}
				}
			}
		}
	}
}

// Each meaning of the samples becomes the colour that it stands for.
func TestTIFFColours(t *testing.T) {
	pixel := func(photometric, bits int, extra map[uint16][]uint64, values ...uint64) drawnTIFF {
		return drawnTIFF{order: binary.LittleEndian, width: 1, height: 1, bits: bits, samples: len(values), photometric: photometric,
			extra: extra, sample: func(_, _, s int) uint64 { return values[s] }}
	}
	colours := make([]uint64, 12)
	colours[2], colours[6], colours[10] = 0xFFFF, 0x8080, 0x0101 // red, green and blue of index 2
	narrow := []uint64{0, 0, 255, 0, 0, 0, 128, 0, 0, 0, 1, 0}
	alpha := func(kind uint64) map[uint16][]uint64 { return map[uint16][]uint64{tagExtraSamples: {kind}} }
	floats := func(d drawnTIFF) drawnTIFF { d.kind = tiffFloat; return d }
	for name, c := range map[string]struct {
		d    drawnTIFF
		want [3]byte
	}{
		"white is zero":         {pixel(tiffWhiteIsZero, 4, nil, 2), [3]byte{221, 221, 221}},
		"one bit":               {pixel(tiffBlackIsZero, 1, nil, 1), [3]byte{255, 255, 255}},
		"two bits":              {pixel(tiffBlackIsZero, 2, nil, 1), [3]byte{85, 85, 85}},
		"palette":               {pixel(tiffPalette, 2, map[uint16][]uint64{tagColorMap: colours}, 2), [3]byte{255, 128, 1}},
		"palette of bytes":      {pixel(tiffPalette, 2, map[uint16][]uint64{tagColorMap: narrow}, 2), [3]byte{255, 128, 1}},
		"CMYK":                  {pixel(tiffSeparated, 8, nil, 255, 0, 51, 51), [3]byte{0, 204, 163}},
		"grey with alpha":       {pixel(tiffBlackIsZero, 8, alpha(2), 0, 51), [3]byte{204, 204, 204}},
		"alpha":                 {pixel(tiffRGB, 8, alpha(2), 0, 255, 100, 51), [3]byte{204, 255, 224}},
		"alpha multiplied":      {pixel(tiffRGB, 8, alpha(1), 0, 51, 20, 51), [3]byte{204, 255, 224}},
		"sample of no meaning":  {pixel(tiffRGB, 8, alpha(0), 1, 2, 3, 51), [3]byte{1, 2, 3}},
		"alpha behind another":  {pixel(tiffBlackIsZero, 8, map[uint16][]uint64{tagExtraSamples: {0, 2}}, 0, 9, 51), [3]byte{204, 204, 204}},
		"YCbCr":                 {pixel(tiffYCbCr, 8, map[uint16][]uint64{tagYCbCrSubsampled: {1, 1}}, 76, 85, 255), [3]byte{254, 0, 0}},
		"L*a*b* white":          {pixel(tiffCIELab, 8, nil, 255, 0, 0), [3]byte{255, 255, 255}},
		"L*a*b* grey":           {pixel(tiffICCLab, 8, nil, 127, 128, 128), [3]byte{118, 118, 118}},
		"L*a*b* red":            {pixel(tiffCIELab, 8, nil, 136, 80, 67), [3]byte{255, 0, 0}},
		"half a half float":     {floats(pixel(tiffBlackIsZero, 16, nil, 0x3800)), [3]byte{128, 128, 128}},
		"half float beyond":     {floats(pixel(tiffBlackIsZero, 16, nil, 0x7C00)), [3]byte{255, 255, 255}},
		"half float below":      {floats(pixel(tiffBlackIsZero, 16, nil, 0xBC00)), [3]byte{0, 0, 0}},
		"half float, no number": {floats(pixel(tiffBlackIsZero, 16, nil, 0x7C01)), [3]byte{0, 0, 0}},
		"half float, tiny":      {floats(pixel(tiffBlackIsZero, 16, nil, 0x0001)), [3]byte{0, 0, 0}},
	} {
		r, err := Decode(context.Background(), c.d.write(t), Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, v := range r.RGB {
			if d := int(v) - int(c.want[i]); d < -2 || d > 2 || d != 0 && !strings.HasPrefix(name, "L*") {
				t.Errorf("%s: %v, want %v", name, r.RGB, c.want)
				break
			}
		}
	}
}

// Chroma of fewer samples lies under the pixels it was taken of.
func TestTIFFSubsampled(t *testing.T) {
	d := drawnTIFF{order: binary.BigEndian, width: 3, height: 3, bits: 8, samples: 3, photometric: tiffYCbCr,
		extra: map[uint16][]uint64{tagYCbCrSubsampled: {2, 2}}, sample: func(int, int, int) uint64 { return 0 },
		pack: func([]byte, int, int) []byte {
			return []byte{10, 20, 40, 50, 128, 128, 30, 0, 60, 0, 90, 128, 70, 80, 0, 0, 128, 128, 90, 0, 0, 0, 128, 128}
		}}
	r := mustDecode(t, d.write(t))
	for i, want := range []byte{10, 20, 0, 40, 50, 0, 70, 80, 90} {
		if want != 0 && !bytes.Equal(r.RGB[3*i:3*i+3], []byte{want, want, want}) {
			t.Errorf("pixel %d is %v, want %d", i, r.RGB[3*i:3*i+3], want)
		}
	}
	if red, green, blue := color.YCbCrToRGB(30, 90, 128); !bytes.Equal(r.RGB[6:9], []byte{red, green, blue}) {
		t.Errorf("blue chroma: %v, want %d %d %d", r.RGB[6:9], red, green, blue)
	}
}

// JPEG in strips and tiles, its tables apart, gives what the JPEG gives, at all scales.
func TestTIFFJPEG(t *testing.T) {
	for _, c := range []struct{ width, height, tile, rows, samples int }{
		{2048, 64, 0, 32, 3}, {2048, 64, 32, 0, 3}, {2048, 60, 0, 20, 3}, {600, 40, 0, 8, 1}, {60, 40, 16, 0, 1},
	} {
		at := func(x, y int) color.Color {
			return color.YCbCr{Y: byte(x*200/c.width + y*50/c.height), Cb: byte(100 + y*40/c.height), Cr: byte(90 + x*60/c.width)}
		}
		w, h := c.width, c.rows
		if c.tile > 0 {
			w, h = c.tile, c.tile
		}
		var tables []byte
		var parts [][]byte
		for y0 := 0; y0 < c.height; y0 += h {
			for x0 := 0; x0 < c.width; x0 += w {
				var m interface {
					image.Image
					Set(x, y int, c color.Color)
				} = image.NewRGBA(image.Rect(0, 0, w, h))
				if c.samples == 1 {
					m = image.NewGray(m.Bounds())
				}
				for y := range h {
					for x := range w {
						m.Set(x, y, at(x0+x, y0+y))
					}
				}
				whole := encodeJPEG(t, m, 95)
				sof := bytes.Index(whole, []byte{0xFF, 0xC0})
				dht, sos := bytes.Index(whole, []byte{0xFF, 0xC4}), bytes.Index(whole, []byte{0xFF, 0xDA})
				tables = append(append(bytes.Clone(whole[:sof]), whole[dht:sos]...), 0xFF, 0xD9)
				parts = append(parts, append(append([]byte{0xFF, 0xD8}, whole[sof:dht]...), whole[sos:]...))
			}
		}
		d := drawnTIFF{order: binary.LittleEndian, width: c.width, height: c.height, bits: 8, samples: c.samples, photometric: tiffYCbCr,
			compression: tiffJPEG, tile: c.tile, rows: c.rows, raw: map[uint16][]byte{tagJPEGTables: tables}}
		if c.samples == 1 {
			d.photometric = tiffBlackIsZero
		}
		file := d.assemble(parts)
		r := mustDecode(t, file)
		want := image.NewRGBA(image.Rect(0, 0, c.width, c.height))
		for y := range c.height {
			for x := range c.width {
				want.Set(x, y, at(x, y))
				if c.samples == 1 {
					want.Set(x, y, color.GrayModel.Convert(at(x, y)))
				}
			}
		}
		compare(t, fmt.Sprint(c), r.RGB, reducedPlain(t, want, r.Width, r.Height), 8)
		// A tile that is no JPEG is white, and counted.
		copy(file[bytes.LastIndex(file, parts[len(parts)-1]):], "no JPEG")
		lost := float64(c.height-(c.height-1)/h*h) / float64(c.height) / float64((c.width+w-1)/w)
		if c.tile > 0 {
			lost *= float64(c.width-(c.width-1)/w*w) / float64(w) * float64((c.width+w-1)/w) * float64(w) / float64(c.width)
		}
		if r := mustDecode(t, file); math.Abs(r.Damaged-lost) > 0.001 || r.Luma[len(r.Luma)-1] < 250 {
			t.Errorf("%+v: damaged by %v, want %v; last pixel %d", c, r.Damaged, lost, r.Luma[len(r.Luma)-1])
		}
	}
}

// faxOf codes rows of T.4 runs, each code after a prefix.
func faxOf(rows ...string) []byte {
	text := strings.ReplaceAll(strings.Join(rows, ""), " ", "")
	out := make([]byte, (len(text)+7)/8)
	for i, bit := range text {
		out[i/8] |= byte(bit-'0') << (7 - i%8)
	}
	return out
}

// Rows of 8 pixels, written out after T.4 and T.6: three white, two black, three white;
// then the same with black one to the right; then all white.
func TestFax(t *testing.T) {
	const eol = "000000000001"
	want := []byte{0x18, 0x0C, 0x00}
	one := []string{"1000 11 1000", "1011 11 0111", "10011"}
	pad := func(s string) string {
		s = strings.ReplaceAll(s, " ", "")
		return s + strings.Repeat("0", (8-len(s)%8)%8)
	}
	for name, c := range map[string]struct {
		kind faxKind
		data []byte
	}{
		"runs":             {faxRuns, faxOf(pad(one[0]), pad(one[1]), pad(one[2]))},
		"words":            {faxWords, faxOf(pad(one[0]), pad(one[1]), pad(one[2])+"00000000")},
		"group 3":          {fax3, faxOf(eol, one[0], eol, one[1], "0000"+eol, one[2], eol)},
		"group 3, no ends": {fax3, faxOf(one...)},
		"group 3 in two":   {fax3Two, faxOf(eol, "1", one[0], eol, "0", "011 011 1", eol, "0", "0001 1")},
		"group 4":          {fax4, faxOf("001 1000 11 1", "011 011 1", "0001 1")},
	} {
		f := newFax(c.data, c.kind, 8)
		for i, v := range want {
			if !f.next() || f.row[0] != v {
				t.Errorf("%s: row %d is %02x, want %02x", name, i, f.row[0], v)
				break
			}
		}
		if f.next() && c.kind != fax4 && f.used() < len(c.data) {
			t.Errorf("%s: a fourth row", name)
		}
	}
	// A change one to the left; then a run above is passed over, and two runs follow.
	f := newFax(faxOf("001 1000 11 1", "010 1 1", "0001 001 000111 11"), fax4, 8)
	for i, v := range []byte{0x18, 0x38, 0x03} {
		if !f.next() || f.row[0] != v {
			t.Errorf("row %d is %02x, want %02x", i, f.row[0], v)
		}
	}
	for colour, codes := range [2]string{faxWhite, faxBlack} {
		for i, code := range strings.Fields(codes + faxLong) {
			run := i
			if i >= 64 {
				run = (i - 63) * 64
			}
			stop := [2]string{"00110101", "0000110111"}[colour]
			if run < 64 {
				stop = ""
			}
			f := newFax(faxOf(code, stop), fax4, 3000)
			if n, ok := f.run(colour); !ok || n != run || f.at != len(code)+len(stop) {
				t.Errorf("colour %d: a run of %d is read as %d, %v", colour, run, n, ok)
			}
		}
	}
}

// What came before the damage counts if it is more than half.
func TestTIFFDamage(t *testing.T) {
	d := drawnTIFF{order: binary.LittleEndian, width: 64, height: 64, bits: 8, samples: 1, photometric: tiffBlackIsZero, rows: 8,
		compression: tiffDeflate, sample: func(x, y, s int) uint64 { return uint64(shade(x, y, s)) }}
	file := d.write(t)
	whole := mustDecode(t, file)
	cut := mustDecode(t, file[:len(file)*3/4])
	if cut.Damaged < 0.2 || cut.Damaged > 0.35 || !bytes.Equal(cut.Luma[:64*40], whole.Luma[:64*40]) || cut.Luma[64*63] != 255 {
		t.Errorf("three quarters of a file: damaged by %v", cut.Damaged)
	}
	if _, err := Decode(context.Background(), file[:len(file)/3], Limits{}); !errors.Is(err, Damaged) || !strings.Contains(err.Error(), "at byte") {
		t.Errorf("a third of a file: %v", err)
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)-2] ^= 1 // of the last checksum
	if r := mustDecode(t, flipped); r.Damaged != 0.125 {
		t.Errorf("a wrong checksum of one strip of eight: damaged by %v", r.Damaged)
	}
}

// Headers that lie end soon and take no memory.
func TestTIFFHostile(t *testing.T) {
	grey := func(extra map[uint16][]uint64, change func(d *drawnTIFF)) []byte {
		d := drawnTIFF{order: binary.LittleEndian, width: 64, height: 64, bits: 8, samples: 1, photometric: tiffBlackIsZero, rows: 1, extra: extra,
			sample: func(x, y, s int) uint64 { return uint64(shade(x, y, s)) }}
		if change != nil {
			change(&d)
		}
		return d.write(t)
	}
	for name, c := range map[string]struct {
		file  []byte
		class Class
		says  string
	}{
		"compression": {grey(nil, func(d *drawnTIFF) { d.compression = 50000 }), Unsupported, "compression 50000"},
		"photometric": {grey(nil, func(d *drawnTIFF) { d.photometric = 32845 }), Unsupported, "interpretation 32845"},
		"raw data":    {grey(nil, func(d *drawnTIFF) { d.photometric = 32803 }), Unsupported, "sensor"},
		"few samples": {grey(nil, func(d *drawnTIFF) { d.photometric = tiffRGB }), Damaged, "1 samples"},
		"predictor":   {grey(nil, func(d *drawnTIFF) { d.predictor = 3 }), Damaged, "predictor 3"},
		"complex":     {grey(nil, func(d *drawnTIFF) { d.kind = 6 }), Unsupported, "complex"},
		"24 bits":     {grey(nil, func(d *drawnTIFF) { d.bits = 24 }), Unsupported, "24 bits"},
		"inks":        {grey(map[uint16][]uint64{tagInkSet: {2}}, func(d *drawnTIFF) { d.photometric, d.samples = tiffSeparated, 4 }), Unsupported, "inks"},
		"palette":     {grey(nil, func(d *drawnTIFF) { d.photometric, d.bits = tiffPalette, 16 }), Unsupported, "palette"},
		"Lab":         {grey(nil, func(d *drawnTIFF) { d.photometric, d.samples, d.bits = tiffCIELab, 3, 16 }), Unsupported, "L*a*b*"},
		"small tiles": {grey(map[uint16][]uint64{tagTileWidth: {1}, tagTileLength: {1}}, nil), Damaged, "tiles of 1 x 1"},
		"old JPEG":    {grey(nil, func(d *drawnTIFF) { d.compression = tiffOldJPEG }), Unsupported, "old-style"},
		"fax":         {grey(nil, func(d *drawnTIFF) { d.compression = tiffFax4 }), Damaged, "8 bits"},
		"no Deflate":  {grey(nil, func(d *drawnTIFF) { d.compression, d.pack = tiffDeflate, func(b []byte, _, _ int) []byte { return b } }), Damaged, "Deflate"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(context.Background(), c.file, Limits{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
	// Strips that all reach over the same junk before a row of pixels.
	junk := bytes.Repeat([]byte{0x80}, 2<<20) // PackBits that does nothing
	d := drawnTIFF{order: binary.LittleEndian, width: 64, height: 64, bits: 8, samples: 1, photometric: tiffBlackIsZero, rows: 1, compression: tiffPackBits}
	strip := append(junk, 0xC1, 7)
	parts := make([][]byte, 64)
	for i := range parts {
		parts[i] = nil
	}
	parts[0] = strip
	file := d.assemble(parts)
	dir, _, _ := firstDirectory(file)
	_, _, places, _ := dir.field(tagStripOffsets)
	_, _, counts, _ := dir.field(tagStripBytes)
	for i := range parts {
		copy(places[4*i:], places[:4])
		copy(counts[4*i:], counts[:4])
	}
	if _, err := Decode(context.Background(), file, Limits{}); !errors.Is(err, Damaged) || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("strips over strips: %v", err)
	}
}

// reducedPlain brings an image to a size by rows.
func reducedPlain(t testing.TB, m image.Image, width, height int) []byte {
	t.Helper()
	rgb, err := reduce(rowsOf(m), m.Bounds().Dx(), m.Bounds().Dy(), width, height)
	if err != nil {
		t.Fatal(err)
	}
	return rgb
}

// Tiles and passes are summed to what rows are reduced to.
func TestCanvas(t *testing.T) {
	for _, c := range [][2]int{{700, 30}, {1030, 15}, {33, 21}} {
		for _, kind := range []string{"gray", "rgba64 opaque"} {
			m := noise(kind, c[0], c[1], 7)
			rows := rowsOf(m)
			channels, _ := rows.format()
			dw, dh := reducedSize(c[0], c[1])
			got := newCanvas(c[0], c[1], dw, dh, channels)
			for y := range c[1] {
				row, err := rows.row(y)
				if err != nil {
					t.Fatal(err)
				}
				for x := 0; x < c[0]; x += 100 {
					got.add(x, y, 1, 1, row[x*channels:min(x+100, c[0])*channels])
				}
			}
			compare(t, fmt.Sprint(kind, c), rgbOf(got.means(), channels, false), reducedPlain(t, m, dw, dh), 0)
		}
	}
}

// FuzzTIFF ends any bytes as a raster or a failure, the same each time.
func FuzzTIFF(f *testing.F) {
	for i, compression := range []int{tiffNone, tiffDeflate, tiffPackBits, tiffFax4, tiffFax3, tiffFaxRuns, tiffLZW, tiffJPEG} {
		d := drawnTIFF{order: binary.LittleEndian, width: 35, height: 19, bits: 8, samples: 3, photometric: tiffRGB, rows: 5, compression: compression,
			planar: i%2 == 1, sample: func(x, y, s int) uint64 { return uint64(shade(x, y, s)) }}
		switch compression {
		case tiffFax4, tiffFax3, tiffFaxRuns:
			d.bits, d.samples, d.photometric, d.planar = 1, 1, tiffWhiteIsZero, false
			d.pack = func([]byte, int, int) []byte { return faxOf("001 1000 11 1", "011 011 1", "0001 1") }
		case tiffJPEG:
			d.planar = false
			d.pack = func([]byte, int, int) []byte { return encodeJPEG(f, noise("nrgba", 35, 5, 1), 50) }
		}
		if i == 1 {
			d.big, d.tile, d.predictor = true, 16, 2
		}
		f.Add(d.write(f))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if ByContent(data) == TIFF {
			fuzzDecode(t, data, Decode)
		}
	})
}
