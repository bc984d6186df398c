package local

import "math/bits"

// worthPair is what a pair may add to Score.Worth, 1..1,260, how far the stored picture
// is turned against the asking one, 0..63, in 1/64 of a turn, and how much larger it is,
// in sixths of an octave, -31..31; and where the two keypoints lie, in cells of a key.
type worthPair struct {
	worth          uint16
	turn           uint8
	scale          int8
	ax, ay, bx, by uint8
}

// Of pairs that agree with one of them on a similarity, turns lie within consensusTurn to
// either side, around the circle, and scales within this.
const agreeScale = 3 // consensusScale is 3.6

// minWorth is what the pairs of MinVotes are worth together, at least.
const minWorth = MinVotes * vote

// mayAgree is false only for pairs, all of the picture or all of its mirror image, of
// which Agree gives fewer than MinVotes. It looks at turns and scales, in whole
// numbers, and where those are worth enough at places.
func mayAgree(worths []worthPair) bool {
	if len(worths) > fewPairs { // one of the first will do in most cases
		return mayAgreeEach(worths)
	}
	var few fewWorths
	for i := range few.scales {
		few.scales[i] = 64 * eachPair // far from all
	}
	for i := range worths {
		few.set(i, worths[i])
	}
	return few.mayAgree(worths)
}

// turnsLike says whether turns and scales allow two pairs to agree on one similarity.
func (q *worthPair) turnsLike(p *worthPair) bool {
	return turnAlike(q.turn-p.turn, uint8(q.scale-p.scale))
}

// turnAlike takes how far apart the turns and the scales of two pairs are, modulo 256.
func turnAlike(turn, scale uint8) bool {
	return (turn+consensusTurn)&(Angles-1) <= 2*consensusTurn && scale+agreeScale <= 2*agreeScale
}

func mayAgreeEach(worths []worthPair) bool {
	for i := range worths {
		p := &worths[i]
		sum := 0
		for j := range worths {
			q := &worths[j]
			if q.turnsLike(p) {
				sum += int(q.worth)
			}
		}
		if sum >= minWorth && mayAgreeOn(p, worths) {
			return true
		}
	}
	return false
}

// fewPairs is how many pairs are looked at beside each other. Strangers have three.
const fewPairs = 16

const eachPair = 0x0001000100010001

// fewWorths holds the turns and scales of some pairs, four to a word, 16 bits each.
type fewWorths struct{ turns, scales [fewPairs / 4]uint64 }

func (f *fewWorths) set(i int, p worthPair) {
	at := i % 4 * 16
	f.turns[i/4] |= uint64(p.turn) << at
	f.scales[i/4] = f.scales[i/4]&^(127<<at) | uint64(p.scale&127)<<at
}

// mayAgree adds up, for four pairs at once, the worths of all that agree with them. Turns
// are taken modulo 64, and scales, at most 62 apart, modulo 128.
func (f *fewWorths) mayAgree(worths []worthPair) bool {
	const each, tops = eachPair, eachPair << 15
	for i := range (len(worths) + 3) / 4 {
		turns, scales, sums := f.turns[i], f.scales[i], uint64(0)
		for _, q := range worths {
			turn := (turns + each*uint64((consensusTurn-q.turn)&(Angles-1))) & (each * (Angles - 1))
			scale := (scales + each*uint64((agreeScale-q.scale)&127)) & (each * 127)
			far := (turn + each*(1<<15-1-2*consensusTurn)) | (scale + each*(1<<15-1-2*agreeScale))
			near := ^far & tops
			sums += (near >> 15 * 0xffff) & (each * uint64(q.worth))
		}
		enough := (sums + each*(1<<15-minWorth)) & tops
		for ; enough != 0; enough &= enough - 1 {
			if mayAgreeOn(&worths[4*i+bits.TrailingZeros64(enough)/16], worths) {
				return true
			}
		}
	}
	return false
}

// mayAgreeOn says whether the pairs that lie where one maps them are worth enough: mapped
// from a to b, or from b to a, for which of the two Agree takes depends on all of them.
func mayAgreeOn(p *worthPair, worths []worthPair) bool {
	sin, cos := sincos(int(p.turn))
	there, back := 0, 0
	grow := pow2(int(p.scale), scaleSteps)
	s, c := mul(grow, float64(sin)/16384), mul(grow, float64(cos)/16384)
	shrink := pow2(-int(p.scale), scaleSteps)
	si, ci := -mul(shrink, float64(sin)/16384), mul(shrink, float64(cos)/16384)
	for i := range worths {
		q := &worths[i]
		if !q.turnsLike(p) {
			continue
		}
		const cell = raster512 / placeSteps
		ax, ay := float64(cell*(int(q.ax)-int(p.ax))), float64(cell*(int(q.ay)-int(p.ay)))
		bx, by := float64(cell*(int(q.bx)-int(p.bx))), float64(cell*(int(q.by)-int(p.by)))
		if lies(mul(ax, c)-mul(ay, s)-bx, mul(ax, s)+mul(ay, c)-by, bx, by) {
			there += int(q.worth)
		}
		if lies(mul(bx, ci)-mul(by, si)-ax, mul(bx, si)+mul(by, ci)-ay, ax, ay) {
			back += int(q.worth)
		}
	}
	return max(there, back) >= minWorth
}

// lies says whether consensus.agrees may allow an error at a distance. Other roundings
// must not turn away what is allowed there.
func lies(ex, ey, fx, fy float64) bool { return allowed(ex, ey, fx, fy, agreePixels+0.01) }
