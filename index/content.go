package index

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Hash is the BLAKE3-256 sum that names a content.
type Hash [32]byte

// Less orders hashes by their bytes: the canonical order of a pair.
func (h Hash) Less(o Hash) bool { return bytes.Compare(h[:], o[:]) < 0 }

// IsZero tells that there is no hash.
func (h Hash) IsZero() bool { return h == Hash{} }

// Content is a sequence of bytes.
type Content struct {
	ID            int64
	Hash          Hash
	Size          int64 // bytes
	Picture       Hash  // of the picture data alone; zero where the format has none
	Width, Height int   // upright, pixels, 0 where unknown
	Format        string
	Decoder       string
	Source        string  // full or preview
	Damaged       float64 // share that could not be decoded, 0 to 1
	Taken         int64   // Unix nanoseconds, 0 where unknown
	Camera        string
	Failure       string // why it has no features
	Attempt       string // decoders and limits of the failed try
	Compared      int64  // version it was compared with, 0 for not yet
}

const (
	contentColumns = `content.id, content.hash, content.size, content.picture, content.width, content.height,
       content.format, content.decoder, content.source, content.damaged, content.taken, content.camera,
       content.failure, content.attempt, content.compared`

	selectContentByHash = `
SELECT ` + contentColumns + `
FROM content WHERE hash = ?1`

	selectContents = `
SELECT ` + contentColumns + `
FROM json_each(?1) AS wanted CROSS JOIN content ON content.id = wanted.value
ORDER BY content.id`

	selectSamePicture = `
SELECT id FROM content WHERE picture = ?1 ORDER BY id`

	// Two ranges of an index, read from its beginning: never a sort of all that waits.
	selectUncompared = `
SELECT ` + contentColumns + ` FROM (
    SELECT * FROM (SELECT id FROM content INDEXED BY content_compared
                   WHERE failure = '' AND compared >= 0 AND compared < ?1 ORDER BY compared, id LIMIT ?2)
    UNION ALL
    SELECT * FROM (SELECT id FROM content INDEXED BY content_compared
                   WHERE failure = '' AND compared > ?1 ORDER BY compared, id LIMIT ?2)
    LIMIT ?2
) AS wanted CROSS JOIN content ON content.id = wanted.id`

	selectLastCompared = `
SELECT id FROM content INDEXED BY content_compared
WHERE failure = '' AND compared = ?1 ORDER BY id DESC LIMIT 1`

	countUncompared = `
SELECT (SELECT count(*) FROM content INDEXED BY content_compared WHERE failure = '' AND compared >= 0 AND compared < ?1)
     + (SELECT count(*) FROM content INDEXED BY content_compared WHERE failure = '' AND compared > ?1)`

	selectFlagged = `
SELECT id FROM content INDEXED BY content_regroup
WHERE regroup > 0
ORDER BY regroup, id LIMIT ?1`

	selectFlaggedAmong = `
SELECT content.id FROM json_each(?1) AS wanted CROSS JOIN content ON content.id = wanted.value
WHERE content.regroup > 0`

	selectLastTick = `
SELECT coalesce(max(regroup), 0) FROM content WHERE regroup > 0`

	selectLeftOut = `
SELECT id FROM content INDEXED BY content_compared
WHERE failure = '' AND compared < 0 ORDER BY id`

	// Whatever gives a content a file or takes one away flags it, so that since
	// when it has none is kept here, in the same transaction.
	raiseFlags = `
UPDATE content SET regroup = ?1, compared = CASE
    WHEN compared < 0 AND EXISTS (SELECT 1 FROM file WHERE file.content = content.id) THEN 0
    ELSE compared END, lost = CASE
    WHEN EXISTS (SELECT 1 FROM file WHERE file.content = content.id) THEN 0
    WHEN lost > 0 THEN lost
    ELSE ?3 END
WHERE id IN (SELECT value FROM json_each(?2))`

	// A flag that was raised again after it was shown stays.
	lowerFlags = `
UPDATE content SET regroup = 0
WHERE id IN (SELECT value FROM json_each(?1)) AND regroup > 0 AND regroup <= ?2`

	// The two counts are equal where nothing is stale, which is nearly always.
	selectStale = `
SELECT content.id
FROM content LEFT JOIN feature ON feature.content = content.id AND feature.stage = ?1
WHERE (` + countFeatures + `) <> (` + countWithFeatures + `)
  AND content.id > ?3 AND content.failure = ''
  AND (feature.version IS NULL OR feature.version <> ?2)
ORDER BY content.id LIMIT ?4`

	// A look at all contents, by who asks for no previews at all.
	selectFromPreview = `
SELECT id FROM content
WHERE id > ?1 AND source = 'preview' AND failure = ''
ORDER BY id LIMIT ?2`

	selectRetriable = `
SELECT ` + contentColumns + `
FROM content INDEXED BY content_failed
WHERE failure <> '' AND id > ?2 AND attempt <> ?1
ORDER BY id LIMIT ?3`
)

// ContentByHash finds a content by its bytes.
func (x *Index) ContentByHash(ctx context.Context, h Hash) (c Content, found bool, err error) {
	err = x.question(ctx, "find content by hash", selectContentByHash, []any{h[:]}, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(scanContent(&c)...)
	})
	return c, found && err == nil, err
}

// Contents are the contents with these ids; unknown ids are not in the map.
func (x *Index) Contents(ctx context.Context, ids []int64) (map[int64]Content, error) {
	contents := make(map[int64]Content, len(ids))
	err := x.question(ctx, fmt.Sprintf("read %d contents", len(ids)), selectContents, []any{list(ids)}, func(rows *sql.Rows) error {
		var c Content
		err := rows.Scan(scanContent(&c)...)
		contents[c.ID] = c
		return err
	})
	return contents, err
}

// SamePicture are the contents with this picture data, by id.
func (x *Index) SamePicture(ctx context.Context, picture Hash) (ids []int64, err error) {
	err = x.question(ctx, "find same picture data", selectSamePicture, []any{picture[:]}, scanID(&ids))
	return ids, err
}

// Uncompared are up to limit contents that have features and were not
// compared at this version, by id. Those that were compared longest ago, or
// never, are chosen first.
func (x *Index) Uncompared(ctx context.Context, version int64, limit int) ([]Content, error) {
	contents, err := x.contents(ctx, "find what is to be compared", selectUncompared, version, limit)
	slices.SortFunc(contents, func(a, b Content) int { return cmp.Compare(a.ID, b.ID) })
	return contents, err
}

// LastContent is the highest id that a content ever had: about how many there are.
func (x *Index) LastContent(ctx context.Context) (id int64, err error) {
	err = x.question(ctx, "find the last content", selectLastContent, nil, func(rows *sql.Rows) error {
		return rows.Scan(&id)
	})
	return id, err
}

// LastCompared is the highest id of a content that was compared at this version, 0 for none.
func (x *Index) LastCompared(ctx context.Context, version int64) (id int64, err error) {
	err = x.question(ctx, "find what was compared last", selectLastCompared, []any{version}, func(rows *sql.Rows) error {
		return rows.Scan(&id)
	})
	return id, err
}

// CountUncompared is how many contents Uncompared would give in all.
func (x *Index) CountUncompared(ctx context.Context, version int64) (n int64, err error) {
	err = x.question(ctx, "count what is to be compared", countUncompared, []any{version}, func(rows *sql.Rows) error {
		return rows.Scan(&n)
	})
	return n, err
}

// LeftOut are the contents that AskAgain left out, by id.
func (x *Index) LeftOut(ctx context.Context) (ids []int64, err error) {
	err = x.question(ctx, "find what is left out of comparisons", selectLeftOut, nil, scanID(&ids))
	return ids, err
}

// Flagged are up to limit contents whose groups must be made anew, by id.
// Those that wait longest are chosen first. WriteClusters lowers only flags
// that were up when Flagged was last called: what another transaction raised
// since then stays. So one goroutine makes groups.
func (x *Index) Flagged(ctx context.Context, limit int) (ids []int64, err error) {
	x.grouped.Store(x.tick.Load()) // before the question: a flag too many costs time, one too few an error
	err = x.question(ctx, "find what is to be grouped", selectFlagged, []any{limit}, scanID(&ids))
	slices.Sort(ids)
	return ids, err
}

// FlaggedAmong are those of some contents whose groups must be made anew.
func (x *Index) FlaggedAmong(ctx context.Context, contents []int64) (ids []int64, err error) {
	err = x.question(ctx, "find which contents are to be grouped", selectFlaggedAmong, []any{list(contents)}, scanID(&ids))
	return ids, err
}

// Stale are up to limit contents above id after, by id, whose feature of the
// stage is missing or has another version.
func (x *Index) Stale(ctx context.Context, stage string, version int, after int64, limit int) (ids []int64, err error) {
	err = x.question(ctx, "find stale features of stage "+stage, selectStale, []any{stage, version, after, limit}, scanID(&ids))
	return ids, err
}

// FromPreview are up to limit contents above id after, by id, that were decoded
// from a smaller picture inside their file.
func (x *Index) FromPreview(ctx context.Context, after int64, limit int) (ids []int64, err error) {
	err = x.question(ctx, "find what was decoded from a preview", selectFromPreview, []any{after, limit}, scanID(&ids))
	return ids, err
}

// Retriable are up to limit failed contents above id after, by id, that were
// tried with other decoders or limits than attempt names.
func (x *Index) Retriable(ctx context.Context, attempt string, after int64, limit int) ([]Content, error) {
	return x.contents(ctx, "find what may be tried again", selectRetriable, attempt, after, limit)
}

func (x *Index) contents(ctx context.Context, act, query string, args ...any) (list []Content, err error) {
	err = x.question(ctx, act, query, args, func(rows *sql.Rows) error {
		var c Content
		err := rows.Scan(scanContent(&c)...)
		list = append(list, c)
		return err
	})
	return list, err
}

func scanContent(c *Content) []any {
	return []any{
		&c.ID, &c.Hash, &c.Size, &c.Picture, &c.Width, &c.Height, &c.Format, &c.Decoder, &c.Source,
		&c.Damaged, &c.Taken, &c.Camera, &c.Failure, &c.Attempt, &c.Compared,
	}
}

// flag says that the groups of these contents must be made anew.
func (t *transaction) flag(contents ...int64) {
	for _, id := range contents {
		if id != 0 {
			t.flags[id] = struct{}{}
		}
	}
}

// raiseFlags writes what was flagged, once per transaction.
func (t *transaction) raiseFlags() error {
	if len(t.flags) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(t.flags))
	for id := range t.flags {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	_, err := t.exec(raiseFlags, t.tick, list(ids), t.now)
	return err
}
