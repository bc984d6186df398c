package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages"
)

func queryCommand() command {
	return command{
		name: "query", args: "FILE", files: true,
		short: "which pictures of the index are this one",
		long: `Reads a picture and prints the pictures of the index that are the same, edits of it, or
share a part with it, the surest first. The file need not be in the index, and is not added.`,
		examples: []string{"dedupidx query photo.jpg", "dedupidx query photo.jpg --limit 5 --json"},
		flags: func(f *pflag.FlagSet) runner {
			limit := f.Int("limit", 20, "show `N` files at most")
			asJSON := f.Bool("json", false, "print JSON")
			return func(ctx context.Context, e *env, args []string) error {
				if err := wantArgs("query", args, 1, 1); err != nil {
					return err
				}
				if *limit < 1 {
					return usagef("", "--limit wants a number above 0, got %d", *limit)
				}
				hits, err := query(ctx, e, args[0])
				if err != nil {
					return err
				}
				hits = hits[:min(*limit, len(hits))]
				if *asJSON {
					return printJSON(e.stdout, hits)
				}
				if len(hits) == 0 {
					fmt.Fprintln(e.stderr, "nothing in the index is this picture")
				}
				return printHits(e.stdout, hits)
			}
		},
	}
}

// hit is a file of the index that is, or shares a part with, the picture asked about.
type hit struct {
	Path        string      `json:"path"`
	PathBytes   []byte      `json:"path_bytes,omitempty"` // where it is no UTF-8
	Kind        stages.Kind `json:"kind"`
	Probability float64     `json:"probability"`
	Similarity  float64     `json:"similarity"`
	Width       int         `json:"width"`
	Height      int         `json:"height"`
	Format      string      `json:"format"`
	Size        int64       `json:"size"`
	Hash        string      `json:"hash"`
	State       index.State `json:"state"`
	Reason      string      `json:"reason"`
}

func query(ctx context.Context, e *env, path string) (hits []hit, err error) {
	x, err := e.read(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	p, err := loadPicture(ctx, path)
	if err != nil {
		return nil, err
	}
	found, err := dedup.Query(ctx, x, dedup.Options{Workers: runtime.GOMAXPROCS(0)}, p.encoded, p.data)
	if err != nil {
		return nil, err
	}
	// The same bytes are in no need of buckets, which a flat picture has none of.
	same, known, err := x.ContentByHash(ctx, p.hash)
	if err != nil {
		return nil, err
	}
	if known && !slices.ContainsFunc(found, func(f dedup.Found) bool { return f.Content.ID == same.ID }) {
		found = append(found, dedup.Found{Content: same})
	}
	ids := make([]int64, len(found))
	for i, f := range found {
		ids[i] = f.Content.ID
	}
	files, err := x.FilesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	return hitsOf(p, found, files), nil
}

// hitsOf puts what was found in the order of the answer: the same bytes, the
// same picture data, then the surest first. A content that lies in no file any
// more is none.
func hitsOf(p picture, found []dedup.Found, files map[int64][]index.Located) []hit {
	hits := []hit{}
	for _, f := range found {
		h := hit{
			Kind: f.Verdict.Kind, Probability: f.Verdict.Probability, Similarity: f.Verdict.Similarity, Reason: f.Verdict.Reason,
			Width: f.Content.Width, Height: f.Content.Height, Format: f.Content.Format, Size: f.Content.Size,
			Hash: hex.EncodeToString(f.Content.Hash[:]),
		}
		h.kind(p, f.Content)
		for _, file := range files[f.Content.ID] {
			h.Path, h.PathBytes, h.State = file.Path, report.RawBytes(file.Path), file.State
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.Path, b.Path))
	})
	return hits
}

// kind names what hashes prove, whatever the pixels say.
func (h *hit) kind(p picture, c index.Content) {
	switch {
	case c.Hash == p.hash:
		h.Kind, h.Probability, h.Similarity, h.Reason = stages.Exact, 1, 1, "the same bytes"
	case c.Picture == p.data && !p.data.IsZero():
		h.Kind, h.Probability, h.Similarity, h.Reason = stages.Pixels, 1, 1, "the same picture data in other wrapping"
	}
}

func rank(k stages.Kind) int {
	switch k {
	case stages.Exact:
		return 0
	case stages.Pixels:
		return 1
	}
	return 2
}

func printHits(w io.Writer, hits []hit) error {
	for _, h := range hits {
		note := ""
		if h.State == index.Offline {
			note = "  (offline)"
		}
		sides := fmt.Sprintf("%dx%d", h.Width, h.Height)
		if _, err := fmt.Fprintf(w, "%-11s  %.4f  %11s  %-4s  %10s  %s%s\n",
			h.Kind, h.Similarity, sides, h.Format, report.Size(h.Size), report.Printable(h.Path), note); err != nil {
			return err
		}
	}
	return nil
}
