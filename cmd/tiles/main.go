// Command tiles cuts photos into pictures that are copies of nothing: tiles of
// one photo touch and never overlap, and of those with the same bytes (a sky burnt
// out) there is one. Put into an index beside labelled photos
// they crowd it with strangers that no choice was made by.
//
//	go run ./cmd/tiles -o TILES DISTRACTORS CAMERA
//	dedupidx --index crowd.db scan PHOTOS TILES
//	go run ./cmd/tiles -o TILES -check crowd.db DISTRACTORS CAMERA
//	dedupidx --index crowd.db evaluate PHOTOS/labels.csv --strangers
//
// With -check nothing is cut: it fails where two tiles of a photo overlap or
// reach over its edge or are not those that are cut, and where an index holds a
// photo together with its own tiles.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif"
	"image/jpeg"
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zeebo/blake3"
	_ "golang.org/x/image/webp"

	"github.com/dedupidx/dedupidx/index"
)

func main() {
	out := flag.String("o", "", "the `FOLDER` of the tiles, which must not be there yet")
	check := flag.String("check", "", "cut nothing, and check the tiles against each other and against `INDEX`")
	flag.Parse()
	if err := run(context.Background(), *out, *check, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "tiles:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, check string, folders []string) error {
	if out == "" || len(folders) == 0 {
		return errors.New("name the folder to make with -o, and folders of photos")
	}
	var x *index.Index
	var err error
	if check == "" {
		err = os.Mkdir(out, 0o755)
	} else {
		x, err = index.OpenReader(ctx, check)
	}
	if err != nil {
		return err
	}
	if x != nil {
		defer x.Close()
	}
	photos, tiles := 0, 0
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			var n int
			if x == nil {
				n, err = cut(path, prefix(out, photos))
			} else {
				n, err = verify(ctx, x, path, prefix(out, photos))
			}
			if n > 0 {
				photos, tiles = photos+1, tiles+n
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	fmt.Printf("%d tiles of %d photos\n", tiles, photos)
	return nil
}

// prefix is how the tiles of a photo are called, but for their place in it.
func prefix(out string, photo int) string { return filepath.Join(out, fmt.Sprintf("t%04d", photo)) }

func name(prefix string, i int) string { return fmt.Sprintf("%s-%03d.jpg", prefix, i) }

// grid lays tiles over a picture, row by row: as many across as down, with a
// long side of about 340 pixels, 2 x 2 at least and 12 x 12 at most.
func grid(b image.Rectangle) []image.Rectangle {
	k := min(12, max(2, max(b.Dx(), b.Dy())/340))
	var tiles []image.Rectangle
	for y := range k {
		for x := range k {
			tiles = append(tiles, image.Rect(
				b.Min.X+x*b.Dx()/k, b.Min.Y+y*b.Dy()/k, b.Min.X+(x+1)*b.Dx()/k, b.Min.Y+(y+1)*b.Dy()/k))
		}
	}
	return tiles
}

// decode reads a photo whole. It is nil where the standard library cannot.
func decode(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	photo, _, err := image.Decode(f)
	if err != nil {
		return nil, nil
	}
	return photo, nil
}

// cut writes the tiles of a photo.
func cut(path, prefix string) (int, error) {
	photo, err := decode(path)
	if photo == nil {
		return 0, err
	}
	tiles := grid(photo.Bounds())
	written := make(map[string]bool)
	for i, at := range tiles {
		tile := image.NewRGBA(image.Rect(0, 0, at.Dx(), at.Dy()))
		draw.Draw(tile, tile.Rect, photo, at.Min, draw.Src)
		var data bytes.Buffer
		if err := jpeg.Encode(&data, tile, &jpeg.Options{Quality: 90}); err != nil {
			return 0, fmt.Errorf("cut %s: %w", path, err)
		}
		if written[data.String()] {
			continue // a sky burnt out: as a copy it would be right
		}
		written[data.String()] = true
		if err := os.WriteFile(name(prefix, i), data.Bytes(), 0o644); err != nil {
			return 0, err
		}
	}
	return len(written), nil
}

// verify holds the tiles of a photo against the grid and the index.
func verify(ctx context.Context, x *index.Index, path, prefix string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	photo, err := decode(path)
	if photo == nil {
		return 0, err
	}
	switch _, found, err := x.ContentByHash(ctx, index.Hash(blake3.Sum256(data))); {
	case err != nil:
		return 0, err
	case found:
		return 0, fmt.Errorf("%s is in the index together with its tiles", path)
	}
	frame := photo.Bounds()
	tiles := grid(frame)
	missing := 0
	for i, at := range tiles {
		if !at.In(frame) {
			return 0, fmt.Errorf("%s: tile %d reaches over the edge", path, i)
		}
		for _, other := range tiles[:i] {
			if at.Overlaps(other) {
				return 0, fmt.Errorf("%s: two tiles overlap", path)
			}
		}
		g, err := os.Open(name(prefix, i))
		if errors.Is(err, fs.ErrNotExist) {
			missing++ // its bytes are those of another
			continue
		}
		if err != nil {
			return 0, err
		}
		tile, _, err := image.DecodeConfig(g)
		if err = errors.Join(err, g.Close()); err != nil {
			return 0, err
		}
		if tile.Width != at.Dx() || tile.Height != at.Dy() {
			return 0, fmt.Errorf("%s is %d x %d pixels, not %d x %d", name(prefix, i), tile.Width, tile.Height, at.Dx(), at.Dy())
		}
	}
	return len(tiles) - missing, nil
}
