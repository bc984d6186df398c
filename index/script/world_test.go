//go:build unix

package script_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/index/script"
)

// A world is a folder of files, an index that knows them, and a home for the trash.
type world struct {
	t      testing.TB
	x      *index.Index
	dir    string // of the files
	home   string
	groups [][]entry
	files  map[string]report.File // what a report says of them, once asked
}

// entry is a file of a group; the first of a group is its best.
type entry struct {
	name, data, kind string
}

// newWorld writes the files of some groups into dir, and an index of them.
func newWorld(t testing.TB, dir string, groups ...[]entry) *world {
	t.Helper()
	if raceOn {
		t.Skip("runs shells: nothing for the race detector")
	}
	ctx := context.Background()
	w := &world{t: t, dir: dir, home: t.TempDir(), groups: groups}
	var err error
	w.x, err = index.Create(ctx, filepath.Join(t.TempDir(), "index.db"))
	must(t, err)
	t.Cleanup(func() { w.x.Close() })
	root, err := w.x.AddRoot(ctx, dir, 0)
	must(t, err)
	var batch index.Batch
	known := map[index.Hash]bool{}
	for _, g := range groups {
		for _, e := range g {
			path := filepath.Join(dir, e.name)
			must(t, os.MkdirAll(filepath.Dir(path), 0o755))
			if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
				must(t, os.WriteFile(path, []byte(e.data), 0o644))
				at := time.Unix(1_500_000_000, 123_456_789).Add(time.Duration(len(batch.Files)) * time.Hour)
				must(t, os.Chtimes(path, at, at))
			}
			info, err := os.Stat(path)
			must(t, err)
			h := index.Hash(blake3.Sum256([]byte(e.data)))
			if !known[h] {
				known[h] = true
				batch.Contents = append(batch.Contents, index.ContentWrite{Content: index.Content{Hash: h, Size: info.Size(), Width: 10, Height: 10, Format: "jpeg", Decoder: "test", Source: "full"}})
			}
			folder, name := filepath.Split(e.name)
			sys := info.Sys().(*syscall.Stat_t)
			batch.Files = append(batch.Files, index.FileWrite{Hash: h, File: index.File{
				Place: index.Place{Root: root.ID, Folder: strings.TrimSuffix(folder, "/"), Name: name}, State: index.OK,
				Stat: index.Stat{Size: info.Size(), Mtime: info.ModTime().UnixNano(), Inode: sys.Ino, Device: uint64(sys.Dev)},
			}})
		}
	}
	must(t, w.x.Write(ctx, batch))
	var clusters []index.Cluster
	for _, g := range groups {
		c := index.Cluster{Similarity: 0.9, Files: len(g), Path: filepath.Join(dir, g[0].name)}
		member := map[index.Hash]bool{}
		for i, e := range g {
			h := index.Hash(blake3.Sum256([]byte(e.data)))
			if member[h] {
				continue
			}
			member[h] = true
			content, _, err := w.x.ContentByHash(ctx, h)
			must(t, err)
			kind := e.kind
			if i == 0 {
				c.ID, kind = content.ID, "best"
			}
			c.Members = append(c.Members, index.Member{Content: content.ID, Kind: kind, Similarity: 0.99})
		}
		clusters = append(clusters, c)
	}
	must(t, w.x.WriteClusters(ctx, nil, map[string]index.Regrouped{"normal": {Clusters: clusters}}, nil))
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// propose plans by a rule.
func (w *world) propose(o report.Options, a script.Action) script.Plan {
	w.t.Helper()
	p, err := script.Propose(context.Background(), w.x, o, a.Equal())
	must(w.t, err)
	return p
}

// write writes the script of a plan for sh to a file.
func (w *world) write(p script.Plan, a script.Action, to string) string {
	w.t.Helper()
	var b bytes.Buffer
	must(w.t, script.Write(&b, p, script.Options{Action: a, To: to, Shell: "sh", Made: time.Unix(1_600_000_000, 0), Index: w.x.Path()}))
	path := filepath.Join(w.t.TempDir(), "go.sh")
	must(w.t, os.WriteFile(path, b.Bytes(), 0o644))
	return path
}

// command is a shell that runs a script with the world's home.
func (w *world) command(shell string, args ...string) *exec.Cmd {
	c := exec.Command(shell, args...)
	c.Env = append(os.Environ(), "HOME="+w.home, "XDG_DATA_HOME="+filepath.Join(w.home, "data"))
	return c
}

// run runs a script with sh and returns what it printed on both outputs and its exit code.
func (w *world) run(args ...string) (out string, code int) { return w.runIn("sh", args...) }

func (w *world) runIn(shell string, args ...string) (out string, code int) {
	w.t.Helper()
	b, err := w.command(shell, args...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(b), exit.ExitCode()
	}
	must(w.t, err)
	return string(b), 0
}

// contents reads all files below some folders: content -> paths. The scripts'
// own undo scripts and .trashinfo do not count.
func contents(t testing.TB, folders ...string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".trashinfo") || strings.HasPrefix(d.Name(), "undo-") {
				return err
			}
			b, err := os.ReadFile(path)
			out[string(b)] = append(out[string(b)], path)
			return err
		})
		must(t, err)
	}
	return out
}

// tree is what lies below a folder: path -> content.
func tree(t testing.TB, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for data, paths := range contents(t, folder) {
		for _, p := range paths {
			out[strings.TrimPrefix(p, folder+"/")] = data
		}
	}
	return out
}

func gone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// otherDisk is a new folder on another file system than dir.
func otherDisk(t testing.TB, dir string) string {
	t.Helper()
	here, err := os.Stat(dir)
	must(t, err)
	there, err := os.MkdirTemp("/dev/shm", "dedupidx-test-")
	if err != nil {
		t.Skip("needs a second file system at /dev/shm")
	}
	t.Cleanup(func() { os.RemoveAll(there) })
	info, err := os.Stat(there)
	must(t, err)
	if info.Sys().(*syscall.Stat_t).Dev == here.Sys().(*syscall.Stat_t).Dev {
		t.Skip("needs a second file system at /dev/shm")
	}
	return there
}
