// TIFF files drawn for tests, in all ways of storing pictures that are read here.

package raster

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
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
