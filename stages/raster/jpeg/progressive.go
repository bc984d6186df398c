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
			wanted = s.first < c.kept
		default:
			s.kind = refineAC
			// To refine takes to know which coefficients are not zero, all of the band.
			wanted = s.last < c.kept
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

// finest is the mean of the quantization steps of the lowest three AC coefficients, from
// which on a picture at 1/4 is made of all bits rather than of those of the first scans.
const finest = 6

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

// firstAC decodes the first scan of a band of AC coefficients (T.81, G.1.2.2). Of them
// the first kept are stored.
func (s *scan) firstAC(from, to int) int {
	b := s.bits
	p := &s.blocks[0]
	kept := p.c.kept
	endOfBand := s.endOfBand
	for mcu := from; mcu < to; mcu++ {
		if endOfBand > 0 {
			endOfBand--
			p.at += p.step
			continue
		}
		coefs := p.coefs[p.at : p.at+kept]
		for k := s.first; k <= s.last; {
			b.refill()
			var length uint64
			var symbol uint8
			if e := p.ac.short[b.acc>>(64-lookBits)]; e != 0 {
				length, symbol = uint64(e&31), uint8(e>>8)
			} else if length, symbol = p.ac.long(b.acc); length == 0 {
				return mcu
			}
			b.acc <<= length & 63
			b.n -= length
			run, size := int(symbol>>4), uint64(symbol&15)
			if size == 0 {
				if run < 15 {
					endOfBand = 1<<run - 1 + b.take(uint64(run))
					break
				}
				k += 16
				continue
			}
			k += run
			if k > s.last {
				return mcu
			}
			if k < len(coefs) {
				coefs[k] = int16(extend(b.acc, size) << s.low)
			}
			b.acc <<= size
			b.n -= size
			k++
		}
		p.at += p.step
		if b.pos > b.limit && !b.more() {
			return mcu
		}
	}
	s.endOfBand = endOfBand
	return to
}

// refineAC adds a bit to each coefficient of a band, those that were zero
// included (T.81, G.1.2.3).
func (s *scan) refineAC(from, to int) int {
	b := s.bits
	p := &s.blocks[0]
	bit := int16(1) << s.low
	for mcu := from; mcu < to; mcu++ {
		coefs := p.coefs[p.at : p.at+p.c.kept]
		k := s.first
		if s.endOfBand == 0 {
			for k <= s.last {
				b.refill()
				length, symbol := p.ac.symbol(b.acc)
				if length == 0 {
					return mcu
				}
				b.acc <<= length & 63
				b.n -= length
				run, size := int(symbol>>4), symbol&15
				value := int16(0)
				switch {
				case size == 1:
					value = -bit
					if b.take(1) == 1 {
						value = bit
					}
				case size > 1:
					return mcu
				case run < 15:
					s.endOfBand = 1<<run + b.take(uint64(run))
				}
				if s.endOfBand > 0 {
					break
				}
				// Pass over run zeros and refine what is not zero between.
				if k = b.refine(coefs, k, s.last, run, bit); value != 0 {
					if k > s.last {
						return mcu
					}
					coefs[k] = value
				}
				k++
			}
		}
		if s.endOfBand > 0 {
			b.refine(coefs, k, s.last, 64, bit)
			s.endOfBand--
		}
		p.at += p.step
		if b.pos > b.limit && !b.more() {
			return mcu
		}
	}
	return to
}

// refine adds a bit to the coefficients from k to last that are not zero, until it
// meets one more zero than zeros: it returns that one's place, or last+1.
func (b *bitReader) refine(coefs []int16, k, last, zeros int, bit int16) int {
	for ; k <= last; k++ {
		c := coefs[k]
		if c == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		b.refill()
		if b.take(1) == 0 || c&bit != 0 && c > 0 || -c&bit != 0 && c < 0 {
			continue
		}
		if c > 0 {
			coefs[k] = c + bit
		} else {
			coefs[k] = c - bit
		}
	}
	return k
}

// render makes the pixels of the coefficients of a component.
func (c *component) render(scale Scale) {
	n := scale.block()
	pitch := c.stride * n
	c.pix = make([]byte, pitch*c.lines*n)
	if scale == Eighth {
		q, pix := c.scale[0], c.pix[:len(c.coefs)]
		for i, v := range c.coefs {
			pix[i] = clamp((int32(v)*q+4)>>3 + 128)
		}
		return
	}
	// Coefficients of which bits are missing stand for a range; its middle is half of
	// the missing bits' largest value farther from zero.
	var half [64]int32
	for k := range half {
		if low := c.depth[k]; low > 0 && k > 0 {
			half[k] = 1<<low - 1
		}
	}
	var block [64]int32
	for y := range c.lines {
		for x := range c.stride {
			coefs := c.coefs[(y*c.stride+x)*c.kept:][:c.kept]
			for k, v := range coefs {
				d := 2 * int32(v)
				if v > 0 {
					d += half[k&63]
				} else if v < 0 {
					d -= half[k&63]
				}
				block[zigzag[k&63]] = d * c.scale[k&63] / 2
			}
			write(c.pix[y*n*pitch+x*n:], pitch, &block, scale)
		}
	}
}
