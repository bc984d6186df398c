package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dedupidx/dedupidx"

// arrows are the imports that are allowed inside the module; a name ending in
// /... stands for all packages below it. What is not listed may import nothing
// of the module. A new arrow is a decision: make it here, where it is seen.
var arrows = map[string][]string{
	"cmd/...":               {"..."},
	"index/pipeline":        {"index/ingest", "index/dedup", "index", "stages", "stages/raster"},
	"index/ingest":          {"index", "stages", "stages/raster", "internal/offheap"},
	"index/dedup":           {"index", "stages", "stages/raster"},
	"index/report":          {"index", "stages"},
	"index/bench":           {"index/pipeline", "index/ingest", "index/report", "index"},
	"index/page":            {"index/report", "index", "stages", "stages/raster"},
	"index/decisions":       {"index"},
	"index/script":          {"index/decisions", "index/report", "index"},
	"index/evaluate":        {},
	"index":                 {"migrations", "internal/offheap"},
	"stages":                {"stages/wavelet", "stages/color", "stages/global", "stages/local", "stages/quality", "stages/raster"},
	"stages/wavelet":        {"stages/raster"},
	"stages/color":          {"stages/raster"},
	"stages/global":         {"stages/raster"},
	"stages/local":          {"stages/raster"},
	"stages/quality":        {"stages/raster"},
	"stages/raster":         {"stages/raster/..."},
	"stages/raster/painted": {"stages/raster"}, // rasters for the tests of stages
	"stages/local/...":      {"stages/local", "stages/raster"},
	"watch":                 {},
	"migrations":            {},
	"internal/drawn":        {},
	"internal/copies":       {"internal/drawn"},
	"internal/offheap":      {},
}

// pure are the packages that do no I/O and ask neither time nor chance; impure
// is what they must not import.
var (
	pure   = []string{"stages", "stages/wavelet", "stages/color", "stages/global", "stages/local", "stages/quality"}
	impure = []string{"os", "io/fs", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "context", "database/sql"}
)

// listed is a package as `go list -json` tells of it.
type listed struct {
	ImportPath string
	Name       string
	Imports    []string
	GoFiles    []string
	Doc        string // first sentence of the package comment
}

// packages lists the packages of the module for each system that it is built for.
func packages(t *testing.T) []listed {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	var all []listed
	for _, goos := range []string{"linux", "darwin", "windows"} {
		c := exec.Command("go", "list", "-json=ImportPath,Name,Imports,GoFiles,Doc", module+"/...")
		c.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
		out, err := c.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		d := json.NewDecoder(bytes.NewReader(out))
		for {
			var p listed
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			p.ImportPath = strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
			all = append(all, p)
		}
	}
	return all
}

// covers tells whether a pattern stands for a package.
func covers(pattern, pkg string) bool {
	base, deep := strings.CutSuffix(pattern, "...")
	return pattern == pkg || deep && strings.HasPrefix(pkg, base)
}

func allowed(from string) []string {
	if to, ok := arrows[from]; ok {
		return to
	}
	for pattern, to := range arrows {
		if covers(pattern, from) {
			return to
		}
	}
	return nil
}

func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range packages(t) {
		seen[p.ImportPath] = true
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module+"/")
			if ours && !slices.ContainsFunc(allowed(p.ImportPath), func(a string) bool { return covers(a, to) }) {
				t.Errorf("%s imports %s, which the house does not allow", p.ImportPath, to)
			}
			if imported == "database/sql" && p.ImportPath != "index" {
				t.Errorf("%s imports database/sql: SQL stands in index alone", p.ImportPath)
			}
			if slices.Contains(pure, p.ImportPath) && slices.Contains(impure, imported) {
				t.Errorf("%s imports %s: stages are pure", p.ImportPath, imported)
			}
		}
	}
	for from := range arrows {
		if !strings.Contains(from, "...") && !seen[from] {
			t.Errorf("there is no package %s", from)
		}
	}
}

func TestNames(t *testing.T) {
	for _, p := range packages(t) {
		for _, bad := range []string{"util", "utils", "common", "helper", "helpers", "types", "manager", "misc"} {
			if p.Name == bad || path.Base(p.ImportPath) == bad {
				t.Errorf("%s: %s says nothing of what is in it", p.ImportPath, bad)
			}
		}
		if p.Doc == "" {
			t.Errorf("%s does not say what it is for", p.ImportPath)
		}
		if p.Name != "main" && len(p.GoFiles) > 1 && !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go", p.ImportPath)
		}
	}
}
