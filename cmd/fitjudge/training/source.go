package main

import (
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// source is a picture that files are made from: a photo, or a filling of a family.
type source struct {
	group  string
	photo  string
	family family
	number uint64 // of the filling
	long   float64
}

func (s source) drawn() bool { return s.photo == "" }

// gentle says whether strong edits have to be held back: of a page that is blurred
// or shrunk until nothing can be read, no one can say which filling it was.
func (s source) gentle() bool { return s.drawn() }

// shared says whether a small part may well be the same in another filling.
func (s source) shared() bool { return s.drawn() && s.family.keep >= 0.3 }

// picture reads or draws it. The result is the caller's to change.
func (s source) picture(fs *fonts) (*image.RGBA, error) {
	if s.drawn() {
		return fit(drawFilling(fs, s.family, s.number), s.long), nil
	}
	f, err := os.Open(s.photo)
	if err != nil {
		return nil, fmt.Errorf("read photo: %w", err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("read photo %s: %w", s.photo, err)
	}
	out := opaque(img)
	if s.long < float64(max(out.Rect.Dx(), out.Rect.Dy())) {
		out = fit(out, s.long)
	}
	return out, nil
}

// photosIn lists the photos below some folders that are large enough to be worth
// it, in the order of their paths.
func photosIn(folders []string) ([]string, error) {
	var out []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			switch strings.ToLower(filepath.Ext(path)) {
			case ".jpg", ".jpeg", ".png":
				if usable(path) {
					out = append(out, path)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list photos: %w", err)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// usable says whether a photo has a head that can be read, sides of 240 pixels
// or more, and not more pixels than a memory holds.
func usable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	return err == nil && min(c.Width, c.Height) >= 240 && c.Width <= 10000 && c.Height <= 10000 && c.Width*c.Height <= 50e6
}

// alike says whether two fillings of one size differ so little that a person
// might call them one picture: fewer than 1 in 100 pixels differ by much at
// 320 pixels, or fewer than a fourteenth of as many as stand at an edge. A paragraph or
// a few lines are about that: found by looking at families, to be found again so.
func alike(a, b *image.RGBA) bool {
	if a.Rect != b.Rect {
		return false
	}
	const much = 28
	differ, edges := 0, 0
	edge := func(img *image.RGBA, i int) bool {
		left, up := max(i-8, 0), max(i-2*img.Stride, 0)
		v := luma(img.Pix[i : i+3])
		return math.Abs(v-luma(img.Pix[left:left+3])) > much || math.Abs(v-luma(img.Pix[up:up+3])) > much
	}
	for i := 0; i < len(a.Pix); i += 4 {
		d := 0
		for c := range 3 {
			d = max(d, int(a.Pix[i+c])-int(b.Pix[i+c]), int(b.Pix[i+c])-int(a.Pix[i+c]))
		}
		if d > much {
			differ++
		}
		if edge(a, i) || edge(b, i) {
			edges++
		}
	}
	return differ*100 < len(a.Pix)/4 || differ*14 < edges
}
