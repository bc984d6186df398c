package index

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	selectAllRuns = `
SELECT id, stage, version, width, entries, low, high, first, blocks FROM posting_run ORDER BY first, id`

	selectBlocksOfRun = `
SELECT id, bytes FROM posting_block WHERE id >= ?1 AND id < ?1 + ?2 ORDER BY id`

	// Of blocks: the run that begins last before them has ended.
	ofNoRun = `id >= coalesce((SELECT first + blocks FROM posting_run WHERE first <= posting_block.id ORDER BY first DESC LIMIT 1), 0)`

	// The highest id that a content ever had.
	selectLastContent = `
SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'content'), 0), coalesce((SELECT max(id) FROM content), 0))`
)

// storedRun is a run as its row tells of it.
type storedRun struct {
	id int64
	runKind
	width, entries int
	low, high      int64
	first          int64 // block; the others follow
	blocks         int
}

// brokenRun is a run that does not hold what it should, and the contents that it
// may have named.
type brokenRun struct {
	storedRun
	why string
}

// checkRuns reads all postings.
func checkRuns(ctx context.Context, from *sql.Tx, versions map[string]int, h *Health) error {
	broken, err := brokenRuns(ctx, from, h)
	for _, r := range broken {
		t := Trouble{
			What:   fmt.Sprintf("postings of stage %s at version %d: run %d: %s", r.stage, r.version, r.id, r.why),
			Repair: "they are made anew from the features",
		}
		if versions[r.stage] != r.version {
			t.Repair = "they go: nothing reads this version"
		}
		h.Troubles = append(h.Troubles, t)
	}
	return err
}

// brokenRuns finds the runs that do not hold what they should, and counts what it
// reads. It holds a block in memory.
func brokenRuns(ctx context.Context, from *sql.Tx, h *Health) (broken []brokenRun, err error) {
	var last int64
	if err := from.QueryRowContext(ctx, selectLastContent).Scan(&last); err != nil {
		return nil, err
	}
	var runs []storedRun
	err = ask(ctx, from, selectAllRuns, nil, func(rows *sql.Rows) error {
		var r storedRun
		err := rows.Scan(&r.id, &r.stage, &r.version, &r.width, &r.entries, &r.low, &r.high, &r.first, &r.blocks)
		runs = append(runs, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	shared := sharedBlocks(runs)
	var memory []posting
	for i, r := range runs {
		why, err := r.read(ctx, from, &memory, h)
		if err != nil {
			return broken, err
		}
		if why == "" && shared[i] {
			why = "it has blocks of another run" // which would go with it
		}
		if why == "" && r.high > last {
			why = fmt.Sprintf("it names contents up to %d, and there never was one above %d", r.high, last)
		}
		if why == "" {
			continue
		}
		if r.low < 1 || r.high < r.low || r.high > last { // its row cannot be trusted
			r.low, r.high = 1, last
		}
		broken = append(broken, brokenRun{r, why})
	}
	return broken, nil
}

// sharedBlocks says of runs, in order of their first blocks, which have blocks that another
// has.
func sharedBlocks(runs []storedRun) []bool {
	shared := make([]bool, len(runs))
	farthest := 0 // the run that ends last
	for i := 1; i < len(runs); i++ {
		end := runs[farthest].first + int64(runs[farthest].blocks)
		if runs[i].first < end {
			shared[i], shared[farthest] = true, true
		}
		if runs[i].first+int64(runs[i].blocks) > end {
			farthest = i
		}
	}
	return shared
}

// read goes through the blocks of a run and says what is wrong with them.
func (r *storedRun) read(ctx context.Context, from *sql.Tx, memory *[]posting, h *Health) (why string, err error) {
	wrong := func(format string, args ...any) {
		if why == "" {
			why = fmt.Sprintf(format, args...)
		}
	}
	entries := 0
	var low, high int64
	var before posting
	spans, n := []span(nil), 0
	err = ask(ctx, from, selectRunKeys, []any{r.id}, func(rows *sql.Rows) error {
		var b sql.RawBytes
		if err := rows.Scan(&b); err != nil {
			return err
		}
		var err error
		if spans, err = decodeSpans(b, r.blocks); err != nil {
			wrong("its row does not say which keys its %d blocks hold", r.blocks)
		}
		return nil
	})
	if err != nil || why != "" {
		return why, err
	}
	err = ask(ctx, from, selectBlocksOfRun, []any{r.first, r.blocks}, func(rows *sql.Rows) error {
		var id int64
		var bytes sql.RawBytes
		if err := rows.Scan(&id, &bytes); err != nil {
			return err
		}
		if id != r.first+int64(n) {
			wrong("block %d is not there", r.first+int64(n))
			return nil
		}
		s := spans[n]
		n++
		postings, err := decodeBlock(bytes, r.width, *memory)
		*memory = postings
		h.Blocks++
		if err != nil || len(postings) == 0 {
			wrong("block %d does not decode", id)
			return nil
		}
		h.Postings += int64(len(postings))
		if postings[0].Bucket != s.first || postings[len(postings)-1].Bucket != s.last {
			wrong("block %d holds other keys than its row says", id)
		}
		if entries > 0 && comparePostings(before, postings[0]) >= 0 {
			wrong("block %d is not in order", id)
		}
		before = postings[len(postings)-1]
		for _, p := range postings {
			if entries == 0 || p.Content < low {
				low = p.Content
			}
			high = max(high, p.Content)
			entries++
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	switch {
	case entries != r.entries:
		wrong("it holds %d postings, and its row says %d", entries, r.entries)
	case low != r.low || high != r.high:
		wrong("it names contents from %d to %d, and its row says %d to %d", low, high, r.low, r.high)
		r.low, r.high = min(low, r.low), max(high, r.high)
	}
	return why, nil
}
