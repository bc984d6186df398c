package main

import (
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index/evaluate"
)

// item is a file to be written.
type item struct {
	group, relation string
	of              []string // groups, for a partial file
	family          string   // of look-alikes
	kind            string   // of the drawing
	from            source
	others          []source // for collages, insets and views
	do              edit     // nothing to be done where empty
}

// planner deals out photos and groups.
type planner struct {
	*rng
	fonts    *fonts
	strong   bool     // most copies by strongEdits
	unused   []string // photos that stand nowhere yet, shuffled
	groups   int
	families int
	items    []item
	free     []source // originals that parts may be taken of
}

// plan says what n files show: see the shares below.
func plan(seed uint64, fs *fonts, photos []string, n int, strong bool) ([]item, error) {
	if len(photos) < 10 || n < 40 {
		return nil, errors.New("plan the set: at least 10 photos and 40 files are needed")
	}
	p := &planner{rng: rand.New(rand.NewPCG(seed, 0x7261696e)), fonts: fs, strong: strong, unused: slices.Clone(photos)}
	p.Shuffle(len(p.unused), func(i, j int) { p.unused[i], p.unused[j] = p.unused[j], p.unused[i] })
	share := func(s float64, most int) int { return max(1, min(int(s*float64(n)+0.5), most)) }

	// Photos with copies: a third of the set, and about a third of the photos.
	for range share(0.065, len(photos)*35/100) {
		p.free = append(p.free, p.original(p.photo(), "", ""))
	}
	// Families of fillings: two fifths of them with copies, another third.
	for range share(0.023, 1<<20) {
		p.fillings(4 + p.IntN(3))
	}
	// Photos that are alone.
	for range share(0.05, len(photos)*22/100) {
		p.add(item{group: p.group(), relation: evaluate.None, from: p.photo(), do: p.perhaps()})
	}
	// Other views of a scene.
	for range share(0.012, len(photos)/16) {
		p.views(2 + p.IntN(3))
	}
	for range share(0.17, 1<<20) {
		p.part()
	}
	// The rest are more copies, so that every original has about as many.
	originals := slices.DeleteFunc(slices.Clone(p.items), func(i item) bool { return i.relation != evaluate.Original })
	for i := 0; len(p.items) < n; i++ {
		if i%len(originals) == 0 {
			p.Shuffle(len(originals), func(i, j int) { originals[i], originals[j] = originals[j], originals[i] })
		}
		p.copyOf(originals[i%len(originals)])
	}
	p.Shuffle(len(p.items), func(i, j int) { p.items[i], p.items[j] = p.items[j], p.items[i] })
	return p.items, nil
}

func (p *planner) add(i item) { p.items = append(p.items, i) }

func (p *planner) group() string {
	p.groups++
	return fmt.Sprintf("g%05d", p.groups)
}

// photo takes a photo that stands nowhere yet. When all are used up, it is a
// poster, which no other is like.
func (p *planner) photo() source {
	s := source{long: between(p.rng, 380, 600)}
	if len(p.unused) == 0 {
		s.family, s.number = family{kind: kindOf("poster"), seed: p.Uint64()}, 1
		return s
	}
	s.photo, p.unused = p.unused[0], p.unused[1:]
	return s
}

func kindOf(kind string) int {
	return slices.IndexFunc(templates(), func(t template) bool { return t.kind == kind })
}

// original adds a picture that has copies.
func (p *planner) original(s source, kind, family string) source {
	s.group = p.group()
	p.add(item{group: s.group, relation: evaluate.Original, from: s, kind: kind, family: family})
	return s
}

// copyOf adds a copy: near or, more often, hard, since there are more kinds.
func (p *planner) copyOf(o item) {
	i := item{group: o.group, relation: evaluate.Near, from: o.from, family: o.family}
	list := nearEdits()
	if p.IntN(20) < 11 {
		i.relation, list = evaluate.Hard, hardEdits()
	}
	if p.strong && p.IntN(4) > 0 {
		i.relation, list = evaluate.Hard, strongEdits()
	}
	i.do = list[p.IntN(len(list))]
	p.add(i)
}

// perhaps is an edit of a picture that is no copy: a third each are left as
// they are, changed a little and changed much. An edit must not tell who has copies.
func (p *planner) perhaps() edit {
	if p.strong && p.IntN(2) == 0 {
		l := strongEdits()
		return l[p.IntN(len(l))]
	}
	switch p.IntN(3) {
	case 0:
		l := nearEdits()
		return l[p.IntN(len(l))]
	case 1:
		l := hardEdits()
		return l[p.IntN(len(l))]
	}
	return edit{}
}

// fillings adds a family of so many look-alikes.
func (p *planner) fillings(n int) {
	list := templates()
	p.families++
	f := family{
		name: fmt.Sprintf("t%04d", p.families),
		kind: (p.families*7 + 3) % len(list), // 7 and the number of kinds have no factor in common
		seed: p.Uint64(),
		keep: one(p.rng, 0, 0, 0, 0.2, 0.35, 0.5, 0.6),
	}
	switch list[f.kind].kind {
	case "letter", "invoice", "form", "table", "book", "article", "receipt", "certificate", "music", "puzzle", "label", "notebook":
		f.scan = p.IntN(5) < 2
	}
	var small []*image.RGBA
	long := between(p.rng, 380, 620)
	for number, refused := uint64(1), 0; len(small) < n && refused < 60; number++ {
		if refused%8 == 7 {
			f.keep /= 2
		}
		plain := f
		plain.scan = false // its noise would pass for another filling
		s := fit(drawFilling(p.fonts, plain, number), 320)
		if slices.ContainsFunc(small, func(o *image.RGBA) bool { return alike(o, s) }) {
			refused++
			continue
		}
		small = append(small, s)
		from := source{family: f, number: number, long: long}
		if p.IntN(5) < 2 {
			from = p.original(from, list[f.kind].kind, f.name)
			if list[f.kind].kind != "flat" { // a flat part is nobody's
				p.free = append(p.free, from)
			}
			continue
		}
		p.add(item{group: p.group(), relation: evaluate.None, from: from, kind: list[f.kind].kind, family: f.name, do: p.perhaps()})
	}
}

// views adds a scene with so many other views of it.
func (p *planner) views(n int) {
	p.families++
	name := fmt.Sprintf("v%04d", p.families)
	s := p.photo()
	p.original(s, "", name)
	for range n {
		p.add(item{group: p.group(), relation: evaluate.None, from: s, others: []source{p.lender()}, kind: "view", family: name, do: p.perhaps()})
	}
}

// lender is a picture that lends things to a view: a photo that stands nowhere
// else, or a drawn picture when few are left.
func (p *planner) lender() source {
	if len(p.unused) > 20 {
		return p.photo()
	}
	return source{family: family{kind: kindOf("poster"), seed: p.Uint64()}, number: 1, long: 500}
}

// part adds a file that shares only a part with its originals.
func (p *planner) part() {
	i := item{group: p.group(), relation: evaluate.Partial}
	shows := func() source {
		for {
			s := p.free[p.IntN(len(p.free))]
			if !slices.Contains(i.of, s.group) && (!s.drawn() || p.IntN(2) == 0) {
				i.of = append(i.of, s.group)
				return s
			}
		}
	}
	switch p.IntN(9) {
	case 0, 1:
		i.from, i.do = shows(), edit{kind: "collage"}
		for range 1 + min(p.IntN(8), p.IntN(8), len(p.free)/2-2) {
			i.others = append(i.others, shows())
		}
	case 2, 3:
		i.from, i.do = shows(), edit{"crop-small", cropSmall}
		for i.from.shared() { // a part of a page may be what all its fillings have
			i.of = nil
			i.from = shows()
		}
	case 4, 5:
		i.from, i.do = shows(), edit{kind: "inset"}
		if p.IntN(2) == 0 && len(p.unused) > 0 {
			i.others = []source{p.photo()} // stands nowhere else
		} else {
			i.others = []source{shows()}
		}
	case 6:
		i.from, i.do = shows(), edit{"on-page", onPage}
	case 7:
		i.from, i.do = shows(), edit{"on-web", onWeb}
	default:
		i.from, i.do = shows(), edit{"crop-small-edited", func(h *hand, img *image.RGBA) (*image.RGBA, string) {
			img, how := cropSmall(h, img)
			list := nearEdits()
			e := list[h.IntN(len(list))]
			img, then := e.do(h, img)
			return img, strings.TrimSpace(how + " + " + e.kind + " " + then)
		}}
		for i.from.shared() {
			i.of = nil
			i.from = shows()
		}
	}
	p.add(i)
}
