package index

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
)

// Feature is what a stage knows of a content.
type Feature struct {
	Stage   string
	Version int // of the stage that made it
	Bytes   []byte
}

const (
	selectFeatures = `
SELECT feature.content, feature.bytes
FROM json_each(?3) AS wanted
CROSS JOIN feature ON feature.content = wanted.value AND feature.stage = ?1
WHERE feature.version = ?2`

	selectFeature = `
SELECT version, bytes FROM feature WHERE content = ?1 AND stage = ?2`

	insertFeature = `
INSERT INTO feature (content, stage, version, bytes) VALUES (?1, ?2, ?3, ?4)`

	updateFeature = `
UPDATE feature SET version = ?3, bytes = ?4 WHERE content = ?1 AND stage = ?2`

	deleteFeatures = `
DELETE FROM feature WHERE content = ?1`
)

// Features are the features of a stage at this version, by content. Contents
// that have none of this version are not in the map.
func (x *Index) Features(ctx context.Context, stage string, version int, contents []int64) (map[int64][]byte, error) {
	features := make(map[int64][]byte, len(contents))
	if len(contents) == 0 {
		return features, nil
	}
	err := x.question(ctx, fmt.Sprintf("read features of stage %s", stage), selectFeatures, []any{stage, version, list(contents)}, func(rows *sql.Rows) error {
		var id int64
		var b []byte
		err := rows.Scan(&id, &b)
		features[id] = b
		return err
	})
	return features, err
}

// putFeature stores a feature and says whether it is another than was stored.
func (t *transaction) putFeature(content int64, f Feature) (changed bool, err error) {
	var version int
	var was []byte
	found, err := t.row(selectFeature, []any{content, f.Stage}, &version, &was)
	if err != nil || found && version == f.Version && bytes.Equal(was, f.Bytes) {
		return false, err
	}
	b := f.Bytes
	if b == nil {
		b = []byte{}
	}
	if found {
		_, err = t.exec(updateFeature, content, f.Stage, f.Version, b)
		return true, err
	}
	t.comes("feature", f.Stage, int64(f.Version))
	_, err = t.exec(insertFeature, content, f.Stage, f.Version, b)
	return true, err
}
