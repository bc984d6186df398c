package raster

import (
	"context"

	"github.com/dedupidx/dedupidx/stages/raster/codec"
)

// jxlInfo is what the head of a JPEG XL file tells (ISO/IEC 18181-1, annex D; the
// container is part 2).
type jxlInfo struct {
	width, height int64 // upright
	bits          int
	orientation   int
	exif          []byte
	extras        int
	ok            bool
}

// jxlHead is how many bytes of the codestream the head may take; it needs less than 64.
const jxlHead = 256

// readJXL reads the head, of a bare codestream or in a container.
func readJXL(data []byte) (j jxlInfo) {
	if len(data) >= 2 && data[0] == 0xFF && data[1] == 0x0A {
		j.readHead(data)
		return j
	}
	var head []byte
	for x, rest, ok := nextBox(data); ok; x, rest, ok = nextBox(rest) {
		switch x.kind {
		case "jxlp": // a part, behind its number
			x.data = x.data[min(4, len(x.data)):]
			fallthrough
		case "jxlc":
			head = append(head, x.data[:min(len(x.data), jxlHead-len(head))]...)
		case "Exif":
			if j.exif == nil {
				j.exif = exifItem(x.data)
			}
		case "xml ", "brob":
			j.extras++
		}
	}
	j.readHead(head)
	return j
}

// readHead reads the head of a codestream up to the depth of its samples.
func (j *jxlInfo) readHead(head []byte) {
	if len(head) < 2 || head[0] != 0xFF || head[1] != 0x0A {
		return
	}
	b := bitReader{b: head[2:]}
	j.width, j.height = b.jxlSize()
	j.bits, j.orientation = 8, 1
	if b.bits(1) == 0 { // not all as usual
		if b.bits(1) == 1 {
			j.orientation = 1 + int(b.bits(3))
			if b.bits(1) == 1 {
				b.jxlSize() // to be shown at
			}
			if b.bits(1) == 1 {
				b.jxlPreview()
			}
			if b.bits(1) == 1 { // animation: ticks, loops, time codes
				b.choose([4]int64{100, 1000, 1, 1}, [4]int{0, 0, 10, 30})
				b.choose([4]int64{1, 1001, 1, 1}, [4]int{0, 0, 8, 10})
				b.choose([4]int64{0, 0, 0, 0}, [4]int{0, 3, 16, 32})
				b.bits(1)
			}
		}
		if b.bits(1) == 0 {
			j.bits = int(b.choose([4]int64{8, 10, 12, 1}, [4]int{0, 0, 0, 6}))
		} else { // floating point
			j.bits = int(b.choose([4]int64{32, 16, 24, 1}, [4]int{0, 0, 0, 6}))
		}
	}
	if j.orientation > 4 {
		j.width, j.height = j.height, j.width
	}
	j.ok = !b.bad
}

// bitReader reads bits, the lowest of a byte first. Beyond the end all are 0.
type bitReader struct {
	b   []byte
	at  int
	bad bool
}

func (r *bitReader) bits(n int) (v int64) {
	for i := range n {
		if r.at>>3 >= len(r.b) {
			r.bad = true
			return 0
		}
		v |= int64(r.b[r.at>>3]>>(r.at&7)&1) << i
		r.at++
	}
	return v
}

// choose reads one of four kinds of numbers: a base and so many bits to add (U32 of
// the standard).
func (r *bitReader) choose(base [4]int64, bits [4]int) int64 {
	k := r.bits(2)
	return base[k] + r.bits(bits[k])
}

// jxlSize reads a SizeHeader.
func (r *bitReader) jxlSize() (width, height int64) {
	small := r.bits(1) == 1
	side := func() int64 {
		if small {
			return 8 * (1 + r.bits(5))
		}
		return r.choose([4]int64{1, 1, 1, 1}, [4]int{9, 13, 18, 30})
	}
	height = side()
	if width = r.jxlRatio(height); width == 0 {
		width = side()
	}
	return width, height
}

// jxlPreview reads a PreviewHeader, whose size is of no use here.
func (r *bitReader) jxlPreview() {
	base, bits := [4]int64{1, 65, 321, 1345}, [4]int{6, 8, 10, 12}
	if r.bits(1) == 1 { // in units of 8
		base, bits = [4]int64{16, 32, 1, 33}, [4]int{0, 0, 5, 9}
	}
	if r.jxlRatio(r.choose(base, bits)) == 0 {
		r.choose(base, bits)
	}
}

// jxlRatio reads the ratio of a width to a known height; 0 means that the width follows.
func (r *bitReader) jxlRatio(height int64) int64 {
	ratio := [8][2]int64{{0, 1}, {1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}}[r.bits(3)]
	return height * ratio[0] / ratio[1]
}

// checkJXL checks the size of a JPEG XL file.
func checkJXL(data []byte, l Limits) (int64, error) {
	j := readJXL(data)
	if !j.ok {
		return 0, failf(Damaged, "JPEG XL ends before its picture begins")
	}
	if err := l.checkSize(j.width, j.height); err != nil {
		return 0, err
	}
	return j.width * j.height, l.checkMemory(jxlPerPixel * j.width * j.height)
}

// decodeJXL decodes by libjxl, which turns the picture itself.
func (s *libraries) decodeJXL(ctx context.Context, data []byte, l Limits) (decoded, error) {
	j := readJXL(data)
	p, err := s.codecs.JXL(ctx, data, int(j.width), int(j.height), j.bits, codecLimits(l))
	if err != nil {
		return decoded{}, moduleFailure(err, JXL, l)
	}
	d := fromCodec(p, codec.LibJXL)
	d.exif, d.extras = j.exif, j.extras
	d.orientation, d.upright = j.orientation, true
	return d, nil
}
