package raster

import (
	"encoding/binary"
	"math"
)

// unpack undoes the predictor of a stored row and makes its samples 8 bits.
func (p *tiffPainter) unpack(plane int, row []byte) {
	if p.unitX*p.unitY > 1 {
		return // the colours are taken from the row as it is
	}
	n, step, out := int(p.tileW*p.samples), 1, p.samples8
	apart := int(p.samples) // from a sample to the one of the next pixel
	if p.planar {
		n, step, apart = int(p.tileW), len(p.planes), 1
		out = out[plane:]
	}
	order := p.order
	switch {
	case p.predictor == 2:
		undoDifferences(row, int(p.bits), apart, order)
	case p.predictor == 3:
		p.apart = undoFloatDifferences(row, p.apart, int(p.bits/8), apart)
		order = binary.BigEndian
	}
	switch {
	case p.kind == tiffFloat:
		unpackFloats(out, step, row, n, int(p.bits), order)
	case p.bits == 8 && step == 1:
		copy(out, row)
	case p.bits == 8:
		for i, v := range row {
			out[i*step] = v
		}
	case p.bits == 16:
		for i := range n {
			out[i*step] = to8(uint32(order.Uint16(row[2*i:])))
		}
	case p.bits == 32:
		for i := range n {
			out[i*step] = to8(order.Uint32(row[4*i:]) >> 16)
		}
	case p.bits == 64:
		for i := range n {
			out[i*step] = to8(uint32(order.Uint64(row[8*i:]) >> 48))
		}
	default:
		unpackBits(out, step, row, n, uint(p.bits), p.photometric != tiffPalette)
	}
	if p.kind == tiffSigned && p.bits >= 8 { // zero is in the middle
		for i := range n {
			out[i*step] ^= 0x80
		}
	}
}

// unpackBits reads samples of less than 16 bits, the highest bit of a byte first, stretched
// to 8 bits where they are no indexes.
func unpackBits(out []byte, step int, row []byte, n int, bits uint, stretch bool) {
	most := uint32(1)<<bits - 1
	var table [256]byte
	for v := range min(most+1, 256) {
		table[v] = byte(v)
		if stretch {
			table[v] = byte((v*255 + most/2) / most)
		}
	}
	var held uint32
	have := uint(0)
	for i := range n {
		for have < bits {
			held, row, have = held<<8|uint32(row[0]), row[1:], have+8
		}
		have -= bits
		v := held >> have & most
		if bits > 8 {
			out[i*step] = byte((v*255 + most/2) / most)
		} else {
			out[i*step] = table[v]
		}
	}
}

// unpackFloats reads samples from 0, black, to 1, white, as TIFF 6.0 leaves it open
// and programs write it. What lies beyond is the nearer of the two.
func unpackFloats(out []byte, step int, row []byte, n, bits int, order binary.ByteOrder) {
	for i := range n {
		var v float64
		switch bits {
		case 16:
			v = half(order.Uint16(row[2*i:]))
		case 32:
			v = float64(math.Float32frombits(order.Uint32(row[4*i:])))
		default:
			v = math.Float64frombits(order.Uint64(row[8*i:]))
		}
		switch {
		case v >= 1:
			out[i*step] = 255
		case v > 0:
			out[i*step] = byte(float64(v*255) + 0.5)
		default: // NaN as well
			out[i*step] = 0
		}
	}
}

// half is a number of IEEE 754 in 16 bits: a sign, 5 bits of exponent, 10 of fraction.
func half(b uint16) float64 {
	exponent, fraction := int(b>>10&31), float64(b&0x3FF)
	v := 0.0
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		if v = math.Inf(1); fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(fraction+1024, exponent-25)
	}
	if b>>15 != 0 {
		return -v
	}
	return v
}

// undoDifferences adds to each sample the one before it of the same channel (TIFF 6.0,
// section 14).
func undoDifferences(row []byte, bits, apart int, order binary.ByteOrder) {
	size := bits / 8
	from := apart * size
	switch size {
	case 1:
		for i := from; i < len(row); i++ {
			row[i] += row[i-from]
		}
	case 2:
		for i := from; i+2 <= len(row); i += 2 {
			order.PutUint16(row[i:], order.Uint16(row[i:])+order.Uint16(row[i-from:]))
		}
	case 4:
		for i := from; i+4 <= len(row); i += 4 {
			order.PutUint32(row[i:], order.Uint32(row[i:])+order.Uint32(row[i-from:]))
		}
	case 8:
		for i := from; i+8 <= len(row); i += 8 {
			order.PutUint64(row[i:], order.Uint64(row[i:])+order.Uint64(row[i-from:]))
		}
	}
}

// undoFloatDifferences adds up bytes, and puts those of a sample together, of which the row
// has all first bytes, then all second ones (Adobe Photoshop TIFF Technical Note 3). The
// result is big-endian. It returns the memory that it needs, for the next row.
func undoFloatDifferences(row, memory []byte, size, apart int) []byte {
	for i := apart; i < len(row); i++ {
		row[i] += row[i-apart]
	}
	n := len(row) / size
	memory = append(memory[:0], row...)
	for i := range n {
		for k := range size {
			row[i*size+k] = memory[k*n+i]
		}
	}
	return memory
}
