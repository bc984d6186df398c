package local

import "math/bits"

// place is where a keypoint lies, as a similarity maps it.
type place struct {
	x, y  float64 // in pixels of a picture whose long side is 512
	size  float64 // of a pixel of its level, likewise
	angle int     // in 1/64 of a turn
}

// mirror returns the place in the mirrored picture, which is width pixels wide.
func (p place) mirror(width float64) place {
	p.x = width - p.x
	p.angle = mirrorAngle(p.angle)
	return p
}

const (
	// A pair agrees with the similarity of another when it lies near where that
	// maps it, and near in angle and scale. The error that is allowed grows with the
	// distance of the two, for angle and scale of one keypoint are rough.
	consensusGrowth = 0.12
	consensusTurn   = 5         // of 64: 28 degrees
	consensusScale  = 1.5157166 // 2^0.6
)

// consensus finds the largest set of pairs of places that agree on one
// similarity, trying that of each pair.
type consensus struct {
	tolerance float64 // error allowed at distance 0, in pixels
	pairs     []correspondence
	added     int // how many of pairs are known so far; to append would have them escape to the heap
	aMax      int
	bMax      int
}

// newConsensus is for so many pairs, all of which must be added before the largest set is asked
// for. It is compiled into its callers, where the room for them lies on the stack: strangers have a dozen
// pairs, copies a hundred, and on the heap they were a quarter of all garbage of a scan.
func newConsensus(tolerance float64, pairs int) consensus {
	c := consensus{tolerance: tolerance}
	switch {
	case pairs <= 1:
		c.pairs = make([]correspondence, 1)[:pairs]
	case pairs <= 24:
		c.pairs = make([]correspondence, 24)[:pairs]
	case pairs <= maxPairs:
		c.pairs = make([]correspondence, maxPairs)[:pairs]
	default:
		c.pairs = make([]correspondence, pairs)
	}
	return c
}

type correspondence struct {
	a, b    place
	ratio   float64 // b.size / a.size
	turn    int     // b.angle - a.angle, 0..63
	na, nb  int     // numbers of the keypoints: a set has each once
	weight  int     // what the pair counts
	sin, co float64
}

// add takes a pair of places, of keypoints numbered na and nb.
func (c *consensus) add(a, b place, na, nb, weight int) {
	p := correspondence{weight: weight, a: a, b: b, ratio: b.size / a.size, turn: (b.angle - a.angle) & (Angles - 1), na: na, nb: nb}
	sin, cos := sincos(p.turn)
	p.sin, p.co = mul(p.ratio, float64(sin)/16384), mul(p.ratio, float64(cos)/16384)
	c.pairs[c.added] = p
	c.added++
	c.aMax, c.bMax = max(c.aMax, na), max(c.bMax, nb)
}

// agrees says whether pair q fits the similarity that pair p gives.
func (c *consensus) agrees(p, q *correspondence) bool {
	if t := (q.turn - p.turn + consensusTurn) & (Angles - 1); t > 2*consensusTurn {
		return false
	}
	if q.ratio > mul(p.ratio, consensusScale) || p.ratio > mul(q.ratio, consensusScale) {
		return false
	}
	dx, dy := q.a.x-p.a.x, q.a.y-p.a.y
	ex := p.b.x + (mul(dx, p.co) - mul(dy, p.sin)) - q.b.x
	ey := p.b.y + (mul(dx, p.sin) + mul(dy, p.co)) - q.b.y
	fx, fy := q.b.x-p.b.x, q.b.y-p.b.y
	return allowed(ex, ey, fx, fy, c.tolerance)
}

// allowed says whether an error e is below a tolerance that grows with the distance f.
func allowed(ex, ey, fx, fy, tolerance float64) bool {
	e2, d2 := mul(ex, ex)+mul(ey, ey), mul(fx, fx)+mul(fy, fy)
	// sqrt(e2) < tolerance + growth*sqrt(d2), without the roots:
	// e2 - t^2 - g^2*d2 < 2*t*g*sqrt(d2)
	left := e2 - mul(tolerance, tolerance) - mul(consensusGrowth*consensusGrowth, d2)
	if left < 0 {
		return true
	}
	tg := 2 * mul(tolerance, consensusGrowth)
	return mul(left, left) < mul(mul(tg, tg), d2)
}

// far is true only of pairs that do not agree, mostly for their places, and is known sooner:
// q.a is mapped so far to the side that what is allowed at most, tolerance and
// growth times the sum of both ways, does not reach.
func (p *correspondence) far(q *correspondence) bool {
	fx := q.b.x - p.b.x
	ex := float64((q.a.x-p.a.x)*p.co) - float64((q.a.y-p.a.y)*p.sin) - fx
	return max(ex, -ex)-1 > agreePixels+float64(consensusGrowth*(max(fx, -fx)+max(q.b.y-p.b.y, p.b.y-q.b.y)))
}

// largest returns the pairs that agree with the best of the first n, that one
// first; best is where they weigh most. Pairs are taken in their order, each
// keypoint of either side once. None where all sets weigh less than the least. It stops
// at the first that weighs so much as to be enough.
func (c *consensus) largest(n, least, enough int) []int {
	var rooms [2][Points]int32 // on the stack, as are the sets: most calls have one or two hundred pairs
	usedA, usedB := room(rooms[0][:], c.aMax+1), room(rooms[1][:], c.bMax+1)
	// Most pairs are told apart by how they turn: by turn, what they weigh and which they are.
	var weights [Angles]int
	words := (len(c.pairs) + 63) / 64
	var few [(Angles + 1) * 2]uint64
	sets := room(few[:], (Angles+1)*words)
	alike := sets[Angles*words:]
	for j := range c.pairs {
		q := &c.pairs[j]
		weights[q.turn] += q.weight
		sets[q.turn*words+j/64] |= 1 << (j % 64)
	}
	most := max(least-1, 0) // what a set must weigh more than
	var best []int
	var some [maxPairs]int
	set := some[:0]
	for i := range min(n, len(c.pairs)) {
		p := &c.pairs[i]
		rest := -p.weight // what may still be added
		for t := p.turn - consensusTurn; t <= p.turn+consensusTurn; t++ {
			rest += weights[t&(Angles-1)]
		}
		sum := p.weight
		if sum+rest <= most {
			continue
		}
		clear(alike)
		for t := p.turn - consensusTurn; t <= p.turn+consensusTurn; t++ {
			for w, those := range sets[(t&(Angles-1))*words:][:words] {
				alike[w] |= those
			}
		}
		alike[i/64] &^= 1 << (i % 64)
		stamp := int32(i + 1)
		set = append(set[:0], i)
		usedA[p.na], usedB[p.nb] = stamp, stamp
	others:
		for w, left := range alike {
			for ; left != 0; left &= left - 1 {
				if sum+rest <= most {
					break others
				}
				j := 64*w + bits.TrailingZeros64(left)
				q := &c.pairs[j]
				rest -= q.weight
				if usedA[q.na] == stamp || usedB[q.nb] == stamp || p.far(q) || !c.agrees(p, q) {
					continue
				}
				usedA[q.na], usedB[q.nb] = stamp, stamp
				set = append(set, j)
				sum += q.weight
			}
		}
		if sum > most {
			most = sum
			best = append(best[:0], set...)
			if sum >= enough {
				break
			}
		}
	}
	return best
}

// room is the first n of what there is room for, which are zero, or others where it is too small.
func room[T any](there []T, n int) []T {
	if n <= len(there) {
		return there[:n]
	}
	return make([]T, n)
}

// mul is a product that is rounded before anything is added to it.
func mul(a, b float64) float64 { return float64(a * b) }
