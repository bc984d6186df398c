package local

import "golang.org/x/sys/cpu"

// eightDistances sets out to the distances of d to descriptors that lie stride bytes
// apart in memory, 8 for each of eights, 255 for 256, and says whether it did: not where
// the processor has no AVX2. Distances are most of what finding words and comparing cost,
// and Go's way counts bits one word at a time, asking each time whether the processor can (Mula,
// Kurz and Lemire, "Faster population counts using AVX2 instructions", 2018).
// TestDistances holds it to the plain loop.
func eightDistances(d, first *Descriptor, stride uintptr, eights int, out *uint8) bool {
	if eights == 0 || !cpu.X86.HasAVX2 {
		return false
	}
	distancesAVX2(d, first, int(stride), eights, out)
	return true
}

//go:noescape
func distancesAVX2(d, first *Descriptor, stride, eights int, out *uint8)
