package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image/png"
)

// pngInfo is what the chunks of a PNG tell (W3C PNG, third edition, section 11).
type pngInfo struct {
	header        []byte // IHDR, 13 bytes
	width, height int64
	depth, colour byte
	interlaced    bool
	palette       []byte
	transparency  []byte // tRNS
	idat          [][]byte
	idatBytes     int64
	exif          []byte
	extras        int // ICC, XMP and text chunks
}

// walkPNG calls visit for each chunk up to IEND; whole says that its bytes are all
// there and its checksum is right. The last chunk of a file cut off is visited, too.
func walkPNG(data []byte, visit func(kind string, payload []byte, whole bool)) {
	for at := 8; at+8 <= len(data); {
		size := int64(binary.BigEndian.Uint32(data[at:]))
		kind := string(data[at+4 : at+8])
		if at == 8 && kind != "IHDR" {
			return
		}
		body := data[at+8:]
		if size+4 > int64(len(body)) {
			visit(kind, body[:min(size, int64(len(body)))], false)
			return
		}
		sum := binary.BigEndian.Uint32(body[size:])
		visit(kind, body[:size], crc32.ChecksumIEEE(data[at+4:at+8+int(size)]) == sum)
		if kind == "IEND" {
			return
		}
		at += 12 + int(size)
	}
}

// readPNG gathers what the chunks tell. Pixel data end at a chunk that is broken;
// of one that is cut off, the bytes that are there count.
func readPNG(data []byte) pngInfo {
	var info pngInfo
	broken := false
	first := true
	walkPNG(data, func(kind string, p []byte, whole bool) {
		switch {
		case first && kind == "IHDR" && len(p) == 13:
			info.header = p
			info.width, info.height = int64(binary.BigEndian.Uint32(p)), int64(binary.BigEndian.Uint32(p[4:]))
			info.depth, info.colour, info.interlaced = p[8], p[9], p[12] == 1
		case kind == "PLTE" && info.palette == nil && info.idat == nil:
			info.palette = p
		case kind == "tRNS" && info.transparency == nil && info.idat == nil:
			info.transparency = p
		case kind == "IDAT" && !broken:
			cut := len(data) > 0 && len(p) > 0 && &p[len(p)-1] == &data[len(data)-1]
			if broken = !whole; whole || cut {
				info.idat = append(info.idat, p)
				info.idatBytes += int64(len(p))
			}
		case kind == "eXIf" && info.exif == nil:
			info.exif = p
		case kind == "iCCP", kind == "iTXt", kind == "tEXt", kind == "zTXt":
			info.extras++
		}
		first = false
	})
	return info
}

// channels is the number of samples of a pixel, 0 for an unknown colour type.
func (p *pngInfo) channels() int {
	switch p.colour {
	case 0, 3:
		return 1
	case 2:
		return 3
	case 4:
		return 2
	case 6:
		return 4
	}
	return 0
}

// check fails a PNG that breaks the rules or the limits.
func (p *pngInfo) check(l Limits) error {
	if p.header == nil {
		return failf(Damaged, "PNG does not begin with a header")
	}
	if err := l.checkSize(p.width, p.height); err != nil {
		return err
	}
	allowed := map[byte]string{0: "\x01\x02\x04\x08\x10", 2: "\x08\x10", 3: "\x01\x02\x04\x08", 4: "\x08\x10", 6: "\x08\x10"}[p.colour]
	if bytes.IndexByte([]byte(allowed), p.depth) < 0 || p.header[10] != 0 || p.header[11] != 0 || p.header[12] > 1 {
		return failf(Damaged, "PNG is damaged: colour type %d, %d bits, methods % x", p.colour, p.depth, p.header[10:])
	}
	if p.colour == 3 && (len(p.palette) == 0 || len(p.palette)%3 != 0 || len(p.palette) > 768) {
		return failf(Damaged, "PNG has no valid palette")
	}
	if p.idatBytes == 0 {
		return failf(Damaged, "PNG has no picture data")
	}
	// Deflate spends two bits on 258 bytes at best, that is 1 to 1,032.
	bitsPerPixel := int64(p.depth) * int64(p.channels())
	if err := checkPlausible(p.width, p.height, p.idatBytes*1032*8/bitsPerPixel); err != nil {
		return err
	}
	if p.interlaced { // all passes are held, by image/png
		return l.checkMemory(p.width * p.height * max(1, min(8, 4*int64(p.channels()-1))*int64(max(p.depth, 8)/8)))
	}
	return nil
}

// decodePNG decodes a PNG row by row, in memory for two rows. An interlaced one
// goes through image/png as a whole.
func decodePNG(ctx context.Context, data []byte, l Limits) (decoded, error) {
	info := readPNG(data)
	if err := info.check(l); err != nil {
		return decoded{}, err
	}
	d := decoded{width: int(info.width), height: int(info.height), exif: info.exif, extras: info.extras, decoder: "dedupidx/png"}
	if info.interlaced {
		img, err := png.Decode(&contextReader{ctx: ctx, data: info.bare()})
		if err != nil {
			return decoded{}, codecFailure(ctx, err, "PNG")
		}
		d.rows, d.decoder = rowsOf(img), "image/png"
		return d, nil
	}
	rows := newPNGRows(ctx, &info)
	d.rows, d.damaged = rows, rows.missing
	return d, nil
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
