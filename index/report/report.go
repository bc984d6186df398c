package report

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// Format is a way to write a report.
type Format string

const (
	Table  Format = "table"
	CSV    Format = "csv"
	JSON   Format = "json"  // one document
	JSONL  Format = "jsonl" // a document per group and line
	Paths0 Format = "paths0"
)

// Orders lists the orders of groups.
func Orders() []index.Order {
	return []index.Order{index.BySpace, index.BySimilarity, index.ByPath, index.ByDate}
}

// Formats lists the formats in the order of their description.
func Formats() []Format { return []Format{Table, CSV, JSON, JSONL, Paths0} }

// Options say what a report holds. The zero value is a table of the normal
// sensitivity, the most space to win first.
type Options struct {
	Sensitivity string      // strict, normal or loose; empty for normal
	Sort        index.Order // empty for space
	Against     string      // only groups with a file in this folder, none of which is proposed to go
	Keep        Rule        // which file of a group stays
	NeverGo     []string    // folders whose files are never proposed to go
	JoinRaw     bool        // camera raw and JPEG of one shot are copies (--raw-pairs group), not companions
	Format      Format      // empty for table
	Only        Only        // of paths0; empty for all
	Color       bool        // of table
	Explain     bool        // say of each file, and of the best one, why; not in paths0
}

func (o Options) withDefaults() Options {
	if o.Sensitivity == "" {
		o.Sensitivity = "normal" // the one whose groups a scan keeps true by itself
	}
	if o.Sort == "" {
		o.Sort = index.BySpace // what one wants to look at first
	}
	if o.Format == "" {
		o.Format = Table
	}
	if o.Only == "" {
		o.Only = OnlyAll
	}
	return o
}

// writer writes a report in one format.
type writer interface {
	begin(Options) error
	group(Group) error
	end(Totals) error // flushes
}

func newWriter(w io.Writer, o Options) (writer, error) {
	b := bufio.NewWriterSize(w, 64<<10)
	switch o.Format {
	case Table:
		return &tableWriter{w: b, color: o.Color, explain: o.Explain}, nil
	case CSV:
		return &csvWriter{w: b}, nil
	case JSON:
		return &jsonWriter{w: b}, nil
	case JSONL:
		return &jsonWriter{w: b, lines: true}, nil
	case Paths0:
		return &paths0Writer{w: b, only: o.Only}, nil
	}
	return nil, fmt.Errorf("report format %q is not known", o.Format)
}

// Write writes the groups of an index to w and returns their sums. Two reports
// of one index are the same to the byte.
func Write(ctx context.Context, w io.Writer, x *index.Index, o Options) (Totals, error) {
	o = o.withDefaults()
	out, err := newWriter(w, o)
	if err != nil {
		return Totals{}, err
	}
	if err := out.begin(o); err != nil {
		return Totals{}, fmt.Errorf("write report: %w", err)
	}
	var totals Totals
	err = Each(ctx, x, o, func(g Group) error {
		totals.Add(g)
		if err := out.group(g); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		return nil
	})
	if err != nil {
		return totals, err
	}
	if err := out.end(totals); err != nil {
		return totals, fmt.Errorf("write report: %w", err)
	}
	return totals, nil
}

// Each hands the groups to visit, in the order of the report, until it returns
// an error, which Each returns. Unless o.JoinRaw, a group with a camera raw file and its
// companion gives two, or one, or none: see partRaw.
func Each(ctx context.Context, x *index.Index, o Options, visit func(Group) error) error {
	o = o.withDefaults()
	paths, err := rootNames(ctx, x)
	if err != nil {
		return err
	}
	number := 0
	for stored, err := range x.ClusterRows(ctx, o.Sensitivity, o.Sort) {
		if err != nil {
			return err
		}
		files := make([]File, len(stored.Rows))
		for i, r := range stored.Rows {
			files[i] = fileOf(r, paths[r.File.Root])
		}
		parts := [][]File{files}
		if !o.JoinRaw {
			parts = partRaw(files)
		}
		for _, files := range parts {
			if len(files) < 2 || o.Against != "" && !slices.ContainsFunc(files, func(f File) bool { return within(f.Path, o.Against) }) {
				continue // what is alone by now, a copy having gone, is no group
			}
			g := arrange(files, o)
			number++
			g.Number, g.Similarity = number, stored.Similarity
			if o.Explain {
				if g.Said, err = Explain(ctx, x, g.Files); err != nil {
					return err
				}
			}
			if err := visit(g); err != nil {
				return err
			}
		}
	}
	return nil
}

// rootNames are the paths of the roots, by id.
func rootNames(ctx context.Context, x *index.Index) (map[int64]string, error) {
	roots, err := x.Roots(ctx)
	if err != nil {
		return nil, err
	}
	paths := make(map[int64]string, len(roots))
	for _, r := range roots {
		paths[r.ID] = r.Path
	}
	return paths, nil
}

func fileOf(r index.Row, root string) File {
	return File{
		Path: r.File.Path, Kind: r.Kind, Similarity: r.Similarity, Transform: r.Transform,
		Size: r.File.Size, Width: r.Content.Width, Height: r.Content.Height, Format: r.Content.Format,
		Modified: time.Unix(0, r.File.Mtime), Taken: unixTime(r.Content.Taken), Hash: r.Content.Hash, Content: r.Content.ID,
		camera: r.Content.Camera,
		Root:   root, State: r.File.State, inode: r.File.Inode, device: r.File.Device,
	}
}

// unixTime is the time of Unix nanoseconds; the zero time for 0, which stands for unknown.
func unixTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}
