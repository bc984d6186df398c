package jpeg

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/blake3"
)

// Decoder decodes one picture after another and keeps buffers and Huffman tables for
// the next, about half a megabyte. The zero value is ready; it is not for concurrent use.
type Decoder struct {
	tables tableCache
	bits   bitReader
}

// Decode decodes the first picture of data with a Decoder of its own.
func Decode(data []byte, scale Scale, limits Limits) (*Image, error) {
	return new(Decoder).Decode(data, scale, limits)
}

// Decode decodes the first picture of data at a scale. What it cannot show at all ends as
// a *FormatError, *UnsupportedError or *LimitError; a picture of which a part is there
// comes with its Damage. Of a progressive picture at 1/8 only the scans of the DC
// coefficients are decoded.
//
// The bytes are not changed, nor kept.
func (d *Decoder) Decode(data []byte, scale Scale, limits Limits) (*Image, error) {
	if !scale.valid() {
		return nil, fmt.Errorf("no such scale: 1/%d", int(scale))
	}
	h, err := ReadHeader(data)
	if err != nil {
		return nil, err
	}
	p, err := d.prepare(h, scale, data, limits.withDefaults(), false)
	if err != nil {
		return nil, err
	}
	err = p.walk()
	p.bits.data = nil
	if err != nil {
		return nil, err
	}
	return p.image()
}

// prepare checks what a picture would take and makes its state, either for pixels or for
// hashing its coefficients.
func (d *Decoder) prepare(h Header, scale Scale, data []byte, limits Limits, hashing bool) (*picture, error) {
	// A block takes two bits at least, for a DC code and an end of block, in the first scan
	// of a progressive file one. What cannot hold half of the blocks is not worth its memory.
	perByte := int64(8)
	if h.Progressive {
		perByte = 16
	}
	if blocks := h.Blocks(); blocks > perByte*int64(len(data)) {
		return nil, malformed(0, "declares %d x %d pixels, %d blocks, in %d bytes", h.Width, h.Height, blocks, len(data))
	}
	if m := h.Memory(scale); m > limits.Memory {
		return nil, &LimitError{fmt.Sprintf("takes %d bytes to decode, more than %d", m, limits.Memory)}
	}
	if d.tables == nil {
		d.tables = make(tableCache)
	}
	p := newPicture(h, scale, data, hashing)
	p.tables, p.bits, p.visits = d.tables, &d.bits, limits.Visits
	return p, nil
}

// picture is the state of one call of Decode.
type picture struct {
	Header
	scale    Scale
	data     []byte
	tables   tableCache
	bits     *bitReader
	visits   int64 // blocks that may still be passed over
	quant    [4][64]uint16
	known    [4]bool      // quantization tables that were defined
	huffman  [2][4]*table // by class, 0 for DC, and destination
	interval int          // MCUs between restart markers, 0 for none
	parts    []component
	damage   *Damage
	ended    bool // by EOI
	cut      bool // the last scan ends with the file
	hashing  bool // coefficients are hashed, no pixels are made
	blocks   []block
}

// component is what is known of a component while decoding.
type component struct {
	Component
	width, height int            // in samples of the full size (T.81, A.1.1)
	cols, rows    int            // blocks that hold samples of the picture
	stride        int            // blocks in a row, padded to whole MCUs
	lines         int            // rows of blocks, padded likewise
	scale         []int32        // quantization table, zigzag order; nil before the first scan
	pix           []byte         // output; nil before it is known to be needed
	coefs         []int16        // progressive: kept coefficients of each block, zigzag order
	kept          int            // how many
	nonzero       []uint64       // progressive: which AC coefficients of a block are not zero, by bit; nil at 1/8
	hash          *blake3.Hasher // of the coefficients, where these are wanted
	fed           []byte         // buffer of what is hashed
	depth         [64]int8       // progressive: lowest bit that was decoded of each coefficient, -1 for none
	missing       float64        // share of blocks that are not decoded
}

// newPicture prepares the planes or, for a progressive picture, the coefficients.
func newPicture(h Header, scale Scale, data []byte, hashing bool) *picture {
	p := &picture{Header: h, scale: scale, data: data, hashing: hashing}
	across, down := h.units()
	hMax, vMax := h.most()
	for _, hc := range h.Components {
		c := component{Component: hc, missing: 1, kept: scale.kept()}
		c.width, c.height = ceilDiv(h.Width*hc.H, hMax), ceilDiv(h.Height*hc.V, vMax)
		c.cols, c.rows = ceilDiv(c.width, 8), ceilDiv(c.height, 8)
		c.stride, c.lines = across*hc.H, down*hc.V
		for k := range c.depth {
			c.depth[k] = -1
		}
		switch {
		case hashing:
			c.hash = blake3.New()
		case !h.Progressive:
			c.pix = c.newPlane(scale)
		}
		p.parts = append(p.parts, c)
	}
	return p
}

// newPlane allocates a plane of mid-grey.
func (c *component) newPlane(scale Scale) []byte {
	pix := make([]byte, c.stride*c.lines*scale.block()*scale.block())
	for i := range pix {
		pix[i] = 128
	}
	return pix
}

// walk goes through the segments up to EOI, the last scan that is wanted or the end of
// the bytes, and decodes scans. An error after the first scan is damage.
func (p *picture) walk() error {
	at, scans := 2, 0
	for {
		s, ok := nextSegment(p.data, at)
		if !ok {
			return nil
		}
		at = s.end
		var err error
		switch {
		case s.marker == markEOI:
			p.ended = true
			return nil
		case s.marker == markSOI && scans > 0:
			return nil // the next picture, EOI is missing
		case s.marker == markDQT:
			err = p.readQuantization(s)
		case s.marker == markDHT:
			err = p.readHuffman(s)
		case s.marker == markDRI && len(s.payload) >= 2:
			p.interval = int(binary.BigEndian.Uint16(s.payload))
		case s.marker == markSOS:
			at, err = p.readScan(s)
			p.cut = at >= len(p.data)
			scans++
			if err == nil && p.complete() {
				return nil
			}
		}
		if _, limit := err.(*LimitError); limit || err != nil && scans <= 1 && !p.some() {
			return err
		}
		if broken, ok := err.(*FormatError); ok {
			p.damaged(broken.Offset, broken.Reason)
			return nil
		}
	}
}

// some says whether anything was decoded.
func (p *picture) some() bool {
	for i := range p.parts {
		if p.parts[i].missing < 1 {
			return true
		}
	}
	return false
}

// complete says whether a sequential picture has had a scan for each component.
// Of a progressive one the end is wanted, since it tells whether scans are missing.
func (p *picture) complete() bool {
	for i := range p.parts {
		if p.parts[i].scale == nil {
			return false
		}
	}
	return !p.Progressive
}

// damaged notes the first damage.
func (p *picture) damaged(offset int, reason string) {
	if p.damage == nil {
		p.damage = &Damage{Offset: offset, Reason: reason}
	}
}

// readQuantization reads a DQT segment (T.81, B.2.4.1).
func (p *picture) readQuantization(s segment) error {
	for b := s.payload; len(b) > 0; {
		wide, id := b[0]>>4, b[0]&15
		size := 64 << (wide & 1)
		if wide > 1 || id > 3 || len(b) < 1+size {
			return malformed(s.at, "quantization table is malformed")
		}
		for k := range 64 {
			if wide == 0 {
				p.quant[id][k] = uint16(b[1+k])
			} else {
				p.quant[id][k] = binary.BigEndian.Uint16(b[1+2*k:])
			}
		}
		p.known[id] = true
		b = b[1+size:]
	}
	return nil
}

// readHuffman reads a DHT segment (T.81, B.2.4.2).
func (p *picture) readHuffman(s segment) error {
	for b := s.payload; len(b) > 0; {
		if len(b) < 17 {
			return malformed(s.at, "Huffman table is cut off")
		}
		class, id, n := b[0]>>4, b[0]&15, 0
		for _, count := range b[1:17] {
			n += int(count)
		}
		if class > 1 || id > 3 || n > 256 || len(b) < 17+n {
			return malformed(s.at, "Huffman table is malformed")
		}
		t := p.tables.get(b[1:17+n], class == 0)
		if t == nil {
			return malformed(s.at, "Huffman table has more codes than bits allow")
		}
		p.huffman[class][id] = t
		b = b[17+n:]
	}
	return nil
}

// table returns a Huffman table, that of annex K where the file does not define it.
func (p *picture) table(class, id byte) *table {
	t := &p.huffman[class&1][id&3]
	if *t == nil {
		if def := standard(class == 0, id); def != "" {
			*t = p.tables.get([]byte(def), class == 0)
		}
	}
	return *t
}

// image gives what was decoded.
func (p *picture) image() (*Image, error) {
	img := &Image{Header: p.Header, Scale: p.scale}
	weights, missing := 0, 0.0
	n := p.scale.block()
	for i := range p.parts {
		c := &p.parts[i]
		weights += c.H * c.V
		missing += float64(c.missing * float64(c.H*c.V))
		if p.Progressive {
			if c.scale != nil {
				c.render(p.scale)
			} else {
				c.pix = c.newPlane(p.scale)
			}
			c.coefs, c.nonzero = nil, nil
		}
		img.Planes = append(img.Planes, Plane{Pix: c.pix, Stride: c.stride * n,
			Width: ceilDiv(c.width, int(p.scale)), Height: ceilDiv(c.height, int(p.scale))})
	}
	missing /= float64(weights)
	if p.Progressive && !p.ended && !p.exact() {
		p.damaged(len(p.data), "ends before its last scan does")
	}
	if missing > 0 {
		p.damaged(len(p.data), "a component has no scan")
	}
	if missing >= 1 {
		return nil, &FormatError{p.damage.Offset, p.damage.Reason}
	}
	if img.Damage = p.damage; img.Damage != nil {
		img.Damage.Missing = missing
	}
	return img, nil
}

// exact says whether scans for all bits of all coefficients were found and the last of
// them ended at a marker.
func (p *picture) exact() bool {
	if p.cut {
		return false
	}
	for i := range p.parts {
		for _, low := range p.parts[i].depth {
			if low != 0 {
				return false
			}
		}
	}
	return true
}
