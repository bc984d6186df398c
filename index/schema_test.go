package index

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/migrations"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

const goldenSchema = "testdata/schema.sql"

// schema is what the migrations end in, as SQLite gives it back, triggers last.
func schema(t testing.TB, db *sql.DB) string {
	t.Helper()
	var b strings.Builder
	err := ask(t.Context(), db, `
SELECT sql FROM sqlite_schema
WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'sqlite%'
ORDER BY type = 'trigger', rowid`, nil, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		b.WriteString(s + ";\n")
		return err
	})
	must(t, err)
	return b.String()
}

// dump writes an index as SQL that makes it again: the mark, the tables, the rows, and the
// triggers, which would count the rows once more.
func dump(t testing.TB, db *sql.DB) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "PRAGMA application_id = %d;\n", migrations.ApplicationID)
	var tables []string
	var triggers strings.Builder
	err := ask(t.Context(), db, `SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid`, nil,
		func(rows *sql.Rows) error {
			var name, kind, s string
			err := rows.Scan(&name, &kind, &s)
			if kind == "trigger" {
				triggers.WriteString(s + ";\n")
				return err
			}
			b.WriteString(s + ";\n")
			if kind == "table" {
				tables = append(tables, name)
			}
			return err
		})
	must(t, err)
	for _, table := range append(tables, "sqlite_sequence") {
		var columns []string
		must(t, ask(t.Context(), db, `SELECT name FROM pragma_table_info(?1) ORDER BY cid`, []any{table}, func(rows *sql.Rows) error {
			var c string
			err := rows.Scan(&c)
			columns = append(columns, `"`+c+`"`)
			return err
		}))
		quoted := "quote(" + strings.Join(columns, ") || ', ' || quote(") + ")"
		if table == "goose_db_version" {
			quoted = strings.ReplaceAll(quoted, `quote("tstamp")`, `'''2000-01-01 00:00:00'''`) // the clock
		}
		must(t, ask(t.Context(), db, fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", quoted, table), nil, func(rows *sql.Rows) error {
			var values string
			err := rows.Scan(&values)
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s);\n", table, values)
			return err
		}))
	}
	return b.String() + triggers.String()
}

// furnished is an index with a row in each table.
func furnished(t testing.TB) *Index {
	t.Helper()
	ctx := t.Context()
	x, id := scene(t)
	must(t, x.WriteComparison(ctx, 5, []int64{id["a"], id["b"]}, []Match{match(t, x, "near", "a", "b")}))
	must(t, x.Decide(ctx, hash("c"), hash("d"), 77))
	must(t, x.PutJob(ctx, Job{Path: "/photos/new", Cause: "event", Due: 20}))
	must(t, x.AddScan(ctx, 1, 2, `{"new":6}`))
	return x
}

func golden(t *testing.T, name, have string) {
	t.Helper()
	if *update {
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(have), 0o644))
		return
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if strings.ReplaceAll(string(want), "\r\n", "\n") != have {
		t.Errorf("%s is not what it was; where that is meant, run go test ./index -run Schema -update and look at the diff", name)
	}
}

func TestSchemaIsGolden(t *testing.T) {
	x := furnished(t)
	golden(t, goldenSchema, schema(t, x.writer))
	version := got(x.Status(t.Context()))(t).Schema
	golden(t, fmt.Sprintf("testdata/released/%04d.sql", version), dump(t, x.writer))
}

// An index of each schema that was released opens, and holds what it held.
func TestSchemaOfEachReleaseComesUpToDate(t *testing.T) {
	ctx := t.Context()
	released, err := filepath.Glob("testdata/released/*.sql")
	must(t, err)
	if len(released) == 0 {
		t.Fatal("no released schema")
	}
	for _, name := range released {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			must(t, err)
			path := filepath.Join(t.TempDir(), "i")
			old, err := sql.Open("sqlite", dsn(path, ""))
			must(t, err)
			_, err = old.ExecContext(ctx, "PRAGMA foreign_keys = OFF;\n"+string(text))
			must(t, err)
			must(t, old.Close())

			x, err := Open(ctx, path)
			must(t, err)
			defer x.Close()
			intact(t, x.writer)
			want, err := os.ReadFile(goldenSchema)
			must(t, err)
			if have := schema(t, x.writer); have != strings.ReplaceAll(string(want), "\r\n", "\n") {
				t.Errorf("the schema that it comes to is not %s", goldenSchema)
			}
			s := got(x.Status(ctx))(t)
			if s.Contents != 6 || len(s.Roots) != 1 || s.Roots[0].OK != 7 || s.Jobs.Depth != 1 || len(s.Scans) != 1 || len(got(x.Decisions(ctx))(t)) != 1 {
				t.Errorf("it holds %+v", s)
			}
			if g := groups(t, x, "normal", BySpace); len(g) != 3 {
				t.Errorf("groups %q", g)
			}
			if m := got(x.MatchesOf(ctx, ids(t, x, "a")))(t); len(m) != 1 || m[0] != match(t, x, "near", "a", "b") {
				t.Errorf("matches %+v", m)
			}
			if n := len(lookup(t, x, "wavelet", 1, 1000)); n != 6 {
				t.Errorf("%d postings", n)
			}
		})
	}
}

// A sentence in each table and a question in each index, where SQLite keeps
// them: so they stand in the user's file too.
func TestSchemaExplainsItself(t *testing.T) {
	text := schema(t, create(t).writer)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "CREATE TABLE") && !strings.HasPrefix(lines[i+1], "    -- ") {
			t.Errorf("no sentence in %q", line)
		}
		if strings.HasPrefix(line, "CREATE INDEX") && !strings.Contains(line, " -- ") {
			t.Errorf("no question in %q", line)
		}
	}
}

// What is asked often, and for each new photo, reads by keys alone. A scan of
// json_each reads what the caller has given.
func TestQuestionsReadByKey(t *testing.T) {
	x := furnished(t)
	for name, query := range map[string]string{
		"Lookup: runs":          selectTileRuns,
		"Lookup: keys":          selectRunKeys,
		"check: blocks":         selectBlocksOfRun,
		"Lookup: block":         selectBlock,
		"merge":                 selectGoneContents,
		"merge: runs":           selectRunsOfLevel,
		"FilesIn":               selectFilesIn,
		"FilesByInode":          selectFilesByInode,
		"FilesOf":               selectFilesOf,
		"FileAt":                selectFileAt,
		"HoldsFiles":            selectAnyFileIn,
		"Folders":               selectFolders,
		"FoldersBelow":          selectFoldersAtOrBelow,
		"offline folders":       selectOfflineFolders,
		"Contents":              selectContents,
		"ContentByHash":         selectContentByHash,
		"Features":              selectFeatures,
		"SamePicture":           selectSamePicture,
		"Uncompared":            selectUncompared,
		"CountUncompared":       countUncompared,
		"LastCompared":          selectLastCompared,
		"Flagged":               selectFlagged,
		"Retriable":             selectRetriable,
		"FromPreview":           selectFromPreview,
		"MatchesOf":             selectMatchesOf,
		"ClustersOf":            selectClustersOf,
		"ClusterRows":           selectMembers,
		"ClusterRows by space":  selectClustersBySpace,
		"ClusterRows by likes":  selectClustersBySimilarity,
		"ClusterRows by path":   selectClustersByPath,
		"ClusterRows by date":   selectClustersByDate,
		"DueJobs":               selectDueJobs,
		"Write: file":           selectFile,
		"Write: folder":         selectFolderID,
		"Write: folders below":  selectFoldersBelow,
		"Write: folder's files": selectContentsOfFolder,
		"Write: feature":        selectFeature,
		"Write: flags":          raiseFlags,
		"WriteClusters: flags":  lowerFlags,
		"WriteComparison: old":  selectOutdated,
		"WriteComparison: mark": markCompared,
		"forget matches":        deleteMatchesOf,
		"status: kinds":         selectKindCounts,
		"status: features":      selectFeatureCounts,
		"status: contents":      selectContentCounts,
		"status: failures":      selectFailures,
		"status: failed files":  selectFailedFiles,
		"status: offline":       countFilesBelow,
		"Stale: features":       countFeatures,
		"Stale: contents":       countWithFeatures,
		"prune: old versions":   selectOldVersions,
	} {
		plan := explainPlan(t, x, query)
		if len(plan) == 0 {
			t.Errorf("%s: no plan", name)
		}
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN") && !scansLittle(step) {
				t.Errorf("%s: %s\n%s", name, step, strings.Join(plan, "\n"))
			}
		}
	}
}

// scansLittle is true for what was given, was selected before, or is a partial
// index that holds only what waits.
func scansLittle(step string) bool {
	for _, little := range []string{"VIRTUAL TABLE", "CONSTANT ROW", "SCAN wanted", "SCAN alive", "SCAN (subquery", "(subquery-", "INDEX folder_offline", "INDEX content_regroup", "INDEX content_lost", "INDEX file_failed"} {
		if strings.Contains(step, little) {
			return true
		}
	}
	return false
}

func explainPlan(t *testing.T, x *Index, query string) (steps []string) {
	t.Helper()
	arguments := make([]any, 0, 14)
	for i := 1; strings.Contains(query, fmt.Sprint("?", i)); i++ {
		arguments = append(arguments, nil)
	}
	err := ask(context.Background(), x.writer, "EXPLAIN QUERY PLAN "+query, arguments, func(rows *sql.Rows) error {
		var id, parent, none int
		var detail string
		err := rows.Scan(&id, &parent, &none, &detail)
		steps = append(steps, detail)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return steps
}
