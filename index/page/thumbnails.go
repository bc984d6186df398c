package page

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"

	"github.com/zeebo/blake3"
	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// thumbnailQuality is that of JPEG. At 256 pixels a photo takes some 10 KB.
const thumbnailQuality = 80

// storedSide is the long side of the thumbnail that the index keeps. A page
// with thumbnails no larger opens no photo.
const storedSide = 96

// chunk is how many thumbnails share an element of the page: few enough that a
// browser which reads on meanwhile shows the first ones at once.
const chunk = 32

// pictured is a content that the page shows.
type pictured struct {
	content int64
	hash    index.Hash
}

// thumbnails makes one for each content in the order of the page, and writes it
// into the page or into the folder beside it.
func (p *writer) thumbnails(ctx context.Context) error {
	if p.o.Assets != "" {
		if err := os.MkdirAll(p.o.Assets, 0o777); err != nil {
			return fmt.Errorf("make folder of thumbnails: %w", err)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	work := make(chan job)
	order := make(chan job, 2*p.o.Workers) // what is begun and not yet written
	for range p.o.Workers {
		group.Go(func() (err error) {
			d := raster.NewDecoder(p.o.Decoder)
			defer func() { err = errors.Join(err, d.Close()) }()
			for j := range work {
				picture, err := p.thumbnail(ctx, d, j.pictured)
				if err != nil {
					return err
				}
				j.done <- picture
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(order)
		defer close(work)
		for _, c := range p.contents {
			j := job{c, make(chan string, 1)}
			for _, to := range []chan job{order, work} {
				select {
				case to <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	})
	group.Go(func() error { return p.place(ctx, order) })
	return group.Wait()
}

// job is a thumbnail to make, and where its bytes go.
type job struct {
	pictured
	done chan string
}

// place writes the thumbnails into the page as they come.
func (p *writer) place(ctx context.Context, order <-chan job) error {
	some := map[string]string{}
	write := func() error {
		if len(some) == 0 {
			return nil
		}
		err := p.text("<script type=\"application/json\" class=\"thumbnails\">")
		if err == nil {
			err = p.json(some)
		}
		if err == nil {
			err = p.text("</script>\n")
		}
		clear(some)
		return err
	}
	for j := range order {
		select {
		case picture := <-j.done:
			if picture != "" {
				some[hex.EncodeToString(j.hash[:])] = picture
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		if len(some) == chunk {
			if err := write(); err != nil {
				return err
			}
		}
	}
	return write()
}

// thumbnail makes the thumbnail of a content: of the first of its files that
// holds its bytes, else of the feature that the index keeps. It returns what
// the page holds of it: the JPEG in base64, or the name of a file in the folder of
// assets, where one that lies there already is not made again; empty for none.
func (p *writer) thumbnail(ctx context.Context, d *raster.Decoder, c pictured) (string, error) {
	name := assetName(c.hash, p.o.Side)
	if p.o.Assets != "" {
		if info, err := os.Stat(filepath.Join(p.o.Assets, name)); err == nil && info.Size() > 0 {
			return name, nil
		}
	}
	data, whole, err := p.draw(ctx, d, c)
	switch {
	case err != nil || len(data) == 0:
		return "", err
	case p.o.Assets == "":
		return base64.StdEncoding.EncodeToString(data), nil
	case !whole: // by another name, so that a later page with the drive at hand makes a better one
		name = assetName(c.hash, storedSide)
	}
	return name, writeAsset(filepath.Join(p.o.Assets, name), data)
}

// assetName is the name of a thumbnail in the folder of assets. 128 bits of the
// content's hash are enough to tell photos apart.
func assetName(h index.Hash, side int) string {
	return hex.EncodeToString(h[:16]) + "-" + strconv.Itoa(side) + ".jpg"
}

// draw makes the thumbnail, and tells whether it has the size asked for.
func (p *writer) draw(ctx context.Context, d *raster.Decoder, c pictured) (data []byte, whole bool, err error) {
	if p.o.Side > storedSide {
		r, err := p.decode(ctx, d, c)
		if err != nil {
			return nil, false, err
		}
		if r != nil {
			rgb, w, h, err := r.Shrink(p.o.Side)
			if err != nil {
				return nil, false, err
			}
			data, err := encode(rgb, w, h)
			return data, true, err
		}
	}
	var version int
	for _, s := range stages.List() {
		if s.Name == stages.Local {
			version = s.Version
		}
	}
	features, err := p.x.Features(ctx, stages.Local, version, []int64{c.content})
	if err != nil || features[c.content] == nil {
		return nil, false, err
	}
	rgb, w, h, err := stages.Thumbnail(features[c.content])
	if err != nil || len(rgb) == 0 {
		return nil, false, err
	}
	data, err = encode(rgb, w, h)
	return data, p.o.Side <= storedSide, err
}

// decode reads a content from the first of its files that still holds it. Nil
// where none does: what cannot be read or decoded is no error.
func (p *writer) decode(ctx context.Context, d *raster.Decoder, c pictured) (*raster.Raster, error) {
	files, err := p.x.FilesOf(ctx, []int64{c.content})
	if err != nil {
		return nil, err
	}
	for _, f := range files[c.content] {
		if f.State != index.Online {
			continue
		}
		data, err := p.o.Read(f.Path)
		if err != nil || blake3.Sum256(data) != c.hash {
			continue
		}
		r, err := d.Decode(ctx, data, f.Path)
		var failure *raster.Failure
		switch {
		case errors.As(err, &failure):
			return nil, nil // a bad photo is data
		case err != nil:
			return nil, err
		}
		return r, nil
	}
	return nil, ctx.Err()
}

func encode(rgb []byte, w, h int) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(img.Pix[4*i:], rgb[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return nil, fmt.Errorf("encode thumbnail: %w", err)
	}
	return b.Bytes(), nil
}

// writeAsset writes a file that appears when it is whole, and replaces none.
func writeAsset(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".part-")
	if err != nil {
		return fmt.Errorf("write thumbnail: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("write thumbnail: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("write thumbnail: %w", err)
	}
	return nil
}
