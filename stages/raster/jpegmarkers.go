package raster

import (
	"bytes"
	"encoding/binary"
)

// jpegInfo is what the markers of a JPEG tell (ITU-T T.81, annex B), without
// decoding a scan.
type jpegInfo struct {
	width, height int
	components    int
	precision     int
	sof           byte   // marker of the frame, 0xC0..0xCF, 0 where there is none
	h, v          [4]int // sampling factors
	scans         int
	end           int        // offset behind the last scan, where EOI stands or should
	exif          []byte     // the TIFF structure of the first EXIF segment
	unquantized   bool       // a component names a table that is never defined
	luma          [64]uint16 // quantization table of the first component, zigzag order
	lumaKnown     bool
	extras        int // metadata segments beside EXIF: XMP, IPTC, ICC
}

// jpegSegment is a marker with its parameters or, where marker is 0, the entropy
// coded bytes of a scan with their restart markers.
type jpegSegment struct {
	marker  byte
	payload []byte
}

// walkJPEG calls visit for each marker segment and each run of entropy coded
// bytes, up to EOI or the end of the bytes, and returns the offset behind the last.
// It looks at each byte once and tolerates fill bytes and junk between segments.
func walkJPEG(data []byte, visit func(jpegSegment)) int {
	at := 2
	for at < len(data) {
		skip := bytes.IndexByte(data[at:], 0xFF)
		if skip < 0 {
			return len(data)
		}
		at += skip
		start := at
		for at < len(data) && data[at] == 0xFF {
			at++ // fill bytes
		}
		if at >= len(data) {
			return start
		}
		marker := data[at]
		at++
		switch {
		case marker == 0xD9:
			return start
		case marker == 0 || marker == 0x01 || marker >= 0xD0 && marker <= 0xD8:
			continue // no parameters
		}
		if at+2 > len(data) {
			return start
		}
		length := int(binary.BigEndian.Uint16(data[at:]))
		if length < 2 || at+length > len(data) {
			return start
		}
		visit(jpegSegment{marker, data[at+2 : at+length]})
		at += length
		if marker == 0xDA {
			end := entropyEnd(data, at)
			visit(jpegSegment{0, data[at:end]})
			at = end
		}
	}
	return len(data)
}

// entropyEnd returns the offset of the first marker behind at that ends a scan.
func entropyEnd(data []byte, at int) int {
	for at < len(data) {
		skip := bytes.IndexByte(data[at:], 0xFF)
		if skip < 0 || at+skip+1 >= len(data) {
			break
		}
		at += skip
		next := data[at+1]
		switch {
		case next == 0 || next >= 0xD0 && next <= 0xD7:
			at += 2
		case next == 0xFF:
			at++
		default:
			return at
		}
	}
	return len(data)
}

// readJPEG gathers what the markers tell.
func readJPEG(data []byte) jpegInfo {
	var info jpegInfo
	var tables [4][64]uint16
	var known [4]bool
	var uses [4]byte // quantization table of each component
	info.end = walkJPEG(data, func(s jpegSegment) {
		p := s.payload
		switch {
		case s.marker == 0xDB:
			readQuantization(p, &tables, &known)
		case s.marker >= 0xC0 && s.marker <= 0xCF && s.marker != 0xC4 && s.marker != 0xC8 && s.marker != 0xCC:
			if info.sof != 0 || len(p) < 6 {
				return
			}
			info.sof = s.marker
			info.precision = int(p[0])
			info.height = int(binary.BigEndian.Uint16(p[1:]))
			info.width = int(binary.BigEndian.Uint16(p[3:]))
			info.components = int(p[5])
			for i := 0; i < info.components && i < 4 && len(p) >= 9+3*i; i++ {
				c := p[6+3*i:]
				info.h[i], info.v[i] = int(c[1]>>4), int(c[1]&15)
				uses[i] = c[2] & 3
			}
		case s.marker == 0xDA:
			if info.scans == 0 {
				info.luma, info.lumaKnown = tables[uses[0]], known[uses[0]]
			}
			info.scans++
		case s.marker == 0xE1 && bytes.HasPrefix(p, []byte("Exif\x00")) && len(p) > 6:
			if info.exif == nil {
				info.exif = p[6:]
			}
		case s.marker == 0xE1 && bytes.HasPrefix(p, []byte("http://ns.adobe.com/xap/1.0/")),
			s.marker == 0xE2 && bytes.HasPrefix(p, []byte("ICC_PROFILE\x00")),
			s.marker == 0xED && bytes.HasPrefix(p, []byte("Photoshop 3.0\x00")):
			info.extras++
		}
	})
	for i := range min(info.components, 4) {
		info.unquantized = info.unquantized || !known[uses[i]]
	}
	return info
}

// readQuantization reads the tables of a DQT segment (T.81, B.2.4.1).
func readQuantization(p []byte, tables *[4][64]uint16, known *[4]bool) {
	for len(p) > 0 {
		wide, id := p[0]>>4, p[0]&15
		p = p[1:]
		size := 64
		if wide != 0 {
			size = 128
		}
		if id > 3 || len(p) < size {
			return
		}
		for i := range 64 {
			if wide != 0 {
				tables[id][i] = binary.BigEndian.Uint16(p[2*i:])
			} else {
				tables[id][i] = uint16(p[i])
			}
		}
		known[id] = true
		p = p[size:]
	}
}

// progressive says whether scans refine each other.
func (j *jpegInfo) progressive() bool { return j.sof == 0xC2 }

// blocks is the number of 8x8 blocks of all components.
func (j *jpegInfo) blocks() int64 {
	hMax, vMax := 1, 1
	for i := range min(j.components, 4) {
		hMax, vMax = max(hMax, j.h[i]), max(vMax, j.v[i])
	}
	units := int64((j.width+8*hMax-1)/(8*hMax)) * int64((j.height+8*vMax-1)/(8*vMax))
	var n int64
	for i := range min(j.components, 4) {
		n += units * int64(j.h[i]*j.v[i])
	}
	return n
}
