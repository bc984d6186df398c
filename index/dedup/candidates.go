package dedup

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// HotBucket is how many postings of one bucket are heard in one lookup. A bucket
// that holds more is a property of many pictures (a flat area, a scanner's page
// frame) and says nothing of a pair; those beyond are left out, counted and
// reported. It stands far above the longest bucket of a word in an index of
// 100,000 pictures (about 5 % of the pictures at 4,429, see ARCHITECTURE.md);
// `dedupidx scan --json` prints how many were met ("hot").
const HotBucket = 20_000

// pair is two contents in canonical order: a has the smaller hash.
type pair struct{ a, b index.Content }

func canonical(a, b index.Content) pair {
	if b.Hash.Less(a.Hash) {
		a, b = b, a
	}
	return pair{a, b}
}

// asker is a content that asks, with its features of one stage.
type asker struct {
	content int64 // 0 for a picture that is not stored
	feature []byte
}

// meeting is what one asker has in common with one stored content.
type meeting struct {
	asker  int // index into the askers
	stored int64
	hits   []stages.Hit
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
	proposed := make(map[[2]int64]bool)
	for _, s := range o.Stages {
		if s.Buckets == nil {
			continue
		}
		features, err := x.Features(ctx, s.Name, s.Version, ids)
		if err != nil {
			return nil, err
		}
		askers := make([]asker, len(batch))
		for i, b := range batch {
			askers[i] = asker{b.ID, features[b.ID]}
		}
		met, err := ask(ctx, x, o, s, askers, c)
		if err != nil {
			return nil, err
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

// ask puts the probes of the askers to the buckets of one stage and returns who
// they met, after the stage's own cheap tests.
func ask(ctx context.Context, x *index.Index, o Options, s stages.Stage, askers []asker, c *Counts) ([]meeting, error) {
	met, err := lookup(ctx, x, s, askers, c)
	if err != nil {
		return nil, err
	}
	if s.Buckets.Votes != nil {
		if met, err = agreeing(ctx, o, s, met); err != nil {
			return nil, err
		}
	}
	if s.Buckets.Near != nil {
		if met, err = nearOnly(ctx, x, s, askers, met); err != nil {
			return nil, err
		}
	}
	return met, nil
}

// lookup reads the postings of all probes in one pass over the runs.
func lookup(ctx context.Context, x *index.Index, s stages.Stage, askers []asker, c *Counts) ([]meeting, error) {
	type probe struct {
		key   stages.Key
		asker int
	}
	var probes []probe
	for i, a := range askers {
		if a.feature == nil {
			continue
		}
		ks, err := s.Buckets.Probes(a.feature)
		if err != nil {
			return nil, fmt.Errorf("ask the buckets of %s for content %d: %w", s.Name, a.content, err)
		}
		for _, k := range ks {
			probes = append(probes, probe{k, i})
		}
	}
	slices.SortFunc(probes, func(p, q probe) int {
		return cmp.Or(cmp.Compare(p.key.Bucket, q.key.Bucket), cmp.Compare(p.asker, q.asker), cmp.Compare(p.key.Data, q.key.Data))
	})
	var keys []uint32
	at := make(map[uint32]int, len(probes)) // first probe of a key
	for i, p := range probes {
		if i == 0 || probes[i-1].key.Bucket != p.key.Bucket {
			keys = append(keys, p.key.Bucket)
			at[p.key.Bucket] = i
		}
	}

	type hit struct {
		asker  int
		stored int64
		hit    stages.Hit
	}
	var hits []hit
	heard := make(map[uint32]int)
	for p, err := range x.Lookup(ctx, s.Name, s.Version, keys) {
		if err != nil {
			return nil, err
		}
		if heard[p.Bucket]++; heard[p.Bucket] > HotBucket {
			continue
		}
		stored := stages.Key{Bucket: p.Bucket, Data: p.Data}
		for i := at[p.Bucket]; i < len(probes) && probes[i].key.Bucket == p.Bucket; i++ {
			if askers[probes[i].asker].content == p.Content {
				continue
			}
			if s.Buckets.Pass != nil && !s.Buckets.Pass(probes[i].key, stored) {
				continue
			}
			hits = append(hits, hit{probes[i].asker, p.Content, stages.Hit{Probe: probes[i].key, Stored: stored}})
		}
	}
	for _, n := range heard {
		if n > HotBucket {
			c.Hot++
		}
	}
	c.Hits += int64(len(hits))
	slices.SortFunc(hits, func(p, q hit) int {
		return cmp.Or(cmp.Compare(p.asker, q.asker), cmp.Compare(p.stored, q.stored),
			cmp.Compare(p.hit.Probe.Bucket, q.hit.Probe.Bucket), cmp.Compare(p.hit.Probe.Data, q.hit.Probe.Data), cmp.Compare(p.hit.Stored.Data, q.hit.Stored.Data))
	})
	var met []meeting
	for i, h := range hits {
		if i > 0 && h == hits[i-1] {
			continue // the same posting in two runs
		}
		if n := len(met) - 1; n < 0 || met[n].asker != h.asker || met[n].stored != h.stored {
			met = append(met, meeting{asker: h.asker, stored: h.stored})
		}
		m := &met[len(met)-1]
		m.hits = append(m.hits, h.hit)
	}
	return met, nil
}

// agreeing keeps the meetings whose hits agree in at least as many votes as the
// stage asks for.
func agreeing(ctx context.Context, o Options, s stages.Stage, met []meeting) ([]meeting, error) {
	keep := make([]bool, len(met))
	err := spread(ctx, o.Workers, len(met), func(i int) error {
		keep[i] = s.Buckets.Votes(met[i].hits) >= s.Buckets.Least
		return nil
	})
	return kept(met, keep), err
}

// nearOnly keeps the meetings whose features the stage calls near.
func nearOnly(ctx context.Context, x *index.Index, s stages.Stage, askers []asker, met []meeting) ([]meeting, error) {
	ids := make(map[int64]bool)
	for _, m := range met {
		ids[m.stored] = true
	}
	features, err := x.Features(ctx, s.Name, s.Version, sortedKeys(ids))
	if err != nil {
		return nil, err
	}
	keep := make([]bool, len(met))
	for i, m := range met {
		b, ok := features[m.stored]
		if !ok {
			continue // pruned, or of another version by now
		}
		if keep[i], err = s.Buckets.Near(askers[m.asker].feature, b); err != nil {
			return nil, fmt.Errorf("compare %s of content %d: %w", s.Name, m.stored, err)
		}
	}
	return kept(met, keep), nil
}

func kept(met []meeting, keep []bool) []meeting {
	out := met[:0]
	for i, m := range met {
		if keep[i] {
			out = append(out, m)
		}
	}
	return out
}

// samePictures returns the pairs of the batch and what is compared that have the
// same picture data in other wrapping.
func samePictures(ctx context.Context, x *index.Index, batch []index.Content, version int64) ([]index.Match, error) {
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
		others, err := x.Contents(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			other, ok := others[id]
			if !ok || id == b.ID || other.Failure != "" || !inBatch[id] && other.Compared != version {
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
	const chunk = 16
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
