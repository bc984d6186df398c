package raster

import "encoding/binary"

// box is a box of ISO/IEC 14496-12, section 4.2: what HEIC, AVIF, JPEG XL and CR3 files
// are made of.
type box struct {
	kind string // four characters
	data []byte // what follows its head, cut off where the bytes end
	cut  bool   // the bytes end before the box does
}

// nextBox reads the first box of b and returns what follows it. It fails at the end, and
// on a size that is smaller than the head.
func nextBox(b []byte) (x box, rest []byte, ok bool) {
	if len(b) < 8 {
		return x, nil, false
	}
	size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
	x.kind = string(b[4:8])
	switch {
	case size == 0: // to the end
		size = uint64(len(b))
	case size == 1:
		if len(b) < 16 {
			return x, nil, false
		}
		size, head = binary.BigEndian.Uint64(b[8:]), 16
	}
	if size < head {
		return x, nil, false
	}
	if x.cut = size > uint64(len(b)); x.cut {
		size = uint64(len(b))
	}
	x.data = b[head:size]
	return x, b[size:], true
}

// inner returns the first box of a kind among those that lie in b, nil if there is none.
func inner(b []byte, kind string) []byte {
	for x, rest, ok := nextBox(b); ok; x, rest, ok = nextBox(rest) {
		if x.kind == kind {
			return x.data
		}
	}
	return nil
}

// cursor reads numbers from bytes, big-endian. Beyond the end all are 0, and bad is set.
type cursor struct {
	b   []byte
	bad bool
}

// number reads a number of n bytes, 0 to 8.
func (c *cursor) number(n int) (v uint64) {
	if len(c.b) < n {
		c.b, c.bad = nil, true
		return 0
	}
	for _, x := range c.b[:n] {
		v = v<<8 | uint64(x)
	}
	c.b = c.b[n:]
	return v
}

// full reads the version and flags of a full box.
func (c *cursor) full() (version int, flags uint64) {
	v := c.number(4)
	return int(v >> 24), v & 0xFFFFFF
}
