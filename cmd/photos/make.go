package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// find lists the JPEGs below folders, in the order of the walk.
func find(folders []string) ([]string, error) {
	var out []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			switch strings.ToLower(filepath.Ext(path)) {
			case ".jpg", ".jpeg":
				if err == nil && d.Type().IsRegular() {
					out = append(out, path)
				}
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for originals: %w", err)
		}
	}
	return out, nil
}

// made counts what was made.
type made struct{ photos, left, bytes int64 }

// make makes the photos: number i is of original i modulo their count. An original
// is decoded once for all of its photos.
func (o options) make(ctx context.Context, originals []string) (made, error) {
	var photos, left, size atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.workers)
	for first, path := range originals[:min(len(originals), o.count)] {
		g.Go(func() error {
			var at []int
			for i := first; i < o.count; i += len(originals) {
				at = append(at, i)
			}
			src, err := readOriginal(ctx, path)
			if err != nil || src == nil {
				left.Add(int64(len(at)))
				return err
			}
			for _, i := range at {
				if err := ctx.Err(); err != nil {
					return err
				}
				n, err := o.write(ctx, i, src)
				if err != nil {
					return fmt.Errorf("make a photo of %s: %w", path, err)
				}
				photos.Add(1)
				size.Add(n)
			}
			return nil
		})
	}
	err := g.Wait()
	return made{photos.Load(), left.Load(), size.Load()}, err
}

// cameraQuality is that of an enlarged picture, on the scale of the Independent JPEG Group.
const cameraQuality = 92

// original is a decoded picture with the quality that it was encoded at.
type original struct {
	img     *image.YCbCr
	quality int
}

// readOriginal returns nil for a picture that is no colour JPEG of Go's decoder.
func readOriginal(ctx context.Context, path string) (*original, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read original: %w", err)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, nil
	}
	ycc, ok := img.(*image.YCbCr)
	if !ok || ycc.Rect.Dx() < 64 || ycc.Rect.Dy() < 64 {
		return nil, nil
	}
	src := &original{ycc, cameraQuality}
	if w, h := ycc.Rect.Dx(), ycc.Rect.Dy(); w*h < small {
		return src, nil // it was made for the web, and is to weigh what a photo does
	}
	if r, err := raster.Decode(ctx, data, raster.Limits{}); err == nil && r.JPEGQuality > 0 {
		src.quality = r.JPEGQuality
	}
	return src, nil
}

// write makes photo i, with a time of years ago, so that no scan takes it for one that
// is being written.
func (o options) write(ctx context.Context, i int, src *original) (int64, error) {
	random := rand.New(rand.NewPCG(o.seed, uint64(i)))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, cut(src.img, o.megapixels, random), &jpeg.Options{Quality: src.quality}); err != nil {
		return 0, err
	}
	data := b.Bytes()
	if o.progressive {
		c := exec.CommandContext(ctx, "jpegtran", "-progressive", "-copy", "none")
		c.Stdin = &b
		out, err := c.Output()
		if err != nil {
			return 0, fmt.Errorf("run jpegtran (of libjpeg-turbo-progs): %w", err)
		}
		data = out
	}
	path := filepath.Join(o.out, fmt.Sprintf("%03d", i/100), fmt.Sprintf("photo-%05d.jpg", i))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return 0, err
	}
	old := time.Date(2020, 1, 1, 0, 0, i, 0, time.UTC)
	return int64(len(data)), os.Chtimes(path, old, old)
}
