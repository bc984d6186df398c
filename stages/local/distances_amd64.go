package local

import "golang.org/x/sys/cpu"

// eightDistances sets out to the distances of d to descriptors that lie stride bytes
// apart in memory, 8 for each of eights, 255 for 256, and says whether it did: not where
// the processor has no AVX2. Distances are most of what finding words and comparing cost,
// and Go's way counts bits one word at a time, asking each time whether the processor can (Mula,
// Kurz and Lemire, "Faster population counts using AVX2 instructions", 2018). Processors with AVX-512
// VPOPCNTDQ (Intel Ice Lake, AMD Zen 4) count the bits of four words in one instruction.
// TestDistances holds both to the plain loop.
func eightDistances(d, first *Descriptor, stride uintptr, eights int, out *uint8) bool {
	if eights == 0 || !cpu.X86.HasAVX2 {
		return false
	}
	if countsBits() {
		distancesAVX512(d, first, int(stride), eights, out)
	} else {
		distancesAVX2(d, first, int(stride), eights, out)
	}
	return true
}

// countsBits says whether the processor counts the bits of each word of 32 bytes.
func countsBits() bool { return cpu.X86.HasAVX512VPOPCNTDQ && cpu.X86.HasAVX512VL }

//go:noescape
func distancesAVX2(d, first *Descriptor, stride, eights int, out *uint8)

//go:noescape
func distancesAVX512(d, first *Descriptor, stride, eights int, out *uint8)
