//go:build unix

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

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

// folder is a disk of one folder.
type folder struct{ pipeline.Disk }

func (folder) Open(path string) (io.ReadCloser, error) { return os.Open(path) }

func (folder) Stat(path string) (index.Stat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return index.Stat{}, err
	}
	st := info.Sys().(*syscall.Stat_t)
	return index.Stat{Size: info.Size(), Mtime: info.ModTime().UnixNano(), Inode: uint64(st.Ino), Device: uint64(st.Dev)}, nil
}

func (d folder) Walk(_ context.Context, root string, visit func(pipeline.Folder) error) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	var f pipeline.Folder
	for _, e := range entries {
		stat, err := d.Stat(filepath.Join(root, e.Name()))
		if err != nil {
			return err
		}
		f.Files = append(f.Files, pipeline.Entry{Name: e.Name(), Stat: stat})
	}
	return visit(f)
}

func (folder) Presence(string, string, pipeline.Known) (bool, uint64, string) { return true, 1, "" }

func measured(t *testing.T, root string, workers, tenths int) Run {
	t.Helper()
	x, err := index.Create(t.Context(), filepath.Join(t.TempDir(), "index"))
	must(t, err)
	defer func() { must(t, x.Close()) }()
	r, err := x.AddRoot(t.Context(), root, 0)
	must(t, err)
	run, err := Measure(t.Context(), x, folder{}, []index.Root{r}, pipeline.Options{Budget: pipeline.Budget{Workers: workers, Batch: 3}}, tenths)
	must(t, err)
	return run
}

// photos is a folder of six, two of which are copies of others.
func photos(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for i := range 6 {
		path := filepath.Join(root, fmt.Sprintf("%02d.jpg", i))
		must(t, os.WriteFile(path, drawn.JPEG(drawn.Scene(uint64(i%4), 160, 108), 90-i), 0o600))
		old := time.Date(2003, 3, 3, 3, 3, 3, 0, time.UTC)
		must(t, os.Chtimes(path, old, old))
	}
	return root
}

// A run says what it did, a share of the files is that share, and runs with other
// workers find the same.
func TestMeasure(t *testing.T) {
	root := photos(t)
	one, two, part := measured(t, root, 1, AllTenths), measured(t, root, 2, AllTenths), measured(t, root, 2, 5)
	if one.Pictures != 6 || part.Pictures != 5 || one.Bytes < 6000 || part.Bytes >= one.Bytes {
		t.Errorf("%d and %d pictures, %d and %d bytes", one.Pictures, part.Pictures, one.Bytes, part.Bytes)
	}
	if one.Groups != 2 {
		t.Errorf("%d groups, want 2", one.Groups)
	}
	if one.Seconds <= 0 || one.CPUSeconds <= 0 || one.CPUSeconds > 1.5*one.Seconds+0.2 || one.PeakRSS < 1<<20 {
		t.Errorf("%+v", one)
	}
	sum := 0.0
	for _, step := range StepNames() {
		if one.Steps[step] <= 0 {
			t.Errorf("no time for %s", step)
		}
		sum += one.Steps[step]
	}
	if len(one.Steps) != len(StepNames()) || sum > 1.1*one.Seconds {
		t.Errorf("the steps %v take %.3f s of %.3f", one.Steps, sum, one.Seconds)
	}
	must(t, Check([]Run{one, two, part}))
	two.Report = "other"
	if err := Check([]Run{part, one, two}); !errors.Is(err, ErrGroups) || !strings.Contains(err.Error(), "with 1 workers") {
		t.Errorf("other groups: %v", err)
	}
}

// runs are made up, with round numbers.
func runs() []Run {
	run := func(workers, tenths int, seconds float64) Run {
		return Run{Workers: workers, Tenths: tenths, Pictures: int64(10 * tenths), Bytes: int64(tenths) * 20e6, Seconds: seconds,
			CPUSeconds: 3.6, PeakRSS: int64(40+10*workers) << 20, Groups: 7, Report: fmt.Sprint(tenths), Steps: map[string]float64{"decode": 3}}
	}
	return []Run{run(1, 10, 4), run(2, 10, 2.5), run(4, 5, 1.25), run(1, 10, 5), run(2, 10, 2), run(4, 10, 2)}
}

func TestResult(t *testing.T) {
	m := Machine{Platform: "linux/amd64", Cores: 2, Memory: 8}
	r := NewResult(m, time.Date(2020, 2, 2, 2, 2, 2, 0, time.UTC), Reading{100, 200e6, 2}, 2, runs())
	if len(r.Rows) != 4 || !r.SameGroup {
		t.Fatalf("%d rows, %+v", len(r.Rows), r)
	}
	half, one, two, four := r.Rows[0], r.Rows[1], r.Rows[2], r.Rows[3]
	if half.Tenths != 5 || half.SpeedUp != 1 || one.ImagesPerSecond != 25 || one.MBPerSecond != 50 || two.SpeedUp != 2 || two.Efficiency != 1 ||
		four.Efficiency != 0.5 || one.CPUUse != 0.9 || two.CPUUse != 0.9 {
		t.Errorf("rows %+v", r.Rows)
	}
	// Twice as fast with two workers leaves no serial part; four workers on two cores say nothing of it.
	if r.Argument == nil || r.Argument.SerialPart != 0 || r.Argument.Workers != 2 || r.Argument.SpeedUp[16] != 16 {
		t.Errorf("argument %+v", r.Argument)
	}
	slower := runs()
	slower[4].Seconds = 2.2 // speed-up 1.818, of which a tenth is serial: 1/(0.1+0.9/2)
	if a := NewResult(m, r.At, r.ReadOnce, 2, slower).Argument; a == nil || a.SerialPart < 0.0999 || a.SerialPart > 0.1001 || a.SpeedUp[8] < 4.70 || a.SpeedUp[8] > 4.71 {
		t.Errorf("argument %+v", a)
	}
	for workers, want := range map[int]int{1: 1, 2: 2, 3: 2, 9: 4} {
		if row, ok := r.Expected(workers); !ok || row.Workers != want {
			t.Errorf("expected of %d workers is that of %d", workers, row.Workers)
		}
	}

	var table, page bytes.Buffer
	must(t, r.WriteTable(&table))
	for _, want := range []string{"25.0", "50.0 MiB", "90 %", "same groups", "100 files, 190.7 MiB, read once before in 2.00 s: 100 MB/s", "an argument, not a measurement"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
	must(t, r.WritePage(&page))
	svgs := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page.String(), -1)
	if len(svgs) != 5 {
		t.Errorf("%d plots, want 5", len(svgs))
	}
	for _, svg := range svgs {
		if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("a plot is broken: %v\n%s", err, svg)
		}
	}
	if text := strings.ReplaceAll(page.String(), "http://www.w3.org/2000/svg", ""); strings.Contains(text, "<script") || strings.Contains(text, "://") {
		t.Error("the page runs or loads something")
	}
}

// The last result is kept for this machine alone.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "bench.json")
	m := Machine{Platform: "linux/amd64", Cores: 2, Memory: 8}
	if _, ok, err := Load(path, m); ok || err != nil {
		t.Errorf("before the first it says %v, %v", ok, err)
	}
	r := NewResult(m, time.Now(), Reading{}, 1, runs())
	must(t, Save(path, r))
	got, ok, err := Load(path, m)
	must(t, err)
	a, _ := json.Marshal(r)
	b, _ := json.Marshal(got)
	if !ok || !bytes.Equal(a, b) {
		t.Errorf("kept is\n%s\nwant\n%s", b, a)
	}
	m.Cores = 4
	if _, ok, err := Load(path, m); ok || err != nil {
		t.Errorf("of another machine it says %v, %v", ok, err)
	}
	must(t, os.WriteFile(path, []byte("{"), 0o600))
	if _, _, err := Load(path, m); err == nil {
		t.Error("a broken file is no error")
	}
	if err := Save(filepath.Join(path, "in a file"), r); err == nil {
		t.Error("a folder that is a file is no error")
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}
