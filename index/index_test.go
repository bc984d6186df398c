package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/dedupidx/dedupidx/migrations"
)

// today is when the tests of this package take place, Unix nanoseconds.
const today = 1_800_000_000_000_000_000

// create makes an index in a folder of the test and closes it at its end.
func create(t testing.TB) *Index {
	t.Helper()
	x, err := Create(t.Context(), filepath.Join(t.TempDir(), "photos.index"))
	must(t, err)
	x.now = func() int64 { return today }
	t.Cleanup(func() { must(t, x.Close()) })
	return x
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got returns the value of a call that must succeed.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// hash is the hash of the content of a name.
func hash(name string) Hash { return sha256.Sum256([]byte(name)) }

// photo is a content with a wavelet feature and keys, drawn from its name.
func photo(name string) ContentWrite {
	h := hash(name)
	return ContentWrite{
		Content: Content{
			Hash: h, Size: 1000, Picture: hash("picture of " + name), Width: 640, Height: 480, Format: "jpeg",
			Decoder: "image/jpeg", Source: "full", Taken: 1_700_000_000_000_000_000, Camera: "X100",
		},
		Features: []Feature{{Stage: "wavelet", Version: 1, Bytes: h[:]}},
		Keys: []Keys{{Stage: "wavelet", Version: 1, Width: 2, Keys: []Key{
			{binary.BigEndian.Uint32(h[:]), 7}, {1000, uint64(h[31])},
		}}},
	}
}

// fileOf is a file in a folder of root 1 with the content of a name.
func fileOf(folder, name, content string) FileWrite {
	return FileWrite{
		File: File{Place: Place{1, folder, name}, Stat: Stat{1000, 11, 12, 13, 14}, State: OK},
		Hash: hash(content),
	}
}

// ids finds the contents of names.
func ids(t testing.TB, x *Index, names ...string) (list []int64) {
	t.Helper()
	for _, n := range names {
		c, ok, err := x.ContentByHash(t.Context(), hash(n))
		must(t, err)
		if !ok {
			t.Fatalf("content %s is not there", n)
		}
		list = append(list, c.ID)
	}
	return list
}

// number asks the writer's connection for one integer.
func number(t testing.TB, x *Index, query string, args ...any) (n int64) {
	t.Helper()
	must(t, x.writer.QueryRowContext(t.Context(), query, args...).Scan(&n))
	return n
}

// intact fails where SQLite finds the file damaged, a row without its parent, or what is counted wrongly.
func intact(t testing.TB, db *sql.DB) {
	t.Helper()
	var word string
	must(t, db.QueryRowContext(context.Background(), "PRAGMA integrity_check").Scan(&word))
	if word != "ok" {
		t.Errorf("integrity_check: %s", word)
	}
	rows, err := db.QueryContext(context.Background(), "PRAGMA foreign_key_check")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var table, parent sql.NullString
		var row, key sql.NullInt64
		must(t, rows.Scan(&table, &row, &parent, &key))
		t.Errorf("foreign_key_check: a row of %s has no parent in %s", table.String, parent.String)
	}
	must(t, rows.Err())
	counted(t, db)
}

func TestCreateOpenClose(t *testing.T) {
	ctx := t.Context()
	// Each of these would name another file, or none, if it were not escaped.
	for _, name := range []string{"plain", "a?mode=memory", "50%25", "#1", "with space", "na\xefve", "a&b=c"} {
		folder := filepath.Join(t.TempDir(), "new", name)
		path := filepath.Join(folder, name)
		x, err := Create(ctx, path)
		must(t, err)
		_, err = x.AddRoot(ctx, "/photos", 1)
		must(t, err)
		must(t, x.Close())
		entries, err := os.ReadDir(folder)
		must(t, err)
		for _, e := range entries {
			if e.Name() != name && e.Name() != name+".lock" {
				t.Errorf("%q left %q behind", name, e.Name())
			}
		}
		x, err = Open(ctx, path)
		must(t, err)
		roots := got(x.Roots(ctx))(t)
		if len(roots) != 1 || roots[0].Path != "/photos" || roots[0].State != Online {
			t.Errorf("%q: roots %+v", name, roots)
		}
		must(t, x.Close())
		r, err := OpenReader(ctx, path)
		if err != nil {
			t.Fatalf("read after the writer has gone: %v", err)
		}
		if n := len(got(r.Roots(ctx))(t)); n != 1 {
			t.Errorf("reader sees %d roots", n)
		}
		must(t, r.Close())
	}
}

func TestCreateWhereOneIs(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "i")
	x, err := Create(ctx, path)
	must(t, err)
	if _, err := Create(ctx, path); !errors.Is(err, ErrExists) {
		t.Errorf("create while it is open: %v, want ErrExists", err)
	}
	must(t, x.Close())
	if _, err := Create(ctx, path); !errors.Is(err, ErrExists) {
		t.Errorf("create again: %v, want ErrExists", err)
	}
	info, err := os.Stat(path)
	must(t, err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the index: mode %v", info.Mode())
	}
}

// A Create that was killed leaves an empty file, or one in which only the
// migration library has begun.
func TestUnfinishedIndexIsTakenOver(t *testing.T) {
	ctx := t.Context()
	empty := func(path string) { must(t, os.WriteFile(path, nil, 0o600)) }
	begun := func(path string) {
		db, err := openPool(path, writerDSN, 1)
		must(t, err)
		_, err = db.ExecContext(ctx, "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))")
		must(t, err)
		_, err = db.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)")
		must(t, err)
		must(t, db.Close())
	}
	for name, begin := range map[string]func(string){"empty": empty, "begun": begun} {
		for how, open := range map[string]func(context.Context, string) (*Index, error){"create": Create, "open": Open} {
			path := filepath.Join(t.TempDir(), "i")
			begin(path)
			if _, err := OpenReader(ctx, path); !errors.Is(err, ErrNotExist) {
				t.Errorf("%s, to read: %v", name, err)
			}
			x, err := open(ctx, path)
			if err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
				continue
			}
			if s := got(x.Status(ctx))(t); s.Application != migrations.ApplicationID || s.Schema == 0 {
				t.Errorf("%s, %s: application %x, schema %d", name, how, s.Application, s.Schema)
			}
			must(t, x.Close())
		}
	}
}

func TestRefused(t *testing.T) {
	ctx := t.Context()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }

	must(t, os.WriteFile(at("text"), []byte(strings.Repeat("a text and no database\n", 400)), 0o600))
	must(t, os.Mkdir(at("folder"), 0o700))
	stranger, err := openPool(at("stranger"), "", 1)
	must(t, err)
	_, err = stranger.ExecContext(ctx, "CREATE TABLE notes (text); PRAGMA application_id = 7")
	must(t, err)
	must(t, stranger.Close())
	before, err := os.ReadFile(at("stranger"))
	must(t, err)
	for name, statement := range map[string]string{
		"newer": "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)",
		"older": "DELETE FROM goose_db_version WHERE version_id > 0",
	} {
		x, err := Create(ctx, at(name))
		must(t, err)
		_, err = x.writer.ExecContext(ctx, statement)
		must(t, err)
		must(t, x.Close())
	}

	for _, c := range []struct {
		name string
		open func(context.Context, string) (*Index, error)
		want error
		says string
	}{
		{"nothing", Open, ErrNotExist, "init"},
		{"nothing", OpenReader, ErrNotExist, "init"},
		{"no/parent/i", Open, ErrNotExist, "init"},
		{"text/i", Create, ErrReadOnly, "choose a place"},
		{"text/i", Open, ErrNotExist, "init"},
		{"text", Open, ErrForeign, "name another file"},
		{"text", OpenReader, ErrForeign, "name another file"},
		{"text", Create, ErrExists, "exists already"},
		{"folder", Open, ErrForeign, "is a folder"},
		{"folder", OpenReader, ErrForeign, "is a folder"},
		{"folder", Create, ErrForeign, "is a folder"},
		{"stranger", Open, ErrForeign, "another program"},
		{"stranger", OpenReader, ErrForeign, "another program"},
		{"stranger", Create, ErrExists, "exists already"},
		{"newer", Open, ErrNewer, "schema 99"},
		{"newer", OpenReader, ErrNewer, "schema 99"},
		{"older", OpenReader, ErrOlder, "scan"},
	} {
		x, err := c.open(ctx, at(c.name))
		if x != nil {
			must(t, x.Close())
		}
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %v, and the words %q", c.name, err, c.want, c.says)
		}
	}
	for _, name := range []string{"text", "folder", "stranger"} {
		if _, err := os.Stat(at(name + ".lock")); err == nil {
			t.Errorf("a lock was left beside %s", name)
		}
	}
	after, err := os.ReadFile(at("stranger"))
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the database of another program was changed")
	}
	if _, err := Open(ctx, "a\x00b"); err == nil {
		t.Error("a zero byte in a path was taken")
	}
}

func TestPlaceThatCannotBeWritten(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("permissions do not bind this user")
	}
	ctx := t.Context()
	folder := t.TempDir()
	x, err := Create(ctx, filepath.Join(folder, "i"))
	must(t, err)
	must(t, x.Close())
	must(t, os.Chmod(folder, 0o500))
	defer func() { must(t, os.Chmod(folder, 0o700)) }()
	if _, err := Create(ctx, filepath.Join(folder, "new")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("create: %v", err)
	}
	x, err = OpenReader(ctx, filepath.Join(folder, "i"))
	must(t, err)
	_, err = x.Status(ctx)
	must(t, errors.Join(err, x.Close()))
}

func TestOneProcessWrites(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(x.Path(), link))
	for _, path := range []string{x.Path(), link} {
		_, err := Open(ctx, path)
		locked, ok := errors.AsType[*LockedError](err)
		if !ok || locked.PID != os.Getpid() || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
			t.Errorf("second writer by %s: %v", path, err)
		}
	}
	if e := (&LockedError{Path: "i"}).Error(); !strings.Contains(e, "another dedupidx") {
		t.Errorf("no pid: %s", e)
	}
}

func TestReaderSeesWholeTransactions(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	r, err := OpenReader(ctx, x.Path())
	must(t, err)
	defer r.Close()
	_, err = x.AddRoot(ctx, "/photos", 1)
	must(t, err)
	var b Batch
	for _, n := range []string{"a", "b", "c"} {
		b.Contents = append(b.Contents, photo(n))
		b.Files = append(b.Files, fileOf("", n, n))
	}
	err = x.write(ctx, "test", func(tr *transaction) error {
		w := batchWriter{transaction: tr, folders: map[GoneFolder]int64{}, contents: map[Hash]int64{}, postings: map[runKind]*newRun{}}
		must(t, w.write(b))
		if files := got(r.FilesIn(ctx, 1, ""))(t); len(files) != 0 {
			t.Errorf("a reader sees %d files of an open transaction", len(files))
		}
		return nil
	})
	must(t, err)
	if files := got(r.FilesIn(ctx, 1, ""))(t); len(files) != 3 {
		t.Errorf("a reader sees %d files of 3", len(files))
	}
	if _, err := r.AddRoot(ctx, "/more", 1); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a reader writes: %v", err)
	}
	if _, err := r.readers.ExecContext(ctx, "DELETE FROM file"); err == nil {
		t.Error("a reader's connection can write")
	}
}

func TestNetworkFileSystemIsNamed(t *testing.T) {
	x := create(t)
	if kind := networkFileSystem(filepath.Dir(x.Path())); (kind == "") != (len(x.Warnings()) == 0) {
		t.Errorf("file system %q, warnings %q", kind, x.Warnings())
	}
	if kind := networkFileSystem(filepath.Join(x.Path(), "nowhere")); kind != "" {
		t.Errorf("a place that is not there lies on %q", kind)
	}
}
