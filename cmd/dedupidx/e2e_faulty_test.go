//go:build unix

package main

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/internal/drawn"
)

// Decoders that break in ways that no recover helps with: a panic in a goroutine
// of its own, no end, ten gibibytes. Each is one failed file, and the scan goes on.
func TestFaultyDecoders(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a process is only bounded on Linux")
	}
	p := build(t, "-tags", "faultyhelper")
	for name, magic := range map[string]string{"1 panics.jpg": "DDXPANIC", "3 loops.jpg": "DDXLOOP", "5 allocates.jpg": "DDXALLOC"} {
		p.write(name, []byte(magic+" and more"))
	}
	scene := drawn.Scene(810, 240, 160)
	for _, name := range []string{"0.webp", "2.webp", "4.webp", "6.webp"} { // the helper works between them
		p.write(name, append(webp(scene), name...))
	}
	p.write("7.jpg", drawn.JPEG(scene, 90))
	started := time.Now()
	sum := p.scan(exitSomeFailed, "--workers", "1", "--max-decode-memory", "128MiB")
	if sum.Files != 8 || sum.Failed != 3 || sum.Decoded != 8 {
		t.Errorf("%d files, %d failed, %d decoded; want 8, 3 and 8", sum.Files, sum.Failed, sum.Decoded)
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("it takes %v", took)
	}
	failed, _ := p.run(0, "status", "--failed")
	for name, why := range map[string]string{"1 panics.jpg": "crashes its decoder", "3 loops.jpg": "takes longer than 2s", "5 allocates.jpg": "MiB of memory to decode"} {
		at := strings.Index(failed, name+":")
		if at < 0 || !strings.Contains(strings.SplitN(failed[at:], "\n", 2)[0], why) {
			t.Errorf("%s is not told to fail because it %s:\n%s", name, why, failed)
		}
	}
	if rows := strings.Count(p.csv(), "\n"); rows != 6 {
		t.Errorf("%d rows of the report, want the header and the five copies", rows)
	}
	if sum := p.scan(exitSomeFailed, "--max-decode-memory", "128MiB"); sum.Decoded != 0 || sum.Commits != 0 || sum.Failed != 3 {
		t.Errorf("the second scan tries them again: %+v", sum)
	}
}
