package local

import (
	"math/bits"
	"unsafe"
)

// Distance is the number of bits in which two descriptors differ, 0..256.
func Distance(a, b Descriptor) int {
	return bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1]) +
		bits.OnesCount64(a[2]^b[2]) + bits.OnesCount64(a[3]^b[3])
}

// pointDistances sets out to the distances of d to the descriptors of points, at most
// Points, 255 for 256.
func pointDistances(d *Descriptor, points []Point, out *[Points]uint8) {
	points = points[:min(len(points), Points)]
	n := len(points) / 8 * 8
	if n > 0 && !eightDistances(d, &points[0].Descriptor, unsafe.Sizeof(Point{}), n/8, &out[0]) {
		n = 0
	}
	d0, d1, d2, d3 := d[0], d[1], d[2], d[3]
	for j := n; j < len(points); j++ {
		e := &points[j].Descriptor
		out[j] = uint8(min(bits.OnesCount64(d0^e[0])+bits.OnesCount64(d1^e[1])+bits.OnesCount64(d2^e[2])+bits.OnesCount64(d3^e[3]), 255))
	}
}

// wordDistances sets out to the distances of d to words, a multiple of eight, 255 for 256.
func wordDistances(d *Descriptor, words []Descriptor, out []uint8) {
	if eightDistances(d, &words[0], unsafe.Sizeof(*d), len(words)/8, &out[0]) {
		return
	}
	for i := range words {
		out[i] = uint8(min(Distance(*d, words[i]), 255))
	}
}

// anyBelow says whether one of eight bytes is below a limit of at most 128 (Anderson,
// "Bit twiddling hacks", hasless).
func anyBelow(eight uint64, limit int) bool {
	const each = 0x0101010101010101
	return (eight-each*uint64(limit))&^eight&(each<<7) != 0
}
