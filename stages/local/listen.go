package local

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
)

// Postings are stored keys of one word, in columns: numbers of pictures, and of the
// Data of each key the low 32 bits and the high ones.
type Postings struct{ Pictures, Low, High []uint32 }

// MaxPictures is how many pictures a Listener tells apart.
const MaxPictures = 1 << 22

// Listener finds, among the stored keys of the words of a picture, the pictures of which
// Agreed is true of the picture or of its mirror image. At size this is where the time
// goes, for a picture has three pairs of keys that are alike with each stored stranger. So it sums up
// what pairs may be worth by picture and turn, then looks at the pairs of one stranger in
// five: first at turns and scales, then, of one in forty, at places.
//
// It has the memory that it works in: one for each goroutine.
type Listener struct {
	tallies tallies
	marks   []uint32 // alike pairs, see weighAlike
	at      []uint32 // and where they stand among the postings of their word
	heard   []bucket
	wanted  []uint8      // by picture: 1 where its sums are enough
	chosen  []uint32     // pairs of those pictures
	links   []linkedPair // each chosen pair
	chains  []chain      // by picture
	found   []uint32
	some    []int32 // chosen pairs of one picture
	worths  []worthPair
	agree   []Pair
}

// bucket is a probe with the postings of its word.
type bucket struct {
	probe int
	Postings
	end int // of its pairs among all
}

// chain is the pairs of a picture.
type chain struct {
	last int32 // that was linked last, when there is one
	n    int32 // how many there are
}

// linkedPair is what a pair is worth, and the pair before of the same picture, -1 for none.
type linkedPair struct {
	before int32
	worthPair
}

// Hear calls found for each picture that agrees, and gives its pairs, which are good
// until found returns: once for the picture, and once for its mirror image. postings
// gives the stored keys of the word of a probe; their pictures are below a number of at
// most MaxPictures, of which self is left out. Where many have so many pairs as strangers
// seldom have, it begins with those that have most. Of whom unheard is true, asked with the
// number of his pairs, is left out. It returns how many pairs were alike.
func (l *Listener) Hear(probes []Key, postings func(probe int) Postings, pictures, self int, unheard func(picture, pairs int) bool, found func(picture int, pairs []Pair)) (alike int) {
	if pictures > MaxPictures {
		panic("local: a listener tells 4,194,304 pictures apart")
	}
	for len(l.chains) < pictures {
		l.chains = append(l.chains, chain{})
	}
	for _, mirrored := range [...]bool{false, true} {
		l.sumUp(probes, postings, pictures, mirrored)
		alike += len(l.marks)
		l.choose(pictures, self)
		l.link(probes)
		l.order()
		for _, picture := range l.found {
			c := l.chains[picture]
			l.chains[picture] = chain{}
			if unheard(int(picture), int(c.n)) {
				continue
			}
			l.some, l.worths = l.some[:0], l.worths[:0]
			for i := c.last; i >= 0; i = l.links[i].before {
				l.some, l.worths = append(l.some, i), append(l.worths, l.links[i].worthPair)
			}
			if !mayAgree(l.worths) {
				continue
			}
			if l.gather(probes); Agreed(l.agree) {
				found(int(picture), l.agree)
			}
		}
	}
	return alike
}

// sumUp hears the probes of the picture or of its mirror image, notes the pairs that are
// alike and adds up what they may be worth.
func (l *Listener) sumUp(probes []Key, postings func(int) Postings, pictures int, mirrored bool) {
	l.tallies.clear(pictures)
	l.marks, l.at, l.heard = l.marks[:0], l.at[:0], l.heard[:0]
	for i, p := range probes {
		if p.Mirrored() != mirrored {
			continue
		}
		if b := postings(i); len(b.Low) > 0 {
			l.heard = append(l.heard, bucket{probe: i, Postings: b})
		}
	}
	for n := range l.heard {
		if n+fetchAhead < len(l.heard) {
			l.heard[n+fetchAhead].fetch()
		}
		b := &l.heard[n]
		from := len(l.marks)
		room := from + len(b.Low) + weighRoom
		l.marks, l.at = slices.Grow(l.marks, room-from)[:room], slices.Grow(l.at, room-from)[:room]
		b.end = from + weighAlike(probes[b.probe], b.Postings, l.marks[from:], l.at[from:])
		l.marks, l.at = l.marks[:b.end], l.at[:b.end]
		l.tallies.add(l.marks[from:])
	}
}

// fetchAhead is how many buckets before its turn a bucket is fetched: they lie about in memory.
const fetchAhead = 4

// choose sets chosen to those pairs that are of pictures whose sums are enough.
func (l *Listener) choose(pictures, self int) {
	l.wanted = l.tallies.enough(l.wanted[:0])
	if self >= 0 && self < pictures {
		l.wanted[self] = 0
	}
	l.chosen = slices.Grow(l.chosen[:0], len(l.marks)+1)[:len(l.marks)+1]
	n := 0
	for i, m := range l.marks { // without a branch: it would be guessed wrong one time in three
		l.chosen[n] = uint32(i)
		n += int(l.wanted[m>>markPicture])
	}
	l.chosen = l.chosen[:n]
}

// link makes a chain of the chosen pairs of each picture, and lists those pictures.
func (l *Listener) link(probes []Key) {
	l.found = l.found[:0]
	l.links = slices.Grow(l.links[:0], len(l.chosen))[:len(l.chosen)]
	n := 0 // of buckets so far
	var b *bucket
	var probe Key
	var worth *[2][16]uint16
	var of worthPair
	end := uint32(0)
	for i, c := range l.chosen {
		for c >= end {
			b = &l.heard[n]
			n++
			end = uint32(b.end)
			probe = probes[b.probe]
			of = worthPair{turn: uint8(probe.angle()), scale: int8(probe.scale()), ax: uint8(probe.x()), ay: uint8(probe.y())}
			worth = worthsOf(probe)
		}
		at, picture := l.at[c], l.marks[c]>>markPicture
		differ := bits.OnesCount32(b.Low[at] ^ uint32(probe.Data))
		high := uint64(b.High[at]) << 32
		c, before := &l.chains[picture], int32(-1)
		if c.n > 0 {
			before = c.last
		} else {
			l.found = append(l.found, picture)
		}
		c.last, c.n = int32(i), c.n+1
		l.links[i] = linkedPair{before, worthPair{
			worth: worth[high>>secondAt&1][differ&15],
			turn:  (uint8(high>>angleAt) - of.turn) & (Angles - 1),
			scale: int8(high>>scaleAt&31) - of.scale,
			ax:    of.ax, ay: of.ay,
			bx: uint8(high >> xAt & 63), by: uint8(high >> yAt & 63),
		}}
	}
}

const (
	// crowdPairs is how many pairs few strangers have, and most copies.
	crowdPairs = 64
	// crowdPictures is from how many pictures with so many on it pays to sort.
	crowdPictures = 64
)

// order puts the pictures found into the order of their numbers of pairs, the highest
// first, where many are copies, as far as numbers tell.
func (l *Listener) order() {
	many := 0
	for _, picture := range l.found {
		if l.chains[picture].n >= crowdPairs {
			many++
		}
	}
	if many < crowdPictures {
		return
	}
	slices.SortFunc(l.found, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(l.chains[b].n, l.chains[a].n), cmp.Compare(a, b))
	})
}

// gather sets agree to some pairs in full.
func (l *Listener) gather(probes []Key) {
	l.agree = l.agree[:0]
	for _, i := range l.some {
		c := l.chosen[i]
		b := &l.heard[sort.Search(len(l.heard), func(n int) bool { return c < uint32(l.heard[n].end) })]
		probe, at := probes[b.probe], l.at[c]
		l.agree = append(l.agree, Pair{probe, Key{Word: probe.Word, Data: uint64(b.Low[at]) | uint64(b.High[at])<<32}})
	}
}
