package raster

import (
	"bytes"
	"encoding/binary"
)

// The thumbnail item of a HEIC file (ISO/IEC 23008-12, section 6.4.4): a small picture
// that a reference of type thmb ties to the primary one. It stands for the whole picture
// where nothing speaks against it.
const (
	// minThumbnail is the least long side. Phones write 320 x 240 to 512 x 384; what is
	// smaller shows the stages too little.
	minThumbnail = 240
	// minThumbnailed is the least size of a picture, in pixels, whose thumbnail is of use:
	// 85 ms a megapixel are what decoding in full costs, so a smaller picture is seen
	// itself within the same time.
	minThumbnailed = 1 << 20
	// maxReferences bounds the references and places that are looked at. Phones write some
	// tens; a grid has one for each tile.
	maxReferences = 1 << 16
)

// alphaTypes are the names that auxC has for a plane of alpha (ISO/IEC 23008-12, section
// 6.5.8, and its form for HEVC in annex B).
var alphaTypes = [][]byte{[]byte("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"), []byte("urn:mpeg:hevc:2015:auxid:1")}

// thumbnail is a thumbnail item that agrees with its picture.
type thumbnail struct {
	item          uint64
	width, height int // upright
}

// findThumbnail returns the thumbnail item to decode in place of the primary picture that
// h describes. There is none where the two are turned in different ways or are not of one
// shape, where the picture has alpha, or where any item lies beyond the end of the file:
// a picture that is cut off must not pass for whole.
func (h *heifInfo) findThumbnail(data []byte) (best thumbnail, ok bool) {
	width, height, whole := h.shown()
	if !whole || h.sequence || int64(width)*int64(height) < minThumbnailed {
		return best, false
	}
	meta := inner(data, "meta")
	if len(meta) < 4 || !itemsInside(meta[4:], data) {
		return best, false
	}
	meta = meta[4:]
	for _, p := range properties(inner(inner(meta, "iprp"), "ipco")) {
		for _, name := range alphaTypes {
			if p.kind == "auxC" && bytes.Contains(p.data, name) {
				return best, false
			}
		}
	}
	for _, item := range thumbnailsOf(meta, h.primary) {
		t := heifInfo{bits: 8, primary: item}
		t.readProperties(meta)
		w, ht, whole := t.shown()
		switch {
		case !whole || t.turn != h.turn || max(w, ht) < minThumbnail || 4*w*ht > width*height:
		case !sameShape(w, ht, width, height):
		case !ok || nearer(max(w, ht), max(best.width, best.height)):
			best, ok = thumbnail{item, w, ht}, true
		}
	}
	return best, ok
}

// nearer says whether a long side serves a raster better than another: the smallest that
// fills it, else the largest.
func nearer(a, b int) bool {
	if min(a, b) >= Side {
		return a < b
	}
	return a > b
}

// sameShape says whether a small picture has the shape of a large one, its sides rounded
// up or down by a pixel at most.
func sameShape(w, h, width, height int) bool {
	a, b := int64(w)*int64(height), int64(h)*int64(width)
	return max(a-b, b-a) <= int64(max(width, height))
}

// shown is the size of the picture after it is cropped and turned; ok is false where the
// file does not tell it, or crops to what is not there.
func (h *heifInfo) shown() (width, height int, ok bool) {
	const most = 1 << 24
	if h.width <= 0 || h.height <= 0 || h.width > most || h.height > most {
		return 0, 0, false
	}
	width, height = int(h.width), int(h.height)
	if h.clap != nil {
		if _, _, width, height, ok = h.crop(width, height); !ok {
			return 0, 0, false
		}
	}
	if h.turn&4 != 0 {
		width, height = height, width
	}
	return width, height, true
}

// thumbnailsOf lists the items that are thumbnails of an item and of no other.
func thumbnailsOf(meta []byte, item uint64) (list []uint64) {
	c := cursor{b: inner(meta, "iref")}
	version, _ := c.full()
	seen := 0
	for x, rest, ok := nextBox(c.b); ok && seen < maxReferences; x, rest, ok = nextBox(rest) {
		seen++
		r := cursor{b: x.data}
		from, n, to := r.number(idSize(version, 1)), r.number(2), r.number(idSize(version, 1))
		if x.kind == "thmb" && n == 1 && to == item && from != item && !r.bad && len(list) < 16 {
			list = append(list, from)
		}
	}
	return list
}

// itemsInside says whether all bytes of all items are there.
func itemsInside(meta, data []byte) bool {
	inside, seen := true, 0
	eachPlace(meta, func(p place) bool {
		seen++
		size := uint64(len(data))
		if p.method == 1 {
			size = uint64(len(inner(meta, "idat")))
		}
		inside = p.method > 1 || p.at <= size && p.length <= size-p.at
		return inside && seen < maxReferences
	})
	return inside && seen > 0 && seen < maxReferences
}

// pointAt makes an item the primary one, in the file's bytes, and returns what takes that
// back. It fails where the item's number does not fit.
func pointAt(data []byte, item uint64) (undo func(), ok bool) {
	pitm := inner(inner(data, "meta")[4:], "pitm")
	version := cursor{b: pitm}
	v, _ := version.full()
	size := idSize(v, 1)
	if len(pitm) < 4+size || size == 2 && item > 0xFFFF || item > 0xFFFFFFFF {
		return nil, false
	}
	at := pitm[4 : 4+size]
	old := bytes.Clone(at)
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(item))
	copy(at, number[4-size:])
	return func() { copy(at, old) }, true
}
