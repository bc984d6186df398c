package local

import "golang.org/x/sys/cpu"

// distances sets out to the distances of d to points, eight at a time, 255 for 256, and
// returns for how many of the first: none where the processor has no AVX2. The loop of nearest is most of
// what comparing costs, and Go's counts bits one word at a time, asking each time
// whether the processor can (Mula, Kurz and Lemire, "Faster population counts using AVX2
// instructions", 2018). TestDistances holds it to the plain loop.
func distances(d *Descriptor, points []Point, out *[Points]uint8) int {
	eights := min(len(points), Points) / 8
	if eights == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	distancesAVX2(d, &points[0], eights, &out[0])
	return 8 * eights
}

//go:noescape
func distancesAVX2(d *Descriptor, points *Point, eights int, out *uint8)
