// What a Watcher tells, on the real kernel and real folders.

package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is two roots and a place outside of them, with a consumer.
type desk struct {
	*consumer
	a, b, out string
}

func newDesk(t *testing.T, opts Options, config Config) desk {
	t.Helper()
	dir := t.TempDir()
	d := desk{a: filepath.Join(dir, "a"), b: filepath.Join(dir, "b"), out: filepath.Join(dir, "out")}
	plant(t, d.a, "1.jpg", "2.jpg", "sub/3.jpg", "sub/deep/4.jpg")
	plant(t, d.b, "5.jpg", "other/6.jpg")
	plant(t, d.out, "7.jpg", "tree/8.jpg", "tree/in/9.jpg")
	d.consumer = watching(t, []Root{rootAt(t, d.a), rootAt(t, d.b)}, opts, config)
	return d
}

func rename(t testing.TB, from, to string) {
	t.Helper()
	must(t, os.Rename(from, to))
}

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

func plantMany(t testing.TB, dir string, count int) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for i := range count {
		must(t, os.WriteFile(fmt.Sprintf("%s/%06d.jpg", dir, i), nil, 0o644))
	}
}

func TestWatchChanges(t *testing.T) {
	in := filepath.Join
	tests := []struct {
		name string
		do   func(t *testing.T, d desk)
	}{
		{"create", func(t *testing.T, d desk) { plant(t, d.a, "new.jpg", "sub/deep/new.jpg") }},
		{"overwrite", func(t *testing.T, d desk) { write(t, in(d.a, "1.jpg"), "other bytes") }},
		{"append", func(t *testing.T, d desk) {
			f, err := os.OpenFile(in(d.a, "1.jpg"), os.O_APPEND|os.O_WRONLY, 0)
			must(t, err)
			defer f.Close()
			for range 60 {
				_, err := f.WriteString("more")
				must(t, err)
				time.Sleep(10 * time.Millisecond)
			}
		}},
		{"rename", func(t *testing.T, d desk) { rename(t, in(d.a, "1.jpg"), in(d.a, "one.jpg")) }},
		{"rename over", func(t *testing.T, d desk) { rename(t, in(d.a, "1.jpg"), in(d.a, "2.jpg")) }},
		{"between folders", func(t *testing.T, d desk) { rename(t, in(d.a, "1.jpg"), in(d.a, "sub/1.jpg")) }},
		{"between roots", func(t *testing.T, d desk) { rename(t, in(d.a, "1.jpg"), in(d.b, "1.jpg")) }},
		{"move out", func(t *testing.T, d desk) { rename(t, in(d.a, "1.jpg"), in(d.out, "1.jpg")) }},
		{"move in", func(t *testing.T, d desk) { rename(t, in(d.out, "7.jpg"), in(d.a, "7.jpg")) }},
		{"delete", func(t *testing.T, d desk) { must(t, os.Remove(in(d.a, "1.jpg"))) }},
		{"delete a tree", func(t *testing.T, d desk) { must(t, os.RemoveAll(in(d.a, "sub"))) }},
		{"rename a folder", func(t *testing.T, d desk) {
			rename(t, in(d.a, "sub"), in(d.a, "renamed"))
			plant(t, d.a, "renamed/at once.jpg", "renamed/deep/at once.jpg")
			d.settled()
			plant(t, d.a, "renamed/later.jpg", "renamed/deep/later.jpg")
		}},
		{"rename a folder and back", func(t *testing.T, d desk) {
			rename(t, in(d.a, "sub"), in(d.a, "renamed"))
			rename(t, in(d.a, "renamed"), in(d.a, "sub"))
			d.settled()
			time.Sleep(60 * time.Millisecond)
			plant(t, d.a, "sub/later.jpg", "sub/deep/later.jpg")
		}},
		{"swap two folders", func(t *testing.T, d desk) {
			plant(t, d.a, "two/22.jpg")
			d.settled()
			rename(t, in(d.a, "sub"), in(d.a, "tmp"))
			rename(t, in(d.a, "two"), in(d.a, "sub"))
			rename(t, in(d.a, "tmp"), in(d.a, "two"))
			d.settled()
			time.Sleep(60 * time.Millisecond)
			plant(t, d.a, "sub/later.jpg", "two/deep/later.jpg")
		}},
		{"a folder between roots", func(t *testing.T, d desk) {
			rename(t, in(d.a, "sub"), in(d.b, "sub"))
			d.settled()
			plant(t, d.b, "sub/deep/later.jpg")
		}},
		{"a folder out and in", func(t *testing.T, d desk) {
			rename(t, in(d.a, "sub"), in(d.out, "sub"))
			d.settled()
			d.until("its watches to go", func() bool { return d.w.Stats().Watches == 3 })
			plant(t, d.out, "sub/elsewhere.jpg")
			rename(t, in(d.out, "sub"), in(d.b, "back"))
			rename(t, in(d.out, "tree"), in(d.a, "tree"))
			d.settled()
			plant(t, d.a, "tree/in/later.jpg")
			plant(t, d.b, "back/deep/later.jpg")
		}},
		{"a folder of 1,000 in and out", func(t *testing.T, d desk) {
			plantMany(t, in(d.out, "many"), 1000)
			rename(t, in(d.out, "many"), in(d.a, "many"))
			d.settled()
			rename(t, in(d.a, "many"), in(d.out, "many"))
		}},
		{"a file becomes a folder and back", func(t *testing.T, d desk) {
			must(t, os.Remove(in(d.a, "1.jpg")))
			plant(t, d.a, "1.jpg/in.jpg")
			d.settled()
			must(t, os.RemoveAll(in(d.a, "1.jpg")))
			plant(t, d.a, "1.jpg")
		}},
		{"a folder is made again", func(t *testing.T, d desk) {
			for range 20 {
				must(t, os.RemoveAll(in(d.a, "sub")))
				plant(t, d.a, "sub/deep/x.jpg")
			}
			d.settled()
			time.Sleep(60 * time.Millisecond)
			plant(t, d.a, "sub/deep/later.jpg")
		}},
		{"hard link", func(t *testing.T, d desk) { must(t, os.Link(in(d.a, "1.jpg"), in(d.b, "same.jpg"))) }},
		{"touch", func(t *testing.T, d desk) {
			must(t, os.Chtimes(in(d.a, "1.jpg"), time.Time{}, time.Unix(1e9, 0)))
		}},
		{"chmod", func(t *testing.T, d desk) {
			must(t, os.Chmod(in(d.a, "1.jpg"), 0o600))
			must(t, os.Chmod(in(d.a, "sub"), 0o700))
		}},
		{"truncate", func(t *testing.T, d desk) { must(t, os.Truncate(in(d.a, "1.jpg"), 1)) }},
		{"download", func(t *testing.T, d desk) {
			for i := range 5 {
				write(t, in(d.a, "x.jpg.part"), fmt.Sprint("bytes ", i))
				time.Sleep(20 * time.Millisecond)
			}
			rename(t, in(d.a, "x.jpg.part"), in(d.a, "x.jpg"))
		}},
		{"editor by rename", func(t *testing.T, d desk) {
			write(t, in(d.a, ".1.jpg.tmp"), "edited")
			rename(t, in(d.a, ".1.jpg.tmp"), in(d.a, "1.jpg"))
		}},
		{"editor with backup", func(t *testing.T, d desk) {
			rename(t, in(d.a, "1.jpg"), in(d.a, "1.jpg~"))
			write(t, in(d.a, "1.jpg"), "edited")
			must(t, os.Remove(in(d.a, "1.jpg~")))
		}},
		{"rename storm", func(t *testing.T, d desk) {
			plantMany(t, in(d.a, "storm"), 50)
			for i := range 2000 {
				dir := in(d.a, "storm")
				rename(t, fmt.Sprintf("%s/%06d.jpg", dir, (i)%50+i/50), fmt.Sprintf("%s/%06d.jpg", dir, i%50+i/50+1000))
				rename(t, fmt.Sprintf("%s/%06d.jpg", dir, i%50+i/50+1000), fmt.Sprintf("%s/%06d.jpg", dir, i%50+i/50))
				if i%50 == 49 {
					rename(t, fmt.Sprintf("%s/%06d.jpg", dir, i/50), fmt.Sprintf("%s/%06d.jpg", dir, i/50+50))
				}
			}
		}},
		{"folder rename storm", func(t *testing.T, d desk) {
			for i := range 300 {
				rename(t, in(d.a, "sub"), in(d.a, fmt.Sprint("sub", i)))
				rename(t, in(d.a, fmt.Sprint("sub", i)), in(d.a, "sub"))
			}
			d.settled()
			time.Sleep(60 * time.Millisecond)
			plant(t, d.a, "sub/deep/later.jpg")
		}},
		{"hidden stays hidden", func(t *testing.T, d desk) {
			plant(t, d.a, ".git/x.jpg", "sub/.x.jpg")
			rename(t, in(d.a, "1.jpg"), in(d.a, ".git/1.jpg"))
			d.settled()
			rename(t, in(d.a, ".git"), in(d.a, "shown"))
			d.settled()
			plant(t, d.a, "shown/later.jpg")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, Options{}, quick())
			tt.do(t, d)
			d.settled()
			// Nothing needed a look at everything.
			if s := d.w.Stats(); s.Overflows+s.Rescans+s.Rebuilds > 0 {
				t.Errorf("%+v", s)
			}
			if watches, folders := d.w.Stats().Watches, countFolders(t, d.roots); watches != folders {
				d.until("a watch for each folder", func() bool { return d.w.Stats().Watches == countFolders(t, d.roots) })
			}
		})
	}
}

func countFolders(t testing.TB, roots []Root) (count int) {
	for _, root := range roots {
		count += len(walkAll(t, root, Options{}))
	}
	return count
}

// What the watcher says after one change is about that change.
func TestWatchTellsWhere(t *testing.T) {
	d := newDesk(t, Options{Index: ""}, quick())
	start := time.Now()
	write(t, filepath.Join(d.a, "sub/new.jpg"), "x")
	d.until("one Due", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.heard) > 0 })
	d.mu.Lock()
	defer d.mu.Unlock()
	got := d.heard[0]
	if len(d.heard) != 1 || got.Root != d.a || got.Folder != "sub" || !slices.Equal(got.Names, []string{"new.jpg"}) ||
		got.Deep || got.Gone || got.Cause != CauseEvent || got.Since.Before(start) {
		t.Errorf("%+v", d.heard)
	}
}

func TestWatchIsSilentOnItsOwn(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "a.jpg", "tmp/x.jpg")
	index := filepath.Join(dir, "index.db")
	c := watching(t, []Root{rootAt(t, dir)}, Options{Index: index, Skip: []string{filepath.Join(dir, "tmp")}}, quick())
	for _, ending := range besideIndex {
		write(t, index+ending, "x")
		must(t, os.Remove(index+ending))
	}
	plant(t, dir, "tmp/y.jpg", ".cache/x.jpg")
	write(t, filepath.Join(dir, "b.jpg"), "x")
	c.settled()
	if len(c.heard) != 1 || !slices.Equal(c.heard[0].Names, []string{"b.jpg"}) {
		t.Errorf("heard%s", c.told())
	}
}

func TestWatchDeepTree(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	for i := range 30 { // as cp -r does: folder, files, next folder
		at := filepath.Join(d.a, fmt.Sprint("copy", i))
		for level := range 10 {
			at = filepath.Join(at, fmt.Sprint(level))
			plant(t, at, "1.jpg", "2.jpg")
		}
	}
	d.settled()
	must(t, os.RemoveAll(filepath.Join(d.a, "copy0")))
	plant(t, d.a, "copy1/0/1/2/3/4/5/6/7/8/9/later.jpg")
	d.settled()
}

// Random changes to folders and files, some at once and some after a rest.
func TestWatchAnyHistory(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, Options{}, quick())
			r := rand.New(rand.NewPCG(seed, 2))
			path := func() string {
				at := []string{d.a, d.b, d.out}[r.IntN(3)]
				for range 1 + r.IntN(3) {
					at = filepath.Join(at, string(rune('p'+r.IntN(4))))
				}
				return at
			}
			for range 400 {
				switch r.IntN(10) {
				case 0, 1:
					os.MkdirAll(path(), 0o755)
				case 2, 3, 4:
					at := path()
					if os.MkdirAll(filepath.Dir(at), 0o755) == nil {
						os.WriteFile(at, []byte(at), 0o644)
					}
				case 5, 6, 7:
					os.Rename(path(), path())
				case 8:
					os.RemoveAll(path())
				case 9:
					time.Sleep(time.Duration(r.IntN(30)) * time.Millisecond)
				}
			}
			d.settled()
			time.Sleep(100 * time.Millisecond)
			for _, root := range d.roots { // each folder is still heard
				for _, f := range walkAll(t, root, Options{}) {
					write(t, root.Abs(join(f.Path, "last.jpg")), "x")
				}
			}
			d.settled()
			if s := d.w.Stats(); s.Rescans+s.Rebuilds > 0 || s.Watches != countFolders(t, d.roots) {
				t.Errorf("%+v, %d folders", s, countFolders(t, d.roots))
			}
		})
	}
}

func TestWatchForgets(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	for i := range 1000 {
		plant(t, d.a, fmt.Sprintf("many/%d/", i))
	}
	d.until("1,000 watches", func() bool { return d.w.Stats().Watches > 1000 })
	must(t, os.RemoveAll(filepath.Join(d.a, "many")))
	d.settled()
	d.until("the watches to go", func() bool { return d.w.Stats().Watches == 5 })
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	if len(d.w.byID) != 5 || d.w.roots[0].node.child("many") != nil || len(d.w.polled) != 0 || len(d.w.tasked) != 0 {
		t.Errorf("%d by identity, %d polled, %d tasks", len(d.w.byID), len(d.w.polled), len(d.w.tasked))
	}
	if n := len(d.w.notifier.(notify).WatchList()); n != 5 {
		t.Errorf("fsnotify holds %d", n)
	}
}

func TestWatchRescan(t *testing.T) {
	d := newDesk(t, Options{}, quick())
	d.w.Rescan()
	d.until("both roots", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.heard) == 2 })
	for i, h := range d.heard {
		if h.Root != d.roots[i].Path || h.Folder != "" || !h.Deep || h.Cause != CauseAsked {
			t.Errorf("%+v", h)
		}
	}
}

func TestWatchReconciles(t *testing.T) {
	config := quick()
	config.Reconcile = 150 * time.Millisecond
	d := newDesk(t, Options{}, config)
	d.until("two rounds", func() bool { return d.w.Stats().Rebuilds >= 2 && d.caused(CauseReconcile) })
	plant(t, d.a, "sub/x.jpg")
	d.settled()
}

func TestWatchEnds(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	w, err := New(ctx, []Root{rootAt(t, dir)}, Options{}, Config{})
	must(t, err)
	cancel()
	if _, err := w.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	waits := make(chan error)
	go func() {
		_, err := w.Next(context.Background())
		waits <- err
	}()
	must(t, w.Close())
	if err := <-waits; err != ErrClosed {
		t.Errorf("error %v, want ErrClosed", err)
	}
	must(t, w.Close())
	if _, err := New(ctx, []Root{rootAt(t, dir)}, Options{}, Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
