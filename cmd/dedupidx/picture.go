package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// picture is a file that the user asked about, read and decoded.
type picture struct {
	path    string
	hash    index.Hash
	data    index.Hash // of the picture data alone; zero where the format has none
	raster  *raster.Raster
	encoded map[string][]byte // features by stage
}

// loadPicture reads and decodes a file.
func loadPicture(ctx context.Context, path string) (p picture, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read picture: %w", err)
		}
	}()
	data, err := readBounded(path)
	if err != nil {
		return p, err
	}
	helper, err := helperCommand()
	if err != nil {
		return p, err
	}
	d := raster.NewDecoder(raster.DecoderOptions{Helper: helper})
	defer func() { err = errors.Join(err, d.Close()) }()
	r, err := d.Decode(ctx, data, path)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	p = picture{path: path, hash: blake3.Sum256(data), raster: r, encoded: stages.ExtractAll(r)}
	if sum, ok := raster.PictureHash(data, r.Format, r.Orientation); ok {
		p.data = sum
	}
	return p, nil
}

// readBounded reads an ordinary file that is not larger than pictures may be.
func readBounded(path string) ([]byte, error) {
	f, err := (&disk{}).Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := (raster.Limits{}).CheckFileSize(info.Size()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(f)
}
