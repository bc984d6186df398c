package local

import (
	"cmp"
	"math"
	"slices"
)

// link is a pair of keys as both pictures have them stored.
type link struct {
	a, b     Key
	distance int
}

// linked makes links of those pairs that are of one word and Alike. It is compiled into its
// callers, on whose stack the links of most pictures lie.
func linked(pairs []Pair) (upright, mirrored []link) {
	return split(make([]link, 2*maxPairs), pairs)
}

// split puts the links into the room for them, if that is enough, from either end.
func split(there []link, pairs []Pair) (upright, mirrored []link) {
	links := room(there, len(pairs))
	from, to := 0, len(links)
	for i := range pairs {
		p := &pairs[i]
		if p.Probe.Word != p.Stored.Word || !Alike(p.Probe, p.Stored) {
			continue
		}
		d := signaturesDiffer(p.Probe.Data, p.Stored.Data)
		if p.Probe.Mirrored() {
			to--
			links[to] = link{p.Probe.mirror(), p.Stored, d}
		} else {
			links[from] = link{p.Probe, p.Stored, d}
			from++
		}
	}
	return links[:from:from], links[to:]
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
	n, _ := worthiest(v, links, mirrored, 0, math.MaxInt)
	return n
}

// worthiest returns the links that agree on one similarity, of the set that weighs
// most, and what they are worth; or none where they are certainly worth less than the
// least that is asked for. It stops at a set that weighs enough. The order of the links is lost.
func worthiest(v *Vocabulary, links []link, mirrored bool, least, enough int) (int, []link) {
	switch len(links) {
	case 0:
		return 0, nil
	case 1:
		return links[0].worth(v), links
	}
	exchanged := inOrder(links)
	nearest := links
	if len(links) > maxPairs {
		nearest = nearestLinks(links)
	}
	if least > 0 && !mayBeWorth(v, nearest, mirrored, least) {
		return 0, nil
	}
	if len(links) <= maxPairs {
		nearest = nearestLinks(links)
	}
	c := newConsensus(agreePixels, len(nearest))
	var as, bs numbers
	for _, l := range nearest {
		a, b := l.places(mirrored)
		c.add(a, b, as.of(l.a.point()), bs.of(l.b.point()), l.worth(v))
	}
	best := c.largest(len(nearest), least, enough)
	sum := 0
	set := make([]link, 0, len(best))
	for n, i := range best {
		l := nearest[i]
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

// mayBeWorth tells whether a set of links, at most maxPairs, may be worth so much. Of the
// strangers whose hits agree by angle and scale it turns away 96 of 100, without sorting them.
func mayBeWorth(v *Vocabulary, links []link, mirrored bool, least int) bool {
	// By turn and scale alone, as mayAgree does.
	var all [maxPairs]lean
	leans := all[:len(links)]
	for i := range links {
		l := &links[i]
		a := l.a.angle()
		if mirrored {
			a = mirrorAngle(a)
		}
		k := lean{worth: l.worth(v), turn: uint8(l.b.angle() - a), scale: uint8(l.b.scale() - l.a.scale())}
		k.sum = k.worth
		for j := range leans[:i] {
			if m := &leans[j]; m.like(&k) {
				k.sum += m.worth
				m.sum += k.worth
			}
		}
		leans[i] = k
	}
	c := newConsensus(agreePixels, len(links))
	var added [maxPairs]uint8 // where in c, and one more
	pair := func(i int) *correspondence {
		if added[i] == 0 {
			a, b := links[i].places(mirrored)
			c.add(a, b, 0, 0, leans[i].worth)
			added[i] = uint8(c.added)
		}
		return &c.pairs[added[i]-1]
	}
	var b bound
	for i := range leans {
		base := &leans[i]
		if base.sum < least {
			continue
		}
		p, most := pair(i), base.sum
		b.n = 0
		for j := range leans {
			if i == j || !base.like(&leans[j]) {
				continue
			}
			if !links[j].excludes(&links[i]) {
				if q := pair(j); !p.far(q) && c.agrees(p, q) {
					b.links[b.n], b.pairs[b.n] = &links[j], q
					b.n++
					continue
				}
			}
			if most -= leans[j].worth; most < least {
				break
			}
		}
		if most >= least && b.most(p) >= fullWorth*least {
			return true
		}
	}
	return false
}

// lean is how a link turns and scales, modulo 256, and what it and all links like it are worth.
type lean struct {
	worth, sum  int
	turn, scale uint8
}

// like is true at least for two links that agree.
func (l *lean) like(m *lean) bool {
	return turnAlike(l.turn-m.turn, l.scale-m.scale)
}

// excludes is true where no set has both links: each keypoint is in it once.
func (l *link) excludes(m *link) bool {
	return l.a.point() == m.a.point() || l.b.point() == m.b.point()
}

// bound is what a set of links may be worth at most. On textures one keypoint has many
// links, and many links stand side by side: of either picture each keypoint counts once,
// and of those in one cell one in full, and what is beside the base does not.
type bound struct {
	n             int // of those that agree with the base
	links         [maxPairs]*link
	pairs         [maxPairs]*correspondence
	points, cells heaviest
}

// most is in 1/fullWorth, the base included.
func (b *bound) most(base *correspondence) int {
	all, full := math.MaxInt, math.MaxInt
	for side := range 2 {
		b.points.clear()
		b.cells.clear()
		for i, l := range b.links[:b.n] {
			p, of := b.pairs[i], &l.a
			if side == 1 {
				of = &l.b
			}
			b.points.add(of.point(), p.weight)
			if !beside(base.a, p.a) && !beside(base.b, p.b) {
				b.cells.add(of.cell(), p.weight)
			}
		}
		all, full = min(all, b.points.sum), min(full, b.cells.sum)
	}
	return fullWorth*base.weight + sameWorth*all + (fullWorth-sameWorth)*full
}

// heaviest sums up the largest weight under each of at most maxPairs names.
type heaviest struct {
	sum, n  int
	names   [maxPairs]uint64
	weights [maxPairs]int
}

func (h *heaviest) clear() { h.sum, h.n = 0, 0 }

func (h *heaviest) add(name uint64, weight int) {
	i := slices.Index(h.names[:h.n], name)
	if i < 0 {
		i = h.n
		h.names[i], h.weights[i] = name, 0
		h.n++
	}
	if w := h.weights[i]; weight > w {
		h.sum += weight - w
		h.weights[i] = weight
	}
}

// inOrder exchanges the pictures if their links come first when sorted: the sides are then
// in an order that depends on the keys alone.
func inOrder(links []link) (exchanged bool) {
	least, least2 := links[0], links[0].swap()
	for _, l := range links[1:] {
		if l.distance > least.distance {
			continue
		}
		if compareLinks(l, least) < 0 {
			least = l
		}
		if l = l.swap(); compareLinks(l, least2) < 0 {
			least2 = l
		}
	}
	c := compareLinks(least2, least)
	if c == 0 { // pictures of the same keys
		others := make([]link, len(links))
		for i, l := range links {
			others[i] = l.swap()
		}
		slices.SortFunc(links, compareLinks)
		slices.SortFunc(others, compareLinks)
		c = slices.CompareFunc(others, links, compareLinks)
	}
	if c < 0 {
		for i, l := range links {
			links[i] = l.swap()
		}
	}
	return c < 0
}

// nearestLinks returns the first maxPairs of the sorted links, each once. It is compiled into
// its callers, on whose stack they lie.
func nearestLinks(links []link) []link {
	return appendNearest(make([]link, 0, 2*maxPairs), links)
}

func appendNearest(sorted, links []link) []link {
	// Distance by distance, until there are enough.
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

// cell is where the keypoint lies, in squares of two by two places. The middles of those
// are beside each other at any scale.
func (k Key) cell() uint64 { return uint64(k.y()/2*placeSteps + k.x()/2) }

// numbers gives each of at most maxPairs keypoints a number of its own, below 256: its
// place in a table with open addressing.
type numbers struct {
	used [256]bool
	keys [256]uint64
}

func (n *numbers) of(p uint64) int {
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
