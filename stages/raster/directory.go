package raster

import (
	"encoding/binary"
)

// orientation reads the orientation of the first directory of a TIFF structure
// (TIFF 6.0, section 2), 1 where there is no valid one. It is read apart from the
// other tags so that nothing broken behind it can turn a picture.
func orientation(tiff []byte) int {
	d, _, ok := firstDirectory(tiff)
	if !ok {
		return 1
	}
	if v, ok := d.number(0x0112); ok && v >= 1 && v <= 8 {
		return int(v)
	}
	return 1
}

// directory is a directory of a classic or big TIFF structure.
type directory struct {
	order   binary.ByteOrder
	data    []byte
	entries []byte // entries of entry bytes each
	entry   int
	big     bool
	next    uint64 // offset of the next directory, 0 for none
}

// firstDirectory finds the first directory and its offset.
func firstDirectory(tiff []byte) (directory, uint64, bool) {
	order, big, ok := tiffOrder(tiff)
	if !ok {
		return directory{}, 0, false
	}
	at := uint64(order.Uint32(tiff[4:]))
	if big {
		at = order.Uint64(tiff[8:])
	}
	d, ok := directoryAt(tiff, at)
	return d, at, ok
}

// tiffOrder reads the head of a TIFF structure: its byte order, and whether it is a
// BigTIFF with offsets of 8 bytes.
func tiffOrder(tiff []byte) (order binary.ByteOrder, big, ok bool) {
	if len(tiff) < 8 {
		return nil, false, false
	}
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return nil, false, false
	}
	big = order.Uint16(tiff[2:]) == 43
	return order, big, !big || len(tiff) >= 16
}

// directoryAt reads the directory at an offset. Entries beyond the end are left out.
func directoryAt(tiff []byte, at uint64) (directory, bool) {
	order, big, ok := tiffOrder(tiff)
	if !ok {
		return directory{}, false
	}
	return directoryIn(tiff, order, big, at)
}

// directoryIn is directoryAt for bytes without a head.
func directoryIn(tiff []byte, order binary.ByteOrder, big bool, at uint64) (directory, bool) {
	d := directory{data: tiff, entry: 12, order: order, big: big}
	head, link := uint64(2), 4
	if d.big {
		head, link, d.entry = 8, 8, 20
	}
	if at > uint64(len(tiff)) || uint64(len(tiff))-at < head {
		return d, false
	}
	count := uint64(d.order.Uint16(tiff[at:]))
	if d.big {
		count = d.order.Uint64(tiff[at:])
	}
	rest := tiff[at+head:]
	count = min(count, uint64(len(rest)/d.entry), 1<<16)
	d.entries, rest = rest[:count*uint64(d.entry)], rest[count*uint64(d.entry):]
	switch {
	case len(rest) < link:
	case d.big:
		d.next = d.order.Uint64(rest)
	default:
		d.next = uint64(d.order.Uint32(rest))
	}
	return d, true
}

// number returns the first value of a tag of an integer type.
func (d *directory) number(tag uint16) (uint64, bool) {
	kind, count, value, ok := d.field(tag)
	switch kind {
	case 1, 3, 4, 13, 16:
		return d.integer(kind, value, 0), ok && count > 0
	}
	return 0, false
}

// find returns the entry of a tag, nil where there is none.
func (d *directory) find(tag uint16) []byte {
	for e := d.entries; len(e) >= d.entry; e = e[d.entry:] {
		if d.order.Uint16(e) == tag {
			return e[:d.entry]
		}
	}
	return nil
}

// fieldSize is the size of a value of each type of TIFF 6.0 and BigTIFF.
var fieldSize = [19]uint64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

// field returns a tag's type, number of values, and as many of their bytes as the file
// has; ok is false where it has none.
func (d *directory) field(tag uint16) (kind uint16, count uint64, value []byte, ok bool) {
	e := d.find(tag)
	if e == nil {
		return 0, 0, nil, false
	}
	kind, count, value = d.order.Uint16(e[2:]), uint64(d.order.Uint32(e[4:])), e[8:12]
	if d.big {
		count, value = d.order.Uint64(e[4:]), e[12:20]
	}
	if kind >= uint16(len(fieldSize)) || fieldSize[kind] == 0 || count == 0 || count > 1<<32 {
		return kind, 0, nil, false
	}
	size := fieldSize[kind]
	if size*count > uint64(len(value)) {
		at := d.place(tag)
		if at > uint64(len(d.data)) {
			return kind, 0, nil, false
		}
		value = d.data[at:]
	}
	count = min(count, uint64(len(value))/size)
	return kind, count, value[:size*count], count > 0
}

// place is the offset that an entry gives for its value.
func (d *directory) place(tag uint16) uint64 {
	e := d.find(tag)
	switch {
	case e == nil:
		return 0
	case d.big:
		return d.order.Uint64(e[12:])
	}
	return uint64(d.order.Uint32(e[8:]))
}

// integer returns the i-th of a field's values, 0 where it is none.
func (d *directory) integer(kind uint16, value []byte, i uint64) uint64 {
	if kind >= uint16(len(fieldSize)) || (i+1)*fieldSize[kind] > uint64(len(value)) {
		return 0
	}
	value = value[i*fieldSize[kind]:]
	switch kind {
	case 1:
		return uint64(value[0])
	case 3:
		return uint64(d.order.Uint16(value))
	case 4, 13:
		return uint64(d.order.Uint32(value))
	case 16, 18:
		return d.order.Uint64(value)
	}
	return 0
}
