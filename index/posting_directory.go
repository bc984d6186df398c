package index

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math"
	"sync"
)

// The row of a run says which keys its blocks hold, so that a look-up reads no block in
// vain: of each block the distance from the largest key of the block before (the first:
// from 0), and how much larger its largest key is than its smallest, as varints.

const selectRunKeys = `
SELECT keys FROM posting_run WHERE id = ?1`

// span is the smallest and the largest key of a block.
type span struct{ first, last uint32 }

func encodeSpans(spans []span) []byte {
	b := make([]byte, 0, 3*len(spans))
	var before uint32
	for _, s := range spans {
		b = binary.AppendUvarint(b, uint64(s.first-before))
		b = binary.AppendUvarint(b, uint64(s.last-s.first))
		before = s.last
	}
	return b
}

// decodeSpans reads as many spans as a run has blocks. It takes no more memory than the
// bytes warrant.
func decodeSpans(b []byte, blocks int) ([]span, error) {
	if blocks < 0 || blocks > len(b)/2 {
		return nil, errBlock
	}
	spans := make([]span, blocks)
	var key uint32
	next := func() bool {
		step, rest, ok := cutVarint(b)
		if !ok || step > math.MaxUint32-uint64(key) {
			return false
		}
		b, key = rest, key+uint32(step)
		return true
	}
	for i := range spans {
		// Most distances are of one byte each.
		if len(b) >= 2 && b[0]|b[1] < 0x80 && key < math.MaxUint32-0xff {
			first := key + uint32(b[0])
			key = first + uint32(b[1])
			spans[i], b = span{first, key}, b[2:]
			continue
		}
		for _, of := range [...]*uint32{&spans[i].first, &spans[i].last} {
			if !next() {
				return nil, errBlock
			}
			*of = key
		}
	}
	if len(b) > 0 {
		return nil, errBlock
	}
	return spans, nil
}

// directories remember the spans of runs, 8 bytes a block of some two hundred postings. A
// run never changes and its id is never used again.
type directories struct {
	lock sync.Mutex
	runs map[int64]directory
}

type directory struct {
	stage string
	spans []span
}

// keep forgets the runs of a stage that are no more.
func (d *directories) keep(stage string, runs []storedRun) {
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

// of gives the spans of the blocks of a run.
func (d *directories) of(ctx context.Context, tx *sql.Tx, stage string, r storedRun) ([]span, error) {
	d.lock.Lock()
	known, ok := d.runs[r.id]
	d.lock.Unlock()
	if ok {
		return known.spans, nil
	}
	known.stage = stage
	err := ask(ctx, tx, selectRunKeys, []any{r.id}, func(rows *sql.Rows) error {
		var b sql.RawBytes
		err := rows.Scan(&b)
		if err == nil {
			known.spans, err = decodeSpans(b, r.blocks)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.runs == nil {
		d.runs = make(map[int64]directory)
	}
	d.runs[r.id] = known
	return known.spans, nil
}
