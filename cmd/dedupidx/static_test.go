package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// The program is one file that needs no other: no interpreter, no shared library. The
// gate names the binary that it built; else one is built here.
func TestStaticBinary(t *testing.T) {
	path := os.Getenv("DEDUPIDX_BINARY")
	if path == "" {
		if runtime.GOOS != "linux" || testing.Short() {
			t.Skip("no ELF file; set DEDUPIDX_BINARY")
		}
		path = filepath.Join(t.TempDir(), "dedupidx")
		build := exec.Command("go", "build", "-o", path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it has a segment %v", p.Type)
		}
	}
	libraries, err := f.ImportedLibraries()
	if err != nil || len(libraries) > 0 {
		t.Errorf("it needs %q, %v", libraries, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", info.Size())
}
