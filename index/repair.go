package index

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Keyed says how the postings of a stage are made of its features.
type Keyed struct {
	Stage   string
	Version int
	Width   int // as in Keys
	Keys    func(feature []byte) ([]Key, error)
}

const (
	reindex = `REINDEX`

	selectKeyable = `
SELECT feature.content, feature.bytes
FROM content CROSS JOIN feature ON feature.content = content.id AND feature.stage = ?1
WHERE content.id BETWEEN ?3 AND ?4 AND content.failure = '' AND feature.version = ?2
ORDER BY content.id LIMIT ?5`
)

// Repair does what the troubles of Check say, and tells what it did: rows that
// belong to nothing go, what they held together is flagged or compared anew, and
// damaged postings are made anew from the features. Where SQLite finds more
// than its indexes unsound nothing is repaired, for nobody knows which
// rows are true: ErrDamaged. Flags are left for the groups to be made.
func (x *Index) Repair(ctx context.Context, keyed []Keyed) (done []string, err error) {
	if x.writer == nil {
		return nil, fmt.Errorf("repair index: %w", explain(ErrReadOnly, nil, "index %s was opened to read only", x.path))
	}
	lines, err := sqliteSays(ctx, x.writer, false)
	if err != nil {
		return nil, fmt.Errorf("repair index: %w", clarify(x.path, orCancelled(ctx, err)))
	}
	if len(lines) > 0 {
		if !indexesAlone(lines) {
			return nil, fmt.Errorf("repair index: %w", explain(ErrDamaged, nil, "SQLite finds %s damaged, and what is left of it cannot be trusted: put back a copy, or make a new index and scan again", x.path))
		}
		if _, err := x.writer.ExecContext(ctx, reindex); err != nil {
			return nil, fmt.Errorf("make indexes anew: %w", clarify(x.path, orCancelled(ctx, err)))
		}
		done = append(done, "made the indexes of SQLite anew")
	}
	if err := x.repairRows(ctx, &done); err != nil {
		return done, err
	}
	return done, x.repairRuns(ctx, keyed, &done)
}

func (x *Index) repairRows(ctx context.Context, done *[]string) error {
	var did []string
	err := x.write(ctx, "repair rows", func(t *transaction) error {
		for _, r := range rowRules {
			n, err := r.counted(ctx, t.tx)
			if err != nil {
				return err
			}
			if n == 0 || r.does == "" {
				continue
			}
			if err := t.repair(r); err != nil {
				return fmt.Errorf("%s: %w", r.what, err)
			}
			did = append(did, fmt.Sprintf("%s: %d; %s", r.what, n, r.does))
		}
		torn, err := tornJobs(ctx, t.tx)
		for _, j := range torn {
			if _, err := t.exec(deleteJob, []byte(j.path)); err != nil {
				return err
			}
			did = append(did, fmt.Sprintf("a job %s: %q: %s", j.why, j.path, dropsJob))
		}
		return err
	})
	if err == nil {
		*done = append(*done, did...)
	}
	return err
}

func (t *transaction) repair(r rowRule) error {
	if r.flags != "" {
		ids, err := t.ids(r.flags)
		if err != nil {
			return err
		}
		t.flag(ids...)
	}
	if r.anew != "" {
		if _, err := t.exec(`UPDATE content SET compared = 0 WHERE id IN (` + r.anew + `)`); err != nil {
			return err
		}
	}
	if r.drop == "" {
		return nil
	}
	_, err := t.exec(r.drop)
	return err
}

func (x *Index) repairRuns(ctx context.Context, keyed []Keyed, done *[]string) error {
	tx, err := x.snapshot(ctx)
	if err != nil {
		return fmt.Errorf("repair postings: %w", clarify(x.path, err))
	}
	broken, err := brokenRuns(ctx, tx, &Health{})
	_ = tx.Rollback() // nothing was written
	if err != nil {
		return fmt.Errorf("repair postings: %w", clarify(x.path, orCancelled(ctx, err)))
	}
	if len(broken) == 0 {
		return nil
	}
	var did []string
	err = x.write(ctx, "make postings anew", func(t *transaction) error {
		for _, r := range broken { // all before the first merge, which would read them
			if _, err := t.exec(deleteRun, r.id); err != nil {
				return err
			}
		}
		for _, r := range broken {
			i := slices.IndexFunc(keyed, func(k Keyed) bool { return k.Stage == r.stage && k.Version == r.version })
			if i < 0 {
				did = append(did, fmt.Sprintf("run %d of postings of stage %s at version %d goes: nothing reads it", r.id, r.stage, r.version))
				continue
			}
			made, err := t.rekey(keyed[i], r)
			if err != nil {
				return err
			}
			did = append(did, fmt.Sprintf("run %d of postings of stage %s at version %d: made anew for %d pictures", r.id, r.stage, r.version, made))
		}
		return nil
	})
	if err == nil {
		*done = append(*done, did...)
	}
	return err
}

// rekeyBatch is how many contents one of the new runs holds, as when they were scanned.
const rekeyBatch = 256

// rekey stores the postings of the contents that a run may have named. What other
// runs hold of them as well stands there twice until a merge: a look-up gives it once.
func (t *transaction) rekey(k Keyed, r brokenRun) (made int64, err error) {
	for low := r.low; ; {
		run := &newRun{width: k.Width}
		n := 0
		err := t.rows(selectKeyable, []any{k.Stage, k.Version, low, r.high, rekeyBatch}, func(rows *sql.Rows) error {
			var id int64
			var feature []byte
			if err := rows.Scan(&id, &feature); err != nil {
				return err
			}
			keys, err := k.Keys(feature)
			if err != nil {
				return fmt.Errorf("keys of content %d: %w", id, err)
			}
			run.add(id, keys)
			low = id + 1
			n++
			return nil
		})
		if err != nil || n == 0 {
			return made, err
		}
		made += int64(n)
		if err := t.putRuns(map[runKind]*newRun{r.runKind: run}); err != nil {
			return made, err
		}
		if n < rekeyBatch {
			return made, nil
		}
	}
}
