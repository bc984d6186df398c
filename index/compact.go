package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"
)

// Compacted is what Compact did. Bytes are those of the file and its log on disk.
type Compacted struct {
	Before, After         int64
	RunsBefore, RunsAfter int64 // of postings
	Postings              int64 // that went: of contents that are gone, or stored twice
	Waits                 bool  // a reader has the index open: the file shrinks when it is done
}

const (
	selectRunKinds = `
SELECT stage, version, max(level), count(*), sum(entries) FROM posting_run
GROUP BY stage, version ORDER BY stage, version`

	selectRunsOfKind = `
SELECT id, width, entries, low, high, first, blocks FROM posting_run WHERE stage = ?1 AND version = ?2 ORDER BY low, id`

	selectEntriesOfKind = `
SELECT count(*), coalesce(sum(entries), 0) FROM posting_run WHERE stage = ?1 AND version = ?2`

	vacuum = `VACUUM`

	checkpoint = `PRAGMA wal_checkpoint(TRUNCATE)`
)

// Compact merges the runs of postings of each stage into as few as may be (see
// runPostings), without those of contents that are gone, writes the file anew without the room that was freed in
// it, and gives that to the disk. For the while it needs the size of the index twice more: once
// beside it and once among temporary files. Stopped, or without room, it leaves the
// index whole and as large as it was.
func (x *Index) Compact(ctx context.Context) (c Compacted, err error) {
	if x.writer == nil {
		return c, fmt.Errorf("compact index: %w", explain(ErrReadOnly, nil, "index %s was opened to read only", x.path))
	}
	if c.Before, err = x.diskBytes(); err != nil {
		return c, fmt.Errorf("compact index: %w", err)
	}
	if err := x.mergeAll(ctx, &c); err != nil {
		return c, err
	}
	if _, err := x.writer.ExecContext(ctx, vacuum); err != nil {
		return c, fmt.Errorf("write the index anew: %w", x.clarifyVacuum(orCancelled(ctx, err)))
	}
	var busy, log, done int64
	if err := x.writer.QueryRowContext(ctx, checkpoint).Scan(&busy, &log, &done); err != nil {
		return c, fmt.Errorf("write the index anew: %w", clarify(x.path, orCancelled(ctx, err)))
	}
	c.Waits = busy != 0
	if c.After, err = x.diskBytes(); err != nil {
		return c, fmt.Errorf("compact index: %w", err)
	}
	return c, nil
}

// diskBytes is what the index takes with its log. It opens neither: SQLite's locks
// would fall.
func (x *Index) diskBytes() (n int64, err error) {
	for _, path := range []string{x.path, x.path + "-wal"} {
		info, err := os.Stat(path)
		switch {
		case err == nil:
			n += info.Size()
		case path == x.path || !errors.Is(err, fs.ErrNotExist):
			return 0, err
		}
	}
	return n, nil
}

// kindOfRuns is all runs of a stage at a version.
type kindOfRuns struct {
	runKind
	level    int
	runs     int64
	postings int64
}

func (x *Index) mergeAll(ctx context.Context, c *Compacted) error {
	var kinds []kindOfRuns
	err := x.question(ctx, "list postings", selectRunKinds, nil, func(rows *sql.Rows) error {
		var k kindOfRuns
		err := rows.Scan(&k.stage, &k.version, &k.level, &k.runs, &k.postings)
		kinds = append(kinds, k)
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range kinds {
		if err := x.mergeKind(ctx, k); err != nil {
			return err
		}
		var runs, entries int64
		err := x.question(ctx, "count postings", selectEntriesOfKind, []any{k.stage, k.version}, func(rows *sql.Rows) error {
			return rows.Scan(&runs, &entries)
		})
		if err != nil {
			return err
		}
		c.RunsBefore += k.runs
		c.RunsAfter += runs
		c.Postings += k.postings - entries
	}
	return nil
}

// mergeKind merges as many runs at a time as one may hold, so that the log of a
// transaction stays short.
func (x *Index) mergeKind(ctx context.Context, k kindOfRuns) error {
	what := "merge postings of stage " + k.stage
	var runs []storedRun
	if err := x.question(ctx, what, selectRunsOfKind, []any{k.stage, k.version}, scanRuns(&runs)); err != nil {
		return err
	}
	for len(runs) > 0 {
		n := together(runs, x.runPostings)
		err := x.write(ctx, what, func(t *transaction) error {
			useful, err := n > 1, error(nil)
			if !useful {
				useful, err = t.namesGone(runs[0])
			}
			if err != nil || !useful {
				return err
			}
			return t.mergeInto(k.runKind, k.level, runs[:n])
		})
		if err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

// namesGone tells whether a run has postings that a merge would drop.
func (t *transaction) namesGone(r storedRun) (bool, error) {
	gone, err := t.goneContents(r.low, r.high)
	if err != nil || len(gone) == 0 {
		return false, err
	}
	next := t.runReader(r)
	for {
		block, err := next()
		if err != nil || len(block) == 0 {
			return false, err
		}
		for _, p := range block {
			if gone.holds(p.Content) {
				return true, nil
			}
		}
	}
}

// clarifyVacuum names the two places that may be full.
func (x *Index) clarifyVacuum(err error) error {
	if code(err) == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC) {
		return explain(ErrFull, err, "there is no room to write %s anew, which for the while takes its size once more beside it and once among temporary files: make space and run again; the index is whole", x.path)
	}
	return clarify(x.path, err)
}
