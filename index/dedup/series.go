package dedup

import (
	"cmp"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// seriesCut is the similarity from which two shots of a series (see index.SeriesGap) are
// copies after all: nothing that is seen at 512 pixels tells them apart, and a clock may have
// been set by seconds. Below it the capture times decide: the shutter was pressed twice, and a
// copy keeps the capture time of its original or has none. Of the test photos' look-alikes
// (another frame of a scene, another filling of a form) the most similar pair that is stored
// has 0.9961; of the pairs of copies 77 % lie above 0.999. `dedupidx evaluate --plot` measures
// both on other photos.
const seriesCut = 0.999

// nameSeries gives contents that one camera took within seconds, from one moment to the
// next, a number. Only what core matches at the loosest cut tie together is looked at as
// one, so that it does not matter what else is grouped at the same time.
func (g *grouper) nameSeries(present []int64) {
	g.series = make(map[int64]int)
	number := 0
	for _, piece := range g.tied(present) {
		piece = slices.DeleteFunc(piece, func(id int64) bool { return g.contents[id].Camera == "" || g.contents[id].Taken == 0 })
		slices.SortFunc(piece, func(a, b int64) int {
			x, y := g.contents[a], g.contents[b]
			return cmp.Or(cmp.Compare(x.Camera, y.Camera), cmp.Compare(x.Taken, y.Taken))
		})
		for i, id := range piece {
			// The later less the earlier: what does not fit into 64 bits is negative.
			if i == 0 || g.contents[piece[i-1]].Camera != g.contents[id].Camera || !within(g.contents[id].Taken-g.contents[piece[i-1]].Taken, index.SeriesGap) {
				number++
			}
			g.series[id] = number
		}
	}
}

func within(gap, most int64) bool { return gap >= 0 && gap <= most }

// tied are the pieces that core matches at the loosest cut tie together, whatever parts them.
func (g *grouper) tied(ids []int64) [][]int64 {
	return g.connect(ids, func(_, _ int64, m *index.Match) bool { return m.Probability >= stages.Loose.Cut() })
}

// shots tells whether two contents are different shots of a series.
func (g *grouper) shots(a, b int64) bool {
	n := g.series[a]
	if n == 0 || n != g.series[b] {
		return false
	}
	x, y := g.contents[a].Taken, g.contents[b].Taken
	return max(x, y)-min(x, y) >= index.SeriesStep
}

// seriesApart tells whether the two contents of a match are shots of a series and no copies.
func (g *grouper) seriesApart(m *index.Match) bool {
	return m.Kind != string(stages.Pixels) && m.Similarity < seriesCut && g.shots(m.A, m.B)
}

// onePerMoment takes the shots of a series apart that are copies of one representative, the
// first of the members: the one that is most like it stays, with all that is no other shot and
// not more like one that leaves. Members of which no bucket proposed that they are alike count
// as like each other as the lesser is to the representative.
func (g *grouper) onePerMoment(members []index.Member) (stay []index.Member, leave []int64) {
	order := slices.Clone(members)
	slices.SortStableFunc(order, func(a, b index.Member) int { return cmp.Compare(b.Similarity, a.Similarity) })
	for _, m := range order {
		other := g.series[m.Content] != 0 && slices.ContainsFunc(stay, func(s index.Member) bool {
			if !g.shots(s.Content, m.Content) {
				return false
			}
			if known, ok := g.proposed(s.Content, m.Content); ok {
				return g.seriesApart(known)
			}
			return min(s.Similarity, m.Similarity) < seriesCut
		})
		if other {
			leave = append(leave, m.Content)
			continue
		}
		stay = append(stay, m)
	}
	shots := leave
	stay = slices.DeleteFunc(stay, func(m index.Member) bool {
		away := g.series[m.Content] == 0 && slices.ContainsFunc(shots, func(shot int64) bool {
			known, ok := g.proposed(shot, m.Content)
			return ok && core(known.Kind) && known.Similarity > m.Similarity
		})
		if away {
			leave = append(leave, m.Content)
		}
		return away
	})
	return stay, leave
}

// proposed is the stored verdict on two contents that met in a bucket.
func (g *grouper) proposed(a, b int64) (*index.Match, bool) {
	p := canonical(g.contents[a], g.contents[b])
	m, ok := g.known[[2]int64{p.a.ID, p.b.ID}]
	return m, ok && !m.Direct
}
