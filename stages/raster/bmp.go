package raster

import (
	"context"
	"encoding/binary"
	"math/bits"
)

// bmpInfo is what the headers of a BMP tell: that of OS/2 1.x with 12 bytes, of OS/2 2.x
// with 16 or 64, of Windows with 40, 52, 56, 108 or 124 (BITMAPV5HEADER and before it, in
// "Bitmap Storage" of the Windows documentation).
type bmpInfo struct {
	width, height, bits, compression int64
	topDown                          bool
	os2                              bool
	start                            int64     // offset of the pixels
	masks                            [4]uint32 // of red, green, blue, alpha
	palette                          []byte    // as stored
	entry                            int       // bytes of a colour of the palette
}

// Compressions of BMP.
const (
	bmpPlain  = 0
	bmpRLE8   = 1
	bmpRLE4   = 2
	bmpFields = 3
	bmpJPEG   = 4
	bmpPNG    = 5
	bmpAlpha  = 6 // bit fields with alpha
)

// readBMP reads the headers; ok is false where they are cut off.
func readBMP(data []byte) (b bmpInfo, ok bool) {
	if len(data) < 26 {
		return b, false
	}
	le := binary.LittleEndian
	b.start, b.entry = int64(le.Uint32(data[10:])), 4
	header := int64(le.Uint32(data[14:]))
	at := 14 + header // of the palette
	used := int64(0)
	if header == 12 {
		b.os2, b.entry = true, 3
		b.width, b.height, b.bits = int64(le.Uint16(data[18:])), int64(le.Uint16(data[20:])), int64(le.Uint16(data[24:]))
	} else {
		if int64(len(data)) < at || header < 16 {
			return b, false
		}
		b.width, b.height = int64(int32(le.Uint32(data[18:]))), int64(int32(le.Uint32(data[22:])))
		b.bits = int64(le.Uint16(data[28:]))
		b.os2 = header == 16 || header == 64
		if header >= 40 {
			b.compression, used = int64(le.Uint32(data[30:])), int64(le.Uint32(data[46:]))
		}
		if b.topDown = b.height < 0; b.topDown {
			b.height = -b.height
		}
	}
	at = b.readMasks(data, header, at)
	if b.bits <= 8 {
		if used <= 0 || used > 1<<b.bits {
			used = 1 << b.bits
		}
		if b.start > at { // some declare more colours than there is place for
			used = min(used, (b.start-at)/int64(b.entry))
		}
		if end := at + used*int64(b.entry); end <= int64(len(data)) {
			b.palette, at = data[at:end], end
		}
	}
	if b.start < 14+header { // some leave it empty
		b.start = at
	}
	return b, true
}

// readMasks finds the bits of each colour and returns where the palette begins.
func (b *bmpInfo) readMasks(data []byte, header, at int64) int64 {
	if b.bits == 16 {
		b.masks = [4]uint32{0x7C00, 0x3E0, 0x1F}
	} else {
		b.masks = [4]uint32{0xFF0000, 0xFF00, 0xFF}
	}
	if b.os2 || b.compression != bmpFields && b.compression != bmpAlpha {
		return at
	}
	n := int64(3)
	if b.compression == bmpAlpha || header >= 56 {
		n = 4
	}
	if header < 52 { // they follow the header
		at += 4 * n
	}
	if int64(len(data)) < 54+4*n {
		return at
	}
	b.masks = [4]uint32{}
	for i := range n {
		b.masks[i] = binary.LittleEndian.Uint32(data[54+4*i:])
	}
	return at
}

// runs says whether the pixels are coded in runs, so that rows differ in length.
func (b *bmpInfo) runs() bool {
	return b.compression == bmpRLE8 && b.bits == 8 || b.compression == bmpRLE4 && b.bits == 4
}

// stride is the length of a row that is not coded in runs.
func (b *bmpInfo) stride() int64 { return (b.width*b.bits + 31) / 32 * 4 }

// missing is the share of the rows of a plain BMP of so many bytes that are not there.
func (b *bmpInfo) missing(bytes int64) float64 {
	got := max(0, bytes-b.start) / b.stride()
	return 1 - float64(min(got, b.height))/float64(b.height)
}

// check fails a BMP that breaks the rules or the limits.
func (b *bmpInfo) check(data []byte, l Limits) error {
	if err := l.checkSize(b.width, b.height); err != nil {
		return err
	}
	switch c := b.compression; {
	case b.os2 && c > bmpRLE4, c == bmpJPEG, c == bmpPNG:
		return failf(Unsupported, "BMP with pixels in another format (compression %d) is not decoded by this version", c)
	case c > bmpAlpha:
		return failf(Damaged, "BMP declares the unknown compression %d", c)
	}
	switch b.bits {
	case 1, 2, 4, 8, 16, 24, 32:
	default:
		return failf(Damaged, "BMP declares %d bits a pixel", b.bits)
	}
	switch fields := b.compression == bmpFields || b.compression == bmpAlpha; {
	case (b.compression == bmpRLE8 || b.compression == bmpRLE4) && !b.runs(),
		fields && b.bits != 16 && b.bits != 32:
		return failf(Damaged, "BMP declares %d bits a pixel with compression %d", b.bits, b.compression)
	case fields && b.masks[0]|b.masks[1]|b.masks[2] == 0:
		return failf(Damaged, "BMP has no bits for its colours")
	case b.runs():
		return l.checkMemory(3*b.width + 24*b.height)
	}
	if share := b.missing(int64(len(data))); share > 0.5 {
		return failf(Damaged, "BMP is damaged: it ends at byte %d, and %d %% of the picture is missing", len(data), int(100*share))
	}
	return l.checkMemory(3 * b.width)
}

// decodeBMP decodes a BMP row by row, where each lies in the file. Rows that are cut off
// are white.
func decodeBMP(ctx context.Context, data []byte, l Limits) (decoded, error) {
	b, ok := readBMP(data)
	if !ok {
		return decoded{}, failf(Damaged, "BMP ends before the picture does")
	}
	if err := b.check(data, l); err != nil {
		return decoded{}, err
	}
	d := decoded{width: int(b.width), height: int(b.height), decoder: "dedupidx/bmp"}
	if b.runs() {
		rows, share := newBMPRuns(ctx, &b, data)
		if share > 0.5 {
			return decoded{}, failf(Damaged, "BMP is damaged: its runs end at byte %d, and %d %% of the picture is missing", len(data), int(100*share))
		}
		d.rows, d.damaged = rows, func() float64 { return share }
		return d, nil
	}
	share := b.missing(int64(len(data)))
	d.rows, d.damaged = newBMPRows(ctx, &b, data), func() float64 { return share }
	return d, nil
}

// colours makes the palette RGB. Indexes beyond it are black.
func (b *bmpInfo) colours() (rgb [256][3]byte) {
	for i := 0; i < 256 && (i+1)*b.entry <= len(b.palette); i++ {
		p := b.palette[i*b.entry:]
		rgb[i] = [3]byte{p[2], p[1], p[0]}
	}
	return rgb
}

// field reads a colour from the bits of a mask. The uppermost ten bits count.
type field struct {
	mask   uint32
	shift  int
	values []byte
}

func newField(mask uint32) field {
	f := field{mask: mask, shift: bits.TrailingZeros32(mask), values: []byte{0}}
	if mask == 0 {
		return f
	}
	n := bits.Len32(mask) - f.shift
	if n > 10 {
		f.shift, n = f.shift+n-10, 10
	}
	f.values = make([]byte, 1<<n)
	most := len(f.values) - 1
	for i := range f.values {
		f.values[i] = byte((i*255 + most/2) / most)
	}
	return f
}

func (f *field) of(pixel uint32) byte { return f.values[pixel&f.mask>>f.shift] }
