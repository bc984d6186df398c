package index

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"sort"
	"unsafe"

	"github.com/dedupidx/dedupidx/internal/offheap"
)

// Tile is what the buckets that were asked for hold of one run of postings, or of one
// range of its contents.
type Tile struct {
	Low      int64 // the content of offset 0
	Contents int   // offsets are below it

	parts []part // of the keys, in order
}

// part is what a reader found of some keys that follow one another.
type part struct {
	from, to int   // of the keys
	starts   []int // of each of them, in the columns; one more than there are keys
	columns
}

// columns hold postings: offsets of contents, and the halves of the data.
type columns struct{ offsets, low, high []uint32 }

// room is memory for columns outside of the heap: up to 72 MiB, which would let the heap
// grow by as much again.
type room struct {
	bytes []byte
	columns
}

// free gives the memory back: nobody may read a tile any more.
func (r *room) free() {
	offheap.Give(r.bytes)
	*r = room{}
}

// grow makes room for n postings. It forgets what they hold.
func (r *room) grow(n int) {
	if n <= cap(r.offsets) {
		return
	}
	r.free()
	r.bytes = offheap.Take(3 * 4 * n)
	all := unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(r.bytes))), 3*n)
	r.columns = columns{all[:n:n], all[n : 2*n : 2*n], all[2*n:]}
}

// between is empty, with the room from one place to another.
func (c *columns) between(from, to int) columns {
	return columns{c.offsets[from:from:to], c.low[from:from:to], c.high[from:from:to]}
}

// Bucket is what a bucket holds in a tile, in columns: the offsets of contents from
// Low, and of what each posting carries the low 32 bits and the high ones.
type Bucket struct{ Offsets, Low, High []uint32 }

// Bucket gives the bucket of key number i, in the order asked for.
func (t *Tile) Bucket(i int) Bucket {
	p := &t.parts[0]
	for n := 1; i >= p.to; n++ {
		p = &t.parts[n]
	}
	from, to := p.starts[i-p.from], p.starts[i-p.from+1]
	return Bucket{p.offsets[from:to], p.low[from:to], p.high[from:to]}
}

// tileContents is how many contents a tile may span: who asks counts something for
// each. A run whose contents lie farther apart (they were extracted anew) is read
// once for each range.
const tileContents = 1 << 18

const (
	selectTileRuns = `
SELECT id, width, entries, low, high, first, blocks FROM posting_run
WHERE stage = ?1 AND version = ?2
ORDER BY low, id`

	selectBlocksBetween = `
SELECT id, bytes FROM posting_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id`

	selectBlocksOf = `
SELECT posting_block.id, bytes FROM json_each(?1) AS wanted CROSS JOIN posting_block ON posting_block.id = wanted.value`
)

// Tiles gives the postings of the keys, which must be sorted, each once, in tiles, a few at
// a time: many questions are put to each while it is in memory. What one content has stands
// in one tile, unless its keys were stored twice; and a posting may stand twice in a
// tile. It sees one moment of the index and ends with the first error. Tiles are good
// until the next come. Contents that were pruned or failed since may still be named.
func (x *Index) Tiles(ctx context.Context, stage string, version int, keys []uint32) iter.Seq2[[]Tile, error] {
	return func(yield func([]Tile, error) bool) {
		err := x.tiles(ctx, stage, version, keys, tileContents, func(tiles []Tile) bool { return yield(tiles, nil) })
		if err != nil {
			yield(nil, fmt.Errorf("look up %d keys of stage %s: %w", len(keys), stage, clarify(x.path, err)))
		}
	}
}

func (x *Index) tiles(ctx context.Context, stage string, version int, keys []uint32, contents int64, yield func([]Tile) bool) error {
	if err := sortedOnce(keys); err != nil || len(keys) == 0 {
		return err
	}
	var readers []*sql.Tx
	defer func() {
		for _, tx := range readers {
			_ = tx.Rollback() // nothing was written
		}
	}()
	runs, err := x.tileRuns(ctx, stage, version, &readers)
	if err != nil {
		return err
	}
	x.directories.keep(stage, runs)
	asked, blocksWanted := make([]askedRun, 0, len(runs)), 0
	for _, r := range runs {
		blocks, err := x.directories.of(ctx, readers[0], stage, r)
		if err != nil {
			return fmt.Errorf("run %d: %w", r.id, err)
		}
		wanted := wantedBlocks(blocks, keys)
		if len(wanted) == 0 {
			continue
		}
		postings := min(r.entries, len(blocks)*blockPostings) // no row is trusted with memory
		if len(wanted) < len(blocks) {                        // some blocks hold more than others
			postings = min(postings, postings/len(blocks)*len(wanted)*5/4+2*blockPostings)
		}
		if r.entries < 0 || r.low < 1 || r.high < r.low || (r.high-r.low)/contents >= mostRanges {
			return fmt.Errorf("run %d: %w: %d postings of contents %d to %d", r.id, errBlock, r.entries, r.low, r.high)
		}
		for _, c := range ranged(r.low, r.high, contents) {
			asked = append(asked, askedRun{r, blocks, wanted, c, postings})
			blocksWanted += len(wanted)
		}
	}
	if extra := extraReaders(blocksWanted); extra > 0 && x.extra.TryLock() {
		defer x.extra.Unlock()
		for range extra {
			then, err := x.tileRuns(ctx, stage, version, &readers)
			if err != nil {
				return err
			}
			if !slices.Equal(runs, then) { // a commit came between
				last := len(readers) - 1
				_ = readers[last].Rollback()
				readers = readers[:last]
				break
			}
		}
	}
	return eachTile(ctx, readers, asked, keys, x.runPostings, yield)
}

// askedRun is what is wanted of a run, or of a range of its contents.
type askedRun struct {
	storedRun
	spans    []span // of its blocks
	wanted   []int
	contents [2]int64
	postings int // about how many, at most those of the run
}

// mostRanges is how often a run is read in one look-up: its contents would be 17 billion apart.
const mostRanges = 1 << 16

// ranged cuts a range of contents into equal ones, none longer than most.
func ranged(low, high, most int64) [][2]int64 {
	span := high - low + 1
	parts := max((span+most-1)/most, 1)
	each := (span + parts - 1) / parts
	var out [][2]int64
	for from := low; from <= high; from += each {
		out = append(out, [2]int64{from, min(from+each-1, high)})
	}
	return out
}

// cut is some of the wanted blocks of a run, and the keys that they may hold.
type cut struct {
	from, to int // of the keys
	wanted   []int
}

// cuts shares the wanted blocks among at most so many readers. No key is in two cuts.
func (a *askedRun) cuts(readers int, keys []uint32) (cuts []cut) {
	from, key := 0, 0
	for n := 1; n < readers; n++ {
		to := max(len(a.wanted)*n/readers, from+1)
		for to < len(a.wanted) && a.spans[a.wanted[to]].first <= a.spans[a.wanted[to-1]].last {
			to++
		}
		if to >= len(a.wanted) || to-from < leastCut {
			continue
		}
		end, _ := slices.BinarySearch(keys, a.spans[a.wanted[to]].first)
		cuts = append(cuts, cut{key, end, a.wanted[from:to]})
		from, key = to, end
	}
	return append(cuts, cut{key, len(keys), a.wanted[from:]})
}

// leastCut is how many blocks are worth a reader.
const leastCut = 8

// fill reads the postings of keys, which are in wanted blocks, into a part of a tile.
func (a *askedRun) fill(ctx context.Context, tx *sql.Tx, keys []uint32, wanted []int, t *Tile, p *part) error {
	p.starts = append(p.starts, 0)
	var block blockReader
	next := 0 // of wanted
	take := func(rows *sql.Rows) error {
		var id int64
		var bytes sql.RawBytes
		if err := rows.Scan(&id, &bytes); err != nil {
			return err
		}
		if next == len(wanted) || id != a.first+int64(wanted[next]) {
			return nil // it stands between two that are wanted
		}
		s := a.spans[wanted[next]]
		next++
		if err := p.add(&block, bytes, a.width, s, keys, t); err != nil {
			return fmt.Errorf("run %d: block %d: %w", a.id, id, err)
		}
		return nil
	}
	query, args := selectBlocksBetween, []any{a.first + int64(wanted[0]), a.first + int64(wanted[len(wanted)-1])}
	if 2*len(wanted) < wanted[len(wanted)-1]-wanted[0] {
		ids := make([]int64, len(wanted))
		for i, w := range wanted {
			ids[i] = a.first + int64(w)
		}
		query, args = selectBlocksOf, []any{list(ids)}
	}
	if err := ask(ctx, tx, query, args, take); err != nil {
		return err
	}
	if next < len(wanted) {
		return fmt.Errorf("run %d: block %d: %w: it is not there", a.id, a.first+int64(wanted[next]), errBlock)
	}
	for len(p.starts) <= len(keys) {
		p.starts = append(p.starts, len(p.offsets))
	}
	return nil
}

// add takes the postings of the keys from a block, which must span what is said of it.
func (p *part) add(block *blockReader, bytes []byte, width int, s span, keys []uint32, t *Tile) error {
	if err := block.open(bytes, width); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := block.head()
		if err != nil {
			return err
		}
		if first && block.bucket != s.first || !more && block.bucket != s.last {
			return fmt.Errorf("%w: it holds other keys than it should", errBlock)
		}
		if !more {
			return nil
		}
		for len(p.starts) <= len(keys) && keys[len(p.starts)-1] < block.bucket {
			p.starts = append(p.starts, len(p.offsets))
		}
		if len(p.starts) <= len(keys) && keys[len(p.starts)-1] == block.bucket {
			err = p.take(block, t)
		} else {
			err = block.skip()
		}
		if err != nil {
			return err
		}
	}
}

// take adds the bucket that a block is at, as far as its contents are in the tile.
func (p *part) take(block *blockReader, t *Tile) (err error) {
	var from, to int
	if p.offsets, from, to, err = block.offsets(t.Low, t.Contents, p.offsets); err != nil {
		return err
	}
	low := min(block.width, 4)
	high := block.width - low
	p.low = appendColumn(p.low, block.low[from*low:to*low], low, to-from)
	p.high = appendColumn(p.high, block.high[from*high:to*high], high, to-from)
	return nil
}

// appendColumn adds n numbers of so many bytes, little-endian.
func appendColumn(to []uint32, b []byte, bytes, n int) []uint32 {
	from := len(to)
	to = slices.Grow(to, n)[:from+n]
	column := to[from:]
	switch bytes {
	case 4:
		for i := range column {
			column[i], b = binary.LittleEndian.Uint32(b), b[4:]
		}
	case 3:
		for i := range column {
			if len(b) >= 4 {
				column[i], b = binary.LittleEndian.Uint32(b)&0xffffff, b[3:]
			} else {
				column[i] = little(b)
			}
		}
	default:
		for i := range column {
			column[i] = little(b[i*bytes:][:bytes])
		}
	}
	return to
}

// wantedBlocks are those that may hold a key, by number. Both are sorted.
func wantedBlocks(blocks []span, keys []uint32) (wanted []int) {
	next := 0 // the first key that is not below the block
	for i, b := range blocks {
		if next < len(keys) && keys[next] < b.first {
			next += sort.Search(len(keys)-next, func(k int) bool { return keys[next+k] >= b.first })
		}
		if next < len(keys) && keys[next] <= b.last {
			wanted = append(wanted, i)
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
