package raster

import "encoding/binary"

// maxJoined bounds the boxes that are joined; writers of today make one.
const maxJoined = 64

// joinAssociations makes one box of two ipma boxes of one version and flags, in the file's
// bytes. ISO/IEC 23008-12, section 9.3.1, allows no two such boxes and libavif refuses
// them, but early writers made one for each item. Nothing moves but they: the 16 bytes
// that a head took become a property that nobody uses, behind the others in ipco.
func joinAssociations(data []byte) {
	meta := inner(data, "meta")
	if len(meta) < 4 {
		return
	}
	list := inner(meta[4:], "iprp")
	for range maxJoined {
		x, rest, ok := nextBox(list)
		first, behind, ok1 := nextBox(rest)
		second, beyond, ok2 := nextBox(behind)
		if !ok || !ok1 || !ok2 || x.kind != "ipco" || !joinable(first) || !joinable(second) || string(first.data[:4]) != string(second.data[:4]) {
			return
		}
		size := 8 + len(x.data)
		if binary.BigEndian.Uint32(list) != uint32(size) || len(rest)-len(beyond) != 16+len(first.data)+len(second.data) {
			return // heads of other sizes
		}
		entries := binary.BigEndian.Uint32(first.data[4:]) + binary.BigEndian.Uint32(second.data[4:])
		joined := append([]byte(nil), first.data[8:]...)
		joined = append(joined, second.data[8:]...)
		head := append([]byte(nil), first.data[:4]...)
		const spare = 16
		binary.BigEndian.PutUint32(list, uint32(size+spare))
		to := list[size:]
		binary.BigEndian.PutUint32(to, spare)
		copy(to[4:], "free")
		clear(to[8:spare])
		to = to[spare:]
		binary.BigEndian.PutUint32(to, uint32(16+len(joined)))
		copy(to[4:], "ipma")
		copy(to[8:], head)
		binary.BigEndian.PutUint32(to[12:], entries)
		copy(to[16:], joined)
	}
}

// joinable says whether a box is a whole ipma box of moderate size.
func joinable(x box) bool {
	return x.kind == "ipma" && !x.cut && len(x.data) >= 8 && binary.BigEndian.Uint32(x.data[4:]) < 1<<16
}
