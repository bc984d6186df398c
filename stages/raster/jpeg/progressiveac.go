package jpeg

import (
	"encoding/binary"
	"math/bits"
)

// Scans of AC coefficients. A bit map of each block says which coefficients are not zero:
// refining scans need it of all, while values are stored of those alone that count at the
// scale. So a photo at 1/4 is that of its sequential version to the byte.

// firstAC decodes the first scan of a band of AC coefficients (T.81, G.1.2.2). Of them
// the first kept are stored. It returns what means does.
func (s *scan) firstAC(from, to int) int {
	b := s.bits
	buf := &b.buf
	acc, n, pos := b.acc, b.n, b.pos
	p := &s.blocks[0]
	kept, low, last := p.c.kept, s.low&15, uint64(s.last)
	short := &p.ac.short
	for mcu := from; mcu < to; mcu++ {
		if s.endOfBand > 0 {
			blocks := min(to-mcu, int(s.endOfBand))
			s.endOfBand -= uint32(blocks)
			p.index += blocks
			mcu += blocks - 1
			continue
		}
		nonzero := p.nonzero[p.index]
		coefs := p.coefs[p.index*kept:][:kept]
		p.index++
		for k := uint64(s.first); k <= last; {
			acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
			pos += uint((63 - n) >> 3)
			n |= 56
			e := uint64(short[acc>>(64-lookBits)])
			length, symbol := e&31, e>>8
			if e == 0 {
				l, sym := p.ac.long(acc)
				if l == 0 {
					return mcu
				}
				length, symbol = l, uint64(sym)
			}
			run, size := symbol>>4, symbol&15
			acc <<= length & 63
			if size == 0 {
				n -= length
				if run < 15 {
					s.endOfBand = 1<<run - 1 + uint32(acc>>1>>((63-run)&63))
					acc <<= run
					n -= run
					break
				}
				k += 16
				continue
			}
			k += run
			if k > last {
				return mcu
			}
			nonzero |= 1 << (k & 63)
			if k < uint64(len(coefs)) {
				v := int32(acc >> 1 >> ((63 - size) & 63)) // extend, written out
				v += ^int32(int64(acc)>>63) & (1 - 1<<(size&31))
				coefs[k] = int16(v << low)
			}
			acc <<= size & 63
			n -= length + size
			k++
		}
		p.nonzero[p.index-1] = nonzero
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

// refineAC adds a bit to each coefficient of a band, those that were zero
// included (T.81, G.1.2.3). It returns what means does.
func (s *scan) refineAC(from, to int) int {
	b := s.bits
	buf := &b.buf
	acc, n, pos := b.acc, b.n, b.pos
	p := &s.blocks[0]
	kept, first := p.c.kept, uint(s.first)&63
	bit := int16(1) << (s.low & 15)
	short := &p.ac.short
	band := ^uint64(0) >> (63 - uint(s.last)&63) &^ (1<<first - 1)
	for mcu := from; mcu < to; mcu++ {
		known := p.nonzero[p.index]
		coefs := p.coefs[p.index*kept:][:kept]
		rest, fresh := band, uint64(0) // what of the band is to come, what is not zero any more
		for rest != 0 && s.endOfBand == 0 {
			acc |= binary.BigEndian.Uint64(buf[pos&(window-1):]) >> (n & 63)
			pos += uint((63 - n) >> 3)
			n |= 56
			e := uint64(short[acc>>(64-lookBits)])
			length, symbol := e&31, e>>8
			if e == 0 {
				l, sym := p.ac.long(acc)
				if l == 0 {
					return mcu
				}
				length, symbol = l, uint64(sym)
			}
			run, size := symbol>>4, symbol&15
			acc <<= length & 63
			n -= length
			if size == 0 && run < 15 {
				s.endOfBand = 1<<run + uint32(acc>>1>>((63-run)&63))
				acc <<= run
				n -= run
				break
			}
			value := bit ^ int16(^int64(acc)>>63)
			value -= int16(^int64(acc) >> 63) // minus where the sign is 0
			acc <<= size & 63
			n -= size
			if size > 1 {
				return mcu
			}
			// Pass over run zeros and correct what is not zero between.
			at := uint64(bits.TrailingZeros64(rest))
			if between := known & rest; between>>at&(1<<(run+1)-1) == 0 {
				at += run
			} else {
				zeros := rest &^ known
				for ; run > 0; run-- {
					zeros &= zeros - 1
				}
				at = uint64(bits.TrailingZeros64(zeros)) // 64 where the band ends before
				acc, n, pos = b.correct(acc, n, pos, coefs, between&(1<<at-1), bit)
			}
			if band>>at&1 == 0 {
				if size != 0 {
					return mcu
				}
				rest = 0
				break
			}
			rest &= ^uint64(1) << at
			if size != 0 {
				fresh |= 1 << at
				if at < uint64(len(coefs)) {
					coefs[at] = value
				}
			}
		}
		if s.endOfBand > 0 {
			s.endOfBand--
			if rest &= known; rest != 0 {
				acc, n, pos = b.correct(acc, n, pos, coefs, rest, bit)
			}
		}
		if fresh != 0 {
			p.nonzero[p.index] = known | fresh
		}
		p.index++
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

// correct takes a bit for each coefficient of a set and adds it to those that are stored,
// away from zero. It takes and returns the reader's acc, n and pos.
func (b *bitReader) correct(acc, n uint64, pos uint, coefs []int16, set uint64, bit int16) (uint64, uint64, uint) {
	for left := uint64(bits.OnesCount64(set)); left > 0; {
		acc |= binary.BigEndian.Uint64(b.buf[pos&(window-1):]) >> (n & 63)
		pos += uint((63 - n) >> 3)
		n |= 56
		some := min(left, 56)
		given := acc
		for range some {
			k := bits.TrailingZeros64(set)
			if k >= len(coefs) {
				break
			}
			set &= set - 1
			sign := coefs[k] >> 15
			coefs[k] += (bit ^ sign - sign) & int16(int64(given)>>63)
			given <<= 1
		}
		acc <<= some
		n -= some
		left -= some
	}
	return acc, n, pos
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
	wanted := scale.weighed() & (^uint64(0) >> (64 - uint(c.kept)))
	for y := range c.lines {
		for x := range c.stride {
			at := y*c.stride + x
			coefs := c.coefs[at*c.kept:][:c.kept]
			out := c.pix[y*n*pitch+x*n:]
			set := c.nonzero[at] & wanted
			mean := int32(coefs[0]) * c.scale[0]
			if set == 0 {
				flat(out, pitch, n, clamp((mean+4)>>3+128))
				continue
			}
			block[0] = mean
			for m := set; m != 0; m &= m - 1 {
				k := bits.TrailingZeros64(m)
				d := 2 * int32(coefs[k])
				if d > 0 {
					d += half[k&63]
				} else if d < 0 {
					d -= half[k&63]
				}
				block[zigzag[k&63]] = d * c.scale[k&63] / 2
			}
			write(out, pitch, &block, scale)
			for m := set; m != 0; m &= m - 1 {
				block[zigzag[bits.TrailingZeros64(m)&63]] = 0
			}
		}
	}
}

// flat writes a block of n x n samples that are all the same.
func flat(out []byte, pitch, n int, v byte) {
	for y := range n {
		row := out[y*pitch:][:n]
		for x := range row {
			row[x] = v
		}
	}
}
