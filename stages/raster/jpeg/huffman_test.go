package jpeg

import (
	"math/rand/v2"
	"testing"
)

// definitions gives the tables of annex K and random ones.
func definitions() []string {
	out := []string{lumaAC, chromaAC, lumaDC, chromaDC, allAC()}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		def := make([]byte, 16)
		room, n := 65536, 0
		for l := 1; l <= 16; l++ {
			most := min(room>>(16-l), 255-n)
			if l < 16 {
				most = min(most, 1+rng.IntN(1<<min(l, 6)))
			}
			if most > 0 && l > 1 {
				def[l-1] = byte(rng.IntN(most + 1))
			}
			room -= int(def[l-1]) << (16 - l)
			n += int(def[l-1])
		}
		for _, s := range rng.Perm(256)[:n] {
			def = append(def, byte(s))
		}
		out = append(out, string(def))
	}
	return out
}

// Both forms of a table agree with codes that are compared bit by bit.
func TestTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i, def := range definitions() {
		table := newTable([]byte(def[:16]), []byte(def[16:]), false)
		if table == nil {
			t.Fatalf("table %d is refused", i)
		}
		table.fillSkips()
		codes := refCodes(def)
		// next is one symbol, bit by bit; 0 bits where there is none.
		next := func(bits uint64) (length uint64, symbol byte) {
			text := ""
			for n := range 16 {
				text += string('0' + rune(bits>>(63-n)&1))
				if s, ok := codes[text]; ok {
					return uint64(n + 1), s
				}
			}
			return 0, 0
		}
		for range 2000 {
			bits := rng.Uint64()
			length, symbol := next(bits)
			if l, s := table.symbol(bits); l != length || s != symbol {
				t.Fatalf("table %d: %d bits, %x; want %d, %x", i, l, s, length, symbol)
			}
			e := uint64(table.skip[bits>>(64-lookBits)])
			if e == skipNone<<5 {
				if length != 0 && length <= lookBits && int(length)+int(symbol&15) <= maxSkipBits {
					t.Fatalf("table %d: no skip of %016b", i, bits>>48)
				}
				continue
			}
			// The symbols of the entry are those that come one by one.
			consumed, steps := uint64(0), uint64(0)
			for consumed < e&31 {
				length, symbol := next(bits << consumed)
				run, size := uint64(symbol>>4), uint64(symbol&15)
				consumed += length + size
				if size == 0 && run < 15 {
					steps += skipEnd
					break
				}
				steps += run + 1
			}
			if consumed != e&31 || steps != e>>5 {
				t.Fatalf("table %d: skip of %d bits, %d steps; want %d, %d", i, e&31, e>>5, consumed, steps)
			}
		}
	}
	if newTable([]byte("\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), []byte{1, 2, 3}, true) != nil {
		t.Error("three codes of one bit are taken")
	}
}

// The cache keeps the tables of a file and does not grow with files.
func TestTableCache(t *testing.T) {
	c := make(tableCache)
	first := c.get([]byte(lumaAC), false)
	if first == nil || c.get([]byte(lumaAC), false) != first || c.get([]byte(lumaAC), true) == first {
		t.Error("a table is not found again, or for another class")
	}
	for i := range 100 {
		def := []byte(chromaDC)
		def[16] = byte(i)
		c.get(def, false)
	}
	if len(c) > cacheSize {
		t.Errorf("%d tables are kept", len(c))
	}
}
