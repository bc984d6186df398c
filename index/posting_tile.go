package index

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"sort"
	"sync"
)

// Tile is what the buckets that were asked for hold of one range of contents.
type Tile struct {
	Low      int64 // the content of offset 0
	Contents int   // offsets are below it

	starts  []int // of each key, in offsets and data; one more than there are keys
	offsets []uint32
	data    []uint64
}

// Bucket is what the bucket of key number i, in the order asked for, holds: the
// offsets of contents from Low, and beside each what its posting carries.
func (t *Tile) Bucket(i int) (offsets []uint32, data []uint64) {
	from, to := t.starts[i], t.starts[i+1]
	return t.offsets[from:to], t.data[from:to]
}

// Size of a tile. A posting takes 12 bytes in it, so the most are 36 MB; what is
// counted for each content of it stays in the cache of a core. Runs that hold
// more are read once for each range of contents.
const (
	tilePostings = 3 << 20
	tileContents = 1 << 15
)

// tileSize bounds a tile.
type tileSize struct {
	postings int
	contents int64
}

const selectTileRuns = `
SELECT id, width, entries, low, high FROM posting_run
WHERE stage = ?1 AND version = ?2
ORDER BY low, id`

// Tiles gives the postings of the keys, which must be sorted, each once, in tiles:
// many questions are put to each while it is in memory. A content whose keys were
// stored twice may stand in two tiles, or twice in one. It sees one moment of
// the index and ends with the first error. A tile is good until the next comes.
func (x *Index) Tiles(ctx context.Context, stage string, version int, keys []uint32) iter.Seq2[*Tile, error] {
	return func(yield func(*Tile, error) bool) {
		err := x.tiles(ctx, stage, version, keys, tileSize{tilePostings, tileContents}, func(t *Tile) bool { return yield(t, nil) })
		if err != nil {
			yield(nil, fmt.Errorf("look up %d keys of stage %s: %w", len(keys), stage, clarify(x.path, err)))
		}
	}
}

// tileRun is a run and what it holds.
type tileRun struct {
	id        int64
	width     int
	entries   int // at most, of those asked for
	low, high int64
	wanted    []blockAt // that may hold a key that is asked for
}

func (x *Index) tiles(ctx context.Context, stage string, version int, keys []uint32, most tileSize, yield func(*Tile) bool) error {
	return x.wantedRuns(ctx, stage, version, keys, func(read *sql.Stmt, runs []tileRun) error {
		t := &Tile{starts: make([]int, 0, len(keys)+1)}
		for len(runs) > 0 {
			n, low, high := nextTile(runs, most)
			for _, r := range ranged(runs[:n], low, high, most) {
				if err := fillTile(ctx, read, runs[:n], keys, r, t); err != nil {
					return err
				}
				if !yield(t) {
					return nil
				}
			}
			runs = runs[n:]
		}
		return nil
	})
}

// wantedRuns gives use the runs of a stage, sorted by their lowest content, with the
// blocks of each that may hold a key, and what reads a block, at one moment of the index.
func (x *Index) wantedRuns(ctx context.Context, stage string, version int, keys []uint32, use func(read *sql.Stmt, runs []tileRun) error) error {
	if err := sortedOnce(keys); err != nil || len(keys) == 0 {
		return err
	}
	tx, err := x.snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	read, err := tx.PrepareContext(ctx, selectBlock)
	if err != nil {
		return err
	}
	defer read.Close()
	var runs []tileRun
	err = ask(ctx, tx, selectTileRuns, []any{stage, version}, func(rows *sql.Rows) error {
		var r tileRun
		err := rows.Scan(&r.id, &r.width, &r.entries, &r.low, &r.high)
		runs = append(runs, r)
		return err
	})
	if err != nil {
		return err
	}
	x.directories.keep(stage, runs)
	for i := range runs {
		r := &runs[i]
		blocks, err := x.directories.of(ctx, tx, stage, r.id)
		if err != nil {
			return fmt.Errorf("run %d: %w", r.id, err)
		}
		r.wanted = wantedBlocks(blocks, keys)
		r.entries = min(r.entries, blockPostings*len(r.wanted))
	}
	return use(read, runs)
}

// cursors are the runs at their first wanted block.
func cursors(read *sql.Stmt, runs []tileRun) []runCursor {
	list := make([]runCursor, len(runs))
	for i, run := range runs {
		list[i] = runCursor{id: run.id, width: run.width, read: read, blocks: run.wanted}
	}
	return list
}

// nextTile says how many of the runs, which are sorted by their lowest content, go
// into one tile, and which contents they span.
func nextTile(runs []tileRun, most tileSize) (n int, low, high int64) {
	low, high = runs[0].low, runs[0].high
	entries := runs[0].entries
	for n = 1; n < len(runs); n++ {
		r := runs[n]
		entries += r.entries
		if entries > most.postings || max(high, r.high)-low >= most.contents {
			break
		}
		high = max(high, r.high)
	}
	return n, low, high
}

// ranged cuts what one run too large for a tile spans.
func ranged(runs []tileRun, low, high int64, most tileSize) [][2]int64 {
	entries := 0
	for _, r := range runs {
		entries += r.entries
	}
	span := high - low + 1
	parts := max((span+most.contents-1)/most.contents, int64((entries+most.postings-1)/most.postings), 1)
	each := (span + parts - 1) / parts
	var out [][2]int64
	for from := low; from <= high; from += each {
		out = append(out, [2]int64{from, min(from+each-1, high)})
	}
	return out
}

// fillTile reads what the runs hold of contents r[0] to r[1].
func fillTile(ctx context.Context, read *sql.Stmt, runs []tileRun, keys []uint32, r [2]int64, t *Tile) error {
	t.Low, t.Contents = r[0], int(r[1]-r[0]+1)
	t.starts, t.offsets, t.data = append(t.starts[:0], 0), t.offsets[:0], t.data[:0]
	at := cursors(read, runs)
	var found []Posting
	for _, key := range keys {
		for i := range at {
			var err error
			if found, err = at[i].take(ctx, key, found[:0]); err != nil {
				return fmt.Errorf("run %d: %w", at[i].id, err)
			}
			for _, p := range found {
				if p.Content >= r[0] && p.Content <= r[1] {
					t.offsets = append(t.offsets, uint32(p.Content-r[0]))
					t.data = append(t.data, p.Data)
				}
			}
		}
		t.starts = append(t.starts, len(t.offsets))
	}
	return nil
}

// wantedBlocks are those that may hold a key. Both are sorted.
func wantedBlocks(blocks []blockAt, keys []uint32) (wanted []blockAt) {
	next := 0 // the first key that is not below the block
	for _, b := range blocks {
		if next < len(keys) && keys[next] < b.first {
			next += sort.Search(len(keys)-next, func(k int) bool { return keys[next+k] >= b.first })
		}
		if next < len(keys) && keys[next] <= b.last {
			wanted = append(wanted, b)
		}
	}
	return wanted
}

func sortedOnce(keys []uint32) error {
	for i := 1; i < len(keys); i++ {
		if keys[i-1] >= keys[i] {
			return fmt.Errorf("keys are not sorted or not unique: %d stands before %d", keys[i-1], keys[i])
		}
	}
	return nil
}

// directories remember the blocks of runs, 16 bytes a block of a thousand
// postings, since reading them again costs more than a question. A run never
// changes and its id is never used again.
type directories struct {
	lock sync.Mutex
	runs map[int64]directory
}

type directory struct {
	stage  string
	blocks []blockAt
}

// keep forgets the runs of a stage that are no more.
func (d *directories) keep(stage string, runs []tileRun) {
	d.lock.Lock()
	defer d.lock.Unlock()
	alive := make(map[int64]bool, len(runs))
	for _, r := range runs {
		alive[r.id] = true
	}
	for id, known := range d.runs {
		if known.stage == stage && !alive[id] {
			delete(d.runs, id)
		}
	}
}

func (d *directories) of(ctx context.Context, tx *sql.Tx, stage string, run int64) ([]blockAt, error) {
	d.lock.Lock()
	known, ok := d.runs[run]
	d.lock.Unlock()
	if ok {
		return known.blocks, nil
	}
	const all = 1<<32 - 1
	var blocks []blockAt
	err := ask(ctx, tx, selectBlocks, []any{run, 0, all}, func(rows *sql.Rows) error {
		var b blockAt
		err := rows.Scan(&b.id, &b.first, &b.last)
		blocks = append(blocks, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	blocks = slices.Clip(blocks)
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.runs == nil {
		d.runs = make(map[int64]directory)
	}
	d.runs[run] = directory{stage, blocks}
	return blocks, nil
}
