package jpeg

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/blake3"
)

// HashCoefficients is the BLAKE3 hash of what the first picture of data means before any
// inverse transform: its size, model, sampling factors, quantization tables and quantized
// coefficients. Files that tools like jpegtran make of each other without loss (progressive
// or not, other Huffman tables, restart markers, metadata) have one hash, and pictures of
// one hash decode to the same pixels.
//
// It entropy-decodes all scans, at the cost of a decoding at half the size (the benchmark
// HashCoefficients measures it), and takes memory for all coefficients of a progressive
// file, for a row of blocks of others. It fails where Decode fails, and with a *FormatError
// for a picture that is damaged.
func (d *Decoder) HashCoefficients(data []byte, limits Limits) (sum [32]byte, err error) {
	h, err := ReadHeader(data)
	if err != nil {
		return sum, err
	}
	limits = limits.withDefaults()
	p, err := d.prepare(h, Full, data, limits, true)
	if err != nil {
		return sum, err
	}
	err = p.walk()
	p.bits.data = nil
	if err != nil {
		return sum, err
	}
	if p.Progressive && !p.ended && !p.exact() {
		p.damaged(len(data), "ends before its last scan does")
	}
	for i := range p.parts {
		if p.parts[i].missing > 0 {
			p.damaged(len(data), "a component has no scan")
		}
	}
	if p.damage != nil {
		return sum, &FormatError{p.damage.Offset, p.damage.Reason}
	}
	all := blake3.New()
	head := []byte("coefficients 1 " + string(h.Model))
	head = binary.BigEndian.AppendUint32(head, uint32(h.Width))
	head = binary.BigEndian.AppendUint32(head, uint32(h.Height))
	for i := range p.parts {
		c := &p.parts[i]
		head = append(head, byte(c.H), byte(c.V))
		for _, q := range c.scale {
			head = binary.BigEndian.AppendUint16(head, uint16(q))
		}
		if p.Progressive {
			for y := range c.rows {
				c.feed(y)
			}
		}
		head = c.hash.Sum(head)
	}
	_, _ = all.Write(head) // writing to a hash cannot fail
	all.Sum(sum[:0])
	return sum, nil
}

// feed hashes the blocks of a row of coefs that hold samples: which coefficients are not
// zero, and those.
func (c *component) feed(row int) {
	out := c.fed[:0]
	for x := range c.cols {
		at := row*c.stride + x
		coefs := c.coefs[at*64:][:64]
		set := c.nonzero[at] &^ 1
		if coefs[0] != 0 {
			set |= 1
		}
		out = binary.LittleEndian.AppendUint64(out, set)
		for ; set != 0; set &= set - 1 {
			out = binary.LittleEndian.AppendUint16(out, uint16(coefs[bits.TrailingZeros64(set)&63]))
		}
	}
	_, _ = c.hash.Write(out)
	c.fed = out
}

// feed hashes a row of MCUs that was decoded.
func (s *scan) feed(row int) {
	for _, part := range s.parts {
		c := &s.p.parts[part]
		lines := c.V
		if len(s.parts) == 1 {
			lines = 1
		}
		for y := range lines {
			if row*lines+y < c.rows {
				c.feed(y)
			}
		}
	}
}

// store decodes all coefficients of a sequential scan (T.81, F.2.2). It returns what means
// does.
func (s *scan) store(from, to int) int {
	b := s.bits
	buf := &b.buf
	for mcu := from; mcu < to; mcu++ {
		for i := range s.blocks {
			p := &s.blocks[i]
			coefs := (*[64]int16)(p.coefs[p.index*64:])
			clear(coefs[:])
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
			coefs[0] = int16(s.pred[p.part&3])
			acc, n, pos := b.acc, b.n, b.pos
			short := &p.ac.short
			nonzero := uint64(0)
			for k := uint64(1); k < 64; {
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
				if size == 0 {
					if run < 15 {
						break
					}
					if k += 16; k > 64 {
						return mcu
					}
					continue
				}
				if k += run; k > 63 {
					return mcu
				}
				v := int32(acc >> 1 >> ((63 - size) & 63)) // extend, written out
				v += ^int32(int64(acc)>>63) & (1 - 1<<(size&31))
				coefs[k&63] = int16(v)
				nonzero |= 1 << (k & 63)
				acc <<= size & 63
				n -= size
				k++
			}
			b.acc, b.n, b.pos = acc, n, pos
			p.nonzero[p.index] = nonzero
			p.index += p.step
		}
		if b.pos > b.limit && !b.more() {
			return mcu
		}
	}
	return to
}
