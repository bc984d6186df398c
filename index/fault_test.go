package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func manyPhotos(seed uint64, n int) (b Batch) {
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		name := fmt.Sprint(seed, " ", i)
		c := withKeys(name, 1, drawKeys(r, 100, 1<<20))
		c.Features[0].Bytes = []byte(strings.Repeat(name, 300))
		b.Contents = append(b.Contents, c)
		b.Files = append(b.Files, fileOf(fmt.Sprint("folder ", seed), name, name))
	}
	return b
}

func allRows(t testing.TB, x *Index) (n int64) {
	t.Helper()
	for _, table := range []string{"root", "folder", "file", "content", "feature", "posting_run", "posting_block"} {
		n += number(t, x, "SELECT count(*) FROM "+table)
	}
	return n
}

// A full disk in the middle of a batch leaves nothing of it behind, though
// SQLite ends the transaction by itself, and the next batch is written.
func TestFullDisk(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, manyPhotos(1, 20))
	before, commits := allRows(t, x), x.Commits()
	pages := number(t, x, "PRAGMA page_count")
	for room := int64(0); room < 60; room += 7 { // it fills at another statement each time
		number(t, x, fmt.Sprintf("PRAGMA max_page_count = %d", pages+room))
		err := x.Write(ctx, manyPhotos(2, 100))
		if !errors.Is(err, ErrFull) {
			t.Fatalf("room for %d pages: %v, want ErrFull", room, err)
		}
		if want := "the disk of " + x.Path() + " is full: make space and run again; what was committed stays"; !strings.Contains(err.Error(), want) {
			t.Errorf("says %q, want %q", err, want)
		}
		if after := allRows(t, x); after != before {
			t.Fatalf("room for %d pages: %d rows, before %d", room, after, before)
		}
	}
	if x.Commits() != commits {
		t.Error("a full disk counts as a commit")
	}
	number(t, x, "PRAGMA max_page_count = 1000000")
	must(t, x.Write(ctx, manyPhotos(2, 100)))
	if n := number(t, x, "SELECT count(*) FROM content"); n != 120 {
		t.Errorf("%d contents, want 120", n)
	}
	intact(t, x.writer)
}

// The first error of a transaction is its last: what is tried after it must
// not be committed row by row.
func TestNothingIsWrittenAfterAnError(t *testing.T) {
	ctx := t.Context()
	x := withRoot(t, manyPhotos(1, 20))
	number(t, x, fmt.Sprintf("PRAGMA max_page_count = %d", number(t, x, "PRAGMA page_count")))
	err := x.write(ctx, "test", func(tr *transaction) error {
		for i := range 1000 { // goes on, whatever it is told
			_, _ = tr.exec(insertFeature, 1, fmt.Sprint("stage ", i), 1, make([]byte, 1000))
		}
		_, err := tr.tx.ExecContext(ctx, "PRAGMA max_page_count = 1000000") // room again
		must(t, err)
		_, _ = tr.exec(insertFeature, 1, "late", 1, []byte{1})
		return nil
	})
	if !errors.Is(err, ErrFull) {
		t.Errorf("%v, want ErrFull", err)
	}
	if n := number(t, x, "SELECT count(*) FROM feature WHERE stage <> 'local'"); n != 0 {
		t.Errorf("%d rows of a broken transaction stay", n)
	}
}

// countdown is a context that is cancelled when it was asked so many times.
type countdown struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.Context.Err()
}

func TestCancelledBatchLeavesNothing(t *testing.T) {
	x := withRoot(t, manyPhotos(1, 20))
	before, commits := allRows(t, x), x.Commits()
	stopped := 0
	for left := int64(1); left < 3000; left += 97 {
		ctx, cancel := context.WithCancel(t.Context())
		counted := &countdown{Context: ctx, cancel: cancel}
		counted.left.Store(left)
		err := x.Write(counted, manyPhotos(2, 100))
		cancel()
		if err == nil {
			break
		}
		stopped++
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled: %v", err)
		}
		if after := allRows(t, x); after != before {
			t.Fatalf("cancelled at %d: %d rows, before %d", left, after, before)
		}
		if x.Commits() != commits {
			t.Error("a cancelled batch counts as a commit")
		}
	}
	if stopped < 3 {
		t.Errorf("only %d batches were stopped in their middle", stopped)
	}
	for _, after := range []time.Duration{time.Millisecond, 3 * time.Millisecond, 9 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := x.Write(ctx, manyPhotos(3, 400))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("after %v: %v", after, err)
		}
		if n := number(t, x, "SELECT count(*) FROM file JOIN folder ON folder.id = file.folder WHERE folder.path = CAST('folder 3' AS BLOB)"); n != 0 {
			t.Fatalf("after %v: %d files", after, n)
		}
	}
	must(t, x.Write(t.Context(), manyPhotos(3, 30)))
	intact(t, x.writer)
}

const victim = "DEDUPIDX_TEST_INDEX_TO_WRITE"

// TestMain is also the process that TestKilledWriter kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

func writeUntilKilled(path string) {
	ctx := context.Background()
	x, err := Open(ctx, path)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	first, _, err := x.ContentByHash(ctx, Hash{1})
	for i := uint64(first.ID) + uint64(os.Getpid())<<20; err == nil; i++ {
		err = x.Write(ctx, manyPhotos(i, 30))
		fmt.Println("committed")
	}
	fmt.Println(err)
	os.Exit(1)
}

// A writer that is killed leaves whole batches, a sound file and no lock.
func TestKilledWriter(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "i")
	x, err := Create(ctx, path)
	must(t, err)
	_, err = x.AddRoot(ctx, "/photos", 1)
	must(t, err)
	must(t, x.Close())
	r := rand.New(rand.NewPCG(9, 9))
	committed := int64(0)
	for range 5 {
		command := exec.CommandContext(ctx, os.Args[0], "-test.run", "^$")
		command.Env = append(os.Environ(), victim+"="+path)
		out, err := command.StdoutPipe()
		must(t, err)
		must(t, command.Start())
		lines := bufio.NewScanner(out)
		for range 1 + r.IntN(9) { // the ninth merges runs
			if !lines.Scan() || lines.Text() != "committed" {
				t.Fatalf("the writer says %q", lines.Text())
			}
			committed++
		}
		if _, err := Open(ctx, path); !strings.Contains(fmt.Sprint(err), fmt.Sprint("process ", command.Process.Pid)) {
			t.Errorf("while another process writes: %v", err)
		}
		time.Sleep(time.Duration(r.IntN(5000)) * time.Microsecond) // to die at any moment of a batch
		must(t, command.Process.Kill())
		for lines.Scan() {
			committed++
		}
		_ = command.Wait() // it was killed

		x, err := Open(ctx, path)
		if err != nil {
			t.Fatalf("after the kill: %v", err)
		}
		intact(t, x.writer)
		contents := number(t, x, "SELECT count(*) FROM content")
		if contents%30 != 0 || contents < 30*committed || contents > 30*(committed+1) {
			t.Errorf("%d contents after %d batches of 30", contents, committed)
		}
		committed = contents / 30
		for what, query := range map[string]string{
			"files":    "SELECT count(*) FROM file",
			"features": "SELECT count(*) FROM feature",
			"postings": "SELECT count(DISTINCT id) FROM content WHERE id BETWEEN (SELECT min(low) FROM posting_run) AND (SELECT max(high) FROM posting_run)",
		} {
			if n := number(t, x, query); n != contents {
				t.Errorf("%s of %d contents, of %d", what, n, contents)
			}
		}
		must(t, x.Close())
	}
}
