package local

import "math/bits"

// MinVotes is how many votes of Agree make a candidate, counted as Agree
// does. TestMeasure prints what share of the copies each number keeps and how many strangers it lets in.
const MinVotes = 2

// Alike tells from the signatures of a probe and a stored key of one word
// whether they may belong together. Agree leaves out all others, so that who
// gathers pairs need not keep them.
func Alike(probe, stored Key) bool {
	return bits.OnesCount32(uint32(probe.Data)^uint32(stored.Data)) <= signatureDistance
}
