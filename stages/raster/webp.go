package raster

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/image/webp"
)

// webpInfo is what the chunks of a WebP file tell (RFC 9649, section 2).
type webpInfo struct {
	canvasW, canvasH    int // of an animation
	x, y, width, height int // of the first picture
	animated            bool
	kind                string // "VP8 " or "VP8L"
	bits, alpha         []byte // payload of its chunk, and of ALPH before it
	exif                []byte
	extras              int
}

// uint24 reads three bytes, little-endian.
func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// readWebP finds the first picture and the metadata. Chunks that are cut off count
// with the bytes that are there.
func readWebP(data []byte) webpInfo {
	var w webpInfo
	var walk func(b []byte, inFrame bool)
	walk = func(b []byte, inFrame bool) {
		for len(b) >= 8 {
			size := int64(binary.LittleEndian.Uint32(b[4:]))
			kind, p := string(b[:4]), b[8:]
			p = p[:min(size, int64(len(p)))]
			b = b[min(8+size+size&1, int64(len(b))):]
			switch {
			case kind == "VP8X" && len(p) >= 10:
				w.animated = p[0]&2 != 0
				w.canvasW, w.canvasH = uint24(p[4:])+1, uint24(p[7:])+1
			case kind == "ANMF" && !inFrame && w.kind == "" && len(p) >= 16:
				w.x, w.y = 2*uint24(p), 2*uint24(p[3:])
				walk(p[16:], true)
			case kind == "ALPH" && w.kind == "":
				w.alpha = p
			case kind == "VP8 " && w.kind == "" && len(p) >= 10 && string(p[3:6]) == "\x9d\x01\x2a":
				w.kind, w.bits = kind, p
				w.width = int(binary.LittleEndian.Uint16(p[6:])) & 0x3FFF
				w.height = int(binary.LittleEndian.Uint16(p[8:])) & 0x3FFF
			case kind == "VP8L" && w.kind == "" && len(p) >= 5 && p[0] == 0x2F:
				w.kind, w.bits, w.alpha = kind, p, nil
				v := binary.LittleEndian.Uint32(p[1:])
				w.width, w.height = int(v&0x3FFF)+1, int(v>>14&0x3FFF)+1
			case kind == "EXIF" && w.exif == nil:
				// Some writers put the JPEG segment's mark before the TIFF structure.
				w.exif = bytes.TrimPrefix(p, []byte("Exif\x00\x00"))
			case kind == "ICCP", kind == "XMP ":
				w.extras++
			}
		}
	}
	walk(data[min(12, len(data)):], false)
	if !w.animated {
		w.x, w.y, w.canvasW, w.canvasH = 0, 0, w.width, w.height
	}
	return w
}

// checkWebP checks the first picture.
func checkWebP(data []byte, l Limits) (int64, error) {
	w := readWebP(data)
	if w.kind == "" {
		return 0, failf(Damaged, "WebP holds no picture")
	}
	for _, s := range [][2]int{{w.width, w.height}, {w.canvasW, w.canvasH}} {
		if err := l.checkSize(int64(s[0]), int64(s[1])); err != nil {
			return 0, err
		}
	}
	if w.x+w.width > w.canvasW || w.y+w.height > w.canvasH {
		return 0, failf(Damaged, "WebP's first picture lies outside its canvas")
	}
	// There is no bound in theory: one code may fill the picture. In practice large
	// pictures of one colour take a byte for some thousand pixels.
	width, height := int64(w.width), int64(w.height)
	if err := checkPlausible(width, height, 4096*int64(len(w.bits))); err != nil {
		return 0, err
	}
	return width * height, l.checkMemory(6 * width * height)
}

// decodeWebP wraps the first picture alone anew, and decodes that.
func decodeWebP(data []byte) (decoded, error) {
	w := readWebP(data)
	img, err := webp.Decode(bytes.NewReader(w.bare()))
	if err == nil {
		stretch(img)
	}
	d, err := fromLibrary(img, err, "WebP", "x/image/webp")
	if err != nil {
		return d, err
	}
	d.exif, d.extras = w.exif, w.extras
	if d.width != w.canvasW || d.height != w.canvasH {
		d.rows = &placedRows{rowSource: d.rows, x: w.x, y: w.y, width: d.width, height: d.height, buf: make([]byte, 3*w.canvasW)}
		d.width, d.height = w.canvasW, w.canvasH
	}
	return d, nil
}

// bare is a WebP file of the first picture and nothing else.
func (w *webpInfo) bare() []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	chunk := func(kind string, p []byte) {
		out = binary.LittleEndian.AppendUint32(append(out, kind...), uint32(len(p)))
		if out = append(out, p...); len(p)&1 != 0 {
			out = append(out, 0)
		}
	}
	if w.alpha != nil {
		p := []byte{0x10, 0, 0, 0, byte(w.width - 1), byte((w.width - 1) >> 8), 0, byte(w.height - 1), byte((w.height - 1) >> 8), 0}
		chunk("VP8X", p)
		chunk("ALPH", w.alpha)
	}
	chunk(w.kind, w.bits)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// placedRows lays a picture on a white canvas.
type placedRows struct {
	rowSource
	x, y, width, height int
	buf                 []byte
	line                [3][]byte
}

func (p *placedRows) format() (int, bool) { return 3, false }

func (p *placedRows) row(y int) ([]byte, error) {
	for i := range p.buf {
		p.buf[i] = 255
	}
	y -= p.y
	if y < 0 || y >= p.height {
		return p.buf, nil
	}
	out := p.buf[3*p.x:]
	if m, ok := p.rowSource.(planar); ok {
		var steps [3]int
		for c := range 3 {
			p.line[c], steps[c] = m.plane(c, y)
		}
		for x := range p.width {
			out[3*x], out[3*x+1], out[3*x+2] = p.line[0][x/steps[0]], p.line[1][x/steps[1]], p.line[2][x/steps[2]]
		}
		yccToRGB(out[:3*p.width])
		return p.buf, nil
	}
	row, err := p.rowSource.row(y)
	copy(out, row)
	return p.buf, err
}
