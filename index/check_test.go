package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// lived is a sound index with a row in each table and two runs of postings.
func lived(t testing.TB) *Index {
	t.Helper()
	ctx := t.Context()
	b := twoPhotos()
	b.Contents = append(b.Contents, ContentWrite{Content: Content{Hash: hash("bad"), Failure: "is no JPEG", Attempt: "1"}})
	b.Files = append(b.Files, fileOf("2020", "b too.jpg", "b"), FileWrite{File: File{Place: Place{1, "", "bad.jpg"}, State: Failed}, Hash: hash("bad")})
	x := withRoot(t, b)
	must(t, x.Write(ctx, Batch{Contents: []ContentWrite{photo("c")}, Files: []FileWrite{fileOf("", "c.jpg", "c")}}))
	id := ids(t, x, "a", "b", "c")
	must(t, x.WriteComparison(ctx, 5, id, []Match{match(t, x, "near", "a", "b")}))
	calm(t, x)
	must(t, x.WriteClusters(ctx, nil, map[string]Regrouped{"normal": {Clusters: []Cluster{
		{ID: id[0], Space: 1, Similarity: 0.9, Files: 3, Path: "/photos/a.jpg", Members: []Member{
			{id[0], Best, 1, Transform{1, 0, 0, 0, 1, 0}}, {id[1], "near", 0.9, Transform{1, 0, 0.5, 0, 1, 0}}}},
	}}}, nil))
	must(t, x.Decide(ctx, hash("c"), hash("nobody"), 1))
	must(t, x.PutJob(ctx, Job{Path: "/photos/new", Cause: "event", Due: 20}))
	must(t, x.AddScan(ctx, 1, 2, `{}`))
	calm(t, x)
	return x
}

// ruin runs statements that no writer of an index would.
func ruin(t testing.TB, x *Index, statements ...string) {
	t.Helper()
	for _, s := range append(append([]string{"PRAGMA foreign_keys = OFF"}, statements...), "PRAGMA foreign_keys = ON") {
		if _, err := x.writer.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// keyedWavelet makes the keys that photo has.
var keyedWavelet = []Keyed{{Stage: "wavelet", Version: 1, Width: 2, Keys: func(h []byte) ([]Key, error) {
	return []Key{{binary.BigEndian.Uint32(h), 7}, {1000, uint64(h[31])}}, nil
}}}

var waveletNow = map[string]int{"wavelet": 1}

func troubles(t testing.TB, x *Index) (list []string) {
	t.Helper()
	for _, r := range got(x.Check(t.Context(), waveletNow, false))(t).Troubles {
		list = append(list, r.What)
	}
	return list
}

func postingsOf(t testing.TB, x *Index) []posting {
	t.Helper()
	var keys []uint32
	for _, n := range []string{"a", "b", "c"} {
		h := hash(n)
		keys = append(keys, binary.BigEndian.Uint32(h[:]))
	}
	keys = append(keys, 1000)
	slices.Sort(keys)
	return lookup(t, x, "wavelet", 1, keys...)
}

func TestCheckFindsNothing(t *testing.T) {
	ctx := t.Context()
	x := lived(t)
	h := got(x.Check(ctx, waveletNow, false))(t)
	if len(h.Troubles) > 0 {
		t.Errorf("troubles in a sound index: %q", h.Troubles)
	}
	if h.Blocks != 2 || h.Postings != 6 {
		t.Errorf("%d blocks with %d postings, want 2 with 6", h.Blocks, h.Postings)
	}
	if want := []string{"paths in the queue of watch: 1"}; !slices.Equal(h.Notes, want) {
		t.Errorf("notes %q, want %q", h.Notes, want)
	}
	if h := got(x.Check(ctx, waveletNow, true))(t); len(h.Troubles) > 0 || h.Blocks != 0 {
		t.Errorf("a quick check: %+v", h)
	}
	commits := x.Commits()
	if done := got(x.Repair(ctx, keyedWavelet))(t); len(done) > 0 || x.Commits() != commits {
		t.Errorf("a sound index is repaired: %q", done)
	}
}

// What is old is told and no trouble.
func TestCheckNotesOldVersions(t *testing.T) {
	h := got(aged(t).Check(t.Context(), versionsNow, false))(t)
	for _, want := range []string{
		"pictures that stage global at version 2 has not seen (a scan shows it those whose files are at hand): 5",
		"features of stage global at version 1, which nothing reads (a scan replaces them, prune forgets them): 1",
		"features of stage smell at version 4, which nothing reads (a scan replaces them, prune forgets them): 1",
		"runs of postings of other versions, which nothing reads (prune forgets them): 2",
	} {
		if !slices.Contains(h.Notes, want) {
			t.Errorf("notes %q, want %q", h.Notes, want)
		}
	}
	if len(h.Troubles) != 1 || !strings.Contains(h.Troubles[0].What, "members of groups that no file leads to") {
		t.Errorf("troubles %q", h.Troubles)
	}
}

// Each thing that can be wrong is found, repaired, and then gone; the user's
// decisions, and the rows that were right, stay.
func TestCheckAndRepair(t *testing.T) {
	template := lived(t) // making one costs more than a case
	a := ids(t, template, "a", "b", "c")
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, template.Backup(t.Context(), copied, nil))
	whole, err := os.ReadFile(copied)
	must(t, err)
	for _, c := range []struct {
		name, ruin string
		want       string   // a trouble
		flagged    []string // after the repair
		forgotten  bool     // a row that the index cannot do without went
	}{
		{"folder of no root", `INSERT INTO folder (id, root, path, device, state) VALUES (77, 9, x'78', 0, 'online')`, "folders of no root: 1", nil, false},
		{"root gone", `DELETE FROM root`, "folders of no root: 2", []string{"a", "b", "bad", "c"}, true},
		{"folder gone", `DELETE FROM folder WHERE path = CAST('2020' AS BLOB)`, "files of no folder: 2", []string{"a", "b"}, true},
		{"file of a content that is gone", fmt.Sprintf(`UPDATE file SET content = 99 WHERE content = %d`, a[2]), "files whose content is gone: 1", []string{"c"}, true},
		{"file without content", fmt.Sprintf(`UPDATE file SET content = NULL WHERE content = %d`, a[2]), "files that are well but have no content: 1", []string{"c"}, true},
		{"feature of nothing", `INSERT INTO feature VALUES (999, 99, 'wavelet', 1, x'00')`, "features of no content: 1", nil, false},
		{"feature of a failure", `INSERT INTO feature (content, stage, version, bytes) SELECT id, 'wavelet', 1, x'00' FROM content WHERE failure <> ''`, "features of contents that failed: 1", nil, false},
		{"block of no run", `INSERT INTO posting_block VALUES (99, x'00')`, "blocks of postings of no run: 1", nil, false},
		{"match of nothing", fmt.Sprintf(`INSERT INTO match SELECT %d, 99, kind, probability, similarity, contains, transform, scores, reason, version, direct FROM match`, a[2]), "matches of contents that are gone: 1", []string{"c"}, false},
		{"match turned", `UPDATE match SET a = b, b = a`, "matches that stand in the wrong order", []string{"a", "b"}, true},
		{"match torn", `UPDATE match SET transform = x'00'`, "matches that stand in the wrong order or cannot be read: 1", []string{"a", "b"}, true},
		{"match without scores", `UPDATE match SET scores = '{'`, "matches that stand in the wrong order or cannot be read: 1", []string{"a", "b"}, true},
		{"group of nobody", fmt.Sprintf(`UPDATE cluster SET id = 99; UPDATE grouping SET cluster = 99, content = CASE content WHEN %d THEN 99 ELSE content END`, a[0]), "groups whose best picture is gone: 1", []string{"b"}, true},
		{"member of no group", fmt.Sprintf(`INSERT INTO grouping VALUES ('strict', %d, %d, 'near', 1, x'')`, a[0], a[2]), "members of no group, or that are gone: 1", []string{"c"}, false},
		{"member that is gone", fmt.Sprintf(`INSERT INTO grouping VALUES ('normal', %d, 99, 'near', 1, x'')`, a[0]), "members of no group, or that are gone: 1", []string{"a"}, false},
		{"group without best", `DELETE FROM grouping WHERE kind = 'best'`, "groups without their best picture among them: 1", []string{"a", "b"}, true},
		{"group of what has no file", fmt.Sprintf(`DELETE FROM file WHERE content = %d; UPDATE content SET lost = 7 WHERE id = %[1]d`, a[1]), "members of groups that no file leads to", []string{"a", "b"}, true},
		{"lost and found", `UPDATE content SET lost = 7`, "contents of which it is not right since when they have no file: 4", []string{"a", "b", "bad", "c"}, false},
		{"job of no folder", `INSERT INTO job VALUES (CAST('/photosX/a' AS BLOB), 'event', 1, 0, '')`, `a job for a path below no folder of the index: "/photosX/a"`, nil, false},
		{"folders miscounted", `UPDATE folder SET failed = failed - 1`, "folders that say wrongly how many files they hold: 2", nil, false},
		{"kinds miscounted", `UPDATE tally SET n = n + 1 WHERE subject IN ('feature', 'cluster')`, "kinds of rows of which a wrong number is kept: 2", nil, false},
		{"kind not counted", `DELETE FROM tally WHERE subject = 'match'`, "kinds of rows of which a wrong number is kept: 1", nil, false},
		{"kind of nothing", `INSERT INTO tally VALUES ('feature', 'smell', 4, 3)`, "kinds of rows of which a wrong number is kept: 1", nil, false},
		{"rows that nobody counted", `INSERT INTO content SELECT 50, randomblob(32), size, picture, width, height, format, decoder, source, damaged, taken, camera, failure, attempt, compared, 0, 1 FROM content LIMIT 1`, "kinds of rows of which a wrong number is kept: 1", nil, true},
		{"torn job", `INSERT INTO job VALUES (x'ff2f', 'event', 1, 0, '')`, `a job whose path is not whole: "\xff/"`, nil, false},
		{"mad job", `UPDATE job SET tries = -3`, `a job due at 20 after -3 tries: "/photos/new"`, nil, false},
		{"block torn", `UPDATE posting_block SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE id = 1`, "run 1: block 1 does not decode", nil, false},
		{"block of other keys", `UPDATE posting_run SET keys = CAST(substr(keys, 1, length(keys) - 1) || x'00' AS BLOB) WHERE id = 2`, "run 2: block 2 holds other keys", nil, false},
		{"block gone", `DELETE FROM posting_block WHERE id = 2`, "run 2: it holds 0 postings, and its row says 2", nil, false},
		{"block of two runs", `UPDATE posting_run SET first = 0, blocks = 2, keys = x'00000000' WHERE id = 2`, "run 2: block 0 is not there", nil, false},
		{"run of no keys", `UPDATE posting_run SET keys = x''`, "run 1: its row does not say which keys its 1 blocks hold", nil, false},
		{"run of all blocks", `UPDATE posting_run SET blocks = 1000000000000 WHERE id = 1`, "run 2: it has blocks of another run", nil, false},
		{"run that hides contents", `UPDATE posting_run SET low = 2 WHERE id = 1`, "run 1: it names contents from 1 to 2, and its row says 2 to 2", nil, false},
		{"run of what never was", `UPDATE posting_block SET bytes = CAST(substr(bytes, 1, 4) || x'7f' || substr(bytes, 6) AS BLOB) WHERE id = 2; UPDATE posting_run SET high = 127 WHERE id = 2`, "run 2: it names contents up to 127, and there never was one above 4", nil, false},
		{"all runs torn", `UPDATE posting_block SET bytes = x'0200'; UPDATE posting_run SET low = -1`, "run 1: block 1 does not decode", nil, false},
		{"run of another stage torn", `UPDATE posting_run SET id = 9, stage = 'smell' WHERE id = 2; UPDATE posting_block SET bytes = x'00' WHERE id = 2`, "stage smell at version 1: run 9: block 2 does not decode", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := t.Context()
			x := template // as it was after each repair that loses nothing, but for the ids of runs
			if c.forgotten || strings.Contains(c.ruin, "posting_") {
				path := filepath.Join(t.TempDir(), "i")
				must(t, os.WriteFile(path, whole, 0o600))
				var err error
				x, err = Open(ctx, path)
				must(t, err)
				defer x.Close()
			}
			calm(t, x)
			postings := postingsOf(t, x)
			rows := allRows(t, x)
			ruin(t, x, strings.Split(c.ruin, "; ")...)
			if have := troubles(t, x); !slices.ContainsFunc(have, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Fatalf("found %q, want %q", have, c.want)
			}
			done := got(x.Repair(ctx, keyedWavelet))(t)
			if len(done) == 0 {
				t.Error("it does not say what was repaired")
			}
			if have := troubles(t, x); len(have) > 0 {
				t.Errorf("after the repair (%q): %q", done, have)
			}
			intact(t, x.writer)
			flagged(t, x, c.flagged...)
			if len(got(x.Decisions(ctx))(t)) != 1 {
				t.Error("a decision of the user went")
			}
			if c.forgotten {
				return
			}
			if have := allRows(t, x); have != rows {
				t.Errorf("%d rows, before %d", have, rows)
			}
			if have := postingsOf(t, x); !reflect.DeepEqual(have, postings) {
				t.Errorf("postings %v, want %v", have, postings)
			}
			if m := got(x.MatchesOf(ctx, a))(t); len(m) != 1 || m[0] != match(t, x, "near", "a", "b") {
				t.Errorf("matches %+v", m)
			}
		})
	}
}

// What is compared anew is what lost its match.
func TestRepairComparesAnew(t *testing.T) {
	ctx := t.Context()
	x := lived(t)
	ruin(t, x, `UPDATE match SET scores = '{'`)
	got(x.Repair(ctx, keyedWavelet))(t)
	var names []int64
	for _, c := range got(x.Uncompared(ctx, 5, 10))(t) {
		names = append(names, c.ID)
	}
	if !slices.Equal(names, ids(t, x, "a", "b")) {
		t.Errorf("to be compared: %v", names)
	}
}

// What nobody may mend is told, and left as it is.
func TestRepairLeavesWhatIsNotSafe(t *testing.T) {
	ctx := t.Context()
	x := lived(t)
	ruin(t, x, `UPDATE decision SET a = b, b = a`, `UPDATE content SET picture = x'00' WHERE id = 1`)
	want := []string{"contents whose hash is none: 1", "decisions whose hashes are none or in the wrong order: 1"}
	for range 2 {
		if have := troubles(t, x); !slices.Equal(have, want) {
			t.Errorf("troubles %q, want %q", have, want)
		}
		if done := got(x.Repair(ctx, keyedWavelet))(t); len(done) > 0 {
			t.Errorf("repaired %q", done)
		}
	}
}

// An index of SQLite that misses a row is made anew; pages that are torn are not touched.
func TestCheckFindsWhatSQLiteFinds(t *testing.T) {
	ctx := t.Context()
	x := lived(t)
	var definition string
	var root int64
	must(t, x.writer.QueryRowContext(ctx, `SELECT sql, rootpage FROM sqlite_schema WHERE name = 'file_inode'`).Scan(&definition, &root))
	hide := func(statements ...string) {
		ruin(t, x, append(append([]string{"PRAGMA writable_schema = ON"}, statements...), "PRAGMA writable_schema = RESET")...)
	}
	hide(`DELETE FROM sqlite_schema WHERE name = 'file_inode'`)
	must(t, x.Write(ctx, Batch{Files: []FileWrite{fileOf("", "unseen.jpg", "a")}}))
	hide(fmt.Sprintf(`INSERT INTO sqlite_schema VALUES ('index', 'file_inode', 'file', %d, '%s')`, root, strings.ReplaceAll(definition, "'", "''")))
	calm(t, x)
	h := got(x.Check(ctx, waveletNow, false))(t)
	if len(h.Troubles) == 0 || !strings.Contains(h.Troubles[0].What, "file_inode") || h.Troubles[0].Repair == "" {
		t.Fatalf("troubles %q", h.Troubles)
	}
	got(x.Repair(ctx, keyedWavelet))(t)
	if have := troubles(t, x); len(have) > 0 {
		t.Errorf("after the repair: %q", have)
	}

	// A page of the table of features is overwritten.
	page := number(t, x, `SELECT rootpage FROM sqlite_schema WHERE name = 'feature'`)
	size := number(t, x, `PRAGMA page_size`)
	ruin(t, x, "PRAGMA wal_checkpoint(TRUNCATE)")
	path := x.Path()
	must(t, x.Close())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt(slices.Repeat([]byte{0xA5}, 512), (page-1)*size)
	must(t, err)
	must(t, f.Close())
	y, err := Open(ctx, path)
	must(t, err)
	defer y.Close()
	h = got(y.Check(ctx, waveletNow, false))(t)
	if !slices.ContainsFunc(h.Troubles, func(r Trouble) bool { return strings.HasPrefix(r.What, "SQLite finds: ") && r.Repair == "" }) {
		t.Errorf("troubles %q", h.Troubles)
	}
	if _, err := y.Repair(ctx, keyedWavelet); !errors.Is(err, ErrDamaged) {
		t.Errorf("repairs what nobody can: %v", err)
	}
}

func TestCheckStops(t *testing.T) {
	x := lived(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Check(ctx, waveletNow, false); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := x.Repair(ctx, keyedWavelet); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	r, err := OpenReader(t.Context(), x.Path())
	must(t, err)
	defer r.Close()
	if h := got(r.Check(t.Context(), waveletNow, false))(t); len(h.Troubles) > 0 {
		t.Errorf("by a reader: %q", h.Troubles)
	}
	if _, err := r.Repair(t.Context(), nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a reader repairs: %v", err)
	}
}
