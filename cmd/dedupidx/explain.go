package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/dedup"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

func explainCommand() command {
	return command{
		name: "explain", args: "FILE FILE", files: true,
		short: "why two pictures are the same, or are not",
		long: `Reads two pictures and prints what each stage says of them, and the verdict with its
reason. The index is not needed; where there is one, it tells whether you said that the two
are different (dedupidx decide).`,
		examples: []string{"dedupidx explain a.jpg b.jpg", "dedupidx explain a.jpg b.jpg --json"},
		flags: func(f *pflag.FlagSet) runner {
			asJSON := f.Bool("json", false, "print JSON")
			return func(ctx context.Context, e *env, args []string) error {
				if err := wantArgs("explain", args, 2, 2); err != nil {
					return err
				}
				a, err := loadPicture(ctx, args[0])
				if err != nil {
					return err
				}
				b, err := loadPicture(ctx, args[1])
				if err != nil {
					return err
				}
				x, err := explain(a, b)
				if err != nil {
					return err
				}
				if x.Decided, err = decidedWhen(ctx, e, a.hash, b.hash); err != nil {
					return err
				}
				if *asJSON {
					return printJSON(e.stdout, x)
				}
				return printExplanation(e.stdout, x)
			}
		},
	}
}

// explanation is what is known of two pictures.
type explanation struct {
	A           shown              `json:"a"`
	B           shown              `json:"b"`
	Kind        stages.Kind        `json:"kind"`
	Probability float64            `json:"probability"`
	Similarity  float64            `json:"similarity"`
	Contains    string             `json:"contains,omitempty"` // a or b, where one lies in the other
	Transform   []float64          `json:"transform,omitempty"`
	Reason      string             `json:"reason"`
	Decided     *time.Time         `json:"decided_different,omitempty"` // when the user said that they are no copies
	Scores      map[string]float64 `json:"scores"`
	Testimony   []said             `json:"testimony"`
}

type shown struct {
	Path      string `json:"path"`
	PathBytes []byte `json:"path_bytes,omitempty"`
	Hash      string `json:"hash"`
	Format    string `json:"format"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Size      int64  `json:"size"`
	Decoder   string `json:"decoder"`
}

// said is one number that the judge weighs.
type said struct {
	Witness string  `json:"witness"`
	Value   float64 `json:"value"`
	For     string  `json:"for_a_copy"` // more, less or either: the direction in which it speaks for one
}

func showPicture(p picture) shown {
	r := p.raster
	return shown{
		Path: p.path, PathBytes: report.RawBytes(p.path), Hash: hex.EncodeToString(p.hash[:]), Format: string(r.Format),
		Width: r.Picture.Width, Height: r.Picture.Height, Size: r.Picture.Bytes, Decoder: r.Decoder,
	}
}

// explain compares two pictures as a scan does.
func explain(a, b picture) (explanation, error) {
	evidence, v, err := dedup.Explain(a.encoded, b.encoded)
	if err != nil {
		return explanation{}, err
	}
	x := explanation{
		A: showPicture(a), B: showPicture(b), Kind: v.Kind, Probability: v.Probability, Similarity: v.Similarity,
		Reason: v.Reason, Scores: v.Scores,
	}
	switch {
	case a.hash == b.hash:
		x.Kind, x.Probability, x.Similarity, x.Reason = stages.Exact, 1, 1, "the same bytes"
	case a.data == b.data && !a.data.IsZero():
		x.Kind, x.Probability, x.Similarity, x.Reason = stages.Pixels, 1, 1, "the same picture data in other wrapping; "+v.Reason
	}
	switch {
	case v.Contains > 0:
		x.Contains = "a"
	case v.Contains < 0:
		x.Contains = "b"
	}
	if t := v.Transform; t != (raster.Affine{}) && x.Kind != stages.Exact {
		x.Transform = []float64{t.A, t.B, t.C, t.D, t.E, t.F}
	}
	values := stages.Testimony(evidence)
	for i, w := range stages.Witnesses {
		x.Testimony = append(x.Testimony, said{w.Name, values[i], map[int8]string{1: "more", 0: "either", -1: "less"}[w.Sign]})
	}
	return x, nil
}

// decidedWhen tells when the user said that two contents are no copies; nil where
// they did not, or where there is no index.
func decidedWhen(ctx context.Context, e *env, a, b index.Hash) (when *time.Time, err error) {
	path, err := e.indexPath()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	x, err := index.OpenReader(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	list, err := x.Decisions(ctx)
	for _, d := range list {
		if d.A == a && d.B == b || d.A == b && d.B == a {
			made := time.Unix(0, d.Made).UTC()
			when = &made
		}
	}
	return when, err
}

func printExplanation(w io.Writer, x explanation) error {
	var b strings.Builder
	for _, p := range []struct {
		name string
		shown
	}{{"A", x.A}, {"B", x.B}} {
		fmt.Fprintf(&b, "%s  %s\n   %dx%d %s, %s, decoded by %s\n", p.name, report.Printable(p.Path), p.Width, p.Height, p.Format, report.Size(p.Size), p.Decoder)
	}
	verdict := string(x.Kind)
	if x.Kind == stages.None {
		verdict = "no copies"
	}
	fmt.Fprintf(&b, "\nverdict  %s, %.4f sure, similarity %.4f\nreason   %s\n", verdict, x.Probability, x.Similarity, x.Reason)
	if x.Decided != nil {
		fmt.Fprintf(&b, "decided  you said on %s that they are different: no report shows them together (dedupidx decide --undo)\n", x.Decided.Format("2006-01-02"))
	}
	if x.Contains != "" {
		fmt.Fprintf(&b, "         %s contains the other\n", strings.ToUpper(x.Contains))
	}
	if x.Transform != nil {
		t := x.Transform
		fmt.Fprintf(&b, "map      x' = %.4f x %+.4f y %+.4f\n         y' = %.4f x %+.4f y %+.4f   (A to B, the long side of each is 1)\n",
			t[0], t[1], t[2], t[3], t[4], t[5])
	}
	b.WriteString("\nscores, 1 for a copy\n")
	for _, s := range stages.List() {
		if score, ok := x.Scores[s.Name]; ok { // quality says which to keep, not whether
			fmt.Fprintf(&b, "  %-10s %.3f\n", s.Name, score)
		}
	}
	b.WriteString("\nwhat the judge weighs\n")
	for _, s := range x.Testimony {
		hint := "more speaks for a copy"
		switch s.For {
		case "less":
			hint = "less speaks for a copy"
		case "either":
			hint = ""
		}
		fmt.Fprintf(&b, "  %-28s %9.4f  %s\n", s.Witness, s.Value, hint)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
