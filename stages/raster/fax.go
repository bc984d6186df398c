package raster

import (
	"encoding/binary"
	"io"
	"strings"
	"sync"
)

// faxKind is a coding of black and white rows (ITU-T T.4 and T.6).
type faxKind int

const (
	faxRuns  faxKind = iota // T.4 runs, rows begin at a byte, no end of line (TIFF 6.0, section 10)
	faxWords                // the same, rows begin at a word of 16 bits
	fax3                    // T.4, with ends of line
	fax3Two                 // T.4 in two dimensions
	fax4                    // T.6
)

// fax reads rows, a bit for each pixel, 1 for black, padded to bytes. A row that is broken
// ends them: io.ErrUnexpectedEOF.
type fax struct {
	kind     faxKind
	in       []byte
	at       int // in bits
	width    int
	tables   *[2]faxTable
	ref, cur []int // where the colour changes in the row above and in this one, ascending
	row      []byte
	left     []byte // of row, not yet read
}

func newFax(in []byte, kind faxKind, width int) *fax {
	return &fax{kind: kind, in: in, width: width, tables: faxTables(), row: make([]byte, (width+7)/8)}
}

// Read implements io.Reader.
func (f *fax) Read(p []byte) (int, error) {
	if len(f.left) == 0 {
		if !f.next() {
			return 0, io.ErrUnexpectedEOF
		}
		f.left = f.row
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

// used is the number of bytes that were read.
func (f *fax) used() int { return min((f.at+7)/8, len(f.in)) }

// peek returns the next 32 bits, zeros beyond the end.
func (f *fax) peek() uint32 {
	i := f.at >> 3
	if i+8 <= len(f.in) {
		return uint32(binary.BigEndian.Uint64(f.in[i:]) << (f.at & 7) >> 32)
	}
	var b [8]byte
	if i < len(f.in) {
		copy(b[:], f.in[i:])
	}
	return uint32(binary.BigEndian.Uint64(b[:]) << (f.at & 7) >> 32)
}

// next decodes a row.
func (f *fax) next() bool {
	f.ref, f.cur = f.cur, f.ref[:0]
	two := f.kind == fax4
	switch f.kind {
	case faxRuns:
		f.at = (f.at + 7) &^ 7
	case faxWords:
		f.at = (f.at + 15) &^ 15
	case fax3, fax3Two:
		ended := false
		for f.peek()>>21 == 0 { // eleven zeros or more and a one end a line
			for f.peek() == 0 {
				if f.at += 32; f.at > 8*len(f.in) {
					return false
				}
			}
			for f.peek()>>31 == 0 {
				f.at++
			}
			f.at++
			if ended = true; f.kind == fax3Two {
				two = f.peek()>>31 == 0
				f.at++
			}
		}
		if f.kind == fax3Two && !ended {
			return false
		}
	}
	if two && !f.twoDimensions() || !two && !f.oneDimension() || f.at > 8*len(f.in) {
		return false
	}
	clear(f.row)
	for i := 0; i < len(f.cur); i += 2 {
		end := f.width
		if i+1 < len(f.cur) {
			end = f.cur[i+1]
		}
		setBits(f.row, f.cur[i], end)
	}
	return true
}

// change notes that the colour changes. Two changes at a place are none.
func (f *fax) change(at int) {
	switch n := len(f.cur); {
	case at >= f.width:
	case n > 0 && f.cur[n-1] == at:
		f.cur = f.cur[:n-1]
	default:
		f.cur = append(f.cur, at)
	}
}

// oneDimension reads runs of white and black in turn.
func (f *fax) oneDimension() bool {
	for x, colour := 0, 0; x < f.width; colour ^= 1 {
		n, ok := f.run(colour)
		if x += n; !ok || x > f.width {
			return false
		}
		f.change(x)
	}
	return true
}

// run reads the length of a run.
func (f *fax) run(colour int) (n int, ok bool) {
	for {
		c := f.tables[colour][f.peek()>>(32-faxBits)]
		if c.size == 0 {
			return 0, false
		}
		f.at += int(c.size)
		if n += int(c.run); c.run < 64 {
			return n, true
		}
		if n > f.width {
			return 0, false
		}
	}
}

// twoDimensions reads a row by what differs from the one above (T.4, section 4.2). The names are
// those of the Recommendation: a0 is where the row is known up to, b1 the next change to
// the other colour above.
func (f *fax) twoDimensions() bool {
	above := func(k int) int {
		if k < len(f.ref) {
			return f.ref[k]
		}
		return f.width
	}
	a0, colour, k := -1, 0, 0
	for a0 < f.width {
		for k > 0 && above(k-1) > a0 {
			k--
		}
		for k&1 != colour || k < len(f.ref) && f.ref[k] <= a0 {
			k++
		}
		b1, bits := above(k), f.peek()
		shift := 0
		switch {
		case bits>>31 == 1:
			f.at++
		case bits>>29 == 3:
			shift, f.at = 1, f.at+3
		case bits>>29 == 2:
			shift, f.at = -1, f.at+3
		case bits>>29 == 1: // horizontal
			f.at += 3
			first, ok := f.run(colour)
			second, ok2 := f.run(colour ^ 1)
			a1 := max(a0, 0) + first
			if a0 = a1 + second; !ok || !ok2 || a0 > f.width {
				return false
			}
			f.change(a1)
			f.change(a0)
			continue
		case bits>>28 == 1: // pass
			f.at += 4
			a0 = above(k + 1)
			continue
		case bits>>26 == 3:
			shift, f.at = 2, f.at+6
		case bits>>26 == 2:
			shift, f.at = -2, f.at+6
		case bits>>25 == 3:
			shift, f.at = 3, f.at+7
		case bits>>25 == 2:
			shift, f.at = -3, f.at+7
		default:
			return false
		}
		if b1 += shift; b1 < max(a0, 0) || b1 > f.width {
			return false
		}
		f.change(b1)
		a0, colour = b1, colour^1
	}
	return true
}

// setBits sets the bits from, to-1 of a row, the highest of a byte first.
func setBits(row []byte, from, to int) {
	for ; from < to && from&7 != 0; from++ {
		row[from>>3] |= 0x80 >> (from & 7)
	}
	for ; from+8 <= to; from += 8 {
		row[from>>3] = 0xFF
	}
	for ; from < to; from++ {
		row[from>>3] |= 0x80 >> (from & 7)
	}
}

// faxBits is the length of the longest code of a run.
const faxBits = 13

// faxTable leads from the next bits to the code that they begin with; its size is 0 where
// there is none.
type faxTable [1 << faxBits]struct {
	run  int16
	size uint8
}

// faxTables are those of white and of black runs.
var faxTables = sync.OnceValue(func() *[2]faxTable {
	t := new([2]faxTable)
	for colour, codes := range [2]string{faxWhite, faxBlack} {
		for i, code := range strings.Fields(codes + faxLong) {
			run := i
			if i >= 64 {
				run = (i - 63) * 64
			}
			first := 0
			for _, bit := range code {
				first = first<<1 | int(bit-'0')
			}
			rest := faxBits - len(code)
			for k := range 1 << rest {
				c := &t[colour][first<<rest|k]
				c.run, c.size = int16(run), uint8(len(code))
			}
		}
	}
	return t
})

// The codes of runs of 0 to 63 pixels, then of 64, 128 and so on to 1728 (T.4, tables 2
// and 3a), and for both colours of 1792 to 2560 (table 3b).
const (
	faxWhite = `
00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101
101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 00000011 00011010
00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010
00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 01001011 00110010 00110011 00110100
11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 011010011 011010100
011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001 010011010 011000 010011011 `
	faxBlack = `
0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000
0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 000011001101 000001101000 000001101001
000001101010 000001101011 000011010010 000011010011 000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011 000001010100 000001010101 000001010110 000001010111
000001100100 000001100101 000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 000001011000 000001011001 000000101011 000000101100 000001011010 000001100110 000001100111
0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011
0000001110100 0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 0000001100100 0000001100101 `
	faxLong = `
00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110 000000010111 000000011100 000000011101 000000011110 000000011111 `
)
