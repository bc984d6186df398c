package index

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// rowRule is something that no row may be. Its queries read whole tables.
type rowRule struct {
	what  string // rows that are so, after their number
	rows  string // selects them
	does  string // what the repair does; empty where nothing is safe
	flags string // selects contents to be grouped anew, before the repair
	anew  string // selects contents to be compared anew, before the repair
	drop  string // the repair
}

// rowRules stand in the order of their repairs: what goes first may take
// others along.
var rowRules = []rowRule{
	{
		what:  "folders of no root",
		rows:  `SELECT 1 FROM folder WHERE root NOT IN (SELECT id FROM root)`,
		does:  "they go with their files; a scan finds what is there",
		flags: `SELECT content FROM file WHERE folder IN (SELECT id FROM folder WHERE root NOT IN (SELECT id FROM root)) AND content IS NOT NULL`,
		drop:  `DELETE FROM folder WHERE root NOT IN (SELECT id FROM root)`,
	}, {
		what:  "files of no folder",
		rows:  `SELECT 1 FROM file WHERE folder NOT IN (SELECT id FROM folder)`,
		does:  "they go; a scan finds what is there",
		flags: `SELECT content FROM file WHERE folder NOT IN (SELECT id FROM folder) AND content IS NOT NULL`,
		drop:  `DELETE FROM file WHERE folder NOT IN (SELECT id FROM folder)`,
	}, {
		what: "files whose content is gone",
		rows: `SELECT 1 FROM file WHERE content IS NOT NULL AND content NOT IN (SELECT id FROM content)`,
		does: "they go; the next scan reads them anew",
		drop: `DELETE FROM file WHERE content IS NOT NULL AND content NOT IN (SELECT id FROM content)`,
	}, {
		what: "files that are well but have no content",
		rows: `SELECT 1 FROM file WHERE content IS NULL AND state = 'ok'`,
		does: "they go; the next scan reads them anew",
		drop: `DELETE FROM file WHERE content IS NULL AND state = 'ok'`,
	}, {
		what: "features of no content",
		rows: `SELECT 1 FROM feature WHERE content NOT IN (SELECT id FROM content)`,
		does: "they go",
		drop: `DELETE FROM feature WHERE content NOT IN (SELECT id FROM content)`,
	}, {
		what: "features of contents that failed",
		rows: `SELECT 1 FROM content INDEXED BY content_failed CROSS JOIN feature ON feature.content = content.id WHERE content.failure <> ''`,
		does: "they go",
		drop: `DELETE FROM feature WHERE content IN (SELECT id FROM content INDEXED BY content_failed WHERE failure <> '')`,
	}, {
		what: "blocks of postings of no run",
		rows: `SELECT 1 FROM posting_block WHERE ` + ofNoRun,
		does: "they go",
		drop: `DELETE FROM posting_block WHERE ` + ofNoRun,
	}, {
		what:  "matches of contents that are gone",
		rows:  `SELECT 1 FROM match WHERE a NOT IN (SELECT id FROM content) OR b NOT IN (SELECT id FROM content)`,
		does:  "they go, and the groups of the others are made anew",
		flags: `SELECT a FROM match WHERE b NOT IN (SELECT id FROM content) UNION SELECT b FROM match WHERE a NOT IN (SELECT id FROM content)`,
		drop:  `DELETE FROM match WHERE a NOT IN (SELECT id FROM content) OR b NOT IN (SELECT id FROM content)`,
	}, {
		what: "matches that stand in the wrong order or cannot be read",
		rows: selectUnreadable("1"),
		does: "they go, and their pictures are compared anew by the next scan",
		// The same pair may stand there twice, so that both are flagged.
		flags: selectUnreadable("match.a") + ` UNION ` + selectUnreadable("match.b"),
		anew:  selectUnreadable("match.a") + ` UNION ` + selectUnreadable("match.b"),
		drop:  `DELETE FROM match WHERE (a, b) IN (` + selectUnreadable("match.a, match.b") + `)`,
	}, {
		what:  "groups whose best picture is gone",
		rows:  `SELECT 1 FROM cluster WHERE id NOT IN (SELECT id FROM content)`,
		does:  "they go, and the groups of the others are made anew",
		flags: `SELECT content FROM grouping WHERE cluster NOT IN (SELECT id FROM content)`,
		drop:  `DELETE FROM cluster WHERE id NOT IN (SELECT id FROM content)`,
	}, {
		what:  "members of no group, or that are gone",
		rows:  `SELECT 1 FROM grouping WHERE (sensitivity, cluster) NOT IN (SELECT sensitivity, id FROM cluster) OR content NOT IN (SELECT id FROM content)`,
		does:  "they go, and the groups of the others are made anew",
		flags: `SELECT cluster FROM grouping WHERE content NOT IN (SELECT id FROM content) UNION SELECT content FROM grouping WHERE (sensitivity, cluster) NOT IN (SELECT sensitivity, id FROM cluster)`,
		drop:  `DELETE FROM grouping WHERE (sensitivity, cluster) NOT IN (SELECT sensitivity, id FROM cluster) OR content NOT IN (SELECT id FROM content)`,
	}, {
		what: "groups without their best picture among them",
		rows: `SELECT 1 FROM cluster WHERE (sensitivity, id) NOT IN (SELECT sensitivity, cluster FROM grouping WHERE content = cluster AND kind = 'best')`,
		does: "they go, and are made anew",
		flags: `SELECT id FROM cluster WHERE (sensitivity, id) NOT IN (SELECT sensitivity, cluster FROM grouping WHERE content = cluster AND kind = 'best')
UNION SELECT content FROM grouping WHERE (sensitivity, cluster) NOT IN (SELECT sensitivity, cluster FROM grouping WHERE content = cluster AND kind = 'best')`,
		drop: `DELETE FROM cluster WHERE (sensitivity, id) NOT IN (SELECT sensitivity, cluster FROM grouping WHERE content = cluster AND kind = 'best')`,
	}, {
		what: "members of groups that no file leads to, though the groups are said to be made",
		rows: `SELECT 1 FROM grouping CROSS JOIN content ON content.id = grouping.content
WHERE content.regroup = 0 AND NOT EXISTS (SELECT 1 FROM file WHERE file.content = content.id)`,
		does: "their groups are made anew",
		flags: `SELECT grouping.content FROM grouping WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.content = grouping.content)
UNION SELECT grouping.cluster FROM grouping WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.content = grouping.content)`,
	}, {
		what:  "contents of which it is not right since when they have no file",
		rows:  selectMisdated,
		does:  "that is written anew: the grace time of prune begins now",
		flags: selectMisdated,
	}, {
		what: "folders that say wrongly how many files they hold",
		rows: selectMiscountedFolders,
		does: "they are counted anew",
		drop: recountFolders,
	}, {
		what: "kinds of rows of which a wrong number is kept",
		rows: selectMiscounted,
		does: "they are counted anew",
		drop: recount,
	}, {
		what: "contents whose hash is none",
		rows: `SELECT 1 FROM content WHERE length(hash) <> 32 OR length(picture) <> 32`,
	}, {
		what: "decisions whose hashes are none or in the wrong order",
		rows: `SELECT 1 FROM decision WHERE length(a) <> 32 OR length(b) <> 32 OR a >= b`,
	},
}

const selectMisdated = `SELECT id FROM content WHERE (lost > 0) = EXISTS (SELECT 1 FROM file WHERE file.content = content.id)`

// selectUnreadable selects columns of matches that stand in the wrong order or
// hold what cannot be read.
func selectUnreadable(columns string) string {
	return `SELECT ` + columns + ` FROM match
JOIN content AS first ON first.id = match.a JOIN content AS second ON second.id = match.b
WHERE first.hash >= second.hash OR length(match.transform) NOT IN (0, 48) OR (match.scores <> '' AND NOT json_valid(match.scores))`
}

func (r rowRule) counted(ctx context.Context, from asker) (n int64, err error) {
	err = ask(ctx, from, `SELECT count(*) FROM (`+r.rows+`)`, nil, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

// tornJob is a job that no watcher has queued.
type tornJob struct{ path, why string }

const (
	dropsJob = "it goes; watch looks at everything when it starts"

	selectJobs = `SELECT path, due, tries FROM job ORDER BY path`
)

func tornJobs(ctx context.Context, from asker) (torn []tornJob, err error) {
	known, err := roots(ctx, from, "")
	if err != nil {
		return nil, err
	}
	err = ask(ctx, from, selectJobs, nil, func(rows *sql.Rows) error {
		var j Job
		if err := rows.Scan(&j.Path, &j.Due, &j.Tries); err != nil {
			return err
		}
		below := func(r Root) bool {
			return j.Path == r.Path || strings.HasPrefix(j.Path, strings.TrimSuffix(r.Path, separator)+separator)
		}
		switch {
		case !filepath.IsAbs(j.Path):
			torn = append(torn, tornJob{j.Path, "whose path is not whole"})
		case !slices.ContainsFunc(known, below):
			torn = append(torn, tornJob{j.Path, "for a path below no folder of the index"})
		case j.Due < 0 || j.Tries < 0:
			torn = append(torn, tornJob{j.Path, fmt.Sprintf("due at %d after %d tries", j.Due, j.Tries)})
		}
		return nil
	})
	return torn, err
}

func sortedStages(versions map[string]int) []string {
	return slices.Sorted(maps.Keys(versions))
}
