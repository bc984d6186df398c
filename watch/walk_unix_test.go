//go:build unix

package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWalkKeepsNamesByteForByte(t *testing.T) {
	dir := t.TempDir()
	names := []string{"new\nline.jpg", "-rf.jpg", "=1+1.jpg", "a,b\"c'.jpg", "\xff\xfe.jpg",
		"e\u0301.jpg", "\u00e9.jpg", " lead", "trail ", "back\\slash", "*", "\x01\x7f", "CON"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Skipf("this disk refuses the name %q: %v", name, err)
		}
		plant(t, dir, "folder "+name+"/in.jpg")
	}
	var want []string
	for _, name := range names {
		want = append(want, name, "folder "+name+"/in.jpg")
	}
	got := files(walkAll(t, rootAt(t, dir), Options{}))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWalkSkipsWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a.jpg")
	must(t, unix.Mkfifo(filepath.Join(dir, "pipe.jpg"), 0o644))
	// A socket's path may have 108 bytes at most, so it is named from inside.
	t.Chdir(dir)
	listener, err := net.Listen("unix", "socket.jpg")
	must(t, err)
	defer listener.Close()
	wantDevices := 0
	if unix.Mknod("null.jpg", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))) == nil {
		wantDevices = 1
	}
	must(t, os.Symlink("a.jpg", "link.jpg"))
	must(t, os.Symlink("pipe.jpg", "topipe.jpg"))
	must(t, os.Symlink("nowhere", "dangling.jpg"))
	must(t, os.Symlink("self", "self"))

	folders := walkAll(t, rootAt(t, dir), Options{})
	if got := files(folders); !slices.Equal(got, []string{"a.jpg"}) {
		t.Errorf("files %q", got)
	}
	if got, want := sumSkipped(folders), (Skipped{Pipes: 1, Sockets: 1, Devices: wantDevices, Links: 4}); got != want {
		t.Errorf("skipped %+v, want %+v", got, want)
	}

	folders = walkAll(t, rootAt(t, dir), Options{Follow: true})
	if got := files(folders); !slices.Equal(got, []string{"a.jpg"}) {
		t.Errorf("followed: files %q", got)
	}
	if got, want := sumSkipped(folders), (Skipped{Pipes: 2, Sockets: 1, Devices: wantDevices, Links: 2, Twice: 1}); got != want {
		t.Errorf("followed: skipped %+v, want %+v", got, want)
	}
	if folders[0].Err != nil {
		t.Errorf("a link that leads nowhere is no error: %v", folders[0].Err)
	}
}

func TestWalkFollows(t *testing.T) {
	outside := t.TempDir()
	plant(t, outside, "o1.jpg", "sub/o2.jpg")
	link := func(t *testing.T, dir, target, name string) {
		t.Helper()
		must(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	tests := []struct {
		name  string
		build func(t *testing.T, dir string)
		want  []string
		twice int
	}{
		{"folders and files elsewhere", func(t *testing.T, dir string) {
			link(t, dir, outside, "away")
			link(t, dir, filepath.Join(outside, "o1.jpg"), "zz.jpg")
		}, []string{"zz.jpg", "away/sub/o2.jpg"}, 1},
		{"loops", func(t *testing.T, dir string) {
			plant(t, dir, "a/b/f.jpg")
			link(t, dir, "..", "a/b/up")
			link(t, dir, ".", "a/here")
			link(t, dir, dir, "a/top")
			link(t, dir, "a", "z")
		}, []string{"a/b/f.jpg"}, 0},
		{"a folder reached twice goes by its first path", func(t *testing.T, dir string) {
			plant(t, dir, "m/f.jpg")
			link(t, dir, "m", "a")
			link(t, dir, "m", "z")
		}, []string{"a/f.jpg"}, 0},
		{"a file reached twice goes by its first path", func(t *testing.T, dir string) {
			plant(t, dir, "m/f.jpg", "m/g.jpg")
			link(t, dir, "m/f.jpg", "a.jpg")
			link(t, dir, "m/f.jpg", "b.jpg")
			link(t, dir, "../m/g.jpg", "m/a.jpg")
			link(t, dir, "../m/g.jpg", "m/z.jpg")
		}, []string{"a.jpg", "m/a.jpg"}, 4},
		{"a link to a link", func(t *testing.T, dir string) {
			plant(t, dir, "m/f.jpg")
			link(t, dir, "z2.jpg", "z1.jpg")
			link(t, dir, "m/f.jpg", "z2.jpg")
		}, []string{"z1.jpg"}, 2},
		{"hard links stay separate", func(t *testing.T, dir string) {
			plant(t, dir, "f.jpg")
			must(t, os.Link(filepath.Join(dir, "f.jpg"), filepath.Join(dir, "g.jpg")))
			link(t, dir, "g.jpg", "z.jpg")
		}, []string{"f.jpg", "g.jpg"}, 1},
		{"into what is excluded", func(t *testing.T, dir string) {
			plant(t, dir, ".store/f.jpg")
			link(t, dir, ".store/f.jpg", "f.jpg")
			link(t, dir, ".store", ".also")
		}, []string{"f.jpg"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.build(t, dir)
			for range 2 {
				folders := walkAll(t, rootAt(t, dir), Options{Follow: true})
				if got := files(folders); !slices.Equal(got, tt.want) {
					t.Errorf("files %q, want %q", got, tt.want)
				}
				if got := sumSkipped(folders).Twice; got != tt.twice {
					t.Errorf("%d files reached twice, want %d", got, tt.twice)
				}
				for _, f := range folders {
					for _, e := range f.Files {
						info, err := os.Lstat(filepath.Join(dir, f.Path, e.Name))
						must(t, err)
						if linked := info.Mode()&fs.ModeSymlink != 0; linked != (e.Kind == LinkedFile) {
							t.Errorf("%s: kind %d, link %v", e.Name, e.Kind, linked)
						}
					}
				}
			}
		})
	}
}

func TestWalkFollowsAcrossRoots(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "one/1.jpg", "two/2.jpg")
	must(t, os.Symlink("../two", filepath.Join(dir, "one", "link")))
	opts := Options{Follow: true, Reached: &Reached{}}
	first := files(walkAll(t, rootAt(t, filepath.Join(dir, "one")), opts))
	second := walkAll(t, rootAt(t, filepath.Join(dir, "two")), opts)
	if !slices.Equal(first, []string{"1.jpg", "link/2.jpg"}) || len(second) != 0 {
		t.Errorf("first %q, second %q", first, files(second))
	}
}

func TestWalkReportsHardLinks(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a.jpg", "c.jpg")
	must(t, os.Link(filepath.Join(dir, "a.jpg"), filepath.Join(dir, "b.jpg")))
	got := walkAll(t, rootAt(t, dir), Options{})[0].Files
	if got[0].Inode != got[1].Inode || got[0].Device != got[1].Device || got[0].Nlink != 2 || got[2].Nlink != 1 {
		t.Errorf("%+v", got)
	}
	if got[0].Ctime == 0 {
		t.Error("no ctime")
	}
}

func TestWalkKnowsTheIndexByOtherNames(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "data/index.db", "a.jpg")
	must(t, os.Link(filepath.Join(dir, "data/index.db"), filepath.Join(dir, "hard.jpg")))
	must(t, os.Symlink("data/index.db", filepath.Join(dir, "soft.jpg")))
	must(t, os.Symlink("data", filepath.Join(dir, "here")))
	plant(t, dir, "data/index.db-wal")
	for _, index := range []string{"data/index.db", "here/index.db", "soft.jpg"} {
		got := files(walkAll(t, rootAt(t, dir), Options{Follow: true, Index: filepath.Join(dir, index)}))
		if !slices.Equal(got, []string{"a.jpg"}) {
			t.Errorf("index %s: files %q", index, got)
		}
	}
}

// A folder that is swapped for a link after its listing must not be followed.
func TestWalkIsNotLedAway(t *testing.T) {
	outside := t.TempDir()
	plant(t, outside, "secret.jpg")
	dir := t.TempDir()
	plant(t, dir, "a/1.jpg", "b/2.jpg")
	err := Walk(context.Background(), rootAt(t, dir), Options{}, func(f Folder) error {
		if f.Path == "a" {
			must(t, os.RemoveAll(filepath.Join(dir, "b")))
			must(t, os.Symlink(outside, filepath.Join(dir, "b")))
		}
		if f.Path == "b" {
			t.Errorf("followed: %+v", f)
		}
		return nil
	})
	must(t, err)
}

// A path longer than the system takes is an error that shows, not a gap.
func TestWalkBelowThePathLimit(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("n", 200)
	at, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	must(t, err)
	for range 25 { // 5,000 bytes, made step by step
		must(t, unix.Mkdirat(at, name, 0o755))
		next, err := unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
		must(t, err)
		unix.Close(at)
		at = next
	}
	unix.Close(at)
	folders := walkAll(t, rootAt(t, dir), Options{})
	last := folders[len(folders)-1]
	if !errors.Is(last.Err, syscall.ENAMETOOLONG) {
		t.Errorf("%d folders, the last with error %v, want ENAMETOOLONG", len(folders), last.Err)
	}
}

// TestWalkWithoutPermission walks as a user that may not read everything. Root
// may, so root runs this test again as nobody.
func TestWalkWithoutPermission(t *testing.T) {
	if os.Getuid() == 0 {
		dir, err := os.MkdirTemp("", "dedupidx-nobody") // t.TempDir's parents are root's alone
		must(t, err)
		t.Cleanup(func() { os.RemoveAll(dir) })
		must(t, os.Chmod(dir, 0o777))
		self, err := os.ReadFile("/proc/self/exe")
		if err != nil {
			t.Skip("as root this test needs /proc/self/exe to run itself as nobody")
		}
		binary := filepath.Join(dir, "watch.test")
		must(t, os.WriteFile(binary, self, 0o755))
		cmd := exec.Command(binary, "-test.run=^TestWalkWithoutPermission$", "-test.v")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, NoSetGroups: true}}
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: TestWalkWithoutPermission")) {
			t.Errorf("as nobody: %v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	plant(t, dir, "a/1.jpg", "closed/2.jpg", "listed/3.jpg", "listed/sub/4.jpg", "z/5.jpg", "z/secret.jpg")
	must(t, os.Chmod(filepath.Join(dir, "closed"), 0))     // may not be listed
	must(t, os.Chmod(filepath.Join(dir, "listed"), 0o444)) // may be listed, not passed through
	must(t, os.Chmod(filepath.Join(dir, "z/secret.jpg"), 0))
	t.Cleanup(func() {
		os.Chmod(filepath.Join(dir, "closed"), 0o755)
		os.Chmod(filepath.Join(dir, "listed"), 0o755)
	})
	folders := walkAll(t, rootAt(t, dir), Options{})
	if got, want := files(folders), []string{"a/1.jpg", "z/5.jpg", "z/secret.jpg"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	refused := map[string]bool{}
	for _, f := range folders {
		if f.Err != nil {
			refused[f.Path] = errors.Is(f.Err, fs.ErrPermission)
		}
	}
	if got, want := fmt.Sprint(refused), "map[closed:true listed:true listed/sub:true]"; got != want {
		t.Errorf("refused %s, want %s", got, want)
	}
	must(t, os.Symlink("../listed/3.jpg", filepath.Join(dir, "a/to3.jpg")))
	for _, f := range walkAll(t, rootAt(t, dir), Options{Follow: true}) {
		if f.Path == "a" && !errors.Is(f.Err, fs.ErrPermission) {
			t.Errorf("a link that may not be followed: error %v, want permission denied", f.Err)
		}
	}
	if seen := Look(rootAt(t, dir), "closed"); !errors.Is(seen.Err, fs.ErrPermission) {
		t.Errorf("look: %+v", seen)
	}
}
