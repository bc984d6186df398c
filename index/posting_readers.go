package index

import (
	"context"
	"database/sql"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Tiles are read by several readers beside each other: runs, where several are small
// enough together, or parts of one run. Where they hold little, the next are read while
// the last are put to use.

const (
	// mostExtraReaders read beside the first. Each takes about 1 MB.
	mostExtraReaders = 7

	// blocksOfReader is how many blocks are worth a reader: to open one takes as long as
	// to read a hundred blocks, 1 ms, and they are shared.
	blocksOfReader = 64
)

// extraReaders is how many read beside the first where so many blocks are wanted: one for
// each other core, and two at least. To read is half of what one picture costs that asks a
// large index, and a third for each of many. Only one look-up at a time has them.
func extraReaders(blocks int) int {
	return min(max(runtime.GOMAXPROCS(0)-1, 2), mostExtraReaders, blocks/blocksOfReader)
}

// tileRuns lists the runs of a stage, and adds to the readers who sees them.
func (x *Index) tileRuns(ctx context.Context, stage string, version int, readers *[]*sql.Tx) (runs []storedRun, err error) {
	tx, err := x.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	*readers = append(*readers, tx)
	err = ask(ctx, tx, selectTileRuns, []any{stage, version}, scanRuns(&runs))
	return runs, err
}

// eachTile reads what is asked and gives tiles to yield, those that were read beside each other, until
// that is false. No more postings are held than most, unless one tile has more.
func eachTile(ctx context.Context, readers []*sql.Tx, asked []askedRun, keys []uint32, most int, yield func([]Tile) bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var rooms [2]tileRoom
	defer func() {
		rooms[0].memory.free()
		rooms[1].memory.free()
	}()
	n, postings := besides(asked, len(readers), most)
	if err := rooms[0].read(ctx, readers, asked[:n], postings, keys); err != nil {
		return err
	}
	for now := 0; n > 0; {
		at := &rooms[now]
		asked = asked[n:]
		next, more := besides(asked, len(readers), most)
		wanted := asked[:next]
		ahead := postings+more <= most/2
		var g errgroup.Group
		if ahead {
			now = 1 - now
			into := &rooms[now]
			g.Go(func() error { return into.read(ctx, readers, wanted, more, keys) })
		}
		if !yield(at.tiles[:n]) {
			stop()
			_ = g.Wait() // nobody wants it
			return nil
		}
		err := g.Wait()
		if !ahead {
			err = at.read(ctx, readers, wanted, more, keys)
		}
		if err != nil {
			return err
		}
		n, postings = next, more
	}
	return nil
}

// besides says how many of those that are asked are read beside each other, and how many
// postings they hold.
func besides(asked []askedRun, readers, most int) (n, postings int) {
	for n < min(len(asked), readers) && (n == 0 || postings+asked[n].postings <= most) {
		postings += asked[n].postings
		n++
	}
	return n, postings
}

// tileRoom holds tiles that are read beside each other.
type tileRoom struct {
	tiles  []Tile
	memory room
}

// read fills a tile with each of those that are asked, no more than there are readers, which hold about so many postings.
func (r *tileRoom) read(ctx context.Context, readers []*sql.Tx, asked []askedRun, postings int, keys []uint32) error {
	if len(r.tiles) < len(asked) {
		r.tiles = make([]Tile, len(readers))
	}
	r.memory.grow(postings + postings/4) // blocks differ, and what is not written to is no memory
	from, reader := 0, 0
	g, ctx := errgroup.WithContext(ctx)
	for i := range asked {
		t, a := &r.tiles[i], &asked[i]
		t.Low, t.Contents = a.contents[0], int(a.contents[1]-a.contents[0]+1)
		cuts := a.cuts((len(readers)-reader)/(len(asked)-i), keys)
		t.parts = slices.Grow(t.parts[:0], len(cuts))[:len(cuts)]
		for j, c := range cuts {
			p, tx := &t.parts[j], readers[reader]
			end := from + a.postings*len(c.wanted)/len(a.wanted)*5/4
			p.from, p.to, p.starts, p.columns = c.from, c.to, p.starts[:0], r.memory.between(from, end)
			from, reader = end, reader+1
			g.Go(func() error { return a.fill(ctx, tx, keys[c.from:c.to], c.wanted, t, p) })
		}
	}
	return g.Wait()
}
