//go:build unix

// A scan that is stopped: killed, interrupted, locked out, or by a full disk.

package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kills is how many scans TestKilledScan kills: DEDUPIDX_KILLS, else a few.
func kills(t testing.TB) int {
	n, err := strconv.Atoi(os.Getenv("DEDUPIDX_KILLS"))
	if err != nil {
		n = 5
	}
	return n
}

// Killed at any moment, a scan leaves a sound index; the next goes on where it
// was, extracts nothing again that was committed, and ends in the same report.
func TestKilledScan(t *testing.T) {
	p := build(t)
	p.writeAlbum()
	flags := []string{"--workers", "2", "--batch", "1"}
	started := time.Now()
	if sum := p.scan(0, flags...); sum.Decoded != contents {
		t.Fatalf("%d contents, want %d", sum.Decoded, contents)
	}
	whole := time.Since(started)
	want := p.csv()
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for n, round := kills(t), 0; n > 0; round++ {
		k := p.anew(t)
		k.photos = p.photos // the same paths, the same report
		before := int64(0)
		for range min(n, 1+round%3) { // some are killed again when they go on
			n--
			c := k.command(append([]string{"scan", k.photos, "--quiet"}, flags...)...)
			must(t, c.Start())
			at := time.Duration(r.Int64N(int64(whole)))
			time.Sleep(at)
			_ = c.Process.Kill() // it may have ended
			_ = c.Wait()
			now := k.committed()
			if now < before {
				t.Errorf("%d contents were committed, and %d are left", before, now)
			}
			t.Logf("killed after %v of %v: %d of %d contents committed", at.Round(time.Millisecond), whole.Round(time.Millisecond), now, contents)
			before = now
		}
		sum := k.scan(0, flags...)
		if sum.Decoded != contents-before {
			t.Errorf("%d of %d contents were committed, and the scan that goes on decodes %d", before, contents, sum.Decoded)
		}
		if got := k.csv(); got != want {
			t.Errorf("the report differs:\n%s\nwant\n%s", got, want)
		}
		k.sound()
		if again := k.scan(0, flags...); again.Commits != 0 {
			t.Errorf("the scan after it commits %d times", again.Commits)
		}
	}
}

// Interrupted, a scan commits what it has finished and says so by its exit code.
func TestInterruptedScan(t *testing.T) {
	p := build(t)
	p.writeAlbum()
	c := p.command("scan", p.photos, "--workers", "1", "--batch", "1", "--progress", "none")
	var said strings.Builder
	c.Stderr = &said
	must(t, c.Start())
	p.waitFor(3)
	must(t, c.Process.Signal(os.Interrupt))
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d; it says %s", code, exitInterrupted, said.String())
	}
	if !strings.Contains(said.String(), "interrupted; what was committed stays") {
		t.Errorf("it says %q", said.String())
	}
	before := p.committed()
	if before < 3 || before >= contents {
		t.Errorf("%d of %d contents are committed", before, contents)
	}
	p.sound()
	if sum := p.scan(0); sum.Decoded != contents-before {
		t.Errorf("%d of %d contents were committed, and the next scan decodes %d", before, contents, sum.Decoded)
	}
}

// A second scan is told who holds the index.
func TestLockedIndex(t *testing.T) {
	p := build(t)
	p.writeAlbum()
	c := p.command("scan", p.photos, "--quiet", "--batch", "1")
	must(t, c.Start())
	p.waitFor(1)
	must(t, c.Process.Signal(syscall.SIGSTOP)) // it holds the lock and rests
	_, said := p.run(exitFailed, "scan", p.photos)
	if !strings.Contains(said, "process "+strconv.Itoa(c.Process.Pid)) || !strings.Contains(said, "hint: ") {
		t.Errorf("it says %q, want the process %d", said, c.Process.Pid)
	}
	p.run(0, "report", "--format", "csv") // readers go on
	must(t, c.Process.Signal(syscall.SIGCONT))
	must(t, c.Wait())
	if sum := p.scan(0); sum.Commits != 0 {
		t.Errorf("after the first has ended there are %d commits left to do", sum.Commits)
	}
}

// A disk that fills up in mid-scan stops it with a message; with room again the
// next scan goes on.
func TestFullDiskInMidScan(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root on Linux can mount a small disk")
	}
	p := build(t)
	p.writeAlbum()
	p.scan(0)
	want := p.csv()
	disk := filepath.Join(p.folder, "disk")
	must(t, os.Mkdir(disk, 0o755))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("this machine mounts nothing: %s", out)
	}
	defer func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	}()
	p.index = filepath.Join(disk, "index.db")
	_, said := p.run(exitFailed, "scan", p.photos, "--batch", "1", "--progress", "none")
	if !strings.Contains(said, "is full: make space and run again") {
		t.Errorf("it says %q", said)
	}
	if strings.Contains(said, "goroutine") {
		t.Error("it shows a stack")
	}
	before := p.committed()
	if before == 0 || before == contents {
		t.Errorf("%d of %d contents are committed", before, contents)
	}
	p.keepOnFullDisk(disk)
	if out, err := exec.Command("mount", "-o", "remount,size=64m", disk).CombinedOutput(); err != nil {
		t.Fatalf("remount: %s", out)
	}
	if sum := p.scan(0); sum.Decoded != contents-before {
		t.Errorf("%d of %d contents were committed, and the next scan decodes %d", before, contents, sum.Decoded)
	}
	p.sound()
	if got := p.csv(); got != want {
		t.Errorf("the report differs:\n%s\nwant\n%s", got, want)
	}
}
