package global

import "fmt"

// encodedLen is the length of an encoded feature: version, texture, layout.
const encodedLen = 1 + cells*bins + cells

// maxRank is the rank of a cell that is lighter than the 15 others.
const maxRank = 2 * (cells - 1)

// Encode returns the feature as bytes: the version, the texture cell by cell,
// the layout.
func Encode(f Feature) []byte {
	b := make([]byte, 0, encodedLen)
	b = append(b, Version)
	for c := range f.Texture {
		b = append(b, f.Texture[c][:]...)
	}
	return append(b, f.Layout[:]...)
}

// Decode reads what [Encode] wrote. It refuses other versions and lengths, and
// ranks that no layout has.
func Decode(b []byte) (Feature, error) {
	if len(b) == 0 || b[0] != Version {
		return Feature{}, fmt.Errorf("decode global feature: not of version %d", Version)
	}
	if len(b) != encodedLen {
		return Feature{}, fmt.Errorf("decode global feature: %d bytes, want %d", len(b), encodedLen)
	}
	var f Feature
	for c := range f.Texture {
		copy(f.Texture[c][:], b[1+bins*c:])
	}
	copy(f.Layout[:], b[1+cells*bins:])
	for c, rank := range f.Layout {
		if rank > maxRank {
			return Feature{}, fmt.Errorf("decode global feature: cell %d has rank %d of %d", c, rank, maxRank)
		}
	}
	return f, nil
}
