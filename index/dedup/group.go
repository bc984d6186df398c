package dedup

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// RegroupBatch is how many flagged contents one call of Regroup takes.
const RegroupBatch = 512

// Regroup makes the groups of the next flagged contents anew, for every
// sensitivity, and commits them. It reports done when none is left.
//
// A group is a star: each of its members is the representative, edited. See
// pieces and star for the rule. Only present contents, those that a file leads
// to, take part.
func Regroup(ctx context.Context, x *index.Index, o Options) (c Counts, done bool, err error) {
	o = o.withDefaults()
	flagged, err := x.Flagged(ctx, RegroupBatch)
	if err != nil || len(flagged) == 0 {
		return c, true, err
	}
	g := &grouper{x: x, o: o, known: make(map[[2]int64]*index.Match)}
	if g.apart, err = decided(ctx, x); err != nil {
		return c, true, err
	}
	if err := g.gather(ctx, flagged); err != nil {
		return c, false, err
	}
	regrouped := make(map[string]index.Regrouped)
	for _, s := range stages.Sensitivities {
		removed, err := g.replaced(ctx, s)
		if err != nil {
			return c, false, err
		}
		clusters, err := g.clusters(ctx, s)
		if err != nil {
			return c, false, err
		}
		regrouped[string(s)] = index.Regrouped{Removed: removed, Clusters: clusters}
	}
	c.Direct = int64(len(g.asked))
	if again, lost := g.thinned(); len(again) > 0 {
		c.Again = int64(len(again))
		if err := x.AskAgain(ctx, again, lost); err != nil {
			return c, false, err
		}
	}
	return c, false, x.WriteClusters(ctx, g.flagged, regrouped, g.asked)
}

// replaced returns the stored groups that are made anew: those that a member
// represents. A group on which a member only hangs keeps its place.
func (g *grouper) replaced(ctx context.Context, s stages.Sensitivity) ([]int64, error) {
	ids, err := g.x.ClustersOf(ctx, string(s), g.members)
	return slices.DeleteFunc(ids, func(id int64) bool {
		_, inside := slices.BinarySearch(g.members, id)
		return !inside
	}), err
}

// grouper holds the pieces around the flagged contents while their groups are made.
type grouper struct {
	x *index.Index
	o Options

	flagged  []int64                 // those of the members whose groups were asked for, with all that hangs on them
	members  []int64                 // every content whose group is made anew, present or not, by id
	contents map[int64]index.Content // present members, and the present contents that hang on them
	files    map[int64][]index.Located
	standing map[int64]stages.Standing
	edges    map[int64][]*index.Match  // core matches of a member at the loosest cut
	parts    map[int64][]*index.Match  // partial matches of a member
	known    map[[2]int64]*index.Match // every stored verdict among them, by pair of ids as in the match
	asked    []index.Match             // verdicts made here, to be stored
	apart    map[[2]index.Hash]bool    // what the user said is no copy of the other, smaller hash first
	series   map[int64]int             // of what one camera took within seconds, see nameSeries
}

// core tells whether a match may tie contents into one group.
func core(kind string) bool {
	switch stages.Kind(kind) {
	case stages.Pixels, stages.Near, stages.Transformed:
		return true
	}
	return false
}

func other(m *index.Match, id int64) int64 {
	if m.A == id {
		return m.B
	}
	return m.A
}

// gather finds the contents whose groups may change because of the flagged
// ones: the pieces that core matches at the loosest cut tie to them, and the
// pieces on which they hang as parts. A content without a file ties nothing, but
// what it tied before must be looked at. Others of a piece that are flagged, too, are taken along:
// of hundreds of copies that come at once the piece is made once.
func (g *grouper) gather(ctx context.Context, flagged []int64) error {
	inside := make(map[int64]bool)
	for _, id := range flagged {
		inside[id] = true
	}
	g.files = make(map[int64][]index.Located)
	g.edges = make(map[int64][]*index.Match)
	g.parts = make(map[int64][]*index.Match)
	seed := make(map[int64]bool, len(flagged))
	for _, id := range flagged {
		seed[id] = true
	}
	tied := make(map[int64]bool) // to a seed by core matches
	for wave := sortedKeys(inside); len(wave) > 0; {
		also, err := g.x.FlaggedAmong(ctx, slices.DeleteFunc(slices.Clone(wave), func(id int64) bool { return !tied[id] }))
		if err != nil {
			return err
		}
		for _, id := range also {
			seed[id] = true
		}
		files, err := g.x.FilesOf(ctx, wave)
		if err != nil {
			return err
		}
		for id, f := range files {
			g.files[id] = f
		}
		matches, err := g.x.VerdictsOf(ctx, wave)
		if err != nil {
			return err
		}
		inWave := make(map[int64]bool, len(wave))
		for _, id := range wave {
			inWave[id] = true
		}
		next := make(map[int64]bool)
		for i := range matches {
			m := &matches[i]
			g.known[[2]int64{m.A, m.B}] = m
			for _, id := range [2]int64{m.A, m.B} {
				if !inWave[id] {
					continue
				}
				o := other(m, id)
				switch {
				case core(m.Kind):
					g.edges[id] = append(g.edges[id], m)
					if !m.Direct && !inside[o] && (len(g.files[id]) > 0 || seed[id]) {
						next[o] = true
						tied[o] = tied[o] || tied[id] || seed[id]
					}
				case m.Kind == string(stages.Partial) && !m.Direct:
					g.parts[id] = append(g.parts[id], m)
					if seed[id] && !inside[o] {
						next[o] = true
					}
				}
			}
		}
		for id := range next {
			inside[id] = true
		}
		wave = sortedKeys(next)
	}
	g.members = sortedKeys(inside)
	g.flagged = sortedKeys(seed)
	return g.describe(ctx)
}

// describe reads what is needed of the present members and of what hangs on them.
func (g *grouper) describe(ctx context.Context) error {
	want := make(map[int64]bool)
	hanging := make(map[int64]bool)
	for _, id := range g.members {
		want[id] = true
		for _, m := range g.parts[id] {
			if o := other(m, id); g.files[o] == nil {
				hanging[o] = true
			}
			want[other(m, id)] = true
		}
	}
	files, err := g.x.FilesOf(ctx, sortedKeys(hanging))
	if err != nil {
		return err
	}
	for id, f := range files {
		g.files[id] = f
	}
	all, err := g.x.Contents(ctx, sortedKeys(want))
	if err != nil {
		return err
	}
	g.contents = make(map[int64]index.Content, len(all))
	for id, c := range all {
		if len(g.files[id]) > 0 {
			g.contents[id] = c
		}
	}
	ids := make([]int64, 0, len(g.contents))
	for id := range g.contents {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var version int
	for _, s := range g.o.Stages {
		if s.Name == stages.Quality {
			version = s.Version
		}
	}
	encoded, err := g.x.Features(ctx, stages.Quality, version, ids)
	if err != nil {
		return err
	}
	g.standing = make(map[int64]stages.Standing, len(encoded))
	for id, b := range encoded {
		if g.standing[id], err = stages.DecodeStanding(b); err != nil {
			return err
		}
	}
	return nil
}

// better orders contents: the best first, by the quality stage; equals by hash.
func (g *grouper) better(a, b int64) int {
	if n := stages.Better(g.standing[a], g.standing[b]); n != 0 {
		return -n
	}
	x, y := g.contents[a].Hash, g.contents[b].Hash
	return bytes.Compare(x[:], y[:])
}

// clusters makes the groups of the present members at one sensitivity.
func (g *grouper) clusters(ctx context.Context, s stages.Sensitivity) ([]index.Cluster, error) {
	present := make([]int64, 0, len(g.members))
	for _, id := range g.members {
		if _, ok := g.contents[id]; ok {
			present = append(present, id)
		}
	}
	slices.SortFunc(present, g.better)
	g.nameSeries(present)
	var out []index.Cluster
	for todo := g.pieces(present, s); len(todo) > 0; {
		piece := todo[0]
		todo = todo[1:]
		star, rest, err := g.star(ctx, piece)
		if err != nil {
			return nil, err
		}
		// Whoever does not match the representative starts again, by the same rule.
		todo = append(todo, g.pieces(rest, s)...)
		g.hang(&star, s)
		if c, ok := g.measure(star); ok {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b index.Cluster) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// pieces returns the connected pieces that core matches at the cut tie among
// the contents, each in the order given (best first).
func (g *grouper) pieces(ids []int64, s stages.Sensitivity) [][]int64 {
	return g.connect(ids, func(a, b int64, m *index.Match) bool {
		return m.Probability >= s.Cut() && !g.parted(a, b) && !g.seriesApart(m)
	})
}

// connect returns the connected pieces that those core matches tie among the contents which
// a bucket proposed and of which tie tells so, each in the order given (best first).
func (g *grouper) connect(ids []int64, tie func(a, b int64, m *index.Match) bool) [][]int64 {
	open := make(map[int64]bool, len(ids))
	for _, id := range ids {
		open[id] = true
	}
	var out [][]int64
	for _, id := range ids {
		if !open[id] {
			continue
		}
		open[id] = false
		piece := []int64{id}
		for i := 0; i < len(piece); i++ {
			for _, m := range g.edges[piece[i]] {
				if o := other(m, piece[i]); !m.Direct && open[o] && tie(piece[i], o, m) {
					open[o] = false
					piece = append(piece, o)
				}
			}
		}
		slices.SortFunc(piece, g.better)
		out = append(out, piece)
	}
	return out
}

// star keeps the best content of a piece as representative, and of the others
// those that match it, that the user did not part from it or from each other, and that are no
// other shots of a series.
// Who was never compared with it is compared now. The loose
// cut is enough to stay, since the piece was tied at the cut asked for.
func (g *grouper) star(ctx context.Context, piece []int64) (index.Cluster, []int64, error) {
	rep := piece[0]
	c := index.Cluster{ID: rep, Members: []index.Member{{
		Content: rep, Kind: string(stages.Best), Similarity: 1, Transform: index.Transform{1, 0, 0, 0, 1, 0}}}}
	var unknown []pair
	var judged []index.Match
	for _, id := range piece[1:] {
		p := canonical(g.contents[rep], g.contents[id])
		switch _, ok := g.known[[2]int64{p.a.ID, p.b.ID}]; {
		case ok || g.parted(rep, id):
		case !p.a.Picture.IsZero() && p.a.Picture == p.b.Picture:
			judged = append(judged, samePicture(p, Version(g.o.Stages)))
		default:
			unknown = append(unknown, p)
		}
	}
	for part := range slices.Chunk(unknown, chunk) {
		some, _, err := judge(ctx, g.x, g.o, part)
		if err != nil {
			return c, nil, err
		}
		judged = append(judged, some...)
	}
	for i := range judged {
		m := &judged[i]
		m.Direct = true
		if m.Probability < stages.Loose.Cut() {
			m.Kind = string(stages.None)
		}
		g.known[[2]int64{m.A, m.B}] = m
		g.asked = append(g.asked, *m)
	}
	var rest []int64
	for _, id := range piece[1:] {
		p := canonical(g.contents[rep], g.contents[id])
		m, ok := g.known[[2]int64{p.a.ID, p.b.ID}]
		if !ok || !core(m.Kind) || m.Probability < stages.Loose.Cut() || g.partedFrom(c.Members, id) {
			rest = append(rest, id)
			continue
		}
		c.Members = append(c.Members, index.Member{Content: id, Kind: m.Kind, Similarity: m.Similarity, Transform: fromTo(m, rep)})
	}
	var leave []int64
	c.Members, leave = g.onePerMoment(c.Members)
	return c, append(rest, leave...), nil
}

// hang adds the pictures that contain a picture of the group, or share a part of
// it and are the lesser of the two: where they match the representative or half
// of the members. They join no groups.
func (g *grouper) hang(c *index.Cluster, s stages.Sensitivity) {
	inside := make(map[int64]bool, len(c.Members))
	for _, m := range c.Members {
		inside[m.Content] = true
	}
	type part struct {
		votes int
		best  *index.Match
		rep   bool
	}
	hanging := make(map[int64]*part)
	core := len(c.Members)
	for _, member := range c.Members {
		for _, m := range g.parts[member.Content] {
			o := other(m, member.Content)
			if _, present := g.contents[o]; !present || inside[o] || m.Probability < s.Cut() || !g.hangs(m, o) || g.partedFrom(c.Members[:core], o) {
				continue
			}
			p := hanging[o]
			if p == nil {
				p = &part{}
				hanging[o] = p
			}
			p.votes++
			if member.Content == c.ID {
				p.rep, p.best = true, m
			} else if !p.rep && (p.votes == 1 || m.Similarity > p.best.Similarity) {
				p.best = m
			}
		}
	}
	for id, p := range hanging {
		if !p.rep && 2*p.votes < core {
			continue
		}
		t := index.Transform{}
		if p.rep {
			t = fromTo(p.best, c.ID)
		}
		c.Members = append(c.Members, index.Member{Content: id, Kind: string(stages.Partial), Similarity: p.best.Similarity, Transform: t})
	}
	slices.SortFunc(c.Members, func(a, b index.Member) int { return cmp.Compare(a.Content, b.Content) })
}

// hangs tells whether, of a partial match, id is the one that hangs under the other.
func (g *grouper) hangs(m *index.Match, id int64) bool {
	switch {
	case m.Contains > 0:
		return m.A == id
	case m.Contains < 0:
		return m.B == id
	}
	return g.better(other(m, id), id) < 0
}

// measure fills in what a report needs of a group. It reports false for a group
// of a single file.
func (g *grouper) measure(c index.Cluster) (index.Cluster, bool) {
	type inode struct{ device, inode uint64 }
	seen := make(map[inode]bool)
	var coreFiles, parts int
	var space, keep int64
	c.Similarity = 1
	for _, m := range c.Members {
		part := m.Kind == string(stages.Partial)
		c.Similarity = min(c.Similarity, m.Similarity)
		for _, f := range g.files[m.Content] {
			c.Files++
			if c.Path == "" || f.Path < c.Path {
				c.Path = f.Path
			}
			if part {
				parts++
				continue
			}
			coreFiles++
			if id := (inode{f.Device, f.Inode}); f.Inode != 0 {
				if seen[id] {
					continue // a hard link frees no space
				}
				seen[id] = true
			}
			space += f.Size
		}
		if m.Content == c.ID {
			keep = g.contents[c.ID].Size
		}
	}
	c.Space = max(space-keep, 0)
	return c, coreFiles > 1 || parts > 0
}

// fromTo returns the transform of a match as it leads away from one of its ends.
func fromTo(m *index.Match, from int64) index.Transform {
	if m.A == from {
		return m.Transform
	}
	t := m.Transform
	back, ok := raster.Affine{A: t[0], B: t[1], C: t[2], D: t[3], E: t[4], F: t[5]}.Invert()
	if !ok {
		return index.Transform{}
	}
	return transform(back)
}
