package dedup

import (
	"context"

	"github.com/dedupidx/dedupidx/index"
)

// decided are the pairs of which the user said that they are no copies.
func decided(ctx context.Context, x *index.Index) (map[[2]index.Hash]bool, error) {
	list, err := x.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	apart := make(map[[2]index.Hash]bool, len(list))
	for _, d := range list {
		apart[[2]index.Hash{d.A, d.B}] = true
	}
	return apart, nil
}

// parted tells whether the user said that two present contents are no copies.
func (g *grouper) parted(a, b int64) bool {
	if len(g.apart) == 0 {
		return false
	}
	x, y := g.contents[a].Hash, g.contents[b].Hash
	if y.Less(x) {
		x, y = y, x
	}
	return g.apart[[2]index.Hash{x, y}]
}

// partedFrom tells whether the user parted a content from one of a group's members.
// Two pictures that are no copies never stand in one group, not even where both are
// copies of its representative: the group would say so of them.
func (g *grouper) partedFrom(members []index.Member, id int64) bool {
	for _, m := range members {
		if g.parted(m.Content, id) {
			return true
		}
	}
	return false
}
