package dedup

import (
	"cmp"
	"slices"
)

// MostAlike is with how many of the contents that are plainly like it a content is compared
// by what one stage says: with the strongest. Of a webcam's frames each is a copy of all
// before it, and to compare all would take their number squared (1.8 ms a pair, so that 500
// frames took four minutes and 10,000 a day); to be tied to some is enough, for groups
// are made of whatever hangs together, and a group's best is compared with each of its members.
// Only where a content has more is what is compared, though hardly what is grouped, a
// matter of who came first. No picture of the test photos has so many.
//
// Contents that are not plainly alike are compared all: among them are the insets and the strong
// edits, which nothing tells from strangers before.
const MostAlike = 32

// besidePart is what part of MostAlike is enough of the other stages, once a content has more
// than MostAlike by what the keypoints say.
const besidePart = 4

// circle is whom an asker has met.
type circle struct {
	plain  int     // strength that makes a content plainly alike
	most   int     // of those, how many are kept
	others []int64 // contents that are not plainly alike
	alike  []alike // the strongest of those that are, the strongest first
	left   bool    // some more were left out
}

// alike is a content and how strong a candidate it is, 0 where that is not known yet; of bare
// buckets, how many it shares.
type alike struct {
	content  int64
	strength int
}

func (a alike) rank() alike { return a }

// keepStrongest keeps n of a list that has as many or more, the strongest first; those left out hold no memory.
func keepStrongest[T interface{ rank() alike }](list []T, n int) []T {
	slices.SortFunc(list, func(a, b T) int {
		p, q := a.rank(), b.rank()
		return cmp.Or(cmp.Compare(q.strength, p.strength), cmp.Compare(p.content, q.content))
	})
	clear(list[n:])
	return list[:n]
}

// add takes contents in.
func (c *circle) add(list []alike) {
	for _, m := range list {
		if m.strength < c.plain {
			c.others = append(c.others, m.content)
			continue
		}
		c.alike = append(c.alike, m)
	}
	n := min(len(c.alike), c.most)
	c.left = c.left || n < len(c.alike)
	c.alike = keepStrongest(c.alike, n)
}

// weakest is the strength below which nobody is among the alike any more.
func (c *circle) weakest() int {
	if len(c.alike) < c.most {
		return 0
	}
	return c.alike[c.most-1].strength
}

// all are the contents that the asker is compared with.
func (c *circle) all() []int64 {
	out := c.others
	for _, m := range c.alike {
		out = append(out, m.content)
	}
	return out
}

// thinned are the members that may be copies of more than they were compared with, for they
// have as many matches as some that had more than MostAlike, and of whose matches half are
// lost, that is, no file leads to them: they are to be compared anew, without the lost ones. Else who
// deletes all but two of a hundred copies would not be told that those two are copies.
func (g *grouper) thinned() (again, lost []int64) {
	for _, id := range g.members {
		if len(g.files[id]) == 0 {
			if len(g.edges[id]) > 0 {
				lost = append(lost, id)
			}
			continue
		}
		all, gone := 0, 0
		for _, m := range g.edges[id] {
			if m.Direct {
				continue
			}
			all++
			if len(g.files[other(m, id)]) == 0 {
				gone++
			}
		}
		if all >= g.o.mostAlike/2 && 2*gone >= all {
			again = append(again, id)
		}
	}
	return again, lost
}
