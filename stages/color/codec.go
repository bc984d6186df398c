package color

import "fmt"

// encodedLen is the length of an encoded feature: version, cells, hues, chroma,
// vivid, one hue.
const encodedLen = 1 + 3*cells + sectors + 3

// Encode returns the feature as bytes: the version, then the fields in order.
func Encode(f Feature) []byte {
	b := make([]byte, 0, encodedLen)
	b = append(b, Version)
	for _, c := range f.Cells {
		b = append(b, c[:]...)
	}
	b = append(b, f.Hue[:]...)
	return append(b, f.Chroma, f.Vivid, f.OneHue)
}

// Decode reads what [Encode] wrote. It refuses other versions and lengths.
func Decode(b []byte) (Feature, error) {
	if len(b) == 0 || b[0] != Version {
		return Feature{}, fmt.Errorf("decode color feature: not of version %d", Version)
	}
	if len(b) != encodedLen {
		return Feature{}, fmt.Errorf("decode color feature: %d bytes, want %d", len(b), encodedLen)
	}
	var f Feature
	for c := range f.Cells {
		copy(f.Cells[c][:], b[1+3*c:])
	}
	rest := b[1+3*cells:]
	copy(f.Hue[:], rest)
	f.Chroma, f.Vivid, f.OneHue = rest[sectors], rest[sectors+1], rest[sectors+2]
	return f, nil
}
