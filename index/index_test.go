package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// create makes an index in a folder of the test and closes it at its end.
func create(t testing.TB) *Index {
	t.Helper()
	x, err := Create(t.Context(), filepath.Join(t.TempDir(), "photos.index"))
	must(t, err)
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

// intact fails where SQLite finds the file damaged or a row without its parent.
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

func TestSmoke(t *testing.T) {
	ctx := t.Context()
	x := create(t)
	_, err := x.AddRoot(ctx, "/photos", 1)
	must(t, err)
	var b Batch
	for i := range 20 {
		n := fmt.Sprint("photo", i)
		b.Contents = append(b.Contents, photo(n))
		b.Files = append(b.Files, fileOf("2020", n+".jpg", n))
	}
	must(t, x.Write(ctx, b))
	must(t, x.Write(ctx, b))
	t.Log(x.Commits())
	un := got(x.Uncompared(ctx, 3, 100))(t)
	t.Log(len(un))
	a := ids(t, x, "photo1", "photo2")
	if hash("photo2").Less(hash("photo1")) {
		a[0], a[1] = a[1], a[0]
	}
	must(t, x.WriteComparison(ctx, 3, a, []Match{{A: a[0], B: a[1], Kind: "near", Probability: .99, Similarity: .98, Transform: Transform{1, 0, 0, 0, 1, 0}, Version: 3}}))
	t.Log(got(x.Flagged(ctx, 100))(t))
	t.Log(got(x.MatchesOf(ctx, a))(t))
	must(t, x.WriteClusters(ctx, a, map[string]Regrouped{"normal": {Clusters: []Cluster{{ID: a[0], Space: 5, Similarity: .9, Files: 2, Path: "/photos/x", Members: []Member{{a[0], Best, 1, Transform{}}, {a[1], "near", .98, Transform{1, 0, 0, 0, 1, 0}}}}}}}, nil))
	t.Log(got(x.Flagged(ctx, 100))(t))
	for g, err := range x.ClusterRows(ctx, "normal", BySpace) {
		must(t, err)
		t.Logf("%+v", g)
	}
	n := 0
	for _, err := range x.Lookup(ctx, "wavelet", 1, []uint32{999, 1000, 1001}) {
		must(t, err)
		n++
	}
	t.Log(n)
	t.Logf("%+v", got(x.Status(ctx))(t))
	intact(t, x.writer)
}
