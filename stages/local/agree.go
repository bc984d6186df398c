package local

import (
	"cmp"
	"math/bits"
	"slices"
)

// Pair is a probe of one picture that met a stored key of another: of the same word.
type Pair struct{ Probe, Stored Key }

// Score says how many keys of two pictures lie alike.
type Score struct {
	Votes    int  // whole votes, 0..213; never more than twice the pairs
	Worth    int  // the same in 1/690 of a vote, for who wants to rank
	Mirrored bool // it is the mirrored picture that they agree on
}

// MinVotes is how many votes make a candidate. Of the edited test photos and the
// originals they were made from, and per query strangers among 627 photos of
// other things:
//
//	votes   near   hard   partial   strangers
//	1.5     1.000  .991   .926      2.9
//	1.8     1.000  .991   .911      0.75
//	2       1.000  .991   .903      0.40
//	2.6     1.000  .987   .868      0.07
//
// Most of what is missed are collages, with few keypoints in a tile. TestMeasure
// prints the table again.
const MinVotes = 2

// Alike tells from the signatures of a probe and a stored key of one word
// whether they may belong together. Agree leaves out all others, so that who
// gathers pairs need not keep them.
func Alike(probe, stored Key) bool {
	return probe.Data&stored.Data>>secondAt&1 == 0 && signaturesDiffer(probe.Data, stored.Data) <= signatureDistance
}

const (
	// signatureDistance is how many of 32 bits may differ. With 6 a point of the
	// partial pairs is lost, with 10 only strangers are won.
	signatureDistance = 8
	// maxPairs bounds the work: the pairs of nearest signatures are looked at.
	maxPairs = 120
	// agreePixels is the error allowed at the place of a pair, in pixels of
	// 512: 6 as in fitting, and the grid of 8 pixels on either side. 6 alone loses a
	// point or two of the partial pairs, 12 wins none.
	agreePixels = 9
	// A pair as near to one that was counted before, in scales and pixels of
	// 512, saw much the same pixels and counts less.
	sameScales, samePixels = 6, 8
	sameWorth, fullWorth   = 2, 5
	// A pair that met by the second word of one side counts less: at equal numbers
	// of strangers that wins a point of the partial pairs.
	secondWorth, firstWorth = 3, 4
	// vote is the worth of a vote: a common pair of true copies has about as much.
	vote = 690
)

// Agree counts the votes of two pictures for being one, from what the postings
// hold: as Compare begins, without reading a feature. Pairs of all probes of
// one picture and keys of the other go in, in any order; Agree gives the same
// whichever picture asked. It is spatial verification as of Philbin et al.,
// "Object retrieval with large vocabularies", 2007, with one pair for a hypothesis.
//
// A vote is a pair of keys that lies where a similarity maps it, each key once.
// It counts more the rarer its word is and the nearer the signatures are, and
// less where another vote stands beside it: 1.8 at most, 0.3 where a rare word's
// signatures just pass. At equal numbers of strangers this finds a tenth more of
// the insets and collages than plain counting.
func Agree(pairs []Pair) Score {
	upright, mirrored := linked(pairs)
	v := vocabulary()
	s := Score{Worth: worth(v, upright, false)}
	if n := worth(v, mirrored, true); n > s.Worth {
		s = Score{Worth: n, Mirrored: true}
	}
	s.Votes = s.Worth / vote
	return s
}

// Worth is a stored key of a probe's word that may belong to it.
type Worth struct {
	At    uint32 // which of those that were weighed
	Worth uint16 // the most that it may add to Score.Worth, 1..1,260
	Turn  uint8  // how far the stored picture is turned against the asking one, 0..63, in 1/64 of a turn
	Scale int8   // and how much larger it is, in sixths of an octave
}

// MinWorth is what the pairs of MinVotes are worth together, at least.
const MinWorth = MinVotes * vote

// Of pairs that agree with one of them on a similarity, Turn lies within this to
// either side, around the circle, and so does Scale.
const (
	AgreeTurn  = consensusTurn
	AgreeScale = 3 // consensusScale is 3.6
)

// Weigh appends those stored keys of the word of a probe that are Alike, and what they
// are worth beside it. The keys are given by the low and the high half of their Data.
func Weigh(probe Key, low, high []uint32, worths []Worth) []Worth {
	var worth [2][signatureDistance + 1]uint16 // by the second bit of the stored key, and by bits that differ
	w := vocabulary().weight(probe.Word)
	for second := range worth {
		for n := range worth[second] {
			worth[second][n] = uint16(keyWorth(w, probe.Data, uint64(second)<<secondAt, n))
		}
	}
	from := len(worths)
	worths = slices.Grow(worths, len(low)+1)[:from+len(low)+1]
	to := from
	signature := uint32(probe.Data)
	for i, s := range low { // without a branch: four in ten are alike
		n := bits.OnesCount32(s ^ signature)
		worths[to] = Worth{At: uint32(i), Worth: uint16(n)}
		if n <= signatureDistance {
			to++
		}
	}
	angle, scale := uint8(probe.angle()), int8(probe.scale())
	alike := worths[from:to]
	to = from
	for _, k := range alike {
		h := uint64(high[k.At]) << 32
		k.Worth = worth[h>>secondAt&1][k.Worth]
		k.Turn = (uint8(h>>angleAt) - angle) & (Angles - 1)
		k.Scale = int8(h>>scaleAt&31) - scale
		worths[to] = k
		if k.Worth > 0 {
			to++
		}
	}
	return worths[:to]
}

func signaturesDiffer(a, b uint64) int { return bits.OnesCount32(uint32(a) ^ uint32(b)) }

// keyWorth is what the data of a pair of keys whose signatures differ in n bits count,
// 0..1,260, by the weight of their word: nothing where they are not Alike.
func keyWorth(weight int, a, b uint64, n int) int {
	switch seconds := a>>secondAt&1 + b>>secondAt&1; {
	case n > signatureDistance || seconds == 2:
		return 0
	case seconds == 1:
		return weight * (signatureDistance + 2 - n) * secondWorth / firstWorth
	}
	return weight * (signatureDistance + 2 - n)
}

// Agreed tells whether Agree counts MinVotes, in a third of its time for strangers.
func Agreed(pairs []Pair) bool {
	upright, mirrored := linked(pairs)
	v := vocabulary()
	for side, links := range [...][]link{upright, mirrored} {
		if n, _ := worthiest(v, links, side == 1, MinWorth); n >= MinWorth {
			return true
		}
	}
	return false
}

// MayAgree is false only for pairs, all of the picture or all of its mirror image, of
// which Agree gives fewer than MinVotes. It looks at angles and scales alone, in whole
// numbers, and takes a twentieth of the time.
func MayAgree(worths []Worth) bool {
	for i := range worths {
		p := &worths[i]
		sum := 0
		for j := range worths {
			q := &worths[j]
			if (q.Turn-p.Turn+AgreeTurn)&(Angles-1) <= 2*AgreeTurn && uint8(q.Scale-p.Scale+AgreeScale) <= 2*AgreeScale {
				sum += int(q.Worth)
			}
		}
		if sum >= MinWorth {
			return true
		}
	}
	return false
}

// link is a pair of keys as both pictures have them stored.
type link struct {
	a, b     Key
	distance int
}

// linked makes links of those pairs that are of one word and Alike.
func linked(pairs []Pair) (upright, mirrored []link) {
	for _, p := range pairs {
		if p.Probe.Word != p.Stored.Word || !Alike(p.Probe, p.Stored) {
			continue
		}
		d := signaturesDiffer(p.Probe.Data, p.Stored.Data)
		if p.Probe.Mirrored() {
			mirrored = append(mirrored, link{p.Probe.mirror(), p.Stored, d})
		} else {
			upright = append(upright, link{p.Probe, p.Stored, d})
		}
	}
	return upright, mirrored
}

func compareKeys(a, b Key) int {
	if c := cmp.Compare(a.Data, b.Data); c != 0 {
		return c
	}
	return cmp.Compare(a.Word, b.Word)
}

func compareLinks(l, m link) int {
	if c := cmp.Compare(l.distance, m.distance); c != 0 {
		return c
	}
	if c := compareKeys(l.a, m.a); c != 0 {
		return c
	}
	return compareKeys(l.b, m.b)
}

// swap exchanges the pictures.
func (l link) swap() link { return link{l.b, l.a, l.distance} }

// worth is what a pair counts on its own.
func (l link) worth(v *Vocabulary) int {
	return keyWorth(v.weight(l.a.Word), l.a.Data, l.b.Data, l.distance)
}

// worth returns what the links that agree on one similarity are worth, of the set
// that is worth most.
func worth(v *Vocabulary, links []link, mirrored bool) int {
	n, _ := worthiest(v, links, mirrored, 0)
	return n
}

// worthiest returns the links that agree on one similarity, of the set that is worth
// most, and what they are worth; or none where they are certainly worth less than the
// least that is asked for.
func worthiest(v *Vocabulary, links []link, mirrored bool, least int) (int, []link) {
	switch len(links) {
	case 0:
		return 0, nil
	case 1:
		return links[0].worth(v), links
	}
	links, exchanged := inOrder(links)
	if least > 0 && !mayBeWorth(v, links, mirrored, least) {
		return 0, nil
	}
	links = nearestLinks(links)
	c := newConsensus(agreePixels, len(links))
	var as, bs numbers
	for _, l := range links {
		a, b := l.places(mirrored)
		c.add(a, b, as.of(l.a), bs.of(l.b), l.worth(v))
	}
	best := c.largest(len(links), least)
	sum := 0
	set := make([]link, 0, len(best))
	for n, i := range best {
		l := links[i]
		if exchanged {
			l = l.swap()
		}
		set = append(set, l)
		p, part := &c.pairs[i], fullWorth
		for _, j := range best[:n] {
			if q := &c.pairs[j]; beside(p.a, q.a) || beside(p.b, q.b) {
				part = sameWorth
				break
			}
		}
		sum += part * p.weight
	}
	return sum / fullWorth, set
}

// mayBeWorth tells whether a set of links may be worth so much: whether all that agree
// with one are, though a set has each keypoint once. Most strangers have no more.
func mayBeWorth(v *Vocabulary, links []link, mirrored bool, least int) bool {
	c := newConsensus(agreePixels, len(links))
	for _, l := range links {
		a, b := l.places(mirrored)
		c.add(a, b, 0, 0, l.worth(v))
	}
	for i := range c.pairs {
		sum := 0
		for j := range c.pairs {
			if i == j || c.agrees(&c.pairs[i], &c.pairs[j]) {
				sum += c.pairs[j].weight
			}
		}
		if sum >= least {
			return true
		}
	}
	return false
}

// inOrder returns the links, or those of the exchanged pictures if they come first when
// sorted: the sides are then in an order that depends on the keys alone.
func inOrder(links []link) (_ []link, exchanged bool) {
	others := make([]link, len(links))
	least, least2 := links[0], links[0].swap()
	for i, l := range links {
		others[i] = l.swap()
		if compareLinks(l, least) < 0 {
			least = l
		}
		if compareLinks(others[i], least2) < 0 {
			least2 = others[i]
		}
	}
	c := compareLinks(least2, least)
	if c == 0 { // pictures of the same keys
		slices.SortFunc(links, compareLinks)
		slices.SortFunc(others, compareLinks)
		c = slices.CompareFunc(others, links, compareLinks)
	}
	if c < 0 {
		return others, true
	}
	return links, false
}

// nearestLinks returns the first maxPairs of the sorted links, each once.
func nearestLinks(links []link) (sorted []link) {
	// Distance by distance, until there are enough.
	sorted = make([]link, 0, min(len(links), 2*maxPairs))
	for d := 0; d <= signatureDistance && len(sorted) < maxPairs; d++ {
		from := len(sorted)
		for _, l := range links {
			if l.distance == d {
				sorted = append(sorted, l)
			}
		}
		slices.SortFunc(sorted[from:], compareLinks)
		sorted = slices.Compact(sorted)
	}
	return sorted[:min(len(sorted), maxPairs)]
}

// beside says whether two keypoints saw much the same pixels.
func beside(p, q place) bool {
	reach := mul(sameScales, max(p.size, q.size)) + samePixels
	dx, dy := p.x-q.x, p.y-q.y
	return mul(dx, dx)+mul(dy, dy) < mul(reach, reach)
}

// places are where the keypoints of a link lie, those of a in a mirror if so seen.
func (l link) places(mirrored bool) (a, b place) {
	a, b = keyPlace(l.a), keyPlace(l.b)
	if mirrored {
		a = a.mirror(raster512)
	}
	return a, b
}

// numbers gives each of at most maxPairs keypoints a number of its own, below 256: its
// place in a table with open addressing.
type numbers struct {
	used [256]bool
	keys [256]uint64
}

func (n *numbers) of(k Key) int {
	p := k.point()
	i := uint8(p * 0x9e3779b97f4a7c15 >> 56) // Knuth's multiplicative hash
	for n.used[i] && n.keys[i] != p {
		i++
	}
	n.used[i], n.keys[i] = true, p
	return int(i)
}

// keyPlace is the middle of the cell that a key names.
func keyPlace(k Key) place {
	const cell = raster512 / placeSteps
	return place{
		x: float64(k.x()*cell) + cell/2, y: float64(k.y()*cell) + cell/2,
		size: pow2(k.scale(), scaleSteps), angle: k.angle(),
	}
}
