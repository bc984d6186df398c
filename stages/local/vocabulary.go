package local

import (
	_ "embed"
	"encoding/binary"
	"slices"
	"sync"
)

// A vocabulary of binary words in two levels (Nistér and Stewénius, "Scalable
// recognition with a vocabulary tree", 2006; k-majority after Grana et al. 2013),
// closed under mirroring: each stored word stands for itself and its mirror image.
//
// Half as many words read 1.7 times the postings, a quarter 3 times: at equal
// numbers of strangers they find 0 and 2 in 100 more insets and collages.
const (
	coarseWords = 128 // stored, 256 with their mirror images
	leafWords   = 256 // of each coarse word
	// Words is how many words there are: Key.Word is below it.
	Words = coarseWords * leafWords * 2

	// coarseProbes is in how many coarse words the nearest leaf is looked for. Of
	// the inliers of strongly edited pairs 27 % have one word with 3, 29 % with 8.
	coarseProbes = 8
)

// Vocabulary holds the stored words: coarse word c, then its leaves, seen in
// the orientation in which the coarse word is stored.
type Vocabulary struct {
	Coarse [coarseWords]Descriptor
	Leaves [coarseWords][leafWords]Descriptor

	// Weights says how telling a word is: ln(1/share of it) / ln(words), in
	// 1/100, by its share of the descriptors of the training photos. Not by
	// what is in an index: a pair must weigh the same in each.
	Weights [coarseWords][leafWords]uint8
}

// vocabularyFile is written by the train command: 32 bytes for each
// descriptor, little-endian, the coarse words first; then the weights.
//
//go:embed vocabulary_v1.bin
var vocabularyFile []byte

var vocabulary = sync.OnceValue(func() *Vocabulary {
	var v Vocabulary
	b := vocabularyFile
	next := func(d *Descriptor) {
		for i := range d {
			d[i] = binary.LittleEndian.Uint64(b)
			b = b[8:]
		}
	}
	for c := range v.Coarse {
		next(&v.Coarse[c])
	}
	for c := range v.Leaves {
		for l := range v.Leaves[c] {
			next(&v.Leaves[c][l])
		}
	}
	for c := range v.Weights {
		b = b[copy(v.Weights[c][:], b):]
	}
	return &v
})

// weight says how telling a word is, in 1/100.
func (v *Vocabulary) weight(word uint32) int {
	stored := int(word>>1) & (coarseWords*leafWords - 1)
	return int(v.Weights[stored/leafWords][stored%leafWords])
}

// Word returns the word of a descriptor: the number of the nearest stored word
// times two, and one more where its mirror image is nearer. So
// Word(d.Mirror()) is Word(d)^1, but for a descriptor that is its own mirror image.
func (v *Vocabulary) Word(d Descriptor) uint32 {
	first, _, _ := v.words(d)
	return first
}

// words returns the nearest word, as Word does, the second nearest, and how many
// bits farther that is.
func (v *Vocabulary) words(d Descriptor) (first, second uint32, gap int) {
	m := d.Mirror()
	flip := uint32(0)
	if slices.Compare(d[:], m[:]) > 0 {
		// Ties must fall alike for d and m: always look from the lesser of the two.
		d, m = m, d
		flip = 1
	}
	// The nearest coarse words: distance, number, orientation.
	var near [coarseProbes]int
	for i := range near {
		near[i] = 1 << 30
	}
	var distances [leafWords]uint8
	for o, x := range [2]*Descriptor{&d, &m} {
		wordDistances(x, v.Coarse[:], distances[:])
		for c, n := range distances[:coarseWords] {
			k := int(n)<<9 | c<<1 | o
			if k > near[coarseProbes-1] {
				continue
			}
			for i := range near {
				if k < near[i] {
					k, near[i] = near[i], k
				}
			}
		}
	}
	best, next := 1<<30, 1<<30
	for _, k := range near {
		c, x := k>>1&(coarseWords-1), &d
		if k&1 == 1 {
			x = &m
		}
		wordDistances(x, v.Leaves[c][:], distances[:])
		for l := 0; l < leafWords; l += 8 {
			eight := distances[l : l+8]
			if far := next>>17 + 1; far <= 128 && !anyBelow(binary.LittleEndian.Uint64(eight), far) {
				continue
			}
			for i, n := range eight {
				switch key := int(n)<<17 | c<<9 | (l+i)<<1 | k&1; {
				case key < best:
					best, next = key, best
				case key < next:
					next = key
				}
			}
		}
	}
	return uint32(best&(Words-1)) ^ flip, uint32(next&(Words-1)) ^ flip, next>>17 - best>>17
}
