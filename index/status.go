package index

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Status is what an index holds, at one moment.
type Status struct {
	Application uint32 // mark of the file
	Schema      int64  // version
	Roots       []RootStatus
	Contents    int64
	Uncompared  int64 // never compared
	Flagged     int64 // wait to be grouped
	Failures    []Count
	Features    []FeatureCount
	Matches     []Count // by kind
	Clusters    []Count // by sensitivity
	Jobs        JobStats
	Scans       []Scan      // the last ones, newest first
	Bytes       int64       // of the file
	Tables      []TableSize // of a small file; TableSizes tells of any
}

// RootStatus is a root with its files by state. Offline counts those of all
// states that lie on what is not proven present.
type RootStatus struct {
	Root
	OK, Failed, Other, Offline int64
}

// Count is how many of a name there are.
type Count struct {
	Name string
	N    int64
}

// FeatureCount is how many features of a version a stage has.
type FeatureCount struct {
	Stage   string
	Version int
	N       int64
}

// Scan is one that changed something.
type Scan struct {
	Started, Ended int64  // Unix nanoseconds
	Summary        string // JSON
}

// TableSize is what a table takes with its indexes, in bytes.
type TableSize struct {
	Name  string
	Bytes int64
}

const (
	insertScan = `
INSERT INTO scan (started, ended, summary) VALUES (?1, ?2, ?3)`

	selectScans = `
SELECT started, ended, summary FROM scan ORDER BY id DESC LIMIT 10`

	// In the order of ids: by its index of paths SQLite would look up each row.
	selectFileCounts = `
SELECT root, sum(ok), sum(failed), sum(other) FROM folder NOT INDEXED
GROUP BY root`

	// A folder and all below it, as in selectFoldersBelow.
	countFilesBelow = `
SELECT coalesce(sum(ok + failed + other), 0) FROM folder
WHERE root = ?1 AND (path = ?2 OR (path >= ?3 AND path < ?4))`

	selectFailures = `
SELECT reason, count(*) FROM file INDEXED BY file_failed
WHERE state = 'failed'
GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 20`

	selectFileBytes = `
SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`

	selectTableBytes = `
SELECT coalesce(item.tbl_name, dbstat.name), sum(dbstat.pgsize)
FROM dbstat LEFT JOIN sqlite_schema AS item ON item.name = dbstat.name
WHERE dbstat.aggregate = 1
GROUP BY 1 ORDER BY 2 DESC, 1`
)

// AddScan notes a scan that changed something.
func (x *Index) AddScan(ctx context.Context, started, ended int64, summary string) error {
	return x.write(ctx, "note a scan", func(t *transaction) error {
		_, err := t.insert(insertScan, started, ended, summary)
		return err
	})
}

// sizedBytes is up to where Status looks at each page: 20 ms.
const sizedBytes = 64 << 20

// Status reads what the index holds. It counts nothing but folders and what waits
// or failed: the rest is counted when it is written.
func (x *Index) Status(ctx context.Context) (Status, error) {
	s, err := x.status(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("read status: %w", clarify(x.path, err))
	}
	return s, nil
}

func (x *Index) status(ctx context.Context) (s Status, err error) {
	tx, err := x.snapshot(ctx)
	if err != nil {
		return s, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if s.Roots, err = rootStatus(ctx, tx, x.path); err != nil {
		return s, err
	}
	if s.Jobs, err = jobStats(ctx, tx); err != nil {
		return s, err
	}
	var mark int64
	for _, q := range []struct {
		query string
		into  []any
	}{
		{selectApplication, []any{&mark}},
		{selectSchemaVersion, []any{&s.Schema}},
		{selectContentCounts, []any{&s.Contents, &s.Uncompared, &s.Flagged}},
		{selectFileBytes, []any{&s.Bytes}},
	} {
		if err := tx.QueryRowContext(ctx, q.query).Scan(q.into...); err != nil {
			return s, err
		}
	}
	s.Application = uint32(mark)
	for _, q := range []struct {
		query string
		args  []any
		into  *[]Count
	}{
		{selectFailures, nil, &s.Failures},
		{selectKindCounts, []any{"match"}, &s.Matches},
		{selectKindCounts, []any{"cluster"}, &s.Clusters},
	} {
		err := ask(ctx, tx, q.query, q.args, func(rows *sql.Rows) error {
			var c Count
			err := rows.Scan(&c.Name, &c.N)
			*q.into = append(*q.into, c)
			return err
		})
		if err != nil {
			return s, err
		}
	}
	err = ask(ctx, tx, selectFeatureCounts, nil, func(rows *sql.Rows) error {
		var c FeatureCount
		err := rows.Scan(&c.Stage, &c.Version, &c.N)
		s.Features = append(s.Features, c)
		return err
	})
	if err != nil {
		return s, err
	}
	err = ask(ctx, tx, selectScans, nil, func(rows *sql.Rows) error {
		var c Scan
		err := rows.Scan(&c.Started, &c.Ended, &c.Summary)
		s.Scans = append(s.Scans, c)
		return err
	})
	if err != nil {
		return s, err
	}
	if s.Bytes <= sizedBytes {
		s.Tables, err = tableSizes(ctx, tx)
	}
	return s, err
}

// TableSizes are the tables by their size, the largest first. It looks at each page
// of the file, which takes half a second of CPU for an index of 100,000 photos.
func (x *Index) TableSizes(ctx context.Context) ([]TableSize, error) {
	list, err := tableSizes(ctx, &x.readers)
	if err != nil {
		return nil, fmt.Errorf("read the sizes of tables: %w", clarify(x.path, err))
	}
	return list, nil
}

func rootStatus(ctx context.Context, tx *sql.Tx, path string) ([]RootStatus, error) {
	list, err := roots(ctx, tx, path)
	if err != nil {
		return nil, err
	}
	gone, err := absentees(ctx, tx)
	if err != nil {
		return nil, err
	}
	status := make([]RootStatus, len(list))
	byID := map[int64]*RootStatus{}
	for i, r := range list {
		status[i].Root = r
		byID[r.ID] = &status[i]
	}
	err = ask(ctx, tx, selectFileCounts, nil, func(rows *sql.Rows) error {
		var root, ok, failed, other int64
		if err := rows.Scan(&root, &ok, &failed, &other); err != nil {
			return err
		}
		if r := byID[root]; r != nil { // a folder of no root is for Check
			r.OK, r.Failed, r.Other = ok, failed, other
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range status {
		r := &status[i]
		if gone.state(r.ID, "") == Offline {
			r.Offline = r.OK + r.Failed + r.Other
			continue
		}
		for _, mount := range gone.outermost(r.ID) {
			var n int64
			if err := tx.QueryRowContext(ctx, countFilesBelow, below(r.ID, mount)...).Scan(&n); err != nil {
				return nil, err
			}
			r.Offline += n
		}
	}
	return status, nil
}

// tableSizes is empty where SQLite was built without dbstat.
func tableSizes(ctx context.Context, tx asker) (list []TableSize, err error) {
	err = ask(ctx, tx, selectTableBytes, nil, func(rows *sql.Rows) error {
		var t TableSize
		err := rows.Scan(&t.Name, &t.Bytes)
		list = append(list, t)
		return err
	})
	if err != nil && strings.Contains(err.Error(), "no such table: dbstat") {
		return nil, nil
	}
	return list, err
}
