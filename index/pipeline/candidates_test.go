//go:build unix

package pipeline_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/internal/drawn"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// blocks is a picture of random blocks: cheap, and unlike others.
func blocks(seed uint64) *image.RGBA {
	const width, height = 64, 48
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	rng := rand.New(rand.NewPCG(seed, 7))
	for range 30 {
		x, y, ink := rng.IntN(width)-10, rng.IntN(height)-10, color.RGBA{uint8(rng.Uint32()), uint8(rng.Uint32()), uint8(rng.Uint32()), 255}
		draw.Draw(img, image.Rect(x, y, x+4+rng.IntN(40), y+4+rng.IntN(30)), image.NewUniform(ink), image.Point{}, draw.Src)
	}
	return img
}

// store puts contents into an index as a scan would, with real features.
func store(t testing.TB, x *index.Index, from, to int) {
	t.Helper()
	contents := make([]index.ContentWrite, to-from)
	var g errgroup.Group
	g.SetLimit(2)
	for i := range contents {
		g.Go(func() error {
			r, err := raster.NewDecoder(raster.DecoderOptions{}).Decode(t.Context(), drawn.PNG(blocks(uint64(from+i))), "")
			if err != nil {
				return err
			}
			c := &contents[i]
			binary.BigEndian.PutUint64(c.Hash[:], uint64(from+i)*0x9e3779b97f4a7c15)
			c.Hash[31], c.Size, c.Width, c.Height, c.Format = 1, 1000, 64, 48, "png"
			for _, s := range stages.List() {
				f := s.Extract(r)
				c.Features = append(c.Features, index.Feature{Stage: s.Name, Version: s.Version, Bytes: f})
				if s.Buckets == nil {
					continue
				}
				keys, err := s.Buckets.Keys(f)
				if err != nil {
					return err
				}
				k := index.Keys{Stage: s.Name, Version: s.Version, Width: s.Buckets.Width}
				for _, key := range keys {
					k.Keys = append(k.Keys, index.Key(key))
				}
				c.Keys = append(c.Keys, k)
			}
			return nil
		})
	}
	must(t, g.Wait())
	for len(contents) > 0 {
		n := min(len(contents), 100)
		must(t, x.Write(context.Background(), index.Batch{Contents: contents[:n]}))
		contents = contents[n:]
	}
}

// What is new is compared with what its buckets hold: adding a hundred photos to
// two thousand takes a small part of the two hundred thousand pairs there are, and
// the summary says how many.
func TestCandidatesOfAHundredAmongThousands(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("draws two thousand pictures")
	}
	const stored, added, copies = 2000, 100, 10
	w := newWorld(t)
	store(t, w.x, 0, stored)
	ids := make([]int64, stored) // as if they had been compared with each other
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	must(t, w.x.WriteComparison(t.Context(), dedup.Version(stages.List()), ids, nil))
	for i := range added - copies {
		w.write(fmt.Sprint(i, ".png"), drawn.PNG(blocks(uint64(stored+i))))
	}
	for i := range copies {
		w.write(fmt.Sprint("copy ", i, ".png"), drawn.PNG(blocks(uint64(i*37))))
	}
	sum := w.scan()
	t.Logf("%d candidates and %d matches of %d new among %d, in %v", sum.Candidates, sum.Matches, sum.Compared, stored, sum.Elapsed)
	if sum.Compared != added {
		t.Errorf("%d compared, want %d", sum.Compared, added)
	}
	if sum.Candidates < copies || sum.Candidates > stored*added/50 {
		t.Errorf("%d candidates, want at least the %d copies and at most one pair of fifty", sum.Candidates, copies)
	}
	if sum.Matches < copies {
		t.Errorf("%d matches, want those of the %d copies", sum.Matches, copies)
	}
}
