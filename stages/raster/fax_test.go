package raster

import (
	"strings"
	"testing"
)

// faxOf codes rows of T.4 runs, each code after a prefix.
func faxOf(rows ...string) []byte {
	text := strings.ReplaceAll(strings.Join(rows, ""), " ", "")
	out := make([]byte, (len(text)+7)/8)
	for i, bit := range text {
		out[i/8] |= byte(bit-'0') << (7 - i%8)
	}
	return out
}

// Rows of 8 pixels, written out after T.4 and T.6: three white, two black, three white;
// then the same with black one to the right; then all white.
func TestFax(t *testing.T) {
	const eol = "000000000001"
	want := []byte{0x18, 0x0C, 0x00}
	one := []string{"1000 11 1000", "1011 11 0111", "10011"}
	pad := func(s string) string {
		s = strings.ReplaceAll(s, " ", "")
		return s + strings.Repeat("0", (8-len(s)%8)%8)
	}
	for name, c := range map[string]struct {
		kind faxKind
		data []byte
	}{
		"runs":             {faxRuns, faxOf(pad(one[0]), pad(one[1]), pad(one[2]))},
		"words":            {faxWords, faxOf(pad(one[0]), pad(one[1]), pad(one[2])+"00000000")},
		"group 3":          {fax3, faxOf(eol, one[0], eol, one[1], "0000"+eol, one[2], eol)},
		"group 3, no ends": {fax3, faxOf(one...)},
		"group 3 in two":   {fax3Two, faxOf(eol, "1", one[0], eol, "0", "011 011 1", eol, "0", "0001 1")},
		"group 4":          {fax4, faxOf("001 1000 11 1", "011 011 1", "0001 1")},
	} {
		f := newFax(c.data, c.kind, 8)
		for i, v := range want {
			if !f.next() || f.row[0] != v {
				t.Errorf("%s: row %d is %02x, want %02x", name, i, f.row[0], v)
				break
			}
		}
		if f.next() && c.kind != fax4 && f.used() < len(c.data) {
			t.Errorf("%s: a fourth row", name)
		}
	}
	// A change one to the left; then a run above is passed over, and two runs follow.
	f := newFax(faxOf("001 1000 11 1", "010 1 1", "0001 001 000111 11"), fax4, 8)
	for i, v := range []byte{0x18, 0x38, 0x03} {
		if !f.next() || f.row[0] != v {
			t.Errorf("row %d is %02x, want %02x", i, f.row[0], v)
		}
	}
	for colour, codes := range [2]string{faxWhite, faxBlack} {
		for i, code := range strings.Fields(codes + faxLong) {
			run := i
			if i >= 64 {
				run = (i - 63) * 64
			}
			stop := [2]string{"00110101", "0000110111"}[colour]
			if run < 64 {
				stop = ""
			}
			f := newFax(faxOf(code, stop), fax4, 3000)
			if n, ok := f.run(colour); !ok || n != run || f.at != len(code)+len(stop) {
				t.Errorf("colour %d: a run of %d is read as %d, %v", colour, run, n, ok)
			}
		}
	}
}
