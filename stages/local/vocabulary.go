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
// With half as many words and as many keys a picture 1.6 times the postings are read, and at equal
// numbers of strangers 2 in 100 insets and collages more are missed; with twice as many words 0.6 times
// the postings, and 3 in 100. Common words hold most postings, and fewer that are
// telling: see isKey.
const (
	coarseWords = 128 // stored, 256 with their mirror images
	leafWords   = 512 // of each coarse word
	// Words is how many words there are: Key.Word is below it.
	Words = coarseWords * leafWords * 2

	// coarseProbes is in how many coarse words the nearest leaf is looked for. Of
	// the inliers of strong edits and parts 20 % have one word with 3, 21 % with 8.
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
//go:embed vocabulary_v2.bin
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
func (v *Vocabulary) Word(d Descriptor) uint32 { return v.words(d)[0].word }

// nearWord is a word, and how many bits farther than the nearest it is.
type nearWord struct {
	word uint32
	gap  int
}

// Places in what the search for words sorts by: from the lowest bit the orientation, the leaf,
// the coarse word, and above all the distance.
const (
	leafAt     = 1
	coarseAt   = leafAt + 9
	distanceAt = coarseAt + 7
)

// The leaves and the coarse words have room: else this does not compile.
var _ = [1]struct{}{}[leafWords>>(coarseAt-leafAt)>>1|coarseWords>>(distanceAt-coarseAt)>>1]

// words returns the nearest word, as Word does, and those that come next, of which each is
// right up to a gap of farthestWord and may be another beyond.
func (v *Vocabulary) words(d Descriptor) (near [keysOfPoint]nearWord) {
	m := d.Mirror()
	flip := uint32(0)
	if slices.Compare(d[:], m[:]) > 0 {
		// Ties must fall alike for d and m: always look from the lesser of the two.
		d, m = m, d
		flip = 1
	}
	// The nearest coarse words: distance, number, orientation.
	var coarse [coarseProbes]int
	for i := range coarse {
		coarse[i] = 1 << 30
	}
	var distances [leafWords]uint8
	for o, x := range [2]*Descriptor{&d, &m} {
		wordDistances(x, v.Coarse[:], distances[:])
		for c, n := range distances[:coarseWords] {
			if k := int(n)<<9 | c<<1 | o; k < coarse[coarseProbes-1] {
				sortIn(coarse[:], k)
			}
		}
	}
	var best [keysOfPoint]int
	for i := range best {
		best[i] = 1 << 30
	}
	for _, k := range coarse {
		c, x := k>>1&(coarseWords-1), &d
		if k&1 == 1 {
			x = &m
		}
		wordDistances(x, v.Leaves[c][:], distances[:])
		for l := 0; l < leafWords; l += 8 {
			eight := distances[l : l+8]
			if far := min(best[keysOfPoint-1]>>distanceAt, best[0]>>distanceAt+farthestWord) + 1; far <= 128 && !anyBelow(binary.LittleEndian.Uint64(eight), far) {
				continue
			}
			for i, n := range eight {
				if key := int(n)<<distanceAt | c<<coarseAt | (l+i)<<leafAt | k&1; key < best[keysOfPoint-1] {
					sortIn(best[:], key)
				}
			}
		}
	}
	for i, k := range best {
		near[i] = nearWord{uint32(k&(Words-1)) ^ flip, k>>distanceAt - best[0]>>distanceAt}
	}
	return near
}

// sortIn puts n, which is less than the last, into its place among numbers that rise.
func sortIn(numbers []int, n int) {
	i := len(numbers) - 1
	for ; i > 0 && numbers[i-1] > n; i-- {
		numbers[i] = numbers[i-1]
	}
	numbers[i] = n
}
