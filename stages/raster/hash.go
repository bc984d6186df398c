package raster

import (
	"encoding/binary"

	"github.com/dedupidx/dedupidx/stages/raster/jpeg"
	"github.com/zeebo/blake3"
)

// PictureHash is the BLAKE3 hash of what makes the upright pixels of a file, whatever
// it is wrapped in: files whose metadata alone differ have one hash. It looks at each
// byte once and decodes nothing. ok is false for formats that it does not know, and
// for files without pixel data.
//
// orientation is the one that the raster was turned by (Picture.Orientation): the
// same data under another orientation are another picture.
//
// Hashed are, after a mark of the format and the orientation,
//
//	JPEG  all marker segments but APPn and COM, and the scans, up to EOI; how the
//	      application segments have the colours read (RGB, YCbCr, CMYK, YCCK)
//	PNG   IHDR; PLTE of palette pictures; tRNS; the bytes of all IDAT chunks as one
//
// each part behind its length.
func PictureHash(data []byte, format Format, orientation int) (sum [32]byte, ok bool) {
	if orientation < 1 || orientation > 8 {
		orientation = 1
	}
	h := blake3.New()
	_, _ = h.Write([]byte("dedupidx picture 1 " + string(format) + string(rune('0'+orientation))))
	switch format {
	case JPEG:
		ok = hashJPEG(h, data)
	case PNG:
		ok = hashPNG(h, data)
	}
	if !ok {
		return sum, false
	}
	copy(sum[:], h.Sum(nil))
	return sum, true
}

// hashPart hashes a part behind its mark and length, so that no two lists of parts
// give the same stream. Writing to a hash cannot fail.
func hashPart(h *blake3.Hasher, mark byte, parts ...[]byte) {
	var head [9]byte
	head[0] = mark
	for _, p := range parts {
		binary.BigEndian.PutUint64(head[1:], binary.BigEndian.Uint64(head[1:])+uint64(len(p)))
	}
	_, _ = h.Write(head[:])
	for _, p := range parts {
		_, _ = h.Write(p)
	}
}

// hashJPEG reports whether there is a frame and a scan.
func hashJPEG(h *blake3.Hasher, data []byte) bool {
	if ByContent(data) != JPEG {
		return false
	}
	info := readJPEG(data)
	walkJPEG(data, func(s jpegSegment) {
		if app := s.marker >= 0xE0 && s.marker <= 0xEF; !app && s.marker != 0xFE {
			hashPart(h, s.marker, s.payload)
		}
	})
	hashPart(h, 0xFF, []byte{coloursOf(data)})
	return info.sof != 0 && info.scans > 0
}

// coloursOf says how the samples become RGB, as the decoder reads it.
func coloursOf(data []byte) byte {
	h, _ := jpeg.ReadHeader(data) // what it refuses has no model
	switch h.Model {
	case jpeg.RGB:
		return 'R'
	case jpeg.YCbCr:
		return 'Y'
	case jpeg.CMYK:
		return 'I'
	case jpeg.YCCK:
		return 'K'
	}
	return 'G'
}

// hashPNG reports whether there are a header and pixel data.
func hashPNG(h *blake3.Hasher, data []byte) bool {
	if ByContent(data) != PNG {
		return false
	}
	info := readPNG(data)
	if info.header == nil || info.idatBytes == 0 {
		return false
	}
	hashPart(h, 'H', info.header)
	if info.colour == 3 {
		hashPart(h, 'P', info.palette)
	}
	hashPart(h, 'T', info.transparency)
	hashPart(h, 'D', info.idat...)
	return true
}
