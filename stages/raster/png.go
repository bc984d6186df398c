package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
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
	return l.checkMemory(2 * p.width * ((bitsPerPixel+7)/8 + 3))
}

// rows is the number of rows of all passes.
func (p *pngInfo) rows() (n int) {
	for _, pass := range pngPassOrder {
		if columns, rows := pass.size(int(p.width), int(p.height)); columns > 0 {
			n += rows
		}
	}
	return n
}

// decodePNG decodes a PNG row by row, in memory for two rows and, where it is interlaced,
// for the sums of the raster.
func decodePNG(ctx context.Context, data []byte, l Limits) (decoded, error) {
	info := readPNG(data)
	if err := info.check(l); err != nil {
		return decoded{}, err
	}
	d := decoded{width: int(info.width), height: int(info.height), exif: info.exif, extras: info.extras, decoder: "dedupidx/png"}
	rows := newPNGRows(ctx, &info)
	if info.interlaced {
		passes := &pngPasses{pngRows: rows}
		d.pieces, d.damaged = passes, passes.missing
		return d, nil
	}
	d.rows, d.damaged = rows, rows.missing
	return d, nil
}
