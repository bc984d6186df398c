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
	d := directory{data: tiff, entry: 12}
	var ok bool
	if d.order, d.big, ok = tiffOrder(tiff); !ok {
		return d, false
	}
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
	for e := d.entries; len(e) >= d.entry; e = e[d.entry:] {
		if d.order.Uint16(e) != tag {
			continue
		}
		kind, count, value := d.order.Uint16(e[2:]), uint64(d.order.Uint32(e[4:])), e[8:12]
		if d.big {
			count, value = d.order.Uint64(e[4:]), e[12:20]
		}
		if count == 0 {
			return 0, false
		}
		size := map[uint16]uint64{1: 1, 3: 2, 4: 4, 16: 8}[kind]
		if size == 0 || count > 1<<32 {
			return 0, false
		}
		if size*count > uint64(len(value)) {
			at := uint64(d.order.Uint32(value))
			if d.big {
				at = d.order.Uint64(value)
			}
			if at > uint64(len(d.data)) || uint64(len(d.data))-at < size {
				return 0, false
			}
			value = d.data[at:]
		}
		switch kind {
		case 1:
			return uint64(value[0]), true
		case 3:
			return uint64(d.order.Uint16(value)), true
		case 4:
			return uint64(d.order.Uint32(value)), true
		}
		return d.order.Uint64(value), true
	}
	return 0, false
}
