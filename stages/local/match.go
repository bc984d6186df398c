package local

import (
	"cmp"
	"encoding/binary"
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
// nearest pairs first, in the room for them where that is enough. With mirrored, a is seen in a mirror.
func matches(a, b []Point, mirrored bool, there []match) []match {
	best := room(there, len(b)) // of each keypoint of b; distance 0 means none, others are one more
	for i := range a {
		d := a[i].Descriptor
		if mirrored {
			d = d.Mirror()
		}
		p := nearest(&d, b)
		if !p.matches() {
			continue
		}
		if m := &best[p.at]; m.distance == 0 || p.first+1 < m.distance {
			*m = match{i, p.at, p.first + 1}
		}
	}
	found := best[:0]
	for _, m := range best {
		if m.distance > 0 {
			m.distance--
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(x, y match) int {
		if c := cmp.Compare(x.distance, y.distance); c != 0 {
			return c
		}
		return cmp.Compare(x.a, y.a) // each once
	})
	return found
}

// nearest finds the nearest of points to d and the distance of the second nearest.
// Comparing strangers spends its time here. A tenth of the points of two photos differ
// in less than secondDistance, so guessing from two or three words of four is wrong
// too often to pay.
func nearest(d *Descriptor, points []Point) podium {
	p := podium{secondDistance, secondDistance, -1, secondDistance}
	var known [Points]uint8
	pointDistances(d, points, &known)
	n := min(len(points), Points)
	for j := 0; j < n; j += 8 {
		eight := known[j:min(j+8, n)]
		if len(eight) == 8 && !anyBelow(binary.LittleEndian.Uint64(eight), p.limit) {
			continue
		}
		for k, v := range eight {
			if int(v) < p.limit {
				p = p.with(int(v), j+k)
			}
		}
	}
	return p
}

// podium is the best of those who came so far.
type podium struct {
	first, second int // distances; secondDistance stands for all from there on
	at            int // who is first; -1 for nobody
	limit         int // a distance from here on does not change whether the first matches
}

// with is the podium when another comes with a distance below the limit.
func (p podium) with(distance, at int) podium {
	if distance < p.first {
		p.first, p.second, p.at = distance, p.first, at
	} else {
		p.second = distance
	}
	// While the first is too like the second, only a nearer one can win.
	if p.limit = p.second; !p.clear() {
		p.limit = p.first
	}
	return p
}

// matches tells whether the first is a match.
func (p podium) matches() bool { return p.at >= 0 && p.first <= matchDistance && p.clear() }

// clear is the ratio test.
func (p podium) clear() bool { return 100*p.first <= matchRatio*p.second }
