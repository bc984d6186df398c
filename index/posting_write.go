package index

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sort"
)

// runsOfLevel is how many runs of a level become one of the next. A posting is
// written once for each level, and a look-up asks at most seven runs of each.
const runsOfLevel = 8

const (
	selectRunsOfLevel = `
SELECT id FROM posting_run
WHERE stage = ?1 AND version = ?2 AND level = ?3
ORDER BY id`

	selectRun = `
SELECT width, low, high FROM posting_run WHERE id = ?1`

	insertRun = `
INSERT INTO posting_run (stage, version, level, width, entries, low, high) VALUES (?1, ?2, ?3, ?4, 0, 0, 0)`

	finishRun = `
UPDATE posting_run SET entries = ?2, low = ?3, high = ?4 WHERE id = ?1`

	deleteRun = `
DELETE FROM posting_run WHERE id = ?1`

	deleteOtherRuns = `
DELETE FROM posting_run WHERE stage = ?1 AND version <> ?2`

	insertBlock = `
INSERT INTO posting_block (run, first, last, bytes) VALUES (?1, ?2, ?3, ?4)`

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
		err := t.putRun(k, 0, runs[k].width, func(put func([]Posting) error) error {
			for block := range slices.Chunk(postings, blockPostings) {
				if err := put(block); err != nil {
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

// putRun stores a run whose blocks fill gives to put. One without a posting is
// not stored.
func (t *transaction) putRun(k runKind, level, width int, fill func(put func([]Posting) error) error) error {
	id, err := t.insert(insertRun, k.stage, k.version, level, width)
	if err != nil {
		return err
	}
	var entries int
	var low, high int64
	err = fill(func(block []Posting) error {
		for _, p := range block {
			if entries == 0 || p.Content < low {
				low = p.Content
			}
			high = max(high, p.Content)
			entries++
		}
		_, err := t.insert(insertBlock, id, block[0].Bucket, block[len(block)-1].Bucket, encodeBlock(block, width))
		return err
	})
	if err != nil {
		return err
	}
	if entries == 0 {
		_, err = t.exec(deleteRun, id)
	} else {
		_, err = t.exec(finishRun, id, entries, low, high)
	}
	return err
}

func (t *transaction) mergeFullLevels(k runKind) error {
	for level := 0; ; level++ {
		ids, err := t.ids(selectRunsOfLevel, k.stage, k.version, level)
		if err != nil {
			return err
		}
		if len(ids) < runsOfLevel {
			return nil
		}
		if err := t.mergeInto(k, level+1, ids); err != nil {
			return err
		}
	}
}

// mergeInto makes one run of several, without what was pruned.
func (t *transaction) mergeInto(k runKind, level int, ids []int64) error {
	readers := make([]runReader, 0, len(ids))
	width := 0
	var low, high int64
	for i, id := range ids {
		var w int
		var from, to int64
		if _, err := t.row(selectRun, []any{id}, &w, &from, &to); err != nil {
			return err
		}
		if i == 0 || from < low {
			low = from
		}
		high = max(high, to)
		width = max(width, w)
		reader, err := t.runReader(id, w)
		if err != nil {
			return err
		}
		readers = append(readers, reader)
	}
	gone, err := t.goneContents(low, high)
	if err != nil {
		return err
	}
	err = t.putRun(k, level, width, func(put func([]Posting) error) error {
		return mergeRuns(readers, gone.holds, put)
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := t.exec(deleteRun, id); err != nil {
			return err
		}
	}
	return nil
}

// runReader reads a run block by block.
func (t *transaction) runReader(run int64, width int) (runReader, error) {
	const all = 1<<32 - 1
	var blocks []int64
	err := t.rows(selectBlocks, []any{run, 0, all}, func(rows *sql.Rows) error {
		var b blockAt
		err := rows.Scan(&b.id, &b.first, &b.last)
		blocks = append(blocks, b.id)
		return err
	})
	var memory []Posting
	return func() ([]Posting, error) {
		if len(blocks) == 0 {
			return nil, nil
		}
		id := blocks[0]
		blocks = blocks[1:]
		var b []byte
		if _, err := t.row(selectBlock, []any{id}, &b); err != nil {
			return nil, err
		}
		var err error
		if memory, err = decodeBlock(b, width, memory); err != nil {
			return nil, fmt.Errorf("run %d: block %d: %w", run, id, err)
		}
		return memory, nil
	}, err
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
