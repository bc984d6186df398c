package jpeg

import (
	"bytes"
	"encoding/binary"
)

// Header is what the markers tell before the first scan.
type Header struct {
	Width, Height int // of the full picture, in pixels
	Precision     int // bits of a sample
	Progressive   bool
	Components    []Component
	Model         Model
	Adobe         int  // transform of the Adobe segment; -1 where there is none
	JFIF          bool // there is a JFIF segment
	frame         byte // SOFn
}

// Component is a row of the frame header (T.81, B.2.2).
type Component struct {
	ID    byte
	H, V  int // sampling factors, 1..4; those of a single component mean nothing
	table byte
}

// Model says what the components are.
type Model string

// The models that Decode gives.
const (
	Grey  Model = "grey"
	YCbCr Model = "YCbCr"
	RGB   Model = "RGB"
	CMYK  Model = "CMYK" // inverted by all who follow Photoshop: 255 is no ink
	YCCK  Model = "YCCK" // YCbCr of inverted CMY, and K
)

// ReadHeader reads the markers up to the first scan: the size before anything is
// allocated. For a variant that Decode does not cover, the error is an *UnsupportedError
// and the header holds what the frame says.
func ReadHeader(data []byte) (Header, error) {
	h := Header{Adobe: -1}
	if len(data) < 2 || data[0] != 0xFF || data[1] != markSOI {
		return h, malformed(0, "does not start with SOI")
	}
	at := 2
	for {
		s, ok := nextSegment(data, at)
		switch {
		case !ok && s.marker != 0:
			return h, malformed(s.at, "segment %02X ends beyond the file or has no length", s.marker)
		case !ok || s.marker == markEOI:
			return h, malformed(s.at, "no scan")
		case frameMarker(s.marker):
			if h.frame != 0 {
				return h, malformed(s.at, "two frame headers")
			}
			if err := h.readFrame(s); err != nil {
				return h, err
			}
		case s.marker == markAPP0 && bytes.HasPrefix(s.payload, []byte("JFIF\x00")):
			h.JFIF = true
		case s.marker == markAPPE && bytes.HasPrefix(s.payload, []byte("Adobe")) && len(s.payload) >= 12:
			h.Adobe = int(s.payload[11])
		case s.marker == markSOS:
			if h.frame == 0 {
				return h, malformed(s.at, "scan before the frame header")
			}
			h.setModel()
			return h, h.readHeight(data, s.end)
		}
		at = s.end
	}
}

// readFrame reads a frame header (T.81, B.2.2).
func (h *Header) readFrame(s segment) error {
	p := s.payload
	if len(p) < 6 || len(p) < 6+3*int(p[5]) {
		return malformed(s.at, "frame header too short")
	}
	h.frame = s.marker
	h.Precision = int(p[0])
	h.Height, h.Width = int(binary.BigEndian.Uint16(p[1:])), int(binary.BigEndian.Uint16(p[3:]))
	h.Progressive = s.marker == markSOF2
	n := int(p[5])
	for c := p[6 : 6+3*n]; len(c) > 0; c = c[3:] {
		h.Components = append(h.Components, Component{ID: c[0], H: int(c[1] >> 4), V: int(c[1] & 15), table: c[2]})
	}
	switch m := s.marker; {
	case m == 0xC3:
		return unsupported("lossless JPEG is not decoded")
	case m >= 0xC5 && m <= 0xC7:
		return unsupported("hierarchical JPEG is not decoded")
	case m > markJPG:
		return unsupported("arithmetic coded JPEG is not decoded")
	case h.Precision != 8 && (h.Precision != 12 || m == markSOF0):
		return malformed(s.at, "%d bits a sample", h.Precision)
	case h.Precision != 8:
		return unsupported("JPEG of %d bits a sample is not decoded", h.Precision)
	case n == 0:
		return malformed(s.at, "no components")
	case n != 1 && n != 3 && n != 4:
		return unsupported("JPEG of %d components is not decoded", n)
	case h.Width == 0:
		return malformed(s.at, "declares a width of 0")
	}
	for i, c := range h.Components {
		if c.H < 1 || c.H > 4 || c.V < 1 || c.V > 4 {
			return malformed(s.at, "sampling factors %dx%d", c.H, c.V)
		}
		if c.table > 3 {
			return malformed(s.at, "quantization table %d", c.table)
		}
		for _, other := range h.Components[:i] {
			if other.ID == c.ID {
				return malformed(s.at, "two components are called %d", c.ID)
			}
		}
	}
	if n == 1 { // A.2.2: a single component is never interleaved
		h.Components[0].H, h.Components[0].V = 1, 1
	}
	return nil
}

// readHeight takes a height that the frame header leaves open from the DNL segment that
// must follow the first scan (T.81, B.2.5), which begins at an offset.
func (h *Header) readHeight(data []byte, at int) error {
	if h.Height > 0 {
		return nil
	}
	s, ok := nextSegment(data, scanEnd(data, at))
	if ok && s.marker == markDNL && len(s.payload) >= 2 {
		h.Height = int(binary.BigEndian.Uint16(s.payload))
	}
	if h.Height == 0 {
		return malformed(at, "declares a height of 0")
	}
	return nil
}

// setModel tells what the components are, in the order of the Independent JPEG Group's
// library, which most viewers follow: by JFIF, which knows grey and YCbCr only, else by the
// Adobe segment (Adobe Technical Note 5116), else by the names of components.
func (h *Header) setModel() {
	switch len(h.Components) {
	case 1:
		h.Model = Grey
	case 3:
		h.Model = YCbCr
		c := h.Components
		if !h.JFIF && (h.Adobe == 0 || h.Adobe < 0 && c[0].ID == 'R' && c[1].ID == 'G' && c[2].ID == 'B') {
			h.Model = RGB
		}
	case 4:
		h.Model = CMYK
		if h.Adobe == 2 {
			h.Model = YCCK
		}
	}
}

// most returns the largest sampling factors.
func (h *Header) most() (hMax, vMax int) {
	for _, c := range h.Components {
		hMax, vMax = max(hMax, c.H), max(vMax, c.V)
	}
	return hMax, vMax
}

// units returns how many MCUs of an interleaved scan lie side by side and one below the
// other (T.81, A.2.3).
func (h *Header) units() (across, down int) {
	hMax, vMax := h.most()
	return ceilDiv(h.Width, 8*hMax), ceilDiv(h.Height, 8*vMax)
}

// Blocks is the number of 8x8 blocks of all components, padding to whole MCUs included.
func (h *Header) Blocks() int64 {
	across, down := h.units()
	var n int64
	for _, c := range h.Components {
		n += int64(across) * int64(down) * int64(c.H*c.V)
	}
	return n
}

// Memory is the number of bytes that Decode takes for the planes at a scale and, for
// a progressive file, for the coefficients that count; tables and buffers, less than half a
// megabyte, come on top.
func (h *Header) Memory(scale Scale) int64 {
	if !scale.valid() {
		return 0
	}
	each := scale.block() * scale.block()
	if h.Progressive {
		each += 2 * scale.kept()
		if scale.kept() > 1 {
			each += 8 // a bit for each coefficient
		}
	}
	return h.Blocks() * int64(each)
}

// ceilDiv divides and rounds up.
func ceilDiv(a, b int) int { return (a + b - 1) / b }
