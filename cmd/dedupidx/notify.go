package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
)

// duplicate is a picture that came and stands in a group.
type duplicate struct {
	Path       string            `json:"path"`
	PathBytes  []byte            `json:"path_bytes,omitempty"` // base64, where the name is no UTF-8
	Hash       string            `json:"hash"`
	Size       int64             `json:"size"`
	Group      string            `json:"group"`      // hash of the group's best picture
	Kind       string            `json:"kind"`       // what it is to Of: exact, pixels, near, transformed, partial; best where it is the best itself
	Similarity float64           `json:"similarity"` // to Of
	Of         string            `json:"of"`         // the best file; the one after it where this one is the best
	OfBytes    []byte            `json:"of_bytes,omitempty"`
	Members    []duplicateMember `json:"members"` // all files of the group, this one included
}

type duplicateMember struct {
	Path       string  `json:"path"`
	PathBytes  []byte  `json:"path_bytes,omitempty"`
	Kind       string  `json:"kind"`
	Similarity float64 `json:"similarity"`
	Hash       string  `json:"hash"`
	Size       int64   `json:"size"`
}

// teller tells duplicates: a line or JSON on out, and a program for each.
type teller struct {
	x           *index.Index
	sensitivity string
	out         io.Writer
	asJSON      bool
	log         *slog.Logger
	program     *onDuplicate // nil: none
	known       map[[32]byte]bool
}

// maxTold bounds what is remembered of what was told; it only spares repeats.
const maxTold = 16384

func newTeller(x *index.Index, sensitivity string, out io.Writer, asJSON bool, argv []string, stderr io.Writer, log *slog.Logger) (*teller, error) {
	t := &teller{x: x, sensitivity: sensitivity, out: out, asJSON: asJSON, log: log, known: map[[32]byte]bool{}}
	if len(argv) > 0 {
		var err error
		if t.program, err = startOnDuplicate(argv, stderr, log); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *teller) close() {
	if t.program != nil {
		t.program.close()
	}
}

// tell tells of those that arrived which stand in a group, and returns how many
// by kind. What was told before in the same words is not told again.
func (t *teller) tell(ctx context.Context, arrived []pipeline.Arrival) (map[string]int64, error) {
	told := map[string]int64{}
	seen := map[pipeline.Arrival]bool{}
	for _, a := range arrived {
		if seen[a] {
			continue
		}
		seen[a] = true
		list, err := t.duplicates(ctx, a)
		if err != nil {
			return told, err
		}
		for _, d := range list {
			if !t.isNews(d) {
				continue
			}
			if err := t.one(d); err != nil {
				return told, err
			}
			told[d.Kind]++
		}
	}
	return told, nil
}

func (t *teller) one(d duplicate) error {
	text, err := jsonLine(d)
	if err != nil {
		return err
	}
	if t.program != nil {
		t.program.hand(text)
	}
	if !t.asJSON {
		text = []byte(d.String() + "\n")
	}
	if _, err := t.out.Write(text); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

func jsonLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// String is a duplicate in a line.
func (d duplicate) String() string {
	path, of := report.Printable(d.Path), report.Printable(d.Of)
	if d.Kind == index.Best {
		return fmt.Sprintf("%s: best of %d, better than %s (%.3f)", path, len(d.Members), of, d.Similarity)
	}
	if d.Kind == "partial" {
		return fmt.Sprintf("%s: shares a part (%.3f) with %s", path, d.Similarity, of)
	}
	return fmt.Sprintf("%s: %s copy (%.3f) of %s", path, d.Kind, d.Similarity, of)
}

// duplicates are the groups in which a picture that came stands, most often one.
func (t *teller) duplicates(ctx context.Context, a pipeline.Arrival) ([]duplicate, error) {
	content, known, err := t.x.ContentByHash(ctx, a.Hash)
	if err != nil || !known {
		return nil, err
	}
	groups, err := t.x.GroupsOf(ctx, t.sensitivity, content.ID)
	if err != nil {
		return nil, err
	}
	var out []duplicate
	for _, g := range groups {
		if d, ok := duplicateIn(g, a); ok {
			out = append(out, d)
		}
	}
	return out, nil
}

// duplicateIn is what a file is in a group; not ok where it is not there any
// more, or nothing else is but its companion: the camera raw file of a JPEG, or the other
// way round.
func duplicateIn(g index.Group, a pipeline.Arrival) (duplicate, bool) {
	rows := arrangeRows(g.Rows)
	arrived := func(r index.Row) bool { return r.File.Path == a.Path && r.Content.Hash == a.Hash }
	i := slices.IndexFunc(rows, arrived)
	if i >= 0 {
		about := rows[i]
		rows = slices.DeleteFunc(rows, func(r index.Row) bool { return report.Companions(r, about) })
		i = slices.IndexFunc(rows, arrived)
	}
	if i < 0 || len(rows) < 2 {
		return duplicate{}, false
	}
	of := rows[0]
	about := rows[i]
	if i == 0 {
		of, about.Similarity = rows[1], rows[1].Similarity
	}
	d := duplicate{
		Path: a.Path, PathBytes: report.RawBytes(a.Path), Hash: hex.EncodeToString(a.Hash[:]), Size: about.File.Size,
		Kind: about.Kind, Similarity: about.Similarity, Of: of.File.Path, OfBytes: report.RawBytes(of.File.Path),
		Group: hex.EncodeToString(rows[0].Content.Hash[:]),
	}
	for _, r := range rows {
		d.Members = append(d.Members, duplicateMember{
			Path: r.File.Path, PathBytes: report.RawBytes(r.File.Path), Kind: r.Kind, Similarity: r.Similarity,
			Hash: hex.EncodeToString(r.Content.Hash[:]), Size: r.File.Size,
		})
	}
	return d, true
}

// arrangeRows puts rows in the order of the report and names exact copies: of
// the representative's files the first is the best.
func arrangeRows(rows []index.Row) []index.Row {
	class := map[string]int{index.Best: 0, "partial": 2}
	order := func(kind string) int {
		if c, ok := class[kind]; ok {
			return c
		}
		return 1
	}
	offline := func(r index.Row) int {
		if r.File.State == index.Offline {
			return 1
		}
		return 0
	}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b index.Row) int {
		if a.Content.Hash != b.Content.Hash {
			return cmp.Or(cmp.Compare(order(a.Kind), order(b.Kind)), cmp.Compare(b.Similarity, a.Similarity),
				slices.Compare(a.Content.Hash[:], b.Content.Hash[:]))
		}
		return cmp.Or(cmp.Compare(offline(a), offline(b)), cmp.Compare(a.File.Mtime, b.File.Mtime), cmp.Compare(a.File.Path, b.File.Path))
	})
	for i := range rows {
		if rows[i].Kind == index.Best {
			rows[i].Similarity = 1
			if i > 0 {
				rows[i].Kind = "exact"
			}
		}
	}
	return rows
}

// isNews is true once for the same file with the same bytes in the same company.
func (t *teller) isNews(d duplicate) bool {
	h := blake3.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00", d.Path, d.Hash, d.Group)
	names := make([]string, 0, len(d.Members))
	for _, m := range d.Members {
		names = append(names, m.Hash+m.Path)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(h, "%s\x00", n)
	}
	var key [32]byte
	h.Sum(key[:0])
	if t.known[key] {
		return false
	}
	if len(t.known) >= maxTold {
		clear(t.known)
	}
	t.known[key] = true
	return true
}
