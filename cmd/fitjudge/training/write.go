package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/dedupidx/dedupidx/index/evaluate"
)

// emptyFolder opens a folder that is new or empty. Nothing is written outside it.
func emptyFolder(name string) (*os.Root, error) {
	if name == "" {
		return nil, errors.New("open the folder to write: it has no name")
	}
	if err := os.MkdirAll(name, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder to write: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open the folder to write: %w", err)
	}
	defer f.Close()
	if _, err := f.Readdirnames(1); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("open the folder to write: %s is not empty", name)
	}
	return os.OpenRoot(name)
}

// write makes the files, and then labels.csv.
func write(ctx context.Context, root *os.Root, fs *fonts, seed uint64, items []item) error {
	rows := make([][]string, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range items {
		if i%200 == 0 {
			if err := root.MkdirAll(folder(i), 0o755); err != nil {
				return err
			}
		}
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			h := &hand{rng: rand.New(rand.NewPCG(seed, 1<<40+uint64(i))), fonts: fs}
			row, err := writeItem(root, h, items[i], i)
			rows[i] = row
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	f, err := root.Create("labels.csv")
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	err = errors.Join(w.Write([]string{"path", "group", "relation", "edit", "of", "width", "height"}), w.WriteAll(rows), f.Close())
	if err != nil {
		return fmt.Errorf("write labels: %w", err)
	}
	return nil
}

func folder(i int) string { return fmt.Sprintf("%02d", i/200) }

// writeItem makes one file and its row of the labels.
func writeItem(root *os.Root, h *hand, it item, number int) ([]string, error) {
	img, said, err := makeItem(h, it)
	if err != nil {
		return nil, err
	}
	data, ext, how, err := encode(h, it, img)
	if err != nil {
		return nil, err
	}
	name := path.Join(folder(number), fmt.Sprintf("IMG_%05d%s", number, ext))
	if err := root.WriteFile(name, data, 0o644); err != nil {
		return nil, fmt.Errorf("write a picture: %w", err)
	}
	of := strings.Join(it.of, ";")
	if it.family != "" {
		of = "family:" + it.family
	}
	said = strings.ReplaceAll(said+"; "+how, ",", "")
	b := img.Bounds()
	return []string{name, it.group, it.relation, said, of, strconv.Itoa(b.Dx()), strconv.Itoa(b.Dy())}, nil
}

// makeItem draws what a file shows and says what was done.
func makeItem(h *hand, it item) (*image.RGBA, string, error) {
	h.gentle = it.from.gentle()
	img, err := it.from.picture(h.fonts)
	if err != nil {
		return nil, "", err
	}
	others := make([]*image.RGBA, len(it.others))
	for i, s := range it.others {
		if others[i], err = s.picture(h.fonts); err != nil {
			return nil, "", err
		}
	}
	said := []string{}
	if it.kind != "" {
		said = append(said, it.kind)
	}
	if it.kind == "view" {
		h.gentle = true // a strong blur would hide what moved
		img = view(h, img, others[0])
	}
	how := ""
	switch {
	case it.do.kind == "collage":
		img, how = collage(h, append([]*image.RGBA{img}, others...))
	case it.do.kind == "inset":
		img, how = inset(h, img, others[0])
		if len(it.of) == 1 {
			how += " of a picture that stands nowhere else"
		}
	case it.do.do != nil:
		img, how = it.do.do(h, img)
	}
	if it.do.kind != "" {
		said = append(said, strings.TrimSpace(it.do.kind+" "+how))
	}
	// The changed size that goes along with so many edits.
	if it.do.kind != "" && !h.whole && it.relation != evaluate.Original && h.IntN(2) == 0 {
		long := between(h.rng, 310, 600)
		if it.relation == evaluate.Partial {
			long = between(h.rng, 380, 640)
		}
		img = fit(img, long)
		said = append(said, fmt.Sprintf("resized to %d", max(img.Rect.Dx(), img.Rect.Dy())))
	}
	return img, strings.Join(said, "; "), nil
}

// encode writes most as JPEG, and of what is drawn a part as PNG.
func encode(h *hand, it item, img *image.RGBA) (data []byte, ext, how string, err error) {
	var b bytes.Buffer
	plain := it.do.kind == ""
	if h.quality == 0 && (it.from.drawn() && h.IntN(10) < 3 || plain && it.from.drawn() && h.IntN(2) == 0) {
		if err := png.Encode(&b, img); err != nil {
			return nil, "", "", fmt.Errorf("encode a picture: %w", err)
		}
		return b.Bytes(), ".png", "png", nil
	}
	q := h.quality
	switch {
	case q != 0:
	case plain:
		q = 76 + h.IntN(19)
	default:
		q = 55 + h.IntN(38)
	}
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: q}); err != nil {
		return nil, "", "", fmt.Errorf("encode a picture: %w", err)
	}
	return b.Bytes(), ".jpg", fmt.Sprint("jpeg ", q), nil
}
