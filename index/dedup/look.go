package dedup

import (
	"context"
	"fmt"
	"slices"

	"github.com/dedupidx/dedupidx/stages"
)

// MostShared is with how many of the contents that share a bare bucket with it, one that carries no
// data to tell by, a content is compared: with those that share most, of equals those that came first. At
// 100,000 photos 1,800 share one of the 14 bands of package global with a picture by chance, and 180 two. Where
// those are compared that share two, one hard copy of 230 among the test photos is lost, and none that is near.
// Up to 14,000 photos all are compared.
const MostShared = 256

// wait keeps whom askers met by buckets alone until all tiles were heard.
func (a *asking) wait(askers []int, found [][]met) {
	if a.later == nil {
		a.later = make([][]alike, len(a.askers))
	}
	for i, list := range found {
		l := &a.later[askers[i]]
		for _, m := range list {
			if *l = append(*l, m.alike); len(*l) == 2*a.o.mostShared { // now and then, so that it costs little
				*l = keepStrongest(*l, a.o.mostShared)
			}
		}
	}
}

// lookLater looks at those who were kept until all tiles were heard.
func (a *asking) lookLater(ctx context.Context) error {
	const some = 64 // askers at a time, whose lists take memory
	for from := 0; from < len(a.later); from += some {
		var askers []int
		var found [][]met
		for i, list := range a.later[from:min(from+some, len(a.later))] {
			if len(list) > a.o.mostShared {
				list = keepStrongest(list, a.o.mostShared)
			}
			mets := make([]met, len(list))
			for j := range list {
				mets[j].alike = list[j]
			}
			askers, found = append(askers, from+i), append(found, mets)
		}
		if err := a.look(ctx, askers, found); err != nil {
			return err
		}
	}
	return nil
}

// lookBytes is about how much of features is in memory at a time. With twice as much the heap
// of a scan of 500 photos has its peak 2 MiB higher, for no less time.
const lookBytes = 1 << 20

// look adds to the circles of askers those of whom each met whose features the stage calls near and
// confirms.
func (a *asking) look(ctx context.Context, askers []int, found [][]met) error {
	if a.s.Buckets.Confirm != nil {
		for _, list := range found {
			a.voted += int64(len(list))
		}
	}
	if a.s.Buckets.Near != nil || a.s.Buckets.Confirm != nil {
		var err error
		if found, err = a.kept(ctx, askers, found); err != nil {
			return err
		}
	}
	var some []alike
	for i, list := range found {
		some = some[:0]
		for _, m := range list {
			some = append(some, m.alike)
		}
		a.circles[askers[i]].add(some)
	}
	return nil
}

// kept are those that the features keep.
func (a *asking) kept(ctx context.Context, askers []int, found [][]met) ([][]met, error) {
	var ids []int64
	for _, list := range found {
		for _, m := range list {
			ids = append(ids, m.content)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	each := 1
	for i := range a.askers {
		each = max(each, len(a.askers[i].feature))
	}
	keep := make([][]met, len(found))
	for part := range slices.Chunk(ids, max(lookBytes/each, 64)) {
		features, err := a.x.Features(ctx, a.s.Name, a.s.Version, part)
		if err != nil {
			return nil, err
		}
		err = spread(ctx, a.o.Workers, len(found), func(i int) (err error) {
			keep[i], err = a.confirmed(&a.askers[askers[i]], features, found[i], keep[i])
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return keep, nil
}

// confirmed adds those that an asker met to keep whose features are at hand and pass.
func (a *asking) confirmed(who *asker, features map[int64][]byte, found, keep []met) ([]met, error) {
	var near func([]byte) (int, error)
	var confirm func([]byte, []stages.Hit) (bool, error)
	for _, m := range found {
		stored, ok := features[m.content]
		if !ok {
			continue // pruned, of another version by now, or in another part
		}
		var err error
		if a.s.Buckets.Near != nil && near == nil {
			near, err = a.s.Buckets.Near(who.feature)
		}
		if a.s.Buckets.Confirm != nil && confirm == nil && err == nil {
			confirm, err = a.s.Buckets.Confirm(who.feature)
		}
		if err != nil {
			return keep, fmt.Errorf("compare %s of content %d: %w", a.s.Name, who.content, err)
		}
		passes := true
		if near != nil {
			m.strength, err = near(stored)
			passes = m.strength > 0
		}
		if confirm != nil && passes && err == nil {
			passes, err = confirm(stored, m.hits)
		}
		if err != nil {
			return keep, fmt.Errorf("compare %s of content %d: %w", a.s.Name, m.content, err)
		}
		if passes {
			keep = append(keep, m)
		}
	}
	return keep, nil
}
