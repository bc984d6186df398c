package global

import (
	"bytes"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// MaxDistance is the largest distance of a candidate. Measured on the test
// photos, 1,866 pictures of which each asks for its original (TestCorpus
// measures it again); the figures "with wavelet" count who either stage finds:
//
//	distance   strangers per query   near (with wavelet)   hard (with wavelet)
//	2000       0.23                  .984 (1.00)           .592 (.676)
//	2300       0.46                  .984 (1.00)           .620 (.704)
//	2500       0.96                  .984 (1.00)           .653 (.723)
//	2800       2.6                   .984 (1.00)           .653 (.723)
//	no limit   42                    .984 (1.00)           .685 (.751)
const MaxDistance = 2500

// layoutWeight is what a step of rank counts against a step of texture.
const layoutWeight = 8

// Evidence is what two features say about each other.
type Evidence struct {
	Distance int         // Texture + 8*Layout, the smallest over the eight orientations
	Turn     raster.Turn // maps the first picture onto the second
	Texture  int         // sum of the differences of texture under Turn
	Layout   int         // sum of the differences of rank under Turn, 0..256
}

// Near reports whether two pictures that share a key are candidates.
func (e Evidence) Near() bool { return e.Distance <= MaxDistance }

// Compare returns the smallest distance over the eight orientations.
// Compare(b, a) is Compare(a, b) with the turn inverted, exactly.
func Compare(a, b Feature) Evidence {
	if less(&b, &a) {
		e := compare(&b, &a)
		e.Turn = e.Turn.Inverse()
		return e
	}
	return compare(&a, &b)
}

// compare turns a, which must not be greater than b. Among equal distances the
// first turn wins; that is fair to both, because it is always the smaller
// feature that is turned, and equal features need no turn.
func compare(a, b *Feature) Evidence {
	var best Evidence
	for t := range raster.Turn(raster.Turns) {
		g := Turned(*a, t)
		e := Evidence{Turn: t}
		for c := range g.Texture {
			for k, v := range g.Texture[c] {
				e.Texture += difference(v, b.Texture[c][k])
			}
			e.Layout += difference(g.Layout[c], b.Layout[c])
		}
		e.Distance = e.Texture + layoutWeight*e.Layout
		if t == 0 || e.Distance < best.Distance {
			best = e
		}
	}
	return best
}

// Near gives what tells of other features the distance that Compare finds, where that is
// Near, else more than MaxDistance: for one who asks many, in a tenth of the time.
func Near(f Feature) func(other Feature) int {
	var turned [raster.Turns]Feature
	for t := range turned {
		turned[t] = Turned(f, raster.Turn(t))
	}
	return func(other Feature) int {
		nearest := MaxDistance + 1
		for t := range turned {
			nearest = min(nearest, nearTo(&turned[t], &other))
		}
		return nearest
	}
}

// nearTo is the distance of two features as they lie, or any above MaxDistance.
func nearTo(a, b *Feature) int {
	distance := 0
	for c := range a.Layout {
		distance += layoutWeight * difference(a.Layout[c], b.Layout[c])
	}
	for c := range a.Texture {
		if distance > MaxDistance {
			break
		}
		for k, v := range a.Texture[c] {
			distance += difference(v, b.Texture[c][k])
		}
	}
	return distance
}

func difference(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }

// less orders features entry by entry.
func less(a, b *Feature) bool {
	for c := range a.Texture {
		if d := bytes.Compare(a.Texture[c][:], b.Texture[c][:]); d != 0 {
			return d < 0
		}
	}
	return bytes.Compare(a.Layout[:], b.Layout[:]) < 0
}
