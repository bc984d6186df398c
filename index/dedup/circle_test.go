package dedup

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

// frames are stored pictures of a camera that stands still, each with a file.
func frames(t *testing.T, x *index.Index, n int) {
	t.Helper()
	scene := drawn.Scene(77, 480, 320)
	var images []image.Image
	for i := range n {
		d := float64(i) / 1000
		images = append(images, drawn.Crop(scene, d, d/2, 0.95+d, 0.96))
	}
	contents, err := contentsOf(images)
	must(t, err)
	b := index.Batch{Contents: contents}
	for i, c := range contents {
		b.Files = append(b.Files, index.FileWrite{Hash: c.Hash, File: index.File{
			Place: index.Place{Root: 1, Name: fmt.Sprintf("%03d.jpg", i)}, Stat: index.Stat{Size: 1000}, State: index.OK}})
	}
	must(t, x.Write(t.Context(), b))
}

// settle compares and groups until nothing is left to do.
func settle(t *testing.T, x *index.Index, o Options) (sum Counts) {
	t.Helper()
	for again := true; again; {
		for done := false; !done; {
			c, d, err := Compare(t.Context(), x, o)
			must(t, err)
			sum.Candidates += c.Candidates
			done = d
		}
		again = false
		for done := false; !done; {
			c, d, err := Regroup(t.Context(), x, o)
			must(t, err)
			again = again || c.Again > 0
			sum.Again += c.Again
			done = d
		}
	}
	return sum
}

// together tells whether some contents, and no others, make one group.
func together(t *testing.T, x *index.Index, ids []int64) bool {
	t.Helper()
	var members []int64
	groups := 0
	for group, err := range x.ClusterRows(t.Context(), "normal", index.ByPath) {
		must(t, err)
		groups++
		for _, row := range group.Rows {
			members = append(members, row.Content.ID)
		}
	}
	slices.Sort(members)
	return groups == 1 && slices.Equal(slices.Compact(members), ids)
}

// Of many copies of one picture each is compared with some, all stand in one group, and
// those that stay when most are deleted still do, also where they never met.
func TestManyCopies(t *testing.T) {
	const n, most = 40, 4
	o := Options{Workers: 2, mostAlike: most}
	x := newIndex(t)
	frames(t, x, n)
	sum := settle(t, x, o)
	if pairs := int64(n * (n - 1) / 2); sum.Candidates > pairs/2 || sum.Candidates < n {
		t.Errorf("of %d pairs of copies %d were compared", pairs, sum.Candidates)
	}
	var all []int64
	for i := range n {
		all = append(all, int64(i+1))
	}
	if !together(t, x, all) {
		t.Fatal("the copies do not stand in one group")
	}

	// Those that stay, at first the best and one that met none of the others.
	r := rand.New(rand.NewPCG(1, 2))
	for len(all) > 2 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		stay := max(len(all)/4, 2)
		var b index.Batch
		for _, id := range all[stay:] {
			files, err := x.FilesOf(t.Context(), []int64{id})
			must(t, err)
			for _, f := range files[id] {
				b.Gone = append(b.Gone, f.Place)
			}
		}
		must(t, x.Write(t.Context(), b))
		all = all[:stay]
		slices.Sort(all)
		settle(t, x, o)
		if !together(t, x, all) {
			t.Errorf("%v stay and do not stand in one group", all)
		}
	}
}
