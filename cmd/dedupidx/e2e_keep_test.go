//go:build unix

// What keeps an index well through a long life: check, prune, compact and backup,
// on an index that was ruined, beside a writer, and on a full disk.

package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestKeep(t *testing.T) {
	p := build(t)
	t.Run("ruined", func(t *testing.T) { keepRuined(t, p.anew(t)) })
	t.Run("backup beside a scan", func(t *testing.T) { keepBackupBesideScan(t, p.anew(t)) })
	t.Run("backup beside a watch", func(t *testing.T) { keepBackupBesideWatch(t, p.anew(t)) })
}

// ruin changes rows as no writer of an index does.
func (p *program) ruin(statements ...string) {
	p.Helper()
	db, err := sql.Open("sqlite", "file:"+p.index)
	must(p, err)
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			p.Fatalf("%s: %v", s, err)
		}
	}
}

// checked is what check says of an index.
func (p *program) checked(code int, flags ...string) (h checkJSON) {
	p.Helper()
	out, _ := p.run(code, append([]string{"check", "--json"}, flags...)...)
	must(p, json.Unmarshal([]byte(out), &h))
	return h
}

// An index with orphans, old stage versions and torn jobs: each command does its part
// and no harm, check tells all, and repaired it is as before.
func keepRuined(t *testing.T, p *program) {
	p.writeAlbum()
	p.scan(0)
	want := p.csv()
	postings := p.checked(0).Postings
	p.ruin(
		"INSERT INTO feature (content, stage, version, bytes) SELECT 999, stage, version, x'00' FROM feature WHERE stage = 'wavelet' LIMIT 1",
		"INSERT INTO posting_block VALUES (9999, x'00')",
		"INSERT INTO grouping SELECT sensitivity, id, 999, 'near', 1, x'' FROM cluster LIMIT 1",
		"INSERT INTO content SELECT 500, randomblob(32), size, NULL, width, height, format, decoder, source, damaged, taken, camera, failure, attempt, compared, 0, 1 FROM content LIMIT 1", // without a file since 1970
		"UPDATE feature SET version = version - 1 WHERE content = 1 AND stage = 'color'",
		"INSERT INTO feature (content, stage, version, bytes) VALUES (1, 'smell', 4, zeroblob(500))",
		"INSERT INTO tally VALUES ('feature', 'smell', 4, 1)",
		"INSERT INTO posting_run VALUES (999999, 'smell', 4, 0, 0, 1, 1, 1, 999999, 1, x'0500')",
		"INSERT INTO posting_block VALUES (999999, x'02050101')",
		"INSERT INTO job VALUES (CAST('relative' AS BLOB), 'event', 1, 0, '')",
		"INSERT INTO job VALUES (CAST('/nowhere/at/all' AS BLOB), 'event', 1, 0, '')",
		"UPDATE posting_block SET bytes = x'0200' WHERE id = (SELECT min(first) FROM posting_run WHERE stage = 'local')",
	)
	ruined := filepath.Join(p.folder, "ruined.db")
	p.run(0, "backup", ruined)
	troubles := []string{
		"features of no content", "blocks of postings of no run", "members of no group",
		"whose path is not whole", "below no folder of the index", "does not decode",
	}
	tells := func(h checkJSON) {
		t.Helper()
		for _, what := range troubles {
			if !slices.ContainsFunc(h.Troubles, func(r troubleJSON) bool { return strings.Contains(r.What, what) && r.Repair != "" }) {
				t.Errorf("check does not tell of %s, only %+v", what, h.Troubles)
			}
		}
	}
	for _, index := range []string{p.index, ruined} {
		h := p.checked(exitFailed, "--index", index)
		tells(h)
		if !strings.Contains(strings.Join(h.Notes, "\n"), "features of stage smell at version 4, which nothing reads") {
			t.Errorf("of old versions it notes %q", h.Notes)
		}
	}
	if _, said := p.run(exitFailed, "check"); !strings.Contains(said, "`dedupidx check --repair` repairs them all") {
		t.Errorf("it says %q", said)
	}

	out, _ := p.run(0, "prune")
	for _, want := range []string{
		"forgot 1 picture that no file leads to", "forgot 2 features and 1 run of postings that other versions have made",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("prune says %q, want %q", out, want)
		}
	}
	if h := p.checked(exitFailed); strings.Contains(strings.Join(h.Notes, "\n"), "smell") {
		t.Errorf("after prune old versions are there: %q", h.Notes)
	} else {
		tells(h)
	}
	if _, said := p.run(exitFailed, "compact"); !strings.Contains(said, "block of postings damaged") || !strings.Contains(said, "hint: `dedupidx check` says what is wrong") {
		t.Errorf("compact says %q of damaged postings", said)
	}

	if h := p.checked(0, "--repair"); !h.Sound || len(h.Repaired) < len(troubles) {
		t.Errorf("after the repair: %+v", h)
	}
	p.run(0, "compact")
	if h := p.checked(0); h.Postings != postings {
		t.Errorf("%d postings after the repair, %d before the ruin", h.Postings, postings)
	}
	if got := p.csv(); got != want {
		t.Errorf("the report differs:\n%s\nwant\n%s", got, want)
	}
	if sum := p.scan(0); sum.Decoded != 1 {
		t.Errorf("the scan after it decodes %d pictures, want the one whose feature was old", sum.Decoded)
	}
	if got := p.csv(); got != want {
		t.Errorf("the report after a scan differs:\n%s\nwant\n%s", got, want)
	}
	if h := p.checked(0); len(h.Notes) > 0 {
		t.Errorf("left to be done: %q", h.Notes)
	}
	if sum := p.scan(0); sum.Commits != 0 {
		t.Errorf("a scan of the same commits %d times", sum.Commits)
	}
}

// A copy made in the middle of a scan is sound, and a scan with it goes on from there.
func keepBackupBesideScan(t *testing.T, p *program) {
	p.writeAlbum()
	c := p.command("scan", p.photos, "--quiet", "--batch", "1", "--workers", "1")
	must(t, c.Start())
	p.waitFor(3)
	copied := filepath.Join(p.folder, "copy.db")
	p.run(0, "backup", copied)
	running := c.Process.Signal(syscall.Signal(0)) == nil && p.committed() < contents
	must(t, c.Wait())
	if !running {
		t.Log("the scan had ended when the copy was made")
	}
	want := p.csv()
	p.checked(0)
	p.index = copied
	p.checked(0)
	before := p.committed()
	if sum := p.scan(0); sum.Decoded != contents-before || before < 3 {
		t.Errorf("the copy holds %d of %d contents, and the scan that goes on decodes %d", before, contents, sum.Decoded)
	}
	if got := p.csv(); got != want {
		t.Errorf("the report of the copy differs:\n%s\nwant\n%s", got, want)
	}
}

func keepBackupBesideWatch(t *testing.T, p *program) {
	p.writeAlbum()
	c := p.command("watch", p.photos)
	var said bytes.Buffer
	c.Stderr = &said
	must(t, c.Start())
	defer func() {
		must(t, c.Process.Signal(syscall.SIGTERM))
		if err := c.Wait(); err != nil {
			t.Errorf("watch ends with %v: %s", err, said.String())
		}
	}()
	p.waitFor(contents)
	copied := filepath.Join(p.folder, "copy.db")
	p.run(0, "backup", copied)
	if _, said := p.run(exitFailed, "prune"); !strings.Contains(said, "is in use by process") {
		t.Errorf("prune beside a watch says %q", said)
	}
	p.run(0, "prune", "--dry-run")
	p.checked(0) // beside the watch
	p.checked(0, "--index", copied)
}

// fill takes all room that a disk has left, and returns what gives it back.
func fill(t testing.TB, disk string) (empty func()) {
	t.Helper()
	path := filepath.Join(disk, "filler")
	f, err := os.Create(path)
	must(t, err)
	for chunk := make([]byte, 4096); ; {
		if _, err := f.Write(chunk); err != nil {
			break // it is full
		}
	}
	_ = f.Close() // it says again that the disk is full
	return func() { must(t, os.Remove(path)) }
}

// keepOnFullDisk runs what keeps an index well while its disk is full: each says so and
// harms nothing.
func (p *program) keepOnFullDisk(disk string) {
	p.Helper()
	empty := fill(p, disk)
	p.checked(0)
	for _, args := range [][]string{{"backup", filepath.Join(disk, "copy.db")}, {"compact"}} {
		_, said := p.run(exitFailed, args...)
		if !strings.Contains(said, "make space") || !strings.Contains(said, "hint: ") || strings.Contains(said, "goroutine") {
			p.Errorf("%q says %q", args, said)
		}
	}
	if left, err := filepath.Glob(filepath.Join(disk, ".copy*")); err != nil || len(left) > 0 {
		p.Errorf("backup leaves %q, %v", left, err)
	}
	p.checked(0)
	empty()
	p.run(0, "backup", filepath.Join(p.folder, time.Now().Format("copy-150405.000000.db")))
	p.sound()
}
