package jpeg

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// asCommand names the variable that makes the test binary a command: it decodes the
// files of its arguments at 1/8 and ends.
const asCommand = "JPEG_DECODE_EIGHTH"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Exit(m.Run())
	}
	var d Decoder
	for _, path := range os.Args[1:] {
		data, err := os.ReadFile(path)
		if err == nil {
			_, err = d.Decode(data, Eighth, Limits{})
		}
		if err != nil {
			_, _ = io.WriteString(os.Stderr, path+": "+err.Error()+"\n")
			os.Exit(1)
		}
	}
}

// cpu runs a command and returns the CPU time that it took.
func cpu(b *testing.B, env string, name string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v %s", name, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// BenchmarkProcesses compares whole processes over the same files, in turns: this
// package at 1/8 against djpeg, in full and at 1/8 of the luma. The metrics are CPU
// milliseconds a file (the least of all rounds) and their ratios.
//
//	go test -run xxx -bench Processes -benchtime 5x ./stages/raster/jpeg
func BenchmarkProcesses(b *testing.B) {
	dir := b.TempDir()
	lists := make(map[string][]string)
	for _, p := range photos(b) {
		path := filepath.Join(dir, p.name+".jpg")
		if err := os.WriteFile(path, p.data, 0o600); err != nil {
			b.Fatal(err)
		}
		kind := p.name[strings.IndexByte(p.name, '-')+1:]
		if kind == "422-camera" {
			continue
		}
		lists[kind] = append(lists[kind], path)
	}
	lists["camera-original"] = cameraOriginals(b)
	for _, kind := range []string{"camera-original", "baseline", "progressive"} {
		b.Run(kind, func(b *testing.B) {
			files := lists[kind]
			var ours, eighth, full []time.Duration
			for b.Loop() {
				ours = append(ours, cpu(b, asCommand+"=1", os.Args[0], files...))
				var e, f time.Duration
				for _, path := range files {
					e += cpu(b, "", "djpeg", "-grayscale", "-scale", "1/8", "-outfile", os.DevNull, path)
					f += cpu(b, "", "djpeg", "-outfile", os.DevNull, path)
				}
				eighth, full = append(eighth, e), append(full, f)
			}
			each := func(d []time.Duration) float64 { return slices.Min(d).Seconds() * 1000 / float64(len(files)) }
			b.ReportMetric(each(ours), "ms/file")
			b.ReportMetric(each(eighth), "djpeg-1/8-ms/file")
			b.ReportMetric(each(ours)/each(eighth), "of-djpeg-1/8")
			b.ReportMetric(each(ours)/each(full), "of-djpeg")
		})
	}
}
