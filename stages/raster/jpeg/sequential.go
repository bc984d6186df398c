package jpeg

import "encoding/binary"

// means decodes the DC coefficients of the MCUs from..to-1 of a row, passes over the AC
// coefficients (T.81, F.2.2), and writes the mean of each block. It returns the first
// MCU that it could not decode, to if there is none.
func (s *scan) means(from, to int) int {
	b := s.bits
	buf := &b.buf
	acc, n, pos := b.acc, b.n, b.pos
	blocks := s.blocks
	for mcu := from; mcu < to; mcu++ {
		for i := range blocks {
			p := &blocks[i]

			acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
			pos += uint((63 - n) >> 3)
			n |= 56
			e := uint64(p.dc.short[acc>>(64-lookBits)])
			if e == 0 {
				length, size := p.dc.long(acc)
				if length == 0 || size > 15 {
					b.acc, b.n, b.pos = acc, n, pos
					return mcu
				}
				// The difference has up to 15 bits and is taken with the next refill.
				acc <<= length & 63
				n -= length
				acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
				pos += uint((63 - n) >> 3)
				n |= 56
				e = uint64(size) << 8
			}
			length, size := e&31, e>>8
			acc <<= length
			// extend, written out
			v := int32(acc >> 1 >> ((63 - size) & 63))
			v += ^int32(int64(acc)>>63) & (1 - 1<<(size&31))
			acc <<= size & 63
			n -= length + size
			v += s.pred[p.part&3]
			s.pred[p.part&3] = v
			v = (v*p.quant[0]+4)>>3 + 128
			if uint32(v) > 255 {
				v = ^(v >> 31) & 255
			}
			p.pix[p.at] = byte(v)
			p.at += p.step

			skip := &p.ac.skip
			// A refill serves the difference and two skips, or three skips.
			for k := uint64(1); ; {
				e := uint64(skip[acc>>(64-lookBits)])
				acc <<= e & 31
				n -= e & 31
				k += e >> 5
				if k < 64 {
					e = uint64(skip[acc>>(64-lookBits)])
					acc <<= e & 31
					n -= e & 31
					k += e >> 5
					if k < 64 {
						acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
						pos += uint((63 - n) >> 3)
						n |= 56
						e = uint64(skip[acc>>(64-lookBits)])
						acc <<= e & 31
						n -= e & 31
						k += e >> 5
						if k < 64 {
							continue
						}
					}
				}
				if k-129 < 63 || k == 64 {
					break
				}
				// A long code, or symbols that belong to the next block: take one.
				b.acc, b.n, b.pos = b.peekAt(pos*8 - uint(n) - uint(e&31))
				k = b.step(p.ac, k-e>>5)
				acc, n, pos = b.acc, b.n, b.pos
				if k >= 64 {
					if k > 64 {
						return mcu
					}
					break
				}
			}
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

// step passes over one AC symbol and leaves the reader refilled. It returns the next
// coefficient, 64 at the end of the block, more where the bits are wrong.
func (b *bitReader) step(t *table, k uint64) uint64 {
	b.refill()
	length, symbol := t.symbol(b.acc)
	if length == 0 {
		return 65
	}
	run, size := uint64(symbol>>4), uint64(symbol&15)
	b.acc <<= (length + size) & 63
	b.n -= length + size
	b.refill()
	if size == 0 && run < 15 {
		return 64
	}
	return k + run + 1
}

// values decodes the coefficients that count at the scale and passes over the rest, then
// writes the pixels. It returns what means does.
func (s *scan) values(from, to int) int {
	b := s.bits
	scale := s.p.scale
	kept := uint64(scale.kept())
	var coefs [64]int32 // dequantized, row-major
	for mcu := from; mcu < to; mcu++ {
		for i := range s.blocks {
			p := &s.blocks[i]
			b.refill()
			length, size := p.dc.symbol(b.acc)
			if length == 0 || size > 15 {
				return mcu
			}
			b.acc <<= length & 63
			b.n -= length
			s.pred[p.part&3] += extend(b.acc, uint64(size))
			b.acc <<= size & 63
			b.n -= uint64(size)
			clear(coefs[:])
			coefs[0] = s.pred[p.part&3] * p.quant[0]
			if !b.block(p, &coefs, kept) {
				return mcu
			}
			write(p.pix[p.at:], p.c.stride*scale.block(), &coefs, scale)
			p.at += p.step
		}
		if b.pos > b.limit && !b.more() {
			return mcu
		}
	}
	return to
}

// block decodes the AC coefficients of a block (T.81, F.2.2.2) up to kept and
// passes over the rest. It returns false where the bits are wrong.
func (b *bitReader) block(p *block, coefs *[64]int32, kept uint64) bool {
	buf := &b.buf
	acc, n, pos := b.acc, b.n, b.pos
	short := &p.ac.short
	k := uint64(1)
	for k < kept {
		acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
		pos += uint((63 - n) >> 3)
		n |= 56
		e := uint64(short[acc>>(64-lookBits)])
		length, symbol := e&31, e>>8
		if e == 0 {
			l, sym := p.ac.long(acc)
			if l == 0 {
				return false
			}
			length, symbol = l, uint64(sym)
		}
		run, size := symbol>>4, symbol&15
		acc <<= length & 63
		if size == 0 {
			n -= length
			if run < 15 {
				k = 64
				break
			}
			k += 16
			continue
		}
		k += run
		if k > 63 {
			return false
		}
		if k < kept { // a run may lead beyond
			v := int32(acc >> 1 >> ((63 - size) & 63))
			v += ^int32(int64(acc)>>63) & (1 - 1<<(size&31))
			coefs[zigzag[k&63]] = v * p.quant[k&63]
		}
		acc <<= size & 63
		n -= length + size
		k++
	}
	if k > 64 {
		return false
	}
	skip := &p.ac.skip
	for k < 64 {
		acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
		pos += uint((63 - n) >> 3)
		n |= 56
		e := uint64(skip[acc>>(64-lookBits)])
		acc <<= e & 31
		n -= e & 31
		k += e >> 5
		if k < 64 {
			e = uint64(skip[acc>>(64-lookBits)])
			acc <<= e & 31
			n -= e & 31
			k += e >> 5
		}
		if k < 64 || k-129 < 63 || k == 64 {
			continue
		}
		b.acc, b.n, b.pos = b.peekAt(pos*8 - uint(n) - uint(e&31))
		k = b.step(p.ac, k-e>>5)
		acc, n, pos = b.acc, b.n, b.pos
		if k > 64 {
			return false
		}
	}
	b.acc, b.n, b.pos = acc, n, pos
	return true
}
