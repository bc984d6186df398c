package raster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// outcome names how a file ended, in the words of expected.csv.
func outcome(format Format, r *Raster, err error) string {
	var f *Failure
	switch {
	case format == Unknown:
		return "skipped"
	case errors.As(err, &f):
		return "failed"
	case err != nil:
		return "error: " + err.Error()
	case r.Damaged > 0:
		return "damaged"
	}
	return "ok"
}

// notYet lists the files that do not end as the table asks, most of them damaged
// ones of which half or more could be shown. The test fails when one starts to work.
var notYet = map[string]string{
	"flipped/png-data-0.png":       "the bit was flipped in the colour profile: the picture is whole and decoded",
	"truncated/directory-last.tif": "its directory stands first, and most of the picture is there: damaged",
}

func TestBad(t *testing.T) {
	checkBad(t, corpus(t, "bad"))
}

func TestBadLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("making the files takes some seconds")
	}
	maker := filepath.Join(corpus(t), "..", "tools", "make_bad.py")
	if _, err := os.Stat(maker); err != nil {
		t.Skipf("no %s", maker)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to make the large bad files")
	}
	dir := t.TempDir()
	if out, err := exec.Command(python, maker, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checkBad(t, dir)
}

func checkBad(t *testing.T, dir string) {
	d := testDecoder(t, "sound")
	for _, row := range table(t, filepath.Join(dir, "expected.csv")) {
		path := row["path"]
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		var r *Raster
		took, allowed := time.Hour, 5*time.Second
		for range 3 { // the machine may be busy
			start := time.Now()
			r, err = d.Decode(context.Background(), data, path)
			if took = min(took, time.Since(start)); took < time.Second {
				break
			}
		}
		if err == nil { // it may well be large: inflating takes a second for 100 megapixels
			allowed += time.Second * time.Duration(r.Picture.Width*r.Picture.Height/50_000_000)
		}
		got := outcome(Sniff(data[:min(len(data), SniffLen)], path), r, err)
		if raceOn {
			took /= 8
		}
		if took > allowed {
			t.Errorf("%s: took %v", path, took)
		}
		right := false
		for _, want := range strings.Split(row["expect"], "|") {
			right = right || got == want
		}
		reason, known := notYet[path]
		switch {
		case right && known:
			t.Errorf("%s: works now; take it off the list (%s)", path, reason)
		case !right && !known:
			t.Errorf("%s (%s): %s, want %s; %v", path, row["kind"], got, row["expect"], err)
		}
		if testing.Verbose() {
			t.Logf("%-45s %-8s %6d ms  %v", path, got, took.Milliseconds(), err)
		}
		var f *Failure
		if errors.As(err, &f) && (f.Reason == "" || strings.ContainsAny(f.Reason, "\n") || len(f.Reason) > 300) {
			t.Errorf("%s: reason %q", path, f.Reason)
		}
	}
}
