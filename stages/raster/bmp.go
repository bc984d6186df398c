package raster

import (
	"bytes"
	"encoding/binary"
	"errors"

	"golang.org/x/image/bmp"
)

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
