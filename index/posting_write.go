package index

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"sort"
)

const (
	// runsOfLevel is how many runs of a level become one of the next: a posting is
	// written once for each level, and a look-up asks the runs of all levels. A merge
	// costs a tenth of a microsecond a posting, a run some milliseconds a look-up.
	runsOfLevel = 4

	// runPostings is the most that a merge makes: a look-up holds a run in memory, 12
	// bytes a posting (see Tile), and a merge of so many takes a second and a half of the
	// daemon. They are those of 12,000 photos of the stage that has most. Longer runs
	// would cost a look-up of one picture less, and would be read several times over
	// by a look-up of many.
	runPostings = 6 << 20
)

const (
	// Those that a merge may make larger, up to ?4 postings.
	selectRunsOfLevel = `
SELECT id, width, entries, low, high, first, blocks FROM posting_run
WHERE stage = ?1 AND version = ?2 AND level = ?3 AND entries <= ?4
ORDER BY id`

	insertRun = `
INSERT INTO posting_run (stage, version, level, width, entries, low, high, first, blocks, keys) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`

	// Its blocks go with it.
	deleteRun = `
DELETE FROM posting_run WHERE id = ?1`

	deleteOtherRuns = `
DELETE FROM posting_run WHERE stage = ?1 AND version <> ?2`

	insertBlock = `
INSERT INTO posting_block (bytes) VALUES (?1)`

	selectBlock = `
SELECT bytes FROM posting_block WHERE id = ?1`

	// Which contents between ?1 and ?2 are no more, or have failed since: from, to.
	selectGoneContents = `
WITH alive (id) AS (
    SELECT id FROM content WHERE id BETWEEN ?1 AND ?2 AND failure = ''
    UNION ALL SELECT ?2 + 1
)
SELECT before + 1, id - 1
FROM (SELECT id, lag(id, 1, ?1 - 1) OVER (ORDER BY id) AS before FROM alive)
WHERE id > before + 1
ORDER BY 1`
)

// DropPostings deletes the postings of a stage that are of another version
// than the one to keep.
func (x *Index) DropPostings(ctx context.Context, stage string, keep int) error {
	return x.write(ctx, "drop old postings of stage "+stage, func(t *transaction) error {
		_, err := t.exec(deleteOtherRuns, stage, keep)
		return err
	})
}

// runKind says which runs are asked together.
type runKind struct {
	stage   string
	version int
}

func (w *batchWriter) addKeys(content int64, k Keys) error {
	if k.Width < 0 || k.Width > 8 {
		return fmt.Errorf("postings with %d bytes of data: 0 to 8 can be stored", k.Width)
	}
	kind := runKind{k.Stage, k.Version}
	run := w.postings[kind]
	if run == nil {
		run = &newRun{width: k.Width}
		w.postings[kind] = run
	}
	if run.width != k.Width {
		return fmt.Errorf("postings with %d and with %d bytes of data in one batch", run.width, k.Width)
	}
	run.add(content, k.Keys)
	return nil
}

// putRuns stores the postings of a batch, one run for each stage, and merges
// where a level is full.
func (t *transaction) putRuns(runs map[runKind]*newRun) error {
	kinds := make([]runKind, 0, len(runs))
	for k := range runs {
		kinds = append(kinds, k)
	}
	sort.Slice(kinds, func(i, j int) bool {
		a, b := kinds[i], kinds[j]
		return a.stage < b.stage || a.stage == b.stage && a.version < b.version
	})
	for _, k := range kinds {
		postings := runs[k].sorted()
		if len(postings) == 0 {
			continue
		}
		err := t.putRun(k, 0, runs[k].width, func(put func(posting) error) error {
			for _, p := range postings {
				if err := put(p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("postings of stage %s: %w", k.stage, err)
		}
		if err := t.mergeFullLevels(k); err != nil {
			return fmt.Errorf("merge postings of stage %s: %w", k.stage, err)
		}
	}
	return nil
}

// putRun stores a run of the postings that fill gives to put, in order. One without
// a posting is not stored.
func (t *transaction) putRun(k runKind, level, width int, fill func(put func(posting) error) error) error {
	var entries int
	var start int64 // its first block: ids follow one another
	var spans []span
	low, high := int64(math.MaxInt64), int64(0)
	block := newBlock{width: width}
	store := func() error {
		postings, bytes := block.take()
		entries += len(postings)
		id, err := t.insert(insertBlock, bytes)
		if len(spans) == 0 {
			start = id
		}
		spans = append(spans, span{postings[0].Bucket, postings[len(postings)-1].Bucket})
		return err
	}
	err := fill(func(p posting) error {
		low, high = min(low, p.Content), max(high, p.Content)
		if block.add(p) {
			return nil
		}
		err := store()
		block.add(p)
		return err
	})
	if err == nil && len(block.postings) > 0 {
		err = store()
	}
	if err == nil && entries > 0 {
		_, err = t.insert(insertRun, k.stage, k.version, level, width, entries, low, high, start, len(spans), encodeSpans(spans))
	}
	return err
}

// mergeFullLevels merges where a level has enough runs. What is more than one run may
// hold stays in its level.
func (t *transaction) mergeFullLevels(k runKind) error {
	for level := 0; ; level++ {
		var runs []storedRun
		if err := t.rows(selectRunsOfLevel, []any{k.stage, k.version, level, t.runPostings / 2}, scanRuns(&runs)); err != nil {
			return err
		}
		if len(runs) < runsOfLevel {
			return nil
		}
		if err := t.mergeInto(k, level+1, runs[:together(runs, t.runPostings)]); err != nil {
			return err
		}
	}
}

// together says how many of the runs, at least one, have no more postings than a
// run may have.
func together(runs []storedRun, most int) (n int) {
	entries := 0
	for n < len(runs) && (n == 0 || entries+runs[n].entries <= most) {
		entries += runs[n].entries
		n++
	}
	return n
}

// scanRuns takes rows of id, width, entries, low, high, first and blocks.
func scanRuns(list *[]storedRun) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var r storedRun
		err := rows.Scan(&r.id, &r.width, &r.entries, &r.low, &r.high, &r.first, &r.blocks)
		*list = append(*list, r)
		return err
	}
}

// mergeInto makes one run of several, without what was pruned.
func (t *transaction) mergeInto(k runKind, level int, runs []storedRun) error {
	readers := make([]runReader, 0, len(runs))
	width := 0
	low, high := runs[0].low, runs[0].high
	for _, r := range runs {
		low, high, width = min(low, r.low), max(high, r.high), max(width, r.width)
		readers = append(readers, t.runReader(r))
	}
	gone, err := t.goneContents(low, high)
	if err != nil {
		return err
	}
	err = t.putRun(k, level, width, func(put func(posting) error) error {
		return mergeRuns(readers, gone.holds, put)
	})
	if err != nil {
		return err
	}
	for _, r := range runs {
		if _, err := t.exec(deleteRun, r.id); err != nil {
			return err
		}
	}
	return nil
}

// runReader reads a run block by block.
func (t *transaction) runReader(r storedRun) runReader {
	var memory []posting
	next := 0
	return func() ([]posting, error) {
		if next >= r.blocks {
			return nil, nil
		}
		id := r.first + int64(next)
		next++
		var b []byte
		found, err := t.row(selectBlock, []any{id}, &b)
		if err == nil && !found {
			err = errBlock
		}
		if err == nil {
			memory, err = decodeBlock(b, r.width, memory)
		}
		if err != nil {
			return nil, fmt.Errorf("run %d: block %d: %w", r.id, id, err)
		}
		return memory, nil
	}
}

// ranges are sorted ranges of ids, both ends included.
type ranges [][2]int64

func (r ranges) holds(id int64) bool {
	i := sort.Search(len(r), func(i int) bool { return r[i][1] >= id })
	return i < len(r) && r[i][0] <= id
}

func (t *transaction) goneContents(low, high int64) (gone ranges, err error) {
	err = t.rows(selectGoneContents, []any{low, high}, func(rows *sql.Rows) error {
		var r [2]int64
		err := rows.Scan(&r[0], &r[1])
		gone = append(gone, r)
		return err
	})
	return gone, err
}
