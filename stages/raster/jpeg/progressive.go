package jpeg

import "encoding/binary"

// chooseProgressive checks the header of a progressive scan (T.81, G.1.1.1.1) and
// decides whether it is wanted; where not, s.blocks is made nil.
func (s *scan) chooseProgressive(at, components int) error {
	if s.first > s.last || s.last > 63 || s.first == 0 && s.last != 0 || s.first > 0 && components != 1 ||
		s.low > 13 || s.high > 0 && s.high != s.low+1 {
		return malformed(at, "scan of coefficients %d to %d, bits %d to %d, is not allowed", s.first, s.last, s.high, s.low)
	}
	wanted := false
	for _, part := range s.parts {
		c := &s.p.parts[part]
		switch {
		case s.first == 0 && s.high == 0:
			if c.depth[0] >= 0 {
				return malformed(at, "second first scan of a component")
			}
			s.kind = firstDC
			wanted = true
		case s.first == 0:
			s.kind = refineDC
			wanted = wanted || c.depth[0] > 0
		case s.high == 0:
			s.kind = firstAC
			// Beyond what is kept, refining scans ask which coefficients are not zero.
			wanted = s.first < c.kept || s.low > 0 && c.kept > 1
		default:
			s.kind = refineAC
			wanted = s.first < c.kept
		}
		for k := s.first; k <= s.last; k++ {
			c.depth[k] = int8(s.low)
		}
	}
	if !wanted {
		s.blocks = nil
	}
	return nil
}

// firstDC decodes the first scan of DC coefficients (T.81, G.1.2.1). It returns what means
// does.
func (s *scan) firstDC(from, to int) int {
	b := s.bits
	buf := &b.buf
	acc, n, pos := b.acc, b.n, b.pos
	blocks, low := s.blocks, s.low&15
	for mcu := from; mcu < to; mcu++ {
		for i := range blocks {
			p := &blocks[i]
			acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
			pos += uint((63 - n) >> 3)
			n |= 56
			e := uint64(p.dc.short[acc>>(64-lookBits)])
			length, size := e&31, e>>8
			if e == 0 {
				l, symbol := p.dc.long(acc)
				if l == 0 || symbol > 15 {
					return mcu
				}
				length, size = l, uint64(symbol)
			}
			acc <<= length & 63
			v := int32(acc >> 1 >> ((63 - size) & 63)) // extend, written out
			v += ^int32(int64(acc)>>63) & (1 - 1<<(size&31))
			acc <<= size & 63
			n -= length + size
			v += s.pred[p.part&3]
			s.pred[p.part&3] = v
			p.coefs[p.at] = int16(v << low)
			p.at += p.step
		}
		if pos > b.limit {
			b.acc, b.n, b.pos = acc, n, pos
			if !b.more() {
				return mcu
			}
			acc, n, pos = b.acc, b.n, b.pos
		}
	}
	b.acc, b.n, b.pos = acc, n, pos
	return to
}

// refineDC adds a bit to each DC coefficient (T.81, G.1.2.1.1).
func (s *scan) refineDC(from, to int) int {
	b := s.bits
	buf := &b.buf
	acc, n, pos := b.acc, b.n, b.pos
	blocks, low := s.blocks, s.low&15
	for mcu := from; mcu < to; mcu++ {
		for i := range blocks {
			if n == 0 {
				acc |= binary.BigEndian.Uint64(buf[pos&(window-1):])
				pos += 7
				n = 56
			}
			p := &blocks[i]
			p.coefs[p.at] |= int16(acc>>63) << low
			p.at += p.step
			acc <<= 1
			n--
		}
		if pos > b.limit {
			b.acc, b.n, b.pos = acc, n, pos
			if !b.more() {
				return mcu
			}
			acc, n, pos = b.acc, b.n, b.pos
		}
	}
	b.acc, b.n, b.pos = acc, n, pos
	return to
}
