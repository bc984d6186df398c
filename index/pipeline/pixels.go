package pipeline

import (
	"context"
	"io"
	"sync"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/ingest"
	"github.com/dedupidx/dedupidx/stages/raster"
	"github.com/zeebo/blake3"
)

// pixelReader hashes the pixels of contents whose files are at hand, one at a time, each
// once in a run.
type pixelReader struct {
	x      *index.Index
	disk   ingest.Disk
	limits raster.Limits

	mu    sync.Mutex
	known map[int64]pixelHash
}

// pixelHash is the hash of a content's pixels, or that there is none.
type pixelHash struct {
	sum index.Hash
	ok  bool
}

// hash is a dedup.PixelHash. A file that cannot be read, or holds other bytes by now, is
// left out; the next walk says what became of it.
func (p *pixelReader) hash(ctx context.Context, c index.Content) (index.Hash, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h, ok := p.known[c.ID]; ok {
		return h.sum, h.ok, nil
	}
	files, err := p.x.FilesOf(ctx, []int64{c.ID})
	if err != nil {
		return index.Hash{}, false, err
	}
	var h pixelHash
	for _, f := range files[c.ID] {
		if f.State != index.Online {
			continue
		}
		data, ok := p.read(f.Path, c)
		if !ok {
			continue
		}
		if h.sum, h.ok, err = raster.PixelHash(ctx, data, p.limits); err != nil {
			return index.Hash{}, false, err
		}
		break
	}
	p.known[c.ID] = h
	return h.sum, h.ok, nil
}

// read reads a file that holds a content, as long as it does.
func (p *pixelReader) read(path string, c index.Content) ([]byte, bool) {
	if p.limits.CheckFileSize(c.Size) != nil {
		return nil, false
	}
	file, err := p.disk.Open(path)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, c.Size+1))
	return data, err == nil && index.Hash(blake3.Sum256(data)) == c.Hash
}
