//go:build unix

package script_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/index/script"
)

// hostile are names that do harm where a script is careless with them.
var hostile = []string{
	"</script><script>alert(1)<", "new\nline", "ends in newline\n", "quote ' '' and \"", "-rf", "--", "not utf8 \xff\xfe\x81\x88", "$(touch pwned) `touch pwned` ${HOME}",
	" blanks ", "*?[a]", "back\\slash\\", "escape \x1b[2J", "semi;colon & | > <", "~", "#", "é中\u2028\u202e", "a=b", "END", "!x", strings.Repeat("n", 250),
}

// hostileGroups has a folder and a file of each hostile name, with a copy each.
func hostileGroups() (groups [][]entry) {
	for i, name := range hostile {
		data := fmt.Sprintf("content %d", i)
		folder := strings.ReplaceAll(name, "/", "|")
		groups = append(groups, []entry{
			{"keep/" + fmt.Sprint(i), data, "best"},
			{folder + "/" + folder, data, "exact"},
		})
	}
	return groups
}

func shells(t *testing.T) (list []string) {
	for _, s := range []string{"sh", "bash"} {
		if _, err := exec.LookPath(s); err == nil {
			list = append(list, s)
		}
	}
	return list
}

// Every name is named exactly: what goes is moved to its place and back.
func TestMoveAndUndo(t *testing.T) {
	for _, shell := range shells(t) {
		t.Run(shell, func(t *testing.T) {
			w := newWorld(t, t.TempDir(), hostileGroups()...)
			before := tree(t, w.dir)
			to := filepath.Join(t.TempDir(), "it's spare")
			path := w.write(w.propose(report.Options{}, script.Move), script.Move, to)
			out, code := w.runIn(shell, path)
			if code != 0 || !strings.Contains(out, fmt.Sprintf("%d would be done, 0 left alone; nothing was changed", len(hostile))) || !gone(to) {
				t.Fatalf("dry run: code %d\n%s", code, out)
			}
			if strings.ContainsAny(out, "\x1b") {
				t.Error("a name drives the terminal")
			}
			if out, code = w.runIn(shell, path, "--yes"); code != 0 || !strings.Contains(out, fmt.Sprintf("%d done, 0 left alone", len(hostile))) {
				t.Fatalf("code %d\n%s", code, out)
			}
			moved := tree(t, filepath.Join(to, w.dir))
			for i, name := range hostile {
				folder := strings.ReplaceAll(name, "/", "|")
				if !gone(w.path(folder+"/"+folder)) || moved[folder+"/"+folder] != fmt.Sprintf("content %d", i) {
					t.Errorf("%q was not moved", name)
				}
			}
			if out, code = w.runIn(shell, path, "--yes"); code != 0 || !strings.Contains(out, "0 done, 0 left alone") {
				t.Errorf("again: code %d\n%s", code, out)
			}
			undo, err := filepath.Glob(filepath.Join(to, "undo-*.sh"))
			if err != nil || len(undo) != 1 {
				t.Fatalf("undo scripts: %q %v", undo, err)
			}
			if out, code = w.runIn(shell, undo[0], "--yes"); code != 0 || !strings.Contains(out, fmt.Sprintf("%d done, 0 left alone", len(hostile))) {
				t.Fatalf("undo: code %d\n%s", code, out)
			}
			same(t, tree(t, w.dir), before)
			if len(tree(t, filepath.Join(to, w.dir))) != 0 {
				t.Error("undo left something")
			}
			if left, _ := filepath.Glob("pwned"); left != nil {
				t.Error("a name was run")
			}
		})
	}
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%q holds %q, want %q", name, got[name], data)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%q is there by now", name)
		}
	}
}

// The trash has each file, and a .trashinfo that leads back (FreeDesktop trash
// specification 1.0), on the disk of the file.
func TestTrash(t *testing.T) {
	for _, disk := range []string{"home", "other"} {
		t.Run(disk, func(t *testing.T) {
			dir := t.TempDir()
			top, bin := "/", ""
			if disk == "other" {
				dir = otherDisk(t, dir)
				top, bin = "/dev/shm", filepath.Join("/dev/shm", fmt.Sprintf(".Trash-%d", os.Getuid()))
				if !gone(bin) {
					t.Skip("there is a trash already that is not ours")
				}
				t.Cleanup(func() { os.RemoveAll(bin) })
			}
			groups := append(hostileGroups(), []entry{{"k1", "one", ""}, {"a/same name", "one", "exact"}, {"b/same name", "one", "exact"}})
			w := newWorld(t, dir, groups...)
			if bin == "" {
				bin = filepath.Join(w.home, "data", "Trash")
			}
			out, code := w.run(w.write(w.propose(report.Options{}, script.Trash), script.Trash, ""), "--yes")
			if code != 0 || !strings.Contains(out, fmt.Sprintf("%d done, 0 left alone", len(hostile)+2)) {
				t.Fatalf("code %d\n%s", code, out)
			}
			back := map[string]string{}
			infos, err := filepath.Glob(filepath.Join(bin, "info", "*"))
			must(t, err)
			for _, info := range infos {
				text, err := os.ReadFile(info)
				must(t, err)
				lines := strings.Split(string(text), "\n")
				if len(lines) != 4 || lines[0] != "[Trash Info]" || !strings.HasPrefix(lines[1], "Path=") {
					t.Fatalf("%q", text)
				}
				if _, err := time.Parse("DeletionDate=2006-01-02T15:04:05", lines[2]); err != nil {
					t.Error(err)
				}
				path, err := url.PathUnescape(strings.TrimPrefix(lines[1], "Path="))
				must(t, err)
				data, err := os.ReadFile(filepath.Join(bin, "files", strings.TrimSuffix(filepath.Base(info), ".trashinfo")))
				must(t, err)
				if disk == "other" {
					path = filepath.Join(top, path)
				}
				back[path] = string(data)
			}
			for _, g := range groups {
				for _, e := range g[1:] {
					if back[w.path(e.name)] != e.data || !gone(w.path(e.name)) {
						t.Errorf("%q is not in the trash", e.name)
					}
				}
				if gone(w.path(g[0].name)) {
					t.Errorf("%q is gone", g[0].name)
				}
			}
			if info, err := os.Stat(bin); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the trash is open to others: %v %v", info.Mode(), err)
			}
		})
	}
}

// Files of the same bytes become one on the disk; others are left alone.
func TestHardlink(t *testing.T) {
	w := newWorld(t, t.TempDir(), append(hostileGroups()[:8],
		[]entry{{"best", "B", ""}, {"near1", "N", "near"}, {"near2", "N", "near"}, {"lone", "L", "near"}})...)
	before := tree(t, w.dir)
	p := w.propose(report.Options{}, script.Hardlink)
	if len(p.Left) != 0 || len(p.Steps) != 8+1 {
		t.Errorf("%d steps, left alone: %v", len(p.Steps), p.Left)
	}
	out, code := w.run(w.write(p, script.Hardlink, ""), "--yes")
	if code != 0 {
		t.Fatalf("code %d\n%s", code, out)
	}
	same(t, tree(t, w.dir), before)
	for _, s := range p.Steps {
		a, err := os.Stat(s.Go.Path)
		must(t, err)
		b, err := os.Stat(s.Stay.Path)
		must(t, err)
		if !os.SameFile(a, b) {
			t.Errorf("%q is no link of %q", s.Go.Path, s.Stay.Path)
		}
	}
	if out, code = w.run(w.write(p, script.Hardlink, ""), "--yes"); code != 3 || !strings.Contains(out, "0 done") {
		t.Errorf("again: code %d\n%s", code, out)
	}
}

// A clone keeps the file's own time; where the file system makes none, nothing changes.
func TestReflink(t *testing.T) {
	w := newWorld(t, t.TempDir(), hostileGroups()[:5]...)
	before := tree(t, w.dir)
	was, err := os.Stat(w.path("-rf/-rf"))
	must(t, err)
	out, code := w.run(w.write(w.propose(report.Options{}, script.Reflink), script.Reflink, ""), "--yes")
	if code == 3 && strings.Contains(out, "it cannot be made a clone") {
		t.Log("this file system makes no clones")
	} else if code != 0 {
		t.Fatalf("code %d\n%s", code, out)
	}
	same(t, tree(t, w.dir), before)
	if is, err := os.Stat(w.path("-rf/-rf")); err != nil || !is.ModTime().Equal(was.ModTime()) {
		t.Errorf("time %v, was %v", is.ModTime(), was.ModTime())
	}
}

func TestListOnly(t *testing.T) {
	w := newWorld(t, t.TempDir(), []entry{{"k", "1", ""}, {"g", "1", "exact"}})
	before := tree(t, w.dir)
	out, code := w.run(w.write(w.propose(report.Options{}, script.ListOnly), script.ListOnly, ""), "--yes")
	if code != 0 || !strings.Contains(out, "can go: "+w.path("g")+"\n") {
		t.Fatalf("code %d\n%s", code, out)
	}
	same(t, tree(t, w.dir), before)
	if out, code = w.run(w.write(script.Plan{}, script.ListOnly, ""), "--yse"); code != 2 || !strings.Contains(out, "usage") {
		t.Errorf("a flag that is not known: code %d\n%s", code, out)
	}
}

// What is otherwise than the index knows is left alone and named. Each case has a
// folder of its own, in which g was to go and k to stay.
func TestChangedSince(t *testing.T) {
	remove := func(t *testing.T, path string) { must(t, os.RemoveAll(path)) }
	cases := []struct {
		name string
		act  func(t *testing.T, k, g string)
		says string
	}{
		{"other bytes", func(t *testing.T, k, g string) { must(t, os.WriteFile(g, []byte("other, longer"), 0o644)) }, "it has changed since"},
		{"another time", func(t *testing.T, k, g string) {
			at := time.Unix(1_500_000_000, 123_456_790)
			must(t, os.Chtimes(g, at, at))
		}, "it has changed since"},
		{"gone", func(t *testing.T, k, g string) { remove(t, g) }, "it is gone"},
		{"a link to the other", func(t *testing.T, k, g string) { remove(t, g); must(t, os.Symlink(k, g)) }, "it is a link by now"},
		{"a pipe", func(t *testing.T, k, g string) { remove(t, g); must(t, syscall.Mkfifo(g, 0o644)) }, "it is no ordinary file by now"},
		{"a folder", func(t *testing.T, k, g string) { remove(t, g); must(t, os.Mkdir(g, 0o755)) }, "it is no ordinary file by now"},
		{"the other gone", func(t *testing.T, k, g string) { remove(t, k) }, "of the file to stay, it is gone"},
		{"the other changed", func(t *testing.T, k, g string) { must(t, os.WriteFile(k, nil, 0o644)) }, "of the file to stay, it has changed since"},
		{"the other a link to it", func(t *testing.T, k, g string) { remove(t, k); must(t, os.Symlink(g, k)) }, "of the file to stay, it is a link by now"},
		{"one file by two folders", func(t *testing.T, k, g string) {
			remove(t, filepath.Dir(g))
			must(t, os.Symlink(filepath.Dir(k), filepath.Dir(g)))
		}, "it and the file to stay are one file"},
	}
	var groups [][]entry
	at := map[string]time.Time{}
	for _, c := range cases {
		groups = append(groups, []entry{{c.name + "/1/f", c.name, ""}, {c.name + "/2/f", c.name, "exact"}})
	}
	w := newWorld(t, t.TempDir(), groups...)
	for _, c := range cases { // of one time, so that one by two folders passes for both
		for _, folder := range []string{"/1/f", "/2/f"} {
			info, err := os.Stat(w.path(c.name + folder))
			must(t, err)
			at[c.name+folder] = info.ModTime()
		}
	}
	to := filepath.Join(t.TempDir(), "to")
	scripts := map[script.Action]string{}
	for _, a := range []script.Action{script.Trash, script.Move, script.Hardlink} {
		p := w.propose(report.Options{}, a)
		for i := range p.Steps {
			if strings.Contains(p.Steps[i].Go.Path, "by two folders") {
				p.Steps[i].Go.Modified = at["one file by two folders/1/f"]
			}
		}
		folder := ""
		if a == script.Move {
			folder = to
		}
		scripts[a] = w.write(p, a, folder)
	}
	for _, c := range cases {
		c.act(t, w.path(c.name+"/1/f"), w.path(c.name+"/2/f"))
	}
	before := contents(t, w.dir)
	for a, path := range scripts {
		out, code := w.run(path, "--yes")
		if code != 3 || !strings.Contains(out, fmt.Sprintf("0 done, %d left alone", len(cases))) {
			t.Errorf("%s: code %d\n%s", a, code, out)
		}
		for _, c := range cases {
			if want := "left alone, " + c.says + ": " + w.path(c.name+"/2/f") + "\n"; !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", a, want, out)
			}
		}
		after := contents(t, w.dir)
		for data, paths := range before {
			if len(after[data]) != len(paths) {
				t.Errorf("%s: %q is in %q, was in %q", a, data, after[data], paths)
			}
		}
	}
}

// A file to stay that cannot be read is as good as none.
func TestUnreadable(t *testing.T) {
	w := newWorld(t, t.TempDir(), []entry{{"k", "12345", ""}, {"g", "12345", "exact"}})
	path := w.write(w.propose(report.Options{}, script.Trash), script.Trash, "")
	must(t, os.Chmod(w.path("k"), 0))
	c := w.command("sh", path, "--yes")
	if os.Getuid() == 0 { // may read all: be somebody else
		const nobody = 65534
		for dir := filepath.Dir(path); strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
			must(t, os.Chmod(dir, 0o755))
		}
		for dir := w.dir; strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
			must(t, os.Chmod(dir, 0o755))
		}
		must(t, os.Chown(w.dir, nobody, nobody))
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := c.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("the file to stay cannot be read")) || gone(w.path("g")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, o := range []script.Options{
		{Action: "delete", Shell: "sh"}, {Action: script.Trash, Shell: "fish"}, {Action: script.Move, Shell: "sh"},
		{Action: script.Trash, Shell: "sh", To: "/x"}, {Action: script.Reflink, Shell: "powershell"},
	} {
		if err := script.Write(&bytes.Buffer{}, script.Plan{}, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if err := script.Write(broken{}, script.Plan{}, script.Options{Action: script.Trash, Shell: "sh"}); err == nil {
		t.Error("a writer's error is lost")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }
