package codec

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
)

// sumFile holds the sum of the machine code beside it. The runtime checks its code but not
// the numbers before it, and one flipped bit of these makes it ask for gigabytes.
const sumFile = "sum"

// compileCached takes the machine code of a module from the cache, or makes it and keeps
// it. Each module has a folder of its own there, which appears when it is whole, so that
// several processes may do this at once. What stands in the way of the cache costs time
// alone. folder is empty for none.
func compileCached(ctx context.Context, config wazero.RuntimeConfig, code []byte, folder string) (*module, error) {
	if folder == "" {
		return compile(ctx, config, code)
	}
	sum := sha256.Sum256(code)
	own := filepath.Join(folder, hex.EncodeToString(sum[:8]))
	if sound(own) {
		if m, err := compileIn(ctx, config, code, own); err == nil {
			return m, nil
		}
	}
	if os.MkdirAll(folder, 0o700) != nil {
		return compile(ctx, config, code)
	}
	fresh, err := os.MkdirTemp(folder, "new-")
	if err != nil {
		return compile(ctx, config, code)
	}
	m, err := compileIn(ctx, config, code, fresh)
	if err == nil {
		err = keep(fresh, own)
	}
	if err != nil {
		_ = os.RemoveAll(fresh) // it may be made again
	}
	if m == nil {
		return compile(ctx, config, code)
	}
	return m, nil
}

// compileIn is compile with machine code in a folder.
func compileIn(ctx context.Context, config wazero.RuntimeConfig, code []byte, folder string) (*module, error) {
	cache, err := wazero.NewCompilationCacheWithDir(folder)
	if err != nil {
		return nil, err
	}
	m, err := compile(ctx, config.WithCompilationCache(cache), code)
	if err != nil {
		_ = cache.Close(ctx) // frees memory alone
		return nil, err
	}
	m.cache = cache
	return m, nil
}

// keep makes a folder of fresh machine code the one of its module.
func keep(fresh, own string) error {
	sum, err := sumOf(fresh)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(fresh, sumFile), sum, 0o600); err != nil {
		return err
	}
	if os.Rename(fresh, own) == nil {
		return nil
	}
	// One is there: of another process, or a broken one.
	if sound(own) {
		return os.RemoveAll(fresh)
	}
	if err := os.RemoveAll(own); err != nil {
		return err
	}
	return os.Rename(fresh, own)
}

// sound says whether a folder holds what was written to it.
func sound(folder string) bool {
	want, err := os.ReadFile(filepath.Join(folder, sumFile))
	if err != nil {
		return false
	}
	got, err := sumOf(folder)
	return err == nil && bytes.Equal(got, want)
}

// sumOf sums the files of a folder and their names.
func sumOf(folder string) ([]byte, error) {
	h := sha256.New()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == sumFile {
			return err
		}
		code, err := os.ReadFile(path)
		sum := sha256.Sum256(code)
		h.Write(sum[:])
		h.Write([]byte(d.Name()))
		return err
	})
	return []byte(hex.EncodeToString(h.Sum(nil))), err
}
