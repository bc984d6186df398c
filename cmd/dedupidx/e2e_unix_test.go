//go:build unix

// The built program as a process on real folders: what only a process shows,
// such as its exit code, its death, and what another user may not read.

package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to ask SQLite itself whether a database is sound

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/internal/drawn"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openFolder is a temporary folder that other users may enter.
func openFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "dedupidx-e2e-")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	must(t, os.Chmod(folder, 0o755))
	return folder
}

// program is the built program with an index and a folder of photos.
type program struct {
	testing.TB
	binary, folder, index, photos string
	user                          uint32 // 0: the one of the test
}

// build builds the program, once for all tests that want it without flags.
func build(t testing.TB, flags ...string) *program {
	t.Helper()
	p := &program{TB: t}
	var err error
	if len(flags) == 0 {
		p.binary, err = built()
	} else {
		p.binary, err = compile(openFolder(t), flags...)
	}
	must(t, err)
	return p.anew(t)
}

var built = sync.OnceValues(func() (string, error) { return compile(os.Getenv(builtIn)) })

func compile(folder string, flags ...string) (string, error) {
	binary := filepath.Join(folder, "dedupidx")
	build := exec.Command("go", append(append([]string{"build", "-o", binary}, flags...), ".")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it ships
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	return binary, nil
}

// anew is the same program with no index and no photos yet.
func (p *program) anew(t testing.TB) *program {
	t.Helper()
	folder := openFolder(t)
	n := &program{TB: t, binary: p.binary, folder: folder, index: filepath.Join(folder, "index.db"), photos: filepath.Join(folder, "photos")}
	must(t, os.Mkdir(n.photos, 0o755))
	return n
}

func (p *program) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(p.Context(), p.binary, append([]string{"--index", p.index}, args...)...)
	c.Dir = p.folder
	c.Env = append(os.Environ(), "HOME="+p.folder, "XDG_DATA_HOME="+p.folder)
	if p.user != 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: p.user, Gid: p.user}}
	}
	return c
}

// run runs a command to its end, which must be an exit code of its own.
func (p *program) run(code int, args ...string) (stdout, stderr string) {
	p.Helper()
	c := p.command(args...)
	var out, err bytes.Buffer
	c.Stdout, c.Stderr = &out, &err
	ended := c.Run()
	var exit *exec.ExitError
	if ended != nil && !errors.As(ended, &exit) {
		p.Fatal(ended)
	}
	if got := c.ProcessState.ExitCode(); got != code {
		p.Fatalf("%q ends with %d, want %d; it says %s", args, got, code, err.String())
	}
	return out.String(), err.String()
}

// scan scans the photos and returns the summary.
func (p *program) scan(code int, flags ...string) (sum pipeline.Summary) {
	p.Helper()
	out, _ := p.run(code, append([]string{"scan", p.photos, "--json", "--progress", "none"}, flags...)...)
	must(p, json.Unmarshal([]byte(out), &sum))
	return sum
}

func (p *program) csv() string {
	p.Helper()
	out, _ := p.run(0, "report", "--format", "csv", "--sensitivity", "loose")
	return out
}

func (p *program) write(name string, data []byte) {
	p.Helper()
	path := filepath.Join(p.photos, name)
	must(p, os.WriteFile(path, data, 0o644))
	at := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC) // long before it is read
	must(p, os.Chtimes(path, at, at))
}

// album is what the scans of this file read: scenes, a small and a turned copy
// of some, and exact copies. By name.
var album = sync.OnceValue(func() map[string][]byte {
	out := map[string][]byte{}
	for i := range 20 {
		s := drawn.Scene(uint64(700+i), 360, 240)
		out[fmt.Sprintf("%02d.jpg", i)] = drawn.JPEG(s, 90)
		switch i % 5 {
		case 0:
			out[fmt.Sprintf("%02d small.jpg", i)] = drawn.JPEG(drawn.Resize(s, 270, 180), 80)
		case 1:
			out[fmt.Sprintf("%02d turned.png", i)] = drawn.PNG(drawn.Turn(s))
		case 2:
			out[fmt.Sprintf("%02d copy.jpg", i)] = out[fmt.Sprintf("%02d.jpg", i)]
		}
	}
	return out
})

// contents is how many of the album differ.
const contents = 28

func (p *program) writeAlbum() {
	p.Helper()
	for name, data := range album() {
		p.write(name, data)
	}
}

// committed is how many contents the index holds, 0 where there is none yet.
func (p *program) committed() int64 {
	p.Helper()
	x, err := index.OpenReader(p.Context(), p.index)
	if err != nil {
		return 0 // not made yet, or not to its end
	}
	defer x.Close()
	s, err := x.Status(p.Context())
	must(p, err)
	return s.Contents
}

// waitFor waits until a started scan has committed some contents and is not done.
func (p *program) waitFor(atLeast int64) {
	p.Helper()
	for until := time.Now().Add(20 * time.Second); p.committed() < atLeast; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			p.Fatalf("the scan has committed %d contents in 20 s", p.committed())
		}
	}
}

// sound asks SQLite whether the index is.
func (p *program) sound() {
	p.Helper()
	db, err := sql.Open("sqlite", "file:"+p.index)
	must(p, err)
	defer db.Close()
	var says string
	must(p, db.QueryRowContext(context.Background(), "PRAGMA integrity_check").Scan(&says))
	if says != "ok" {
		p.Errorf("PRAGMA integrity_check says %s", says)
	}
}

// webp is a picture that the decode helper decodes: lossless, without a transform, each
// colour of a pixel by a code of eight bits (RFC 9649, section 3).
func webp(img *image.RGBA) []byte {
	var out []byte
	n := 0
	put := func(v uint32, size int) { // from the least bit on
		for ; size > 0; v, size, n = v>>1, size-1, n+1 {
			if n%8 == 0 {
				out = append(out, 0)
			}
			out[n/8] |= byte(v&1) << (n % 8)
		}
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	put(0x2F, 8)
	put(uint32(w-1), 14)
	put(uint32(h-1), 14)
	put(0, 1+3+1+1+1) // no alpha, version, no transform, no cache, one group of codes
	for range 3 {     // green, red, blue: 256 symbols, whose lengths are all 8
		put(0, 1)
		put(8, 4)
		put(0, 33)
		put(1, 3)
		put(1, 1)
		put(3, 3)
		put(254, 8)
	}
	put(1|0<<1|1<<2|255<<3, 11) // alpha is 255
	put(1, 4)                   // and distance 0
	for y := range h {
		for x := range w {
			c := img.RGBAAt(x, y)
			for _, v := range []byte{c.G, c.R, c.B} {
				put(uint32(bits.Reverse8(v)), 8)
			}
		}
	}
	out = append(out, make([]byte, len(out)&1)...)
	size := func(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }
	head := append([]byte("RIFF"), size(12+len(out))...)
	head = append(append(head, "WEBPVP8L"...), size(len(out))...)
	return append(head, out...)
}
