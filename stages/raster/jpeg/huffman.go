package jpeg

// lookBits is how many bits index the tables: 12 hold nearly all codes that occur, and
// two tables of skips of 4,096 entries stay in the first-level cache beside the rest.
const lookBits = 12

// Bits that a lookup may consume, so that a refill of 56 serves a DC difference and two
// skips, or three skips.
const (
	maxSkipBits = 18
	maxDCBits   = 20
)

// table is a Huffman table in three forms.
//
// short answers one symbol: indexed by the next 12 bits, an entry has the length of the
// code in bits 0..4 and the symbol from bit 8 up, or is 0 where the code is longer, not in
// the table or, in a DC table, has more than maxDCBits with its difference.
//
// skip passes over AC coefficients: an entry covers as many whole symbols as begin and
// have their code within the index, whose last magnitude may reach beyond it, since its
// value is not wanted. Bits 0..4 count the bits consumed, the rest the coefficients
// advanced, plus skipEnd where an end of block is the last of the symbols, or is skipNone.
//
// Longer codes are found by their canonical order (T.81, F.2.2.3).
type table struct {
	short   [1 << lookBits]uint16
	skip    [1 << lookBits]uint16
	skips   bool       // skip is filled
	beyond  [17]uint32 // first 16-bit prefix beyond the codes of this length or less
	base    [17]int32  // index into symbols of the code 0 of this length
	symbols [256]uint8 // in order of their codes
	count   int
}

const (
	skipEnd  = 128 // in steps of a coefficient: no run of symbols before it reaches 64
	skipNone = 65  // from any k in 1..63 leads to 66..128, which no valid entry does
)

// newTable makes a table of the 16 counts and the symbols of a DHT segment (T.81, B.2.4.2
// and annex C), or returns nil where there are more codes than lengths allow.
func newTable(counts []byte, symbols []byte, dc bool) *table {
	t := new(table)
	t.count = copy(t.symbols[:], symbols)
	code, i := uint32(0), 0
	for length := 1; length <= 16; length++ {
		n := int(counts[length-1])
		t.base[length] = int32(i) - int32(code)
		if code+uint32(n) > 1<<length || i+n > t.count {
			return nil
		}
		for range n {
			if size := uint32(symbols[i]); length <= lookBits && !(dc && (size > 15 || length+int(size) > maxDCBits)) {
				first := code << (lookBits - length)
				for j := range uint32(1) << (lookBits - length) {
					t.short[first+j] = uint16(size<<8) | uint16(length)
				}
			}
			code++
			i++
		}
		t.beyond[length] = code << (16 - length)
		code <<= 1
	}
	return t
}

// long finds the symbol that starts at the uppermost bit of acc the slow way. It
// returns a length of 0 where there is none.
func (t *table) long(acc uint64) (length uint64, symbol uint8) {
	prefix := uint32(acc >> 48)
	for l := uint64(1); l <= 16; l++ {
		if prefix < t.beyond[l] {
			return l, t.symbols[uint8(t.base[l]+int32(prefix>>(16-l)))]
		}
	}
	return 0, 0
}

// symbol finds the symbol that starts at the uppermost bit of acc.
func (t *table) symbol(acc uint64) (length uint64, symbol uint8) {
	if e := t.short[acc>>(64-lookBits)]; e != 0 {
		return uint64(e & 31), uint8(e >> 8)
	}
	return t.long(acc)
}

// fillSkips makes skip of short.
func (t *table) fillSkips() {
	if t.skips {
		return
	}
	t.skips = true
	for index := range uint32(1 << lookBits) {
		bits, steps := uint32(0), uint32(0)
		for bits < lookBits {
			e := t.short[index<<bits&(1<<lookBits-1)]
			length := uint32(e & 31)
			if length == 0 || bits+length > lookBits {
				break
			}
			run, size := uint32(e>>12), uint32(e>>8&15)
			if bits+length+size > maxSkipBits {
				break
			}
			if size == 0 && run < 15 {
				bits += length
				steps += skipEnd
				break
			}
			if steps+run+1 > 63 {
				break
			}
			bits += length + size
			steps += run + 1
		}
		if steps == 0 {
			bits, steps = 0, skipNone
		}
		t.skip[index] = uint16(steps<<5 | bits)
	}
}

// tableCache keeps the tables of the last files: cameras use few, mostly those of
// annex K. Its keys are the class and the bytes of the DHT.
type tableCache map[string]*table

// cacheSize bounds it: 16 KiB a table.
const cacheSize = 24

// get returns the table of a DHT's 16 counts and its symbols, or nil where it is malformed.
func (c tableCache) get(definition []byte, dc bool) *table {
	var key [1 + 16 + 256]byte
	if dc {
		key[0] = 1
	}
	k := key[:1+copy(key[1:], definition)]
	if t := c[string(k)]; t != nil {
		return t
	}
	t := newTable(definition[:16], definition[16:], dc)
	if t == nil {
		return nil
	}
	if len(c) >= cacheSize {
		clear(c)
	}
	c[string(k)] = t
	return t
}

// Tables of annex K.3 (K.3 to K.6) in the form of a DHT: 16 counts, then symbols.
// Motion JPEG leaves them out of its frames.
const (
	lumaDC   = "\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00" + dcSymbols
	chromaDC = "\x00\x03\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00" + dcSymbols
	lumaAC   = "\x00\x02\x01\x03\x03\x02\x04\x03\x05\x05\x04\x04\x00\x00\x01\x7d" +
		"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xa1\x08" +
		"\x23\x42\xb1\xc1\x15\x52\xd1\xf0\x24\x33\x62\x72\x82\x09\x0a\x16\x17\x18\x19\x1a\x25\x26\x27\x28" +
		"\x29\x2a\x34\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58\x59" +
		"\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89" +
		"\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6" +
		"\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2" +
		"\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa"
	chromaAC = "\x00\x02\x01\x02\x04\x04\x03\x04\x07\x05\x04\x04\x00\x01\x02\x77" +
		"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91" +
		"\xa1\xb1\xc1\x09\x23\x33\x52\xf0\x15\x62\x72\xd1\x0a\x16\x24\x34\xe1\x25\xf1\x17\x18\x19\x1a\x26" +
		"\x27\x28\x29\x2a\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58" +
		"\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x82\x83\x84\x85\x86\x87" +
		"\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4" +
		"\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda" +
		"\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa"
	dcSymbols = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"
)

// standard returns the definition of annex K for a class and a destination, empty
// where there is none.
func standard(dc bool, id byte) string {
	switch {
	case id > 1:
		return ""
	case dc:
		return [2]string{lumaDC, chromaDC}[id]
	}
	return [2]string{lumaAC, chromaAC}[id]
}
