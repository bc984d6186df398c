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
	"github.com/dedupidx/dedupidx/stages"
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
	words, err := p.words(ctx, g.Files)
	if err != nil {
		return out, err
	}
	for i, f := range g.Files {
		out.Files[i] = p.file(f)
		out.Files[i].Reason, out.Files[i].Quality = words[i].reason, words[i].quality
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

// said is what is told of a file in words.
type said struct{ reason, quality string }

// words asks what the judge said of each file and the representative, and why
// the best one is best.
func (p *writer) words(ctx context.Context, files []report.File) ([]said, error) {
	out := make([]said, len(files))
	var ids []int64
	for _, f := range files {
		ids = append(ids, f.Content)
	}
	best := ids[0]
	matches, err := p.x.MatchesOf(ctx, ids[:1])
	if err != nil {
		return nil, err
	}
	reasons := make(map[int64]string, len(matches))
	for _, m := range matches {
		reasons[m.A+m.B-best] = m.Reason
	}
	standing, err := p.standing(ctx, ids)
	if err != nil {
		return nil, err
	}
	var next *stages.Standing // the best of the others
	for i, f := range files {
		s, known := standing[f.Content]
		switch {
		case f.Content == best:
			if i > 0 {
				out[i].reason = "the same bytes"
			}
			continue
		case known:
			out[i].quality = stages.WhyBetter(standing[best], s)
			if f.Kind != "partial" && (next == nil || stages.Better(s, *next) > 0) {
				next = &s
			}
		}
		out[i].reason = reasons[f.Content]
	}
	if next != nil {
		out[0].quality = stages.WhyBetter(standing[best], *next)
	}
	return out, nil
}

func (p *writer) standing(ctx context.Context, contents []int64) (map[int64]stages.Standing, error) {
	var version int
	for _, s := range stages.List() {
		if s.Name == stages.Quality {
			version = s.Version
		}
	}
	encoded, err := p.x.Features(ctx, stages.Quality, version, contents)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]stages.Standing, len(encoded))
	for id, b := range encoded {
		if out[id], err = stages.DecodeStanding(b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fileURL is the file URL of an absolute path (RFC 8089).
func fileURL(path string) string {
	p := filepath.ToSlash(path)
	if p != "" && p[0] != '/' {
		p = "/" + p // a drive letter
	}
	return "file://" + escapePath(p)
}
