package local

import (
	"math"
	"math/bits"
	"slices"
)

// minSupport is how many keypoints must support the similarity of one pair. Compare
// proposes a map from minInliers matches on, and each of those supports it.
const minSupport = minInliers

// From sureSupport matches on nobody fits, which takes longest. With 4, of pictures of textures twice
// as many are taken for candidates (10.3 a tile in the place of 8.3, MeasureStrangers of index/dedup).
const sureSupport = 8

// manyLinks are so many that something looks alike around one of them in any case: half of the
// strangers that have the votes have more, and so have most copies.
const manyLinks = 32

// Supported tells whether the keypoints of two pictures that have enough votes propose a map,
// as Compare would find it. Around the similarity that any pair of keys gives, of those
// that Agree counts, are there minSupport keypoints that look alike? That turns away nine
// in ten strangers that have enough votes. Where sureSupport match, too, which is more than to
// look alike, they propose a map. Else, or where there are manyLinks, they are fitted, mirrored
// only where the votes are: of textures, where much looks alike, that turns away 19 in 20. Of the 4,069 matches among
// the test photos it loses none. Supported(b, a) with the pairs exchanged is the same.
func Supported(a, b Feature, pairs []Pair) bool {
	exchanged := compareFeatures(a, b) > 0
	if exchanged {
		a, b = b, a
	}
	var there [3][Points]place // on the stack, as this is asked of many pairs
	pa := places(a, there[0][:])
	to := grid{points: b.Points, places: places(b, there[1][:])}
	to.sort()
	proposed := func(side int) bool { // copies may have the votes in the mirror by chance
		return side == 1 && proposes(a, b, pa, to.places, true) || proposes(a, b, pa, to.places, false)
	}
	upright, mirrored := linked(pairs)
	for side, links := range [...][]link{upright, mirrored} {
		if len(links) > manyLinks {
			if proposed(side) {
				return true
			}
			continue
		}
		n, best := worthiest(vocabulary(), links, side == 1, minWorth, math.MaxInt)
		if n < minWorth {
			continue
		}
		from := pa
		if side == 1 {
			from = append(there[2][:0], pa...)
			for i := range from {
				from[i] = from[i].mirror(raster512)
			}
		}
		for _, l := range best {
			if exchanged {
				l = l.swap()
			}
			at := keyPlace(l.a)
			if side == 1 {
				at = at.mirror(raster512)
			}
			alike, match := to.support(a.Points, from, at, keyPlace(l.b), side == 1)
			if match {
				return true
			}
			if alike {
				if proposed(side) {
					return true
				}
				break
			}
		}
	}
	return false
}

// grid are the keypoints of a picture by place and by angle: in sets, for what lies near a place, turned about so,
// is then known by a dozen operations, and one keypoint in six hundred is looked at.
type grid struct {
	points        []Point
	places        []place
	columns, rows [gridSide]pointSet
	turned        [Angles]pointSet // those whose angle is at most consensusTurn away
}

// pointSet are keypoints by number, a bit each.
type pointSet [(Points + 63) / 64]uint64

func (s *pointSet) add(i int) { s[i/64] |= 1 << (i % 64) }

func (s *pointSet) join(t *pointSet) {
	for w := range s {
		s[w] |= t[w]
	}
}

const (
	gridSide = 16
	gridCell = raster512 / gridSide
)

// sort fills the sets.
func (g *grid) sort() {
	for i := range g.places {
		p := &g.places[i]
		g.columns[cellOf(p.x)].add(i)
		g.rows[cellOf(p.y)].add(i)
		for t := p.angle - consensusTurn; t <= p.angle+consensusTurn; t++ {
			g.turned[t&(Angles-1)].add(i)
		}
	}
}

func cellOf(v float64) int { return min(max(int(v)/gridCell, 0), gridSide-1) }

// support tells whether minSupport keypoints of a lie where the similarity from at
// to to maps them on keypoints of the grid that look alike, and whether so many match
// there, each of either picture once. The map comes from cells of 8 pixels, so the
// tolerances are those of votes. What matches is only asked of those that look alike.
func (g *grid) support(a []Point, pa []place, at, to place, mirrored bool) (alike, match bool) {
	c := newConsensus(agreePixels, 1)
	c.add(at, to, 0, 0, 1)
	p := &c.pairs[0]
	found, matched := 0, make([]int, 0, sureSupport)
	for i := range pa {
		if found+len(pa)-i < minSupport {
			break
		}
		d := a[i].Descriptor
		if mirrored {
			d = d.Mirror()
		}
		if !g.supports(&c, p, pa[i], d) {
			continue
		}
		found++
		m := nearest(&d, g.points)
		if !m.matches() || slices.Contains(matched, m.at) {
			continue
		}
		b := g.places[m.at]
		q := correspondence{a: pa[i], b: b, ratio: b.size / pa[i].size, turn: (b.angle - pa[i].angle) & (Angles - 1)}
		if c.agrees(p, &q) {
			if matched = append(matched, m.at); len(matched) == sureSupport {
				return true, true
			}
		}
	}
	return found >= minSupport, false
}

// supports tells whether one keypoint finds one that looks alike where the map of p puts it.
func (g *grid) supports(c *consensus, p *correspondence, a place, d Descriptor) bool {
	dx, dy := a.x-p.a.x, a.y-p.a.y
	x := p.b.x + (mul(dx, p.co) - mul(dy, p.sin))
	y := p.b.y + (mul(dx, p.sin) + mul(dy, p.co))
	// agrees allows tolerance and growth times the distance of the keypoint that is
	// found; solved for the distance of the place where it should be.
	far := max(max(x-p.b.x, p.b.x-x), max(y-p.b.y, p.b.y-y))
	reach := (agreePixels + mul(1.5*consensusGrowth, far)) / (1 - consensusGrowth)
	if x < -reach || y < -reach || x > raster512+reach || y > raster512+reach {
		return false
	}
	var across, down pointSet
	for cx, last := cellOf(x-reach), cellOf(x+reach); cx <= last; cx++ {
		across.join(&g.columns[cx])
	}
	for cy, last := cellOf(y-reach), cellOf(y+reach); cy <= last; cy++ {
		down.join(&g.rows[cy])
	}
	turned := &g.turned[(a.angle+p.turn)&(Angles-1)]
	for w := range turned {
		for some := turned[w] & across[w] & down[w]; some != 0; some &= some - 1 {
			j := 64*w + bits.TrailingZeros64(some)
			b := &g.places[j]
			q := correspondence{a: a, b: *b, ratio: b.size / a.size, turn: (b.angle - a.angle) & (Angles - 1)}
			if c.agrees(p, &q) && Distance(d, g.points[j].Descriptor) <= matchDistance {
				return true
			}
		}
	}
	return false
}
