package raster

import "encoding/binary"

// heifInfo is what the boxes of a HEIF file (ISO/IEC 23008-12) tell of its primary picture,
// or of the track of a sequence without one.
type heifInfo struct {
	width, height int64 // as coded, before it is cropped and turned
	bits          int   // the most of a channel; 8 where unknown
	turn          Turn  // of irot and imir
	exif          []byte
	extras        int
	sequence      bool // the size is that of a track
	primary       uint64
	clap          []byte // the property that crops, nil for none
	clapIndex     []byte // its association, in the file's bytes
	limited       bool   // samples have the range of television
}

// maxProperties bounds the properties that are looked at; an index has 15 bits.
const maxProperties = 1 << 15

// readHEIF walks the boxes. Each entry is looked at a few times at most, and nothing is
// allocated by a number that the file declares.
func readHEIF(data []byte) heifInfo {
	h := heifInfo{bits: 8}
	meta := inner(data, "meta")
	if len(meta) >= 4 {
		h.readMeta(meta[4:], data)
	}
	if h.width == 0 {
		h.readTrack(inner(data, "moov"))
	}
	return h
}

// readMeta reads what the meta box holds.
func (h *heifInfo) readMeta(meta, data []byte) {
	pitm := cursor{b: inner(meta, "pitm")}
	version, _ := pitm.full()
	h.primary = pitm.number(idSize(version, 1))
	exif := h.readItems(inner(meta, "iinf"))
	if exif != 0 {
		h.exif = exifItem(itemBytes(meta, data, exif))
	}
	h.readProperties(meta)
}

// readProperties applies the properties of the primary picture.
func (h *heifInfo) readProperties(meta []byte) {
	iprp := inner(meta, "iprp")
	list := properties(inner(iprp, "ipco"))
	// Associations may be spread over several boxes.
	for x, rest, ok := nextBox(iprp); ok; x, rest, ok = nextBox(rest) {
		if x.kind == "ipma" {
			h.associate(x.data, list)
		}
	}
}

// idSize is the size of an item's number: 4 bytes from a version on, 2 before.
func idSize(version, from int) int {
	if version >= from {
		return 4
	}
	return 2
}

// items goes through a list of items (ISO/IEC 14496-12, 8.11.6): each with its id, and
// what its entry holds from the type on. It stops where use says so.
func items(iinf []byte, use func(id uint64, entry cursor, box []byte) bool) {
	c := cursor{b: iinf}
	version, _ := c.full()
	c.number(idSize(version, 1))
	for x, rest, ok := nextBox(c.b); ok; x, rest, ok = nextBox(rest) {
		e := cursor{b: x.data}
		version, _ := e.full()
		if x.kind != "infe" || version < 2 {
			continue
		}
		id := e.number(idSize(version, 3))
		e.number(2)
		if !use(id, e, x.data) {
			return
		}
	}
}

// readItems reads the list of items and returns the first that holds EXIF, 0 for none.
func (h *heifInfo) readItems(iinf []byte) (exif uint64) {
	items(iinf, func(id uint64, e cursor, _ []byte) bool {
		switch kind := e.number(4); {
		case e.bad:
		case kind == 0x45786966 && exif == 0: // Exif
			exif = id
		case kind == 0x6D696D65: // mime: XMP
			h.extras++
		}
		return true
	})
	return exif
}

// properties lists the boxes of ipco.
func properties(ipco []byte) (list []box) {
	for x, rest, ok := nextBox(ipco); ok && len(list) < maxProperties; x, rest, ok = nextBox(rest) {
		list = append(list, x)
	}
	return list
}

// associate applies the properties of the primary picture in their order.
func (h *heifInfo) associate(ipma []byte, list []box) {
	c := cursor{b: ipma}
	version, flags := c.full()
	for n := c.number(4); n > 0 && !c.bad; n-- {
		id := c.number(idSize(version, 1))
		for k := c.number(1); k > 0 && !c.bad; k-- {
			size, mask := 1, uint64(0x7F) // the upper bit says essential
			if flags&1 != 0 {
				size, mask = 2, 0x7FFF
			}
			at := c.b
			i := c.number(size) & mask
			if id == h.primary && i > 0 && i <= uint64(len(list)) {
				if h.apply(list[i-1]); list[i-1].kind == "clap" {
					h.clapIndex = at[:size]
				}
			}
		}
	}
}

// apply applies a property.
func (h *heifInfo) apply(x box) {
	c := cursor{b: x.data}
	switch x.kind {
	case "ispe":
		c.full()
		h.width, h.height = int64(c.number(4)), int64(c.number(4))
	case "pixi":
		c.full()
		for n := c.number(1); n > 0 && !c.bad; n-- {
			h.bits = max(h.bits, int(c.number(1)))
		}
	case "irot": // quarters against the clock
		h.turn = h.turn.then([4]Turn{0, turnOf(8), turnOf(3), turnOf(6)}[c.number(1)&3])
	case "imir": // 0 turns upside down, 1 swaps left and right
		h.turn = h.turn.then([2]Turn{turnOf(4), turnOf(2)}[c.number(1)&1])
	case "colr":
		switch string(x.data[:min(4, len(x.data))]) {
		case "prof", "rICC":
			h.extras++
		case "nclx":
			h.limited = len(x.data) >= 11 && x.data[10]&0x80 == 0
		}
	case "clap":
		h.clap = x.data
	}
}

// crop is the rectangle that clap leaves of a picture (ISO/IEC 14496-12, section 12.1.4):
// width, height and the distance of its centre from the picture's, as fractions. Edges
// that fall between pixels are rounded.
func (h *heifInfo) crop(width, height int) (x, y, w, ht int, ok bool) {
	c := cursor{b: h.clap}
	var v [4]int64
	for i := range v {
		n, d := int64(int32(c.number(4))), int64(int32(c.number(4)))
		if d <= 0 || n > 1<<30 || n < -1<<30 {
			return 0, 0, 0, 0, false
		}
		v[i] = 2 * n / d // in halves of a pixel
	}
	w, ht = int(v[0]/2), int(v[1]/2)
	x, y = (2*width-2*w+2*int(v[2]))/4, (2*height-2*ht+2*int(v[3]))/4
	return x, y, w, ht, w > 0 && ht > 0 && x >= 0 && y >= 0 && x+w <= width && y+ht <= height
}

// onPixels says whether the edges of the crop fall between no two pixels, as MIAF
// (ISO/IEC 23000-22, section 7.3.6.7) asks of files of its brand.
func (h *heifInfo) onPixels(width, height int) bool {
	c := cursor{b: h.clap}
	var n, d [4]int64
	for i := range n {
		n[i], d[i] = int64(int32(c.number(4))), int64(int32(c.number(4)))
		if d[i] <= 0 {
			return false
		}
	}
	for i, side := range [2]int64{int64(width), int64(height)} {
		// The first pixel is (side - size) / 2 + distance.
		if n[i]%d[i] != 0 || 2*n[i+2]%d[i+2] != 0 || (side-n[i]/d[i]+2*n[i+2]/d[i+2])%2 != 0 {
			return false
		}
	}
	return !c.bad
}

// readTrack takes the size of the first track that has one.
func (h *heifInfo) readTrack(moov []byte) {
	for x, rest, ok := nextBox(moov); ok; x, rest, ok = nextBox(rest) {
		tkhd := inner(x.data, "tkhd")
		if x.kind != "trak" || len(tkhd) < 8 {
			continue
		}
		// 16.16 fixed point, at the end of the box.
		w, ht := binary.BigEndian.Uint32(tkhd[len(tkhd)-8:]), binary.BigEndian.Uint32(tkhd[len(tkhd)-4:])
		if w>>16 > 0 && ht>>16 > 0 {
			h.width, h.height, h.sequence = int64(w>>16), int64(ht>>16), true
			return
		}
	}
}

// place is a piece of an item.
type place struct {
	item, method, pieces uint64 // method 0: in the file, 1: in idat, 2: in another item
	at, length           uint64 // length 0: all that follows
}

// eachPlace hands the pieces of all items to visit, until it returns false.
func eachPlace(meta []byte, visit func(place) bool) {
	c := cursor{b: inner(meta, "iloc")}
	version, _ := c.full()
	sizes := c.number(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		indexSize = 0
	}
	if max(offsetSize, lengthSize, baseSize, indexSize) > 8 {
		return
	}
	for n := c.number(idSize(version, 2)); n > 0 && !c.bad; n-- {
		p := place{item: c.number(idSize(version, 2))}
		if version > 0 {
			p.method = c.number(2) & 15
		}
		c.number(2)
		base := c.number(baseSize)
		p.pieces = c.number(2)
		for k := p.pieces; k > 0 && !c.bad; k-- {
			c.number(indexSize)
			p.at, p.length = base+c.number(offsetSize), c.number(lengthSize)
			if !c.bad && !visit(p) {
				return
			}
		}
	}
}

// itemBytes returns the bytes of an item that lies in one piece, nil where there is none.
func itemBytes(meta, data []byte, item uint64) (found []byte) {
	eachPlace(meta, func(p place) bool {
		if p.item != item || p.pieces != 1 {
			return true
		}
		from := data
		if p.method == 1 {
			from = inner(meta, "idat")
		}
		if p.method > 1 || p.at > uint64(len(from)) {
			return false
		}
		if found = from[p.at:]; p.length != 0 && p.length < uint64(len(found)) {
			found = found[:p.length]
		}
		return false
	})
	return found
}

// exifItem finds the TIFF structure in an item or box of EXIF, which says itself where
// it begins.
func exifItem(b []byte) []byte {
	if len(b) < 4 {
		return nil
	}
	skip := uint64(binary.BigEndian.Uint32(b))
	if b = b[4:]; skip >= uint64(len(b)) {
		return nil
	}
	return b[skip:]
}
