package local

import "golang.org/x/sys/cpu"

// weighEights does what weighAlike does for the postings up to a multiple of eight, and
// returns how many postings it saw and how many of them are alike: none where the
// processor has no AVX2. TestWeighAlike holds it to the plain loop.
func weighEights(w *weigher, p Postings, marks, at []uint32) (seen, alike int) {
	eights := len(p.Low) / 8
	if eights == 0 || !cpu.X86.HasAVX2 || !cpu.X86.HasPOPCNT {
		return 0, 0
	}
	n := weighAVX2(w, &p.Pictures[0], &p.Low[0], &p.High[0], eights, &marks[0], &at[0], &packing)
	return eights * 8, n
}

// packing gives for each set of eight numbers, a bit each, which ones it has, in order.
var packing = func() (t [256][8]uint8) {
	for set := range t {
		n := 0
		for i := range uint8(8) {
			if set>>i&1 == 1 {
				t[set][n] = i
				n++
			}
		}
	}
	return t
}()

//go:noescape
func weighAVX2(w *weigher, pictures, low, high *uint32, eights int, marks, at *uint32, packing *[256][8]uint8) int

// fetch has the processor read postings, not none, into its cache while it goes on.
func (p Postings) fetch() {
	fetchColumns(&p.Pictures[0], &p.Low[0], &p.High[0], 4*len(p.Low))
}

//go:noescape
func fetchColumns(pictures, low, high *uint32, bytes int)
