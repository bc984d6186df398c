package jpeg

import (
	"bytes"
	"encoding/binary"
)

// window is the number of entropy coded bytes that are held at a time: little enough
// for the second-level cache, many more than an MCU has.
const window = 1 << 16

// blockBytes is the largest number of bytes that a block takes: 64 codes of 16 bits, each
// with 15 more, and what rounding to bytes adds.
const blockBytes = 256

// bitReader gives the bits of a scan up to the next marker. The zeros that are stuffed
// behind each FF (T.81, F.1.2.3) are taken out before, so that a refill is one load of
// eight bytes and no branch.
//
// The functions that decode blocks copy acc, n and pos into variables of their own, and
// call more where pos passes limit.
type bitReader struct {
	buf   [window + 8]byte // bytes pos..end are to come
	acc   uint64           // the next bits, the first of them uppermost
	n     uint64           // how many bits of acc were counted into pos, 63 at most
	pos   uint             // the next byte that is not in acc
	end   uint
	limit uint // while pos is at most this, whole bytes for another MCU are there
	spare uint // bytes that an MCU may take
	whole bool // all bytes up to the marker are in buf
	data  []byte
	at    int // offset in data of the next byte that is not in buf
}

// start begins at an offset, on a byte boundary.
func (b *bitReader) start(data []byte, at, blocks int) {
	b.data, b.at = data, at
	b.acc, b.n, b.pos, b.end = 0, 0, 0, 0
	b.spare = uint(blocks*blockBytes + 16)
	b.fill()
}

// fill moves what is not consumed to the front and adds bytes behind it.
func (b *bitReader) fill() {
	used := (b.pos*8 - uint(b.n)) / 8
	copy(b.buf[:], b.buf[used:b.end])
	b.pos -= used
	b.end -= used
	b.whole = false
	out := b.buf[:window]
	end, at, data := int(b.end), b.at, b.data
	for end < window {
		rest := data[at:min(len(data), at+window-end)]
		skip := bytes.IndexByte(rest, 0xFF)
		if skip < 0 {
			copy(out[end:], rest)
			end += len(rest)
			at += len(rest)
			if at == len(data) {
				b.whole = true
				break
			}
			continue
		}
		copy(out[end:], rest[:skip])
		end += skip
		at += skip
		if at+1 >= len(data) { // an FF cut off from what follows it
			at = len(data)
			b.whole = true
			break
		}
		if next := data[at+1]; next == 0xFF {
			at++ // a fill byte
			continue
		} else if next != 0 {
			b.whole = true
			break
		}
		out[end] = 0xFF
		end++
		at += 2
	}
	b.end, b.at = uint(end), at
	b.limit = b.end
	if !b.whole {
		b.limit = b.end - b.spare
		return
	}
	// What is read beyond the end comes to nothing, but must be the same each time.
	clear(b.buf[b.end:min(b.end+b.spare, uint(len(b.buf)))])
}

// more is called when pos has passed limit, after the caller put its copies back. It
// returns false when more bits were taken than there are before the marker.
func (b *bitReader) more() bool {
	if !b.whole {
		b.fill()
		if b.pos <= b.limit {
			return true
		}
	}
	return b.pos*8-uint(b.n) <= b.end*8
}

// peekAt gives acc, n and pos for going to a bit of buf, counted from its first.
func (b *bitReader) peekAt(bit uint) (acc, n uint64, pos uint) {
	at := bit / 8
	shift := uint64(bit % 8)
	return binary.BigEndian.Uint64(b.buf[at&(window-1):]) << shift, 56 - shift, at + 7
}

// refill makes at least 56 bits of acc valid.
func (b *bitReader) refill() {
	b.acc |= binary.BigEndian.Uint64(b.buf[b.pos&(window-1):]) >> (b.n & 63)
	b.pos += uint((63 - b.n) >> 3)
	b.n |= 56
}

// offset is the place in data of the next bit that was not taken: exact where no fill
// bytes came between.
func (b *bitReader) offset() int {
	used := min((b.pos*8-uint(b.n))/8, b.end)
	left := b.buf[used:b.end]
	return max(b.at-len(left)-bytes.Count(left, []byte{0xFF}), 0)
}

// extend gives the value of a coefficient of a size (T.81, F.2.2.1), whose magnitude
// bits are the uppermost of acc: half of the range below 0.
func extend(acc, size uint64) int32 {
	v := int32(acc >> 1 >> ((63 - size) & 63))
	negative := ^int32(int64(acc) >> 63)
	return v + negative&(1-1<<(size&31))
}
