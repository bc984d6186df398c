package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"html/template"
	"image"
	"image/jpeg"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/evaluate"
	"github.com/dedupidx/dedupidx/stages"
)

// evaluated is what an index knows of labelled files: their contents, and the verdicts on them.
type evaluated struct {
	x       *index.Index
	content map[string]int64   // label's path, or key of a stranger -> content
	keys    map[int64][]string // the other way round
	match   map[[2]int64]index.Match
}

// lookUp reads what the index knows of the files that find leads to a label, and of strangers
// where they are wanted.
func lookUp(ctx context.Context, x *index.Index, find func(string) (string, bool), strangers bool) (*evaluated, error) {
	v := &evaluated{x: x, content: map[string]int64{}, keys: map[int64][]string{}, match: map[[2]int64]index.Match{}}
	roots, err := x.Roots(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, root := range roots {
		for folder, err := range x.Folders(ctx, root.ID) {
			if err != nil {
				return nil, err
			}
			files, err := x.FilesIn(ctx, root.ID, folder.Path)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				key, labelled := find(filepath.Join(root.Path, filepath.FromSlash(f.Folder), f.Name))
				if f.Content == 0 || !labelled && !strangers {
					continue
				}
				v.content[key] = f.Content
				if v.keys[f.Content] == nil {
					ids = append(ids, f.Content)
				}
				v.keys[f.Content] = append(v.keys[f.Content], key)
			}
		}
	}
	matches, err := x.MatchesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, m := range matches {
		if m.Kind != index.None && v.keys[m.A] != nil && v.keys[m.B] != nil {
			v.match[[2]int64{m.A, m.B}] = m
		}
	}
	return v, nil
}

// judged are the verdicts that met in a bucket: what grouping asked for was asked because of
// other verdicts, and says nothing on how far similarity can be trusted.
func (v *evaluated) judged() []evaluate.Judged {
	var out []evaluate.Judged
	for _, m := range v.match {
		if !m.Direct {
			out = append(out, evaluate.Judged{A: v.keys[m.A], B: v.keys[m.B], Similarity: m.Similarity})
		}
	}
	slices.SortFunc(out, func(a, b evaluate.Judged) int { // sums of floats depend on their order
		return cmp.Or(slices.Compare(a.A, b.A), slices.Compare(a.B, b.B))
	})
	return out
}

// show adds to confusions what the index knows: thumbnails and the stored verdicts.
func (v *evaluated) show(ctx context.Context, list []evaluate.Confusion) error {
	for i := range list {
		c := &list[i]
		a, b := v.content[c.A], v.content[c.B]
		first, second := "the left one", "the right one" // on the page, of whose match A stands first
		m, ok := v.match[[2]int64{a, b}]
		if !ok {
			m, ok = v.match[[2]int64{b, a}]
			first, second = second, first
		}
		if ok {
			c.Similarity, c.Reason = m.Similarity, strings.NewReplacer("the first", first, "the second", second).Replace(m.Reason)
		}
		var err, err2 error
		c.ThumbnailA, err = v.thumbnail(ctx, a)
		c.ThumbnailB, err2 = v.thumbnail(ctx, b)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
	}
	return nil
}

// thumbnail is that which the index keeps of a content, as a data URI.
func (v *evaluated) thumbnail(ctx context.Context, content int64) (template.URL, error) {
	if content == 0 {
		return "", nil
	}
	var version int
	for _, s := range stages.List() {
		if s.Name == stages.Local {
			version = s.Version
		}
	}
	features, err := v.x.Features(ctx, stages.Local, version, []int64{content})
	if err != nil || features[content] == nil {
		return "", err
	}
	rgb, w, h, err := stages.Thumbnail(features[content])
	if err != nil || len(rgb) == 0 {
		return "", err
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(img.Pix[4*i:], rgb[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		return "", err
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

// writePlot writes the reliability plot: an SVG, or a page with it where the name says so.
func writePlot(path string, c evaluate.Curve) error {
	return writeFile(path, func(w io.Writer) error {
		if ext := strings.ToLower(filepath.Ext(path)); ext != ".html" && ext != ".htm" {
			return c.Plot(w)
		}
		_, err := io.WriteString(w, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>How far similarity can be trusted</title></head><body>\n")
		if err != nil {
			return err
		}
		if err := c.Plot(w); err != nil {
			return err
		}
		_, err = io.WriteString(w, "</body></html>\n")
		return err
	})
}
