package dedup

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// pair is two contents in canonical order: a has the smaller hash.
type pair struct{ a, b index.Content }

func canonical(a, b index.Content) pair {
	if b.Hash.Less(a.Hash) {
		a, b = b, a
	}
	return pair{a, b}
}

// candidates returns the pairs of a content of the batch and a stored one, or of
// two of the batch, that the buckets of any stage propose, in order of their hashes.
//
// A stored content that waits to be compared itself is left out: it will ask
// when its turn comes, and finds the batch then, because asking is symmetric.
func candidates(ctx context.Context, x *index.Index, o Options, batch []index.Content, version int64, c *Counts) ([]pair, error) {
	inBatch := make(map[int64]index.Content, len(batch))
	ids := make([]int64, len(batch))
	for i, b := range batch {
		inBatch[b.ID] = b
		ids[i] = b.ID
	}
	// Where all that is compared lies before the batch, as in a first scan, nobody need hear
	// those behind him: they wait, or are of the batch and hear him.
	last, err := x.LastCompared(ctx, version)
	if err != nil {
		return nil, err
	}
	alone := len(ids) > 0 && last < slices.Min(ids)
	proposed := make(map[[2]int64]bool)
	crowded := make([]bool, len(batch))
	for _, s := range proposing(o.Stages) {
		features, err := x.Features(ctx, s.Name, s.Version, ids)
		if err != nil {
			return nil, err
		}
		askers := make([]asker, len(batch))
		for i, b := range batch {
			askers[i] = asker{content: b.ID, feature: features[b.ID], crowded: crowded[i]}
			if alone {
				askers[i].before = b.ID
			}
		}
		met, err := ask(ctx, x, o, s, askers, c)
		if err != nil {
			return nil, err
		}
		for i := range askers {
			crowded[i] = askers[i].crowded
		}
		for _, m := range met {
			a, b := askers[m.asker].content, m.stored
			if a > b {
				a, b = b, a
			}
			proposed[[2]int64{a, b}] = true
		}
	}
	stored := make(map[int64]bool)
	for p := range proposed {
		for _, id := range p {
			if _, ok := inBatch[id]; !ok {
				stored[id] = true
			}
		}
	}
	contents, err := x.Contents(ctx, sortedKeys(stored))
	if err != nil {
		return nil, err
	}
	var pairs []pair
	for p := range proposed {
		a, okA := inBatch[p[0]]
		b, okB := inBatch[p[1]]
		if !okA {
			a, okA = contents[p[0]]
			okA = okA && a.Compared == version
		}
		if !okB {
			b, okB = contents[p[1]]
			okB = okB && b.Compared == version
		}
		if okA && okB {
			pairs = append(pairs, canonical(a, b))
		}
	}
	slices.SortFunc(pairs, func(p, q pair) int {
		return cmp.Or(slices.Compare(p.a.Hash[:], q.a.Hash[:]), slices.Compare(p.b.Hash[:], q.b.Hash[:]))
	})
	c.Candidates += int64(len(pairs))
	return pairs, nil
}

// proposing are the stages that propose pairs, that which tells best how alike they are first.
func proposing(list []stages.Stage) []stages.Stage {
	out := slices.DeleteFunc(slices.Clone(list), func(s stages.Stage) bool { return s.Buckets == nil })
	slices.SortStableFunc(out, func(s, t stages.Stage) int {
		switch sure, also := s.Buckets.Strength != nil, t.Buckets.Strength != nil; {
		case sure && !also:
			return -1
		case also && !sure:
			return 1
		}
		return 0
	})
	return out
}

// samePictures returns the pairs of the batch and what is compared that have the
// same picture data in other wrapping.
func samePictures(ctx context.Context, x *index.Index, o Options, batch []index.Content, version int64) ([]index.Match, error) {
	inBatch := make(map[int64]bool, len(batch))
	for _, b := range batch {
		inBatch[b.ID] = true
	}
	seen := make(map[[2]int64]bool)
	var out []index.Match
	for _, b := range batch {
		if b.Picture.IsZero() {
			continue
		}
		ids, err := x.SamePicture(ctx, b.Picture)
		if err != nil {
			return nil, err
		}
		ids = beside(ids, b.ID, o.mostAlike)
		others, err := x.Contents(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			other, ok := others[id]
			if !ok || other.Failure != "" || !inBatch[id] && other.Compared != version {
				continue
			}
			p := canonical(b, other)
			if key := [2]int64{p.a.ID, p.b.ID}; !seen[key] {
				seen[key] = true
				out = append(out, samePicture(p, version))
			}
		}
	}
	return out, nil
}

// beside are the n ids that stand nearest to one of a sorted list, without it.
func beside(ids []int64, id int64, n int) []int64 {
	at, found := slices.BinarySearch(ids, id)
	if found {
		ids = slices.Delete(ids, at, at+1)
	}
	from := max(min(at-n/2, len(ids)-n), 0)
	return ids[from:min(from+n, len(ids))]
}

func samePicture(p pair, version int64) index.Match {
	return index.Match{
		A: p.a.ID, B: p.b.ID, Kind: string(stages.Pixels), Probability: 1, Similarity: 1,
		Transform: index.Transform{1, 0, 0, 0, 1, 0}, Scores: "{}",
		Reason: "the same picture data in other wrapping", Version: version,
	}
}

// spread runs n pieces of work on some workers.
func spread(ctx context.Context, workers, n int, work func(i int) error) error {
	g, running := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	chunk := min(max(n/(4*workers), 1), 16)
	for from := 0; from < n && running.Err() == nil; from += chunk {
		g.Go(func() error {
			for i := from; i < min(from+chunk, n); i++ {
				if err := running.Err(); err != nil {
					return err
				}
				if err := work(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

func sortedKeys(m map[int64]bool) []int64 {
	out := make([]int64, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
