package page

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"math"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
)

// group is a group as the page reads it. Names are short, since a page may
// hold ten thousands of them.
type group struct {
	Space int64  `json:"space"`
	Files []file `json:"files"`
}

type file struct {
	Path     string           `json:"path"`            // as text, what is no UTF-8 replaced
	Bytes    string           `json:"bytes,omitempty"` // the exact path in base64, where the text is not it
	Shown    string           `json:"shown,omitempty"` // for the eyes, where it is not the path
	URL      string           `json:"url"`             // file URL
	Root     int              `json:"root"`
	Kind     string           `json:"kind"`
	Action   report.Action    `json:"action"`
	Alike    float64          `json:"alike"`         // similarity to the best one
	Map      *index.Transform `json:"map,omitempty"` // best one to this, unit coordinates; absent where there is none
	Size     int64            `json:"size"`
	Width    int              `json:"w"`
	Height   int              `json:"h"`
	Format   string           `json:"format"`
	Modified string           `json:"modified"`
	Taken    string           `json:"taken,omitempty"`
	Hash     string           `json:"hash"`
	Offline  bool             `json:"offline,omitempty"`
	Link     string           `json:"link,omitempty"` // the file that it is a hard link of, for the eyes
	Reason   string           `json:"reason,omitempty"`
	Quality  string           `json:"quality,omitempty"` // of the best: why it is; of others: why they are not
}

// groups writes all groups and remembers which contents need a thumbnail.
func (p *writer) groups(ctx context.Context) (totals report.Totals, err error) {
	if err := p.text("[\n"); err != nil {
		return totals, err
	}
	err = report.Each(ctx, p.x, p.o.Report, func(g report.Group) error {
		totals.Add(g)
		out, err := p.group(ctx, g)
		if err != nil {
			return err
		}
		if g.Number > 1 {
			if err := p.text(",\n"); err != nil {
				return err
			}
		}
		return p.json(out)
	})
	if err != nil {
		return totals, err
	}
	return totals, p.text("\n]")
}

func (p *writer) group(ctx context.Context, g report.Group) (group, error) {
	out := group{Space: g.Space, Files: make([]file, len(g.Files))}
	words, err := report.Explain(ctx, p.x, g.Files)
	if err != nil {
		return out, err
	}
	for i, f := range g.Files {
		out.Files[i] = p.file(f)
		out.Files[i].Reason, out.Files[i].Quality = words[i].Reason, words[i].Quality
		if !p.seen[f.Hash] {
			p.seen[f.Hash] = true
			p.contents = append(p.contents, pictured{content: f.Content, hash: f.Hash})
		}
	}
	return out, nil
}

func (p *writer) file(f report.File) file {
	out := file{
		Path: f.Path, URL: fileURL(f.Path), Root: p.roots[f.Root], Kind: f.Kind, Action: f.Action, Alike: math.Round(f.Similarity*1e4) / 1e4,
		Size: f.Size, Width: f.Width, Height: f.Height, Format: f.Format, Modified: f.Modified.UTC().Format(time.RFC3339Nano),
		Hash: hex.EncodeToString(f.Hash[:]), Offline: f.State != index.Online, Link: report.Printable(f.Hardlink),
	}
	if !utf8.ValidString(f.Path) {
		out.Bytes = base64.StdEncoding.EncodeToString([]byte(f.Path))
	}
	if shown := report.Printable(f.Path); shown != f.Path {
		out.Shown = shown
	}
	if !f.Taken.IsZero() {
		out.Taken = f.Taken.UTC().Format(time.RFC3339)
	}
	if f.Transform != (index.Transform{}) {
		t := f.Transform
		for i := range t {
			t[i] = math.Round(t[i]*1e5) / 1e5
		}
		out.Map = &t
	}
	return out
}

// fileURL is the file URL of an absolute path (RFC 8089).
func fileURL(path string) string {
	p := filepath.ToSlash(path)
	if p != "" && p[0] != '/' {
		p = "/" + p // a drive letter
	}
	return "file://" + escapePath(p)
}
