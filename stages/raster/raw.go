package raster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
)

// Bounds of the search for previews. Cameras write up to eight directories and five
// previews; what a hostile file has beyond these numbers is not looked at.
const (
	maxDirectories = 64
	maxPreviews    = 32
)

// rawInfo is what was found in a camera raw file.
type rawInfo struct {
	previews []preview
	exif     []byte // TIFF structure of the metadata; nil where the preview has it
	more     []byte // a second one, for CR3
	gps      bool

	directories int
	seen        map[uint64]bool // offsets of directories
}

// preview is an embedded JPEG.
type preview struct {
	data          []byte
	width, height int
}

// decodeRAW decodes the largest embedded JPEG of a camera raw file, and one of the others
// where that is broken. It is turned as the raw file says, whose metadata count.
func decodeRAW(ctx context.Context, data []byte, l Limits) (decoded, error) {
	if l.FullOnly {
		return decoded{}, failf(Unsupported, "camera raw file is decoded by its embedded preview alone, which --previews never forbids")
	}
	r := readRAW(data)
	if len(r.previews) == 0 {
		return decoded{}, failf(Unsupported, "camera raw file holds no JPEG preview that this version finds")
	}
	slices.SortStableFunc(r.previews, func(a, b preview) int { return cmp.Compare(b.width*b.height, a.width*a.height) })
	var first error
	for _, p := range r.previews[:min(len(r.previews), 3)] {
		d, err := decodeJPEG(ctx, p.data, l)
		if err == nil {
			d.source, d.jpegQuality = Preview, 0
			if r.exif != nil {
				d.exif, d.more, d.gps = r.exif, r.more, r.gps
			}
			return d, nil
		}
		if ctx.Err() != nil {
			return decoded{}, ctx.Err()
		}
		if first == nil {
			first = err
		}
	}
	return decoded{}, first
}

// readRAW looks for previews.
func readRAW(data []byte) *rawInfo {
	r := &rawInfo{seen: make(map[uint64]bool)}
	switch {
	case bytes.HasPrefix(data, []byte("FUJIFILM")):
		if len(data) >= 92 { // RAF: offset and length of a JPEG with the metadata
			r.add(data, uint64(binary.BigEndian.Uint32(data[84:])), uint64(binary.BigEndian.Uint32(data[88:])))
		}
	case len(data) >= 8 && string(data[4:8]) == "ftyp":
		r.readCR3(data)
	default:
		if d, at, ok := firstDirectory(data); ok {
			r.exif = data
			r.chain(d, at)
		}
	}
	return r
}

// add notes a JPEG of length bytes at an offset, if there is one of a kind that holds
// a picture for people: sensor data are often lossless JPEG.
func (r *rawInfo) add(data []byte, at, length uint64) {
	if at >= uint64(len(data)) || length < 4 || len(r.previews) >= maxPreviews {
		return
	}
	data = data[at:]
	data = data[:min(length, uint64(len(data)))]
	if width, height, ok := previewSize(data); ok {
		r.previews = append(r.previews, preview{data, width, height})
	}
}

// previewSize reads the frame header of a JPEG, looking no further.
func previewSize(jpeg []byte) (width, height int, ok bool) {
	if !bytes.HasPrefix(jpeg, []byte("\xFF\xD8")) {
		return 0, 0, false
	}
	for at := 2; at+10 <= len(jpeg) && jpeg[at] == 0xFF; {
		marker := jpeg[at+1]
		switch {
		case marker == 0xFF: // fill byte
			at++
			continue
		case marker >= 0xC0 && marker <= 0xC2:
			height, width = int(binary.BigEndian.Uint16(jpeg[at+5:])), int(binary.BigEndian.Uint16(jpeg[at+7:]))
			samples := jpeg[at+9]
			return width, height, jpeg[at+4] == 8 && (samples == 1 || samples == 3) && width > 0 && height > 0
		case marker >= 0xC3 && marker <= 0xCF && marker != 0xC4, marker >= 0xD0 && marker <= 0xDA:
			return 0, 0, false
		}
		at += 2 + int(binary.BigEndian.Uint16(jpeg[at+2:]))
	}
	return 0, 0, false
}

// Tags of TIFF, of TIFF/EP and of RW2 that lead to previews.
const (
	tagJpgFromRaw   = 0x002E
	tagStripOffsets = 0x0111
	tagStripBytes   = 0x0117
	tagSubIFDs      = 0x014A
	tagJPEGOffset   = 0x0201
	tagJPEGLength   = 0x0202
	tagExifIFD      = 0x8769
	tagMakerNote    = 0x927C
)

// chain looks at a directory at an offset, and at those that follow it or hang from it.
func (r *rawInfo) chain(d directory, at uint64) {
	for {
		if r.seen[at] || r.directories >= maxDirectories {
			return
		}
		r.seen[at] = true
		r.directories++
		r.look(&d)
		at = d.next
		next, ok := directoryAt(d.data, at)
		if at == 0 || !ok {
			return
		}
		d = next
	}
}

// look looks at one directory.
func (r *rawInfo) look(d *directory) {
	r.pair(d, tagJPEGOffset, tagJPEGLength, d.data)
	switch c, _ := d.number(tagCompression); c {
	case 6, 7: // JPEG in one strip
		_, n, _, _ := d.field(tagStripOffsets)
		if n == 1 {
			r.pair(d, tagStripOffsets, tagStripBytes, d.data)
		}
	}
	if _, _, value, ok := d.field(tagJpgFromRaw); ok {
		r.add(value, 0, uint64(len(value)))
	}
	kind, n, value, _ := d.field(tagSubIFDs)
	for i := range min(n, 16) {
		r.hang(d, d.integer(kind, value, i))
	}
	if at, ok := d.number(tagExifIFD); ok {
		r.hang(d, at)
	}
	if at := d.place(tagMakerNote); at > 0 && at < uint64(len(d.data)) {
		r.readNote(d, int(at))
	}
}

// hang looks at the directories at an offset.
func (r *rawInfo) hang(d *directory, at uint64) {
	if sub, ok := directoryAt(d.data, at); ok {
		r.chain(sub, at)
	}
}

// pair adds the JPEG whose offset in base and length stand in two tags.
func (r *rawInfo) pair(d *directory, offset, length uint16, base []byte) {
	at, ok := d.number(offset)
	n, ok2 := d.number(length)
	if ok && ok2 {
		r.add(base, at, n)
	}
}

// notes says how the makers whose previews lie in their own notes begin these: with a
// mark, a byte order (or the file's, where order is 0), and a directory.
var notes = []struct {
	mark             string
	order, directory int
	relative         bool // offsets count from the mark, else from the file's begin
}{
	{"OLYMPUS\x00", 8, 12, true},
	{"OM SYSTEM\x00", 12, 16, true},
	{"OLYMP\x00", 0, 8, false},
	{"PENTAX \x00", 8, 10, true},
	{"AOC\x00", 4, 6, false},
}

// readNote looks at a maker's note. Its previews may lie behind what it says is its end.
func (r *rawInfo) readNote(d *directory, start int) {
	note := d.data[start:]
	for _, n := range notes {
		if !bytes.HasPrefix(note, []byte(n.mark)) || len(note) < n.directory+2 {
			continue
		}
		order := d.order
		if n.order > 0 {
			switch string(note[n.order : n.order+2]) {
			case "II":
				order = binary.LittleEndian
			case "MM":
				order = binary.BigEndian
			}
		}
		base, at := d.data, uint64(start+n.directory)
		if n.relative {
			base, at = note, uint64(n.directory)
		}
		sub, ok := directoryIn(base, order, false, at)
		if !ok {
			return
		}
		r.pair(&sub, 0x0004, 0x0003, base) // Pentax
		r.pair(&sub, 0x0088, 0x0089, base) // Olympus, early
		// Olympus: a directory of camera settings, by its offset or in place.
		kind, _, value, _ := sub.field(0x2020)
		at = sub.integer(kind, value, 0)
		if kind == 7 || kind == 2 {
			at = sub.place(0x2020)
		}
		if settings, ok := directoryIn(base, order, false, at); ok && at > 0 {
			r.pair(&settings, 0x0101, 0x0102, base)
		}
		return
	}
}

// readCR3 reads the boxes of Canon's CR3: TIFF structures in the first box of moov, the JPEG
// in a track, a smaller one in a box of its own.
func (r *rawInfo) readCR3(data []byte) {
	for x, rest, ok := nextBox(data); ok; x, rest, ok = nextBox(rest) {
		switch x.kind {
		case "moov":
			for y, rest, ok := nextBox(x.data); ok; y, rest, ok = nextBox(rest) {
				switch {
				case y.kind == "uuid" && len(y.data) > 16:
					r.exif = inner(y.data[16:], "CMT1")
					r.more = inner(y.data[16:], "CMT2")
					r.gps = hasPlace(inner(y.data[16:], "CMT4"))
				case y.kind == "trak" && r.directories < maxDirectories:
					r.directories++
					r.readTrack(y.data, data)
				}
			}
		case "uuid":
			if len(x.data) > 24 {
				p := inner(x.data[24:], "PRVW")
				if at := bytes.Index(p[:min(len(p), 64)], []byte("\xFF\xD8\xFF")); at >= 0 {
					r.add(p, uint64(at), uint64(len(p)))
				}
			}
		}
	}
	if r.exif == nil {
		r.more = nil
	}
}

// readTrack adds the first sample of a track.
func (r *rawInfo) readTrack(trak, data []byte) {
	stbl := inner(inner(inner(trak, "mdia"), "minf"), "stbl")
	sizes := cursor{b: inner(stbl, "stsz")}
	sizes.full()
	size := sizes.number(4) // of all samples, 0 where each has its own
	if count := sizes.number(4); size == 0 && count > 0 {
		size = sizes.number(4)
	}
	places, width := cursor{b: inner(stbl, "co64")}, 8
	if places.b == nil {
		places, width = cursor{b: inner(stbl, "stco")}, 4
	}
	places.full()
	if places.number(4) > 0 {
		r.add(data, places.number(width), size)
	}
}

// hasPlace says whether a TIFF structure of GPS tags holds a latitude or longitude.
func hasPlace(tiff []byte) bool {
	d, _, ok := firstDirectory(tiff)
	if !ok {
		return false
	}
	_, n, _, _ := d.field(2)
	_, m, _, _ := d.field(4)
	return n > 0 || m > 0
}
