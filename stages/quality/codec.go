package quality

import (
	"encoding/binary"
	"fmt"
)

// encodedLen is the length of an encoded feature.
const encodedLen = 1 + 2 + 2 + 8 + 1 + 1 + 2 + 2 + 1 + 1 + 1 + 1 + 2

// Flags of an encoded feature.
const (
	flagPreview = 1 << iota
	flagReduced
	flagTaken
	flagCamera
	flagGPS
	flagsEnd
)

// Encode returns the feature as bytes, little-endian: version, width, height,
// bytes, format, flags, damaged, side, missing, sharpness, blocks, quality, tags.
func Encode(f Feature) []byte {
	var flags uint8
	for i, on := range []bool{f.Preview, f.Reduced, f.Taken, f.Camera, f.GPS} {
		if on {
			flags |= 1 << i
		}
	}
	le := binary.LittleEndian
	b := make([]byte, 0, encodedLen)
	b = append(b, Version)
	b = le.AppendUint16(b, f.Width)
	b = le.AppendUint16(b, f.Height)
	b = le.AppendUint64(b, f.Bytes)
	b = append(b, byte(f.Format), flags)
	b = le.AppendUint16(b, f.Damaged)
	b = le.AppendUint16(b, f.Side)
	b = append(b, f.Missing, f.Sharpness, f.Blocks, f.JPEGQuality)
	return le.AppendUint16(b, f.Tags)
}

// Decode reads what [Encode] wrote. It refuses other versions and lengths, and
// values that Extract never gives.
func Decode(b []byte) (Feature, error) {
	if len(b) == 0 || b[0] != Version {
		return Feature{}, fmt.Errorf("decode quality feature: not of version %d", Version)
	}
	if len(b) != encodedLen {
		return Feature{}, fmt.Errorf("decode quality feature: %d bytes, want %d", len(b), encodedLen)
	}
	le := binary.LittleEndian
	flags := b[14]
	f := Feature{
		Width:       le.Uint16(b[1:]),
		Height:      le.Uint16(b[3:]),
		Bytes:       le.Uint64(b[5:]),
		Format:      Format(b[13]),
		Preview:     flags&flagPreview != 0,
		Reduced:     flags&flagReduced != 0,
		Taken:       flags&flagTaken != 0,
		Camera:      flags&flagCamera != 0,
		GPS:         flags&flagGPS != 0,
		Damaged:     le.Uint16(b[15:]),
		Side:        le.Uint16(b[17:]),
		Missing:     b[19],
		Sharpness:   b[20],
		Blocks:      b[21],
		JPEGQuality: b[22],
		Tags:        le.Uint16(b[23:]),
	}
	switch {
	case f.Format >= formats:
		return Feature{}, fmt.Errorf("decode quality feature: unknown format %d", b[13])
	case flags >= flagsEnd, f.Damaged > 10000, f.Missing > octaves, f.JPEGQuality > 100:
		return Feature{}, fmt.Errorf("decode quality feature: a value is out of range")
	}
	return f, nil
}
