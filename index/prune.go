package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// Pruning forgets what nothing leads to any more. A content that lost its last
// file keeps what is known of it for a grace time, since the file may come back
// from elsewhere; a file on a disk that is offline has its row, and so its
// content is not lost at all. Decisions are by hash and stay for good.

// Pruned is what Prune forgets.
type Pruned struct {
	Contents int64 // that no file leads to since before the grace time
	Waiting  int64 // that no file leads to either, but not for so long; they stay
	Matches  int64 // of those contents

	// Features of those contents, and of the contents that stay such as stages
	// of other versions made. Bytes are theirs, and those of runs of other versions.
	Features, OldFeatures, OldRuns int64
	Bytes                          int64

	Scans int64 // notes of old scans
}

// Nothing is true where there is nothing to forget.
func (p Pruned) Nothing() bool { return p.Contents+p.OldFeatures+p.OldRuns+p.Scans == 0 }

const (
	countPrunable = `
SELECT count(*) FILTER (WHERE lost <= ?1), count(*) FILTER (WHERE lost > ?1)
FROM content INDEXED BY content_lost WHERE lost > 0`

	countPrunableFeatures = `
SELECT count(*), coalesce(sum(length(feature.bytes)), 0)
FROM content INDEXED BY content_lost CROSS JOIN feature ON feature.content = content.id
WHERE content.lost > 0 AND content.lost <= ?1`

	countPrunableMatches = `
SELECT count(*) FROM (
    SELECT match.a, match.b FROM content INDEXED BY content_lost CROSS JOIN match ON match.a = content.id
    WHERE content.lost > 0 AND content.lost <= ?1
    UNION
    SELECT match.a, match.b FROM content INDEXED BY content_lost CROSS JOIN match ON match.b = content.id
    WHERE content.lost > 0 AND content.lost <= ?1)`

	selectPrunable = `
SELECT id FROM content INDEXED BY content_lost
WHERE lost > 0 AND lost <= ?1
ORDER BY lost, id LIMIT ?2`

	// Who stands in a group with one of the contents, and who stands for it.
	selectCompanions = `
SELECT DISTINCT mate.content
FROM json_each(?1) AS wanted
CROSS JOIN grouping AS mine ON mine.content = wanted.value
CROSS JOIN grouping AS mate ON mate.sensitivity = mine.sensitivity AND mate.cluster = mine.cluster
WHERE mate.content NOT IN (SELECT value FROM json_each(?1))
ORDER BY 1`

	deleteContents = `
DELETE FROM content WHERE id IN (SELECT value FROM json_each(?1)) AND lost > 0`

	// Features and runs whose stage is not in ?1 at this version; ?1 is an object
	// of stages with their versions.
	selectOldVersions = `
SELECT tally.name, tally.detail
FROM tally LEFT JOIN json_each(?1) AS kept ON kept.key = tally.name
WHERE tally.subject = 'feature' AND tally.n > 0 AND (kept.value IS NULL OR kept.value <> tally.detail)
ORDER BY 1, 2`

	countOldFeatures = `
SELECT count(*), coalesce(sum(length(feature.bytes)), 0)
FROM feature INDEXED BY feature_version CROSS JOIN content ON content.id = feature.content
WHERE feature.stage = ?1 AND feature.version = ?2 AND (content.lost = 0 OR content.lost > ?3)`

	deleteOldFeatures = `
DELETE FROM feature WHERE id IN (
    SELECT id FROM feature INDEXED BY feature_version
    WHERE stage = ?1 AND version = ?2 LIMIT ?3)`

	selectOldRuns = `
SELECT posting_run.id, coalesce((SELECT sum(length(bytes)) FROM posting_block WHERE posting_block.id >= first AND posting_block.id < first + blocks), 0)
FROM posting_run LEFT JOIN json_each(?1) AS kept ON kept.key = posting_run.stage
WHERE kept.value IS NULL OR kept.value <> posting_run.version
ORDER BY 1`

	countOldScans = `
SELECT count(*) FROM scan
WHERE ended <= ?1 AND id NOT IN (SELECT id FROM scan ORDER BY id DESC LIMIT 10)`

	deleteOldScans = `
DELETE FROM scan
WHERE ended <= ?1 AND id NOT IN (SELECT id FROM scan ORDER BY id DESC LIMIT 10)`
)

// pruneBatch is how much goes in one transaction: each content drags five
// features and its matches along, so that the log stays at some MB.
const pruneBatch = 500

// stageVersion is a stage as it was at a version.
type stageVersion struct {
	stage   string
	version int
}

// Prunable is what Prune would forget.
func (x *Index) Prunable(ctx context.Context, before int64, versions map[string]int) (Pruned, error) {
	p, err := x.prunable(ctx, before, versions)
	if err != nil {
		return Pruned{}, fmt.Errorf("find what nothing leads to: %w", clarify(x.path, err))
	}
	return p, nil
}

func (x *Index) prunable(ctx context.Context, before int64, versions map[string]int) (p Pruned, err error) {
	tx, err := x.snapshot(ctx)
	if err != nil {
		return p, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	for _, q := range []struct {
		query string
		into  []any
	}{
		{countPrunable, []any{&p.Contents, &p.Waiting}},
		{countPrunableFeatures, []any{&p.Features, &p.Bytes}},
		{countPrunableMatches, []any{&p.Matches}},
		{countOldScans, []any{&p.Scans}},
	} {
		if err := tx.QueryRowContext(ctx, q.query, before).Scan(q.into...); err != nil {
			return p, err
		}
	}
	old, err := oldVersions(ctx, tx, versions)
	if err != nil {
		return p, err
	}
	for _, v := range old {
		var n, size int64
		if err := tx.QueryRowContext(ctx, countOldFeatures, v.stage, v.version, before).Scan(&n, &size); err != nil {
			return p, err
		}
		p.OldFeatures += n
		p.Bytes += size
	}
	runs, size, err := oldRuns(ctx, tx, versions)
	p.OldRuns = int64(len(runs))
	p.Bytes += size
	return p, err
}

// Prune forgets contents that no file leads to since before a time in Unix
// nanoseconds or longer, with all that is known of them; features and postings that
// stages of other versions than those given made, which nothing reads; and notes of
// scans that ended before that time, but for the last ten. What stood in
// a group with a content that goes is flagged. Many transactions: stopped, it has
// forgotten a part. The file keeps its size until Compact.
func (x *Index) Prune(ctx context.Context, before int64, versions map[string]int) (Pruned, error) {
	return x.prune(ctx, before, versions, pruneBatch)
}

func (x *Index) prune(ctx context.Context, before int64, versions map[string]int, batch int64) (Pruned, error) {
	p, err := x.Prunable(ctx, before, versions)
	if err != nil {
		return p, err
	}
	if err := x.pruneContents(ctx, before, batch); err != nil {
		return p, err
	}
	old, err := oldVersions(ctx, &x.readers, versions)
	if err != nil {
		return p, fmt.Errorf("find features of old versions: %w", clarify(x.path, err))
	}
	for _, v := range old {
		if err := x.pruneFeatures(ctx, v, batch); err != nil {
			return p, err
		}
	}
	runs, _, err := oldRuns(ctx, &x.readers, versions)
	if err != nil {
		return p, fmt.Errorf("find postings of old versions: %w", clarify(x.path, err))
	}
	for _, id := range runs {
		err := x.write(ctx, "forget postings of an old version", func(t *transaction) error {
			_, err := t.exec(deleteRun, id)
			return err
		})
		if err != nil {
			return p, err
		}
	}
	return p, x.write(ctx, "forget old scans", func(t *transaction) error {
		_, err := t.exec(deleteOldScans, before)
		return err
	})
}

func (x *Index) pruneContents(ctx context.Context, before, batch int64) error {
	for more := true; more; {
		err := x.write(ctx, "forget contents without a file", func(t *transaction) error {
			ids, err := t.ids(selectPrunable, before, batch)
			if more = int64(len(ids)) == batch; err != nil || len(ids) == 0 {
				return err
			}
			mates, err := t.ids(selectCompanions, list(ids))
			if err != nil {
				return err
			}
			t.flag(mates...)
			_, err = t.exec(deleteContents, list(ids))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) pruneFeatures(ctx context.Context, v stageVersion, batch int64) error {
	for more := true; more; {
		err := x.write(ctx, fmt.Sprintf("forget features of stage %s at version %d", v.stage, v.version), func(t *transaction) error {
			n, err := t.exec(deleteOldFeatures, v.stage, v.version, batch)
			more = n == batch
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func oldVersions(ctx context.Context, from asker, versions map[string]int) (old []stageVersion, err error) {
	err = ask(ctx, from, selectOldVersions, []any{object(versions)}, func(rows *sql.Rows) error {
		var v stageVersion
		err := rows.Scan(&v.stage, &v.version)
		old = append(old, v)
		return err
	})
	return old, err
}

func oldRuns(ctx context.Context, from asker, versions map[string]int) (ids []int64, bytes int64, err error) {
	err = ask(ctx, from, selectOldRuns, []any{object(versions)}, func(rows *sql.Rows) error {
		var id, size int64
		err := rows.Scan(&id, &size)
		ids = append(ids, id)
		bytes += size
		return err
	})
	return ids, bytes, err
}

// object hands the versions of stages to SQLite's json_each.
func object(versions map[string]int) string {
	if len(versions) == 0 {
		return "{}"
	}
	b, err := json.Marshal(versions)
	if err != nil {
		panic(err) // words and integers always can be written
	}
	return string(b)
}
