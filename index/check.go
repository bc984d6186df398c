package index

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
)

// Trouble is something in an index that no writer of it leaves behind: the disk,
// another program or a fault of this one did.
type Trouble struct {
	What   string // with how many there are
	Repair string // what Repair does about it; empty where nothing safe can be done
}

// Health is what Check finds.
type Health struct {
	Troubles []Trouble
	Notes    []string // what waits to be done, and is no trouble
	Blocks   int64    // of postings that were decoded
	Postings int64
}

const (
	quickCheck     = `PRAGMA quick_check(100)`
	integrityCheck = `PRAGMA integrity_check(100)`
)

// Check reads all of an index as it is at one moment, beside a writer: whether
// SQLite finds it sound, whether each row has what it belongs to, whether postings
// decode and are in order, whether groups hold what is there. Versions are those
// of the stages, whose features are read. A quick check leaves out SQLite's
// indexes and the postings, which are most of the work. An error says that it
// could not be done; what is damaged is a trouble.
func (x *Index) Check(ctx context.Context, versions map[string]int, quick bool) (Health, error) {
	tx, err := x.snapshot(ctx)
	if err != nil {
		return Health{}, fmt.Errorf("check index: %w", clarify(x.path, err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	h, err := checkAll(ctx, tx, versions, quick)
	if err != nil {
		return h, fmt.Errorf("check index: %w", orCancelled(ctx, err))
	}
	return h, nil
}

// checkAll fails only where it is cancelled.
func checkAll(ctx context.Context, tx *sql.Tx, versions map[string]int, quick bool) (h Health, err error) {
	cannot := func(what string, err error) {
		h.Troubles = append(h.Troubles, Trouble{What: fmt.Sprintf("%s cannot be checked: %v", what, err)})
	}
	lines, err := sqliteSays(ctx, tx, quick)
	if err != nil {
		cannot("the file", err)
	}
	for _, l := range lines {
		t := Trouble{What: "SQLite finds: " + l}
		if indexesAlone(lines) {
			t.Repair = "the indexes of SQLite are made anew"
		}
		h.Troubles = append(h.Troubles, t)
	}
	for _, r := range rowRules {
		if n, err := r.counted(ctx, tx); err != nil {
			cannot(r.what, err)
		} else if n > 0 {
			h.Troubles = append(h.Troubles, Trouble{fmt.Sprintf("%s: %d", r.what, n), r.does})
		}
	}
	torn, err := tornJobs(ctx, tx)
	if err != nil {
		cannot("the queue", err)
	}
	for _, j := range torn {
		h.Troubles = append(h.Troubles, Trouble{fmt.Sprintf("a job %s: %q", j.why, j.path), dropsJob})
	}
	if !quick {
		if err := checkRuns(ctx, tx, versions, &h); err != nil {
			cannot("postings", err)
		}
	}
	if h.Notes, err = notes(ctx, tx, versions); err != nil {
		cannot("what waits", err)
	}
	return h, ctx.Err()
}

// sqliteSays is what SQLite finds wrong with the file.
func sqliteSays(ctx context.Context, from asker, quick bool) (lines []string, err error) {
	query := integrityCheck
	if quick {
		query = quickCheck
	}
	err = ask(ctx, from, query, nil, func(rows *sql.Rows) error {
		var line string
		err := rows.Scan(&line)
		if line != "ok" {
			lines = append(lines, strings.ReplaceAll(line, "\n", "; "))
		}
		return err
	})
	return lines, err
}

var aboutIndex = regexp.MustCompile(`^(row \d+ missing from index \w+|wrong # of entries in index \w+)$`)

// indexesAlone tells whether the rows are sound, and only indexes over them are not.
func indexesAlone(lines []string) bool {
	for _, l := range lines {
		if !aboutIndex.MatchString(l) {
			return false
		}
	}
	return len(lines) > 0
}

// notes tells what waits for a scan or for a prune.
func notes(ctx context.Context, tx *sql.Tx, versions map[string]int) (list []string, err error) {
	note := func(n int64, format string, args ...any) {
		if n > 0 {
			list = append(list, fmt.Sprintf(format+": %d", append(args, n)...))
		}
	}
	var pictures int64
	if err := tx.QueryRowContext(ctx, countWithFeatures).Scan(&pictures); err != nil {
		return nil, err
	}
	for _, stage := range sortedStages(versions) {
		var has int64
		if err := tx.QueryRowContext(ctx, countFeatures, stage, versions[stage]).Scan(&has); err != nil {
			return list, err
		}
		note(pictures-has, "pictures that stage %s at version %d has not seen (a scan shows it those whose files are at hand)", stage, versions[stage])
	}
	old, err := oldVersions(ctx, tx, versions)
	if err != nil {
		return list, err
	}
	for _, v := range old {
		var n int64
		if err := tx.QueryRowContext(ctx, countFeatures, v.stage, v.version).Scan(&n); err != nil {
			return list, err
		}
		note(n, "features of stage %s at version %d, which nothing reads (a scan replaces them, prune forgets them)", v.stage, v.version)
	}
	runs, _, err := oldRuns(ctx, tx, versions)
	if err != nil {
		return list, err
	}
	note(int64(len(runs)), "runs of postings of other versions, which nothing reads (prune forgets them)")
	var contents, uncompared, flagged int64
	if err := tx.QueryRowContext(ctx, selectContentCounts).Scan(&contents, &uncompared, &flagged); err != nil {
		return list, err
	}
	note(uncompared, "pictures that the next scan compares")
	note(flagged, "pictures that the next scan groups anew")
	jobs, err := jobStats(ctx, tx)
	note(jobs.Depth, "paths in the queue of watch")
	return list, err
}
