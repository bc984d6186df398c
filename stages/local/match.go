package local

import (
	"cmp"
	"math/bits"
	"slices"
)

const (
	// A match is nearest within matchDistance of 256 bits, and nearer than
	// matchRatio of the second nearest (Lowe, "Distinctive image features", 2004).
	matchDistance = 64
	matchRatio    = 92 // of 100
	// secondDistance is beyond what the ratio test can ask for.
	secondDistance = matchDistance*100/matchRatio + 1
)

// match is a pair of keypoints that look alike.
type match struct {
	a, b     int // into the keypoints of either picture
	distance int
}

// matches pairs each keypoint of a with the nearest of b, each of b once; the
// nearest pairs first. With mirrored, a is seen in a mirror.
func matches(a, b []Point, mirrored bool) []match {
	best := make([]match, len(b)) // of each keypoint of b; distance 0 means none, others are one more
	for i := range a {
		d := a[i].Descriptor
		if mirrored {
			d = d.Mirror()
		}
		first, second, at := nearest(&d, b)
		if at < 0 || first > matchDistance || 100*first > matchRatio*second {
			continue
		}
		if m := &best[at]; m.distance == 0 || first+1 < m.distance {
			*m = match{i, at, first + 1}
		}
	}
	found := best[:0:0]
	for _, m := range best {
		if m.distance > 0 {
			m.distance--
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(x, y match) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return found
}

// nearest returns the distances of d to the nearest and the second nearest of points, and
// where the nearest is. A distance from secondDistance on is secondDistance, a second that
// fails the ratio test may be any that does, and the place is -1 where none is nearer.
//
// The loop is where comparing strangers spends its time. A tenth of the points of
// two photos differ in less than secondDistance, so a guess from two or three words
// of four is wrong too often to pay; one that no later point undoes is kept instead.
func nearest(d *Descriptor, points []Point) (first, second, at int) {
	d0, d1, d2, d3 := d[0], d[1], d[2], d[3]
	first, second, at = secondDistance, secondDistance, -1
	limit := secondDistance // nothing from here on changes the outcome
	for j := range points {
		e := &points[j].Descriptor
		n := bits.OnesCount64(d0^e[0]) + bits.OnesCount64(d1^e[1]) + bits.OnesCount64(d2^e[2]) + bits.OnesCount64(d3^e[3])
		if n >= limit {
			continue
		}
		if n < first {
			first, second, at = n, first, j
		} else {
			second = n
		}
		// While the nearest is too like the second, only a nearer one can win.
		if limit = second; 100*first > matchRatio*second {
			limit = first
		}
	}
	return first, second, at
}
