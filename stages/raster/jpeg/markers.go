package jpeg

import (
	"bytes"
	"encoding/binary"
)

// Markers (T.81, table B.1): the byte behind FF.
const (
	markSOF0 = 0xC0
	markSOF1 = 0xC1
	markSOF2 = 0xC2
	markDHT  = 0xC4
	markJPG  = 0xC8
	markDAC  = 0xCC
	markRST0 = 0xD0
	markRST7 = 0xD7
	markSOI  = 0xD8
	markEOI  = 0xD9
	markSOS  = 0xDA
	markDQT  = 0xDB
	markDNL  = 0xDC
	markDRI  = 0xDD
	markAPP0 = 0xE0
	markAPPE = 0xEE
	markTEM  = 0x01
)

// frameMarker says whether a marker opens a frame (T.81, table B.1: SOFn).
func frameMarker(m byte) bool {
	return m >= 0xC0 && m <= 0xCF && m != markDHT && m != markJPG && m != markDAC
}

// segment is a marker with its parameters.
type segment struct {
	marker  byte
	at      int    // offset of the marker's FF
	payload []byte // without the two bytes of length; nil for markers that stand alone
	end     int    // offset behind the segment
}

// nextSegment finds the first marker segment at or behind an offset (T.81, B.1.1).
// Fill bytes and junk before it are passed over, so are RSTn and TEM. It returns false
// where the bytes end first, in the middle of the segment included.
func nextSegment(data []byte, at int) (segment, bool) {
	for {
		at = nextMarker(data, at)
		if at+1 >= len(data) {
			return segment{at: at, end: len(data)}, false
		}
		m := data[at+1]
		switch {
		case m == markSOI || m == markEOI:
			return segment{marker: m, at: at, end: at + 2}, true
		case m == markTEM || m >= markRST0 && m <= markRST7:
			at += 2
			continue
		}
		if at+4 > len(data) {
			return segment{at: at, end: len(data)}, false
		}
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		end := at + 2 + length
		if length < 2 || end > len(data) {
			return segment{marker: m, at: at, end: len(data)}, false
		}
		return segment{marker: m, at: at, payload: data[at+4 : end], end: end}, true
	}
}

// nextMarker returns the offset of the first marker, RSTn among them, at or behind an
// offset: of an FF that neither FF nor 00 follows (T.81, B.1.1.2 and B.1.1.5). Where there
// is none it returns len(data).
func nextMarker(data []byte, at int) int {
	for at < len(data) {
		skip := bytes.IndexByte(data[at:], 0xFF)
		if skip < 0 || at+skip+1 >= len(data) {
			break
		}
		at += skip
		switch data[at+1] {
		case 0x00:
			at += 2
		case 0xFF:
			at++
		default:
			return at
		}
	}
	return len(data)
}

// scanEnd returns the offset of the first marker but RSTn at or behind an offset: where
// the entropy coded bytes of a scan end.
func scanEnd(data []byte, at int) int {
	for {
		at = nextMarker(data, at)
		if at >= len(data) || data[at+1] < markRST0 || data[at+1] > markRST7 {
			return at
		}
		at += 2
	}
}
