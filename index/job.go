package index

import (
	"context"
	"database/sql"
	"fmt"
)

// Job is a path to look at again: a row of the watcher's queue, which outlives
// the process.
type Job struct {
	Path   string // absolute
	Cause  string
	Due    int64  // Unix nanoseconds
	Tries  int    // that did not succeed
	Reason string // why the last try did not succeed
}

// JobStats says how far the queue is behind.
type JobStats struct {
	Depth  int64 // jobs that wait
	Oldest int64 // earliest due time, Unix nanoseconds, 0 where none waits
}

const (
	// The earliest time holds, and what was tried stays counted; the latest
	// cause and, where there is one, the latest reason are told.
	upsertJob = `
INSERT INTO job (path, cause, due, tries, reason) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (path) DO UPDATE SET
    cause = excluded.cause, due = min(due, excluded.due), tries = max(tries, excluded.tries),
    reason = CASE WHEN excluded.reason = '' THEN reason ELSE excluded.reason END
WHERE cause <> excluded.cause OR due > excluded.due OR tries < excluded.tries
   OR (excluded.reason <> '' AND reason <> excluded.reason)`

	selectDueJobs = `
SELECT path, cause, due, tries, reason FROM job
WHERE due <= ?1
ORDER BY due, path LIMIT ?2`

	deleteJob = `
DELETE FROM job WHERE path = ?1`

	selectJobStats = `
SELECT (SELECT count(*) FROM job), coalesce((SELECT min(due) FROM job), 0)`
)

// PutJob queues a path. Where it waits already the two become one: the
// earliest due time, the most tries, the newer cause. To put a job off, end it
// with DoneJob first.
func (x *Index) PutJob(ctx context.Context, j Job) error {
	return x.write(ctx, "queue "+j.Path, func(t *transaction) error {
		_, err := t.exec(upsertJob, []byte(j.Path), j.Cause, j.Due, j.Tries, j.Reason)
		return err
	})
}

// DueJobs are up to limit jobs that are due at now, earliest first.
func (x *Index) DueJobs(ctx context.Context, now int64, limit int) (list []Job, err error) {
	err = x.question(ctx, "read the queue", selectDueJobs, []any{now, limit}, func(rows *sql.Rows) error {
		var j Job
		err := rows.Scan(&j.Path, &j.Cause, &j.Due, &j.Tries, &j.Reason)
		list = append(list, j)
		return err
	})
	return list, err
}

// DoneJob takes a path off the queue.
func (x *Index) DoneJob(ctx context.Context, path string) error {
	return x.write(ctx, "end job "+path, func(t *transaction) error {
		_, err := t.exec(deleteJob, []byte(path))
		return err
	})
}

// JobStats says how far the queue is behind.
func (x *Index) JobStats(ctx context.Context) (JobStats, error) {
	s, err := jobStats(ctx, &x.readers)
	if err != nil {
		return s, fmt.Errorf("read the queue: %w", clarify(x.path, err))
	}
	return s, nil
}

func jobStats(ctx context.Context, from asker) (s JobStats, err error) {
	err = ask(ctx, from, selectJobStats, nil, func(rows *sql.Rows) error {
		return rows.Scan(&s.Depth, &s.Oldest)
	})
	return s, err
}
