package index

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"sort"
)

// Key is a bucket key with the data that a posting carries.
type Key struct {
	Bucket uint32
	Data   uint64
}

// Keys are the postings of one content for one stage.
type Keys struct {
	Stage   string
	Version int
	Width   int // bytes of Data that count, the low ones, 0..8; the same for all contents of a stage's version
	Keys    []Key
}

// Posting is a stored key and the content that has it.
type Posting struct {
	Key
	Content int64
}

const (
	// Read from the index alone: blocks that hold no wanted key are not touched.
	selectBlocks = `
SELECT id, first, last FROM posting_block
WHERE run = ?1 AND first <= ?3 AND last >= ?2
ORDER BY first, last, id`

	selectBlock = `
SELECT bytes FROM posting_block WHERE id = ?1`
)

// Lookup gives the postings of the keys, which must be sorted, each once: by
// bucket, content and data, each posting once. It sees one moment of the
// index, holds a block of each run, and ends with the first error. Contents
// that were pruned or failed since may still be named.
func (x *Index) Lookup(ctx context.Context, stage string, version int, keys []uint32) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		err := x.lookup(ctx, stage, version, keys, func(p Posting) bool { return yield(p, nil) })
		if err != nil {
			yield(Posting{}, fmt.Errorf("look up %d keys of stage %s: %w", len(keys), stage, clarify(x.path, err)))
		}
	}
}

func (x *Index) lookup(ctx context.Context, stage string, version int, keys []uint32, yield func(Posting) bool) error {
	return x.wantedRuns(ctx, stage, version, keys, func(read *sql.Stmt, runs []tileRun) error {
		at := cursors(read, runs)
		var found []Posting
		for _, key := range keys {
			found = found[:0]
			sources := 0
			for i := range at {
				before := len(found)
				var err error
				if found, err = at[i].take(ctx, key, found); err != nil {
					return fmt.Errorf("run %d: %w", at[i].id, err)
				}
				if len(found) > before {
					sources++
				}
			}
			if sources > 1 {
				slices.SortFunc(found, comparePostings)
				found = slices.Compact(found)
			}
			for _, p := range found {
				if !yield(p) {
					return nil
				}
			}
		}
		return nil
	})
}

// blockAt is a block by its range of keys.
type blockAt struct {
	id          int64
	first, last uint32
}

// runCursor goes through the blocks of a run that may hold a wanted key.
type runCursor struct {
	id     int64
	width  int
	blocks []blockAt // not yet read
	rest   []Posting // of the block that is being read
	memory []Posting
	read   *sql.Stmt
}

// take adds the postings of a key to found. Keys are asked for in order.
func (c *runCursor) take(ctx context.Context, key uint32, found []Posting) ([]Posting, error) {
	for {
		if len(c.rest) > 0 && c.rest[0].Bucket < key {
			c.rest = c.rest[sort.Search(len(c.rest), func(i int) bool { return c.rest[i].Bucket >= key }):]
		}
		for len(c.rest) > 0 && c.rest[0].Bucket == key {
			found = append(found, c.rest[0])
			c.rest = c.rest[1:]
		}
		if len(c.rest) > 0 || len(c.blocks) == 0 || c.blocks[0].first > key {
			return found, nil
		}
		b := c.blocks[0]
		c.blocks = c.blocks[1:]
		if b.last < key {
			continue
		}
		var bytes []byte
		if err := c.read.QueryRowContext(ctx, b.id).Scan(&bytes); err != nil {
			return found, fmt.Errorf("block %d: %w", b.id, err)
		}
		var err error
		if c.memory, err = decodeBlock(bytes, c.width, c.memory); err == nil && (c.memory[0].Bucket != b.first || c.memory[len(c.memory)-1].Bucket != b.last) {
			err = fmt.Errorf("%w: it holds other keys than it should", errBlock)
		}
		if err != nil {
			return found, fmt.Errorf("block %d: %w", b.id, err)
		}
		c.rest = c.memory
	}
}
