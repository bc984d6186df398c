//go:build unix

// Files that are no photos, or that break what is careless with names, seen by a
// user who may not read everything.

package main

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// nobody is the user who owns nothing, by custom.
const nobody = 65534

// asNobody gives all that was written so far to a user who may not read what its
// modes forbid, as the superuser may.
func (p *program) asNobody() {
	p.Helper()
	if os.Getuid() != 0 {
		return
	}
	p.user = nobody
	must(p, filepath.WalkDir(p.folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody)
		}
		return err
	}))
}

func TestHostileFolder(t *testing.T) {
	p := build(t)
	scene := drawn.Scene(800, 240, 160)
	photo := drawn.JPEG(scene, 90)
	odd := []string{"new\nline.jpg", "com,ma.jpg", "quo\"te.jpg", "=1+1.jpg", "-rf.jpg", "\xff\xfe.jpg", " space .jpg", "%s.jpg", "'.jpg", "a\rb.jpg"}
	for _, name := range odd {
		p.write(name, photo)
	}
	p.write("no extension", photo)
	p.write("really.jpg", drawn.PNG(scene)) // a PNG by content
	p.write("really.txt", photo)            // and a JPEG
	failing := map[string]string{
		"zero.jpg":      "is empty",
		"text.jpg":      "is no ",
		"truncated.jpg": "",
		"secret.jpg":    "permission denied",
	}
	p.write("zero.jpg", nil)
	p.write("text.jpg", []byte("This is a text.\n"))
	p.write("truncated.jpg", drawn.JPEG(drawn.Scene(801, 240, 160), 90)[:1500])
	p.write("secret.jpg", photo)
	must(t, os.Chmod(filepath.Join(p.photos, "secret.jpg"), 0))
	p.write("notes.txt", []byte("no picture"))
	p.write("zero.txt", nil)
	must(t, syscall.Mkfifo(filepath.Join(p.photos, "pipe.jpg"), 0o644))
	must(t, os.Mkdir(filepath.Join(p.photos, "loop"), 0o755))
	must(t, os.Symlink("..", filepath.Join(p.photos, "loop", "up")))
	must(t, os.Symlink("loop", filepath.Join(p.photos, "round")))
	must(t, os.Symlink("nowhere", filepath.Join(p.photos, "dangling.jpg")))
	p.asNobody()

	sum := p.scan(exitSomeFailed)
	pictures := int64(len(odd) + 3 + len(failing))
	if sum.Files != pictures || sum.Failed != int64(len(failing)) || sum.Other != 2 {
		t.Errorf("%d files, %d failed, %d others; want %d, %d and 2", sum.Files, sum.Failed, sum.Other, pictures, len(failing))
	}
	failed, _ := p.run(0, "status", "--failed")
	for name, why := range failing {
		at := strings.Index(failed, name+":")
		if at < 0 || !strings.Contains(strings.SplitN(failed[at:], "\n", 2)[0], why) {
			t.Errorf("%s is not told to fail because it %q:\n%s", name, why, failed)
		}
	}

	// A standard reader of CSV gives each name back, byte for byte.
	want := map[string]bool{"no extension": true, "really.jpg": true, "really.txt": true}
	for _, name := range odd {
		want[name] = true
	}
	rows, err := csv.NewReader(strings.NewReader(p.csv())).ReadAll()
	must(t, err)
	got := map[string]bool{}
	for _, row := range rows[1:] {
		name := strings.TrimPrefix(row[1], p.photos+"/")
		got[name] = true
		if name == "really.jpg" && row[9] != "png" || name == "really.txt" && row[9] != "jpeg" {
			t.Errorf("%s has the format %s", name, row[9])
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the CSV names %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	paths, _ := p.run(0, "report", "--format", "paths0")
	for _, path := range bytes.Split([]byte(strings.TrimSuffix(paths, "\x00")), []byte{0}) {
		if _, err := os.Lstat(string(path)); err != nil {
			t.Errorf("paths0 names no file: %v", err)
		}
	}

	sum = p.scan(exitSomeFailed) // each failure is tried once
	if sum.Commits != 0 || sum.Decoded != 0 || sum.Failed != int64(len(failing)) {
		t.Errorf("the second scan says %+v", sum)
	}
	sum = p.scan(exitSomeFailed, "--follow") // and loops end
	if sum.Files != pictures || sum.Decoded != 0 {
		t.Errorf("following links, the scan says %+v", sum)
	}
	must(t, os.Chmod(filepath.Join(p.photos, "secret.jpg"), 0o644))
	sum = p.scan(exitSomeFailed)
	if sum.Reasons["retried"] != 1 || sum.Failed != int64(len(failing)-1) {
		t.Errorf("with the right to read, the scan says %+v", sum)
	}
}

// A folder that may not be read is no success: the exit code says so, and so does
// the summary. What is known of it stays.
func TestClosedFolder(t *testing.T) {
	p := build(t)
	closed := filepath.Join(p.photos, "closed")
	must(t, os.Mkdir(closed, 0o755))
	p.write("a.jpg", drawn.JPEG(drawn.Scene(802, 240, 160), 90))
	p.write("closed/b.jpg", drawn.JPEG(drawn.Scene(803, 240, 160), 90))
	p.asNobody()
	p.scan(exitDone)

	must(t, os.Chmod(closed, 0))
	t.Cleanup(func() { must(t, os.Chmod(closed, 0o755)) })
	out, told := p.run(exitSomeFailed, "scan")
	if !strings.Contains(out, "not read: 1 folder") || !strings.Contains(told, "1 folder could not be read\n") {
		t.Errorf("of a closed folder the scan says\n%s%s", out, told)
	}
	if sum := p.scan(exitSomeFailed); sum.Closed != 1 || sum.Reasons["offline"] != 1 || sum.Failed != 0 {
		t.Errorf("of a closed folder the scan says %+v", sum)
	}

	must(t, os.Chmod(p.photos, 0))
	t.Cleanup(func() { must(t, os.Chmod(p.photos, 0o755)) })
	p.run(exitDone, "scan") // a disk that is away is none of its faults
	if _, told := p.run(exitSomeFailed, "scan", p.photos); !strings.Contains(told, "photos was named and could not be looked at\n") {
		t.Errorf("of a folder that was named and may not be read the scan says\n%s", told)
	}
	must(t, os.Chmod(p.photos, 0o755))
	must(t, os.Chmod(closed, 0o755))
	if sum := p.scan(exitDone); sum.Reasons["unchanged"] != 2 {
		t.Errorf("when all can be read again the scan says %+v", sum)
	}
}

// An index in a folder that may not be written (a backup, a snapshot, a disk mounted to
// read only) answers all questions, unless a log beside it holds more than it does.
func TestReadOnlyIndex(t *testing.T) {
	p := build(t)
	photo := drawn.JPEG(drawn.Scene(804, 240, 160), 90)
	p.write("a.jpg", photo)
	p.write("b.jpg", photo)
	p.asNobody()
	p.scan(exitDone)
	want := p.csv()
	for _, rest := range []string{"-shm", "-wal"} {
		must(t, os.RemoveAll(p.index+rest))
	}
	must(t, os.Chmod(p.folder, 0o555))
	t.Cleanup(func() { must(t, os.Chmod(p.folder, 0o755)) })
	if got := p.csv(); got != want {
		t.Errorf("the report of an index to read only is\n%swant\n%s", got, want)
	}
	p.run(exitDone, "status")
	p.run(exitDone, "check")
	p.run(exitDone, "query", filepath.Join(p.photos, "a.jpg"))
	p.run(exitDone, "backup", filepath.Join(p.photos, "backup.db"))
	if _, told := p.run(exitFailed, "scan"); !strings.Contains(told, "cannot be written") {
		t.Errorf("a scan says\n%s", told)
	}

	must(t, os.Chmod(p.folder, 0o755))
	must(t, os.WriteFile(p.index+"-wal", []byte("what a writer left"), 0o600))
	if p.user != 0 {
		must(t, os.Chown(p.index+"-wal", int(p.user), int(p.user)))
	}
	must(t, os.Chmod(p.folder, 0o555))
	if _, told := p.run(exitFailed, "report"); !strings.Contains(told, "its folder must be there and writable") {
		t.Errorf("beside a log that cannot be read the report says\n%s", told)
	}
}

// Where there is no room for the files that a reader makes beside the index, it says so.
func TestReadOnFullDisk(t *testing.T) {
	p := build(t)
	p.write("a.jpg", drawn.JPEG(drawn.Scene(805, 240, 160), 90))
	p.scan(exitDone)
	for _, rest := range []string{"-shm", "-wal"} {
		must(t, os.RemoveAll(p.index+rest))
	}
	c := exec.Command("sh", "-c", `ulimit -f 8; exec "$0" "$@"`, p.binary, "--index", p.index, "report")
	out, err := c.CombinedOutput()
	if c.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), "the disk of "+p.index+" is full") || !strings.Contains(string(out), "hint: ") {
		t.Errorf("it ends with %v and says\n%s", err, out)
	}
}
