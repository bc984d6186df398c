package local

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The bytes of a feature, little-endian:
//
//	1   Version
//	2+2 width and height of the raster
//	2   number of keypoints
//	1+1 width and height of the thumbnail, 0 and 0 where there is none
//	36  for each keypoint: x 11 bits, y 11, angle 6, level 4, then the descriptor
//	    the thumbnail's scan, to the end
const (
	headBytes  = 9
	pointBytes = 36
	scanBytes  = 1 << 16 // no thumbnail takes as much
)

// Encode returns the bytes of a feature: 10.8 KB of keypoints and 1.9 KB of
// thumbnail for most photos.
func Encode(f Feature) []byte {
	b := make([]byte, headBytes, headBytes+pointBytes*len(f.Points)+len(f.small.scan))
	b[0] = Version
	binary.LittleEndian.PutUint16(b[1:], uint16(f.Width))
	binary.LittleEndian.PutUint16(b[3:], uint16(f.Height))
	binary.LittleEndian.PutUint16(b[5:], uint16(len(f.Points)))
	b[7], b[8] = uint8(f.small.w), uint8(f.small.h)
	for _, p := range f.Points {
		b = binary.LittleEndian.AppendUint32(b, uint32(p.X)|uint32(p.Y)<<11|uint32(p.Angle)<<22|uint32(p.Level)<<28)
		for _, w := range p.Descriptor {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
	}
	return append(b, f.small.scan...)
}

// Decode returns the feature that Encode wrote. It refuses the bytes of other
// versions and lengths; a thumbnail that is no picture shows only when it is
// looked at, and then counts as none. The feature keeps no part of b.
func Decode(b []byte) (Feature, error) {
	var f Feature
	if err := f.Decode(b); err != nil {
		return Feature{}, err
	}
	return f, nil
}

// Decode is Decode into a feature whose memory is used again, of which nothing may be
// in use any more. After an error the feature is of no use.
func (f *Feature) Decode(b []byte) error {
	if len(b) < headBytes {
		return errors.New("decode local feature: too short")
	}
	if b[0] != Version {
		return fmt.Errorf("decode local feature: version %d, not %d", b[0], Version)
	}
	f.Width = int(binary.LittleEndian.Uint16(b[1:]))
	f.Height = int(binary.LittleEndian.Uint16(b[3:]))
	f.small.w, f.small.h = int(b[7]), int(b[8])
	n := int(binary.LittleEndian.Uint16(b[5:]))
	if f.Width == 0 || f.Height == 0 {
		return errors.New("decode local feature: no size")
	}
	if n > Points {
		return fmt.Errorf("decode local feature: %d keypoints, at most %d", n, Points)
	}
	b = b[headBytes:]
	scan := len(b) - n*pointBytes
	if scan < 0 {
		return errors.New("decode local feature: cut short")
	}
	if scan > scanBytes || f.small.w > ThumbnailSide || f.small.h > ThumbnailSide ||
		(f.small.w == 0) != (scan == 0) || (f.small.h == 0) != (scan == 0) {
		return errors.New("decode local feature: thumbnail has a wrong size")
	}
	if f.Points == nil || cap(f.Points) < n {
		f.Points = make([]Point, n)
	}
	f.Points = f.Points[:n]
	for i := range f.Points {
		p := &f.Points[i]
		v := binary.LittleEndian.Uint32(b)
		p.X, p.Y = uint16(v&2047), uint16(v>>11&2047)
		p.Angle, p.Level = uint8(v>>22&63), uint8(v>>28)
		if p.Level >= maxLevels {
			return fmt.Errorf("decode local feature: keypoint on level %d", p.Level)
		}
		for j := range p.Descriptor {
			p.Descriptor[j] = binary.LittleEndian.Uint64(b[4+8*j:])
		}
		b = b[pointBytes:]
	}
	f.small.scan = append(f.small.scan[:0], b...)
	return nil
}
