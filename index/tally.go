package index

import (
	"cmp"
	"maps"
	"slices"
)

// The table tally says how many contents, features, matches and groups there are of
// each kind, and the row of a folder how many of its files are ok, failed or other, so that
// nothing counts a million rows to say how many there are. A transaction counts the
// rows that it adds, and writes the sums at its end; rows that change or go, by a cascade
// too, are counted by triggers of the schema. Triggers for all of it made storing a
// photo a tenth dearer. Check holds the numbers against the rows, and Repair counts anew.

// kind is a row of the table tally.
type kind struct {
	subject, name string
	detail        int64
}

// inFolder is the files of a folder that are in one state.
type inFolder struct {
	folder int64
	state  FileState
}

const (
	addToTally = `
INSERT INTO tally (subject, name, detail, n) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (subject, name, detail) DO UPDATE SET n = n + excluded.n`

	addToFolder = `
UPDATE folder SET ok = ok + ?2 * (?3 = 'ok'), failed = failed + ?2 * (?3 = 'failed'), other = other + ?2 * (?3 = 'other')
WHERE id = ?1`
)

// comes counts a row that was inserted.
func (t *transaction) comes(subject, name string, detail int64) {
	t.came[kind{subject, name, detail}]++
}

// contentKind is that of a content that was not compared yet.
func contentKind(c Content) string {
	if c.Failure != "" {
		return "failed"
	}
	return "new"
}

// writeTally adds what came to what was counted before.
func (t *transaction) writeTally() error {
	byKind := func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.name, b.name), cmp.Compare(a.detail, b.detail))
	}
	for _, k := range slices.SortedFunc(maps.Keys(t.came), byKind) {
		if _, err := t.exec(addToTally, k.subject, k.name, k.detail, t.came[k]); err != nil {
			return err
		}
	}
	byFolder := func(a, b inFolder) int {
		return cmp.Or(cmp.Compare(a.folder, b.folder), cmp.Compare(a.state, b.state))
	}
	for _, f := range slices.SortedFunc(maps.Keys(t.cameIn), byFolder) {
		if _, err := t.exec(addToFolder, f.folder, t.cameIn[f], f.state); err != nil {
			return err
		}
	}
	return nil
}

const (
	// countKinds is what the table should say.
	countKinds = `
SELECT 'content' AS subject, CASE WHEN failure <> '' THEN 'failed' WHEN compared = 0 THEN 'new' ELSE 'compared' END AS name,
       regroup > 0 AS detail, count(*) AS n FROM content GROUP BY 2, 3
UNION ALL SELECT 'feature', stage, version, count(*) FROM feature GROUP BY 2, 3
UNION ALL SELECT 'match', kind, 0, count(*) FROM match GROUP BY 2
UNION ALL SELECT 'cluster', sensitivity, 0, count(*) FROM cluster GROUP BY 2`

	// selectMiscounted gives the kinds of which the table is wrong, and by how much.
	selectMiscounted = `
SELECT subject, name, detail, sum(n) AS off
FROM (` + countKinds + ` UNION ALL SELECT subject, name, detail, -n FROM tally)
GROUP BY 1, 2, 3 HAVING sum(n) <> 0`

	recount = `
INSERT INTO tally (subject, name, detail, n) ` + selectMiscounted + `
ON CONFLICT (subject, name, detail) DO UPDATE SET n = n + excluded.n`

	countFilesOfFolder = `
SELECT count(*) FILTER (WHERE file.state = 'ok'), count(*) FILTER (WHERE file.state = 'failed'), count(*) FILTER (WHERE file.state = 'other')
FROM file WHERE file.folder = folder.id`

	selectMiscountedFolders = `
SELECT id FROM folder WHERE (ok, failed, other) IS NOT (` + countFilesOfFolder + `)`

	recountFolders = `
UPDATE folder SET (ok, failed, other) = (` + countFilesOfFolder + `)
WHERE (ok, failed, other) IS NOT (` + countFilesOfFolder + `)`
)

const (
	// All, those never compared, those to be grouped.
	selectContentCounts = `
SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE name = 'new'), 0), coalesce(sum(n) FILTER (WHERE detail = 1), 0)
FROM tally WHERE subject = 'content'`

	selectKindCounts = `
SELECT name, n FROM tally WHERE subject = ?1 AND n > 0 ORDER BY name`

	selectFeatureCounts = `
SELECT name, detail, n FROM tally WHERE subject = 'feature' AND n > 0 ORDER BY name, detail`

	// Those of one stage at one version, 0 where there are none.
	countFeatures = `
SELECT coalesce(sum(n), 0) FROM tally WHERE subject = 'feature' AND name = ?1 AND detail = ?2`

	// Contents that did not fail, so that each stage has a feature of them.
	countWithFeatures = `
SELECT coalesce(sum(n), 0) FROM tally WHERE subject = 'content' AND name IN ('new', 'compared')`
)
