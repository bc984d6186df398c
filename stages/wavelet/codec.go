package wavelet

import (
	"encoding/binary"
	"fmt"
)

// encodedLen is the length of an encoded feature: version, mask, bands.
const encodedLen = 1 + 2 + 2*Bands

// Encode returns the feature as bytes: the version, the mask of valid bands,
// the bands in order; 16-bit values little-endian.
func Encode(f Feature) []byte {
	b := make([]byte, 0, encodedLen)
	b = append(b, Version)
	b = binary.LittleEndian.AppendUint16(b, f.Valid)
	for _, band := range f.Bits {
		b = binary.LittleEndian.AppendUint16(b, band)
	}
	return b
}

// Decode reads what [Encode] wrote. It refuses other versions and lengths.
func Decode(b []byte) (Feature, error) {
	if len(b) == 0 || b[0] != Version {
		return Feature{}, fmt.Errorf("decode wavelet feature: not of version %d", Version)
	}
	if len(b) != encodedLen {
		return Feature{}, fmt.Errorf("decode wavelet feature: %d bytes, want %d", len(b), encodedLen)
	}
	f := Feature{Valid: binary.LittleEndian.Uint16(b[1:])}
	for i := range f.Bits {
		f.Bits[i] = binary.LittleEndian.Uint16(b[3+2*i:])
	}
	return f, nil
}
