package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// inHelper says which formats the decode helper decodes.
func inHelper(f Format) bool { return f == BMP || f == TIFF || f == WebP || isFaulty(f) }

// decodeForeign decodes by libraries that are neither ours nor Go's own. It runs in
// the decode helper only, and may change data, which is its own.
func decodeForeign(ctx context.Context, data []byte, format Format, l Limits) (decoded, error) {
	decodeFaulty(format)
	if _, err := checkHeader(data, format, l); err != nil {
		return decoded{}, err
	}
	switch format {
	case BMP:
		return decodeBMP(data)
	case TIFF:
		return decodeTIFF(data, l)
	case WebP:
		return decodeWebP(data)
	}
	return decodeHere(ctx, data, format, l)
}

// checkHeader reads the size that a file of the helper's formats declares, checks
// it against the limits and the number of bytes, and returns the number of pixels.
func checkHeader(data []byte, format Format, l Limits) (pixels int64, err error) {
	switch format {
	case BMP:
		return checkBMP(data, l)
	case TIFF:
		return checkTIFF(data, l)
	case WebP:
		return checkWebP(data, l)
	}
	return 0, nil
}

// bmpInfo is what the headers of a BMP tell.
type bmpInfo struct {
	width, height, bits, compression int64
	start                            int64 // offset of the pixels
}

// readBMP reads the headers; ok is false where they are cut off.
func readBMP(data []byte) (b bmpInfo, ok bool) {
	if len(data) < 26 {
		return b, false
	}
	le := binary.LittleEndian
	b.start = int64(le.Uint32(data[10:]))
	if le.Uint32(data[14:]) == 12 { // OS/2 1.x
		b.width, b.height, b.bits = int64(le.Uint16(data[18:])), int64(le.Uint16(data[20:])), int64(le.Uint16(data[24:]))
		return b, true
	}
	if len(data) < 34 {
		return b, false
	}
	b.width, b.height = int64(int32(le.Uint32(data[18:]))), int64(int32(le.Uint32(data[22:])))
	b.bits, b.compression = int64(le.Uint16(data[28:])), int64(le.Uint32(data[30:]))
	if b.height < 0 {
		b.height = -b.height // rows from the top
	}
	return b, true
}

// plain says whether each row takes the same number of bytes.
func (b *bmpInfo) plain() bool { return b.compression == 0 || b.compression == 3 }

// missing is the share of the rows of a plain BMP of so many bytes that are not there.
func (b *bmpInfo) missing(bytes int64) float64 {
	row := (b.width*b.bits + 31) / 32 * 4
	got := max(0, bytes-b.start) / row
	return 1 - float64(min(got, b.height))/float64(b.height)
}

// checkBMP checks the headers of a BMP.
func checkBMP(data []byte, l Limits) (int64, error) {
	b, ok := readBMP(data)
	if !ok {
		return 0, failf(Damaged, "BMP ends before the picture does")
	}
	if err := l.checkSize(b.width, b.height); err != nil {
		return 0, err
	}
	if b.plain() {
		switch b.bits {
		case 1, 2, 4, 8, 16, 24, 32:
		default:
			return 0, failf(Damaged, "BMP declares %d bits a pixel", b.bits)
		}
		if share := b.missing(int64(len(data))); share > 0.5 {
			return 0, failf(Damaged, "BMP is damaged: %d %% of the picture are missing", int(100*share))
		}
	}
	return b.width * b.height, l.checkMemory(4 * b.width * b.height)
}

// decodeBMP decodes a BMP. Rows that are cut off are filled with white.
func decodeBMP(data []byte) (decoded, error) {
	var share float64
	if b, _ := readBMP(data); b.plain() {
		if share = b.missing(int64(len(data))); share > 0 {
			row := (b.width*b.bits + 31) / 32 * 4
			whole := data[:min(int64(len(data)), b.start+(int64(len(data))-b.start)/row*row)]
			data = append(whole, bytes.Repeat([]byte{0xFF}, int(b.start+row*b.height-int64(len(whole))))...)
		}
	}
	img, err := bmp.Decode(bytes.NewReader(data))
	if errors.Is(err, bmp.ErrUnsupported) {
		return decoded{}, failf(Unsupported, "BMP variant is not decoded by this version")
	}
	d, err := fromLibrary(img, err, "BMP", "x/image/bmp")
	d.damaged = func() float64 { return share }
	return d, err
}

// fromLibrary takes what a library of x/image returned.
func fromLibrary(img image.Image, err error, title, decoder string) (decoded, error) {
	if err != nil {
		return decoded{}, codecFailure(context.Background(), err, title)
	}
	size := img.Bounds().Size()
	if size.X <= 0 || size.Y <= 0 {
		return decoded{}, failf(Damaged, "%s holds no pixels", title)
	}
	return decoded{rows: rowsOf(img), width: size.X, height: size.Y, decoder: decoder}, nil
}

// Tags of TIFF 6.0, section 8, that tell what decoding will take.
const (
	tagNewSubfileType = 0x00FE
	tagImageWidth     = 0x0100
	tagImageLength    = 0x0101
	tagBitsPerSample  = 0x0102
	tagCompression    = 0x0103
	tagSamples        = 0x0115
	tagPlanar         = 0x011C
)

// checkTIFF reads the directory of the picture.
func checkTIFF(data []byte, l Limits) (int64, error) {
	d, _, ok := pictureDirectory(data, l.Parts)
	if !ok {
		return 0, failf(Damaged, "TIFF has no directory")
	}
	if d.big {
		return 0, failf(Unsupported, "BigTIFF is not decoded by this version")
	}
	value := func(tag uint16, otherwise uint64) int64 {
		if v, ok := d.number(tag); ok {
			return int64(min(v, 1<<40))
		}
		return int64(otherwise)
	}
	width, height := value(tagImageWidth, 0), value(tagImageLength, 0)
	if err := l.checkSize(width, height); err != nil {
		return 0, err
	}
	samples, bits := value(tagSamples, 1), value(tagBitsPerSample, 1)
	if samples < 1 || samples > int64(l.Parts) || bits < 1 || bits > 64 {
		return 0, failf(Damaged, "TIFF declares %d samples of %d bits", samples, bits)
	}
	if samples > 1 && value(tagPlanar, 1) == 2 {
		return 0, failf(Unsupported, "TIFF with a plane for each colour is not decoded by this version")
	}
	// LZW is the tightest: a code of 12 bits stands for 4,096 bytes at most. Fax
	// codes a row that is like the one above in a bit.
	perByte := int64(2731) * 8 / (samples * bits)
	switch value(tagCompression, 1) {
	case 1:
		perByte = max(1, 8/(samples*bits))
		if samples*bits > 8 {
			perByte = 1
		}
	case 2, 3, 4:
		perByte = 8 * width
	}
	if err := checkPlausible(width, height, perByte*int64(len(data))); err != nil {
		return 0, err
	}
	// The picture, and beside it a strip inflated: one may be all of it.
	perPixel := int64(1)
	if samples > 1 {
		perPixel = 4
	}
	if bits > 8 {
		perPixel *= 2
	}
	return width * height, l.checkMemory(width * height * (perPixel + (samples*bits+7)/8))
}

// pictureDirectory finds the first directory that is no reduced copy of another page
// and its offset, looking at a number of them at most; the first where all are.
func pictureDirectory(data []byte, most int) (directory, uint64, bool) {
	first, at, ok := firstDirectory(data)
	if !ok {
		return first, 0, false
	}
	d, dAt := first, at
	for range most {
		if kind, _ := d.number(tagNewSubfileType); kind&1 == 0 {
			return d, dAt, true
		}
		if dAt = d.next; dAt == 0 {
			break
		}
		if d, ok = directoryAt(data, dAt); !ok {
			break
		}
	}
	return first, at, true
}

func decodeTIFF(data []byte, l Limits) (decoded, error) {
	// The library reads the first directory: make the picture's the first.
	if d, at, ok := pictureDirectory(data, l.Parts); ok {
		d.order.PutUint32(data[4:], uint32(at))
	}
	img, err := tiff.Decode(bytes.NewReader(data))
	var unsupported tiff.UnsupportedError
	if errors.As(err, &unsupported) {
		return decoded{}, failf(Unsupported, "TIFF variant is not decoded by this version: %s", string(unsupported))
	}
	d, err := fromLibrary(img, err, "TIFF", "x/image/tiff")
	d.exif = data
	return d, err
}

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
