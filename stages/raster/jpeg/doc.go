// Package jpeg decodes JPEG pictures at 1/8, 1/4, 1/2 or all of their size, as cheaply
// as the reduced size allows.
//
// The index looks at some 500 pixels of a photo that has 4,000, so nearly all of
// what a full decoder computes would be averaged away again. The DC coefficient of a
// block is eight times its mean: at 1/8 the entropy coded AC coefficients are passed
// over, several at a time, and no inverse transform is made. In a progressive file
// the DC coefficients stand in scans of their own, and the other scans are not even
// entropy-decoded. At 1/4 and 1/2 a reduced inverse transform gives the means of 4x4
// and 2x2 pixels; of a progressive file all scans are entropy-decoded there, so that its
// pixels are those of its sequential version, at about twice the cost of that.
//
// The coding is that of ITU-T Recommendation T.81 (1992), whose sections the comments
// cite: baseline, extended sequential and progressive, 8 bits, Huffman coded, with 1, 3
// or 4 components. What is not covered ends as an *UnsupportedError. Departures from
// the Recommendation are the ones that files in the wild ask for: fill and junk bytes
// between segments, a missing EOI, whatever follows it, missing Huffman tables (those of
// annex K are taken), more than ten blocks in an MCU. The multi-symbol table that
// passes over AC coefficients is described at the type table.
//
// Input is hostile. Declared sizes are to be compared with limits by the caller, who has
// them from ReadHeader before anything is allocated; a file whose bytes cannot hold
// half of the blocks that it declares is refused. Damage is data: what was decoded
// before and behind it is returned, with the share that is missing.
package jpeg
