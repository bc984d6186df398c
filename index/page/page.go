package page

import (
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// Options say what a page holds. Read and Report are what must be set.
type Options struct {
	Report  report.Options // which groups, in which order, and what is proposed
	Made    time.Time      // when, as the page says it
	Side    int            // long side of a thumbnail, in pixels, at most [raster.Side]; 0 for [ThumbnailSide]
	Workers int            // pictures decoded at the same time; 0 for one

	// Read returns the bytes of an ordinary file, within the limits of the decoder.
	Read    func(path string) ([]byte, error)
	Decoder raster.DecoderOptions

	// Assets is the folder that takes the thumbnails; empty puts them into the page.
	// AssetsURL is how the page, where it will lie, names that folder.
	Assets, AssetsURL string
}

// ThumbnailSide is the long side of a thumbnail where nothing else is said: as
// wide as a column of the page.
const ThumbnailSide = 256

func (o Options) withDefaults() Options {
	if o.Side <= 0 {
		o.Side = ThumbnailSide
	}
	o.Side = min(o.Side, raster.Side)
	o.Workers = max(o.Workers, 1)
	if o.Report.Sensitivity == "" {
		o.Report.Sensitivity = "normal"
	}
	if o.Report.Sort == "" {
		o.Report.Sort = index.BySpace
	}
	return o
}

//go:embed template.html style.css script
var parts embed.FS

// scripts are the parts of the page's program, in the order in which they run.
var scripts = [...]string{"data.js", "thumbnails.js", "marks.js", "filter.js", "chart.js", "cards.js", "list.js", "align.js", "compare.js", "save.js", "keys.js", "start.js"}

// program is the page's script as one function, so that nothing of it is global.
func program() (string, error) {
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range scripts {
		text, err := parts.ReadFile("script/" + name)
		if err != nil {
			return "", err
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return b.String(), nil
}

// policy is the content security policy (CSP level 3): what the page needs,
// by hash, and nothing else. A page from disk has no origin that 'self' could
// name, so that pictures beside it need the scheme.
func policy(style, script string, assets bool) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	images := "data:"
	if assets {
		images = "'self' file:"
	}
	return "default-src 'none'; img-src " + images + "; style-src " + hash(style) + "; script-src " + hash(script) +
		"; base-uri 'none'; form-action 'none'"
}

// about is what the page knows of itself.
type about struct {
	Made        string   `json:"made"`
	Index       string   `json:"index"`
	Sensitivity string   `json:"sensitivity"`
	Sort        string   `json:"sort"`
	Rule        string   `json:"rule"`
	Against     string   `json:"against,omitempty"`
	Roots       []string `json:"roots"` // for the eyes
	Assets      string   `json:"assets,omitempty"`
	Side        int      `json:"side"`
	Separator   string   `json:"separator"` // of paths
}

// Write writes the page and returns the sums of the groups.
func Write(ctx context.Context, w io.Writer, x *index.Index, o Options) (report.Totals, error) {
	o = o.withDefaults()
	var totals report.Totals
	style, err := parts.ReadFile("style.css")
	if err != nil {
		return totals, err
	}
	script, err := program()
	if err != nil {
		return totals, err
	}
	template, err := parts.ReadFile("template.html")
	if err != nil {
		return totals, err
	}
	roots, err := x.Roots(ctx)
	if err != nil {
		return totals, err
	}
	p := &writer{w: bufio.NewWriterSize(w, 64<<10), x: x, o: o, roots: map[string]int{}, seen: map[index.Hash]bool{}}
	head := about{
		Made: o.Made.UTC().Format(time.RFC3339), Index: report.Printable(x.Path()), Sensitivity: o.Report.Sensitivity,
		Sort: string(o.Report.Sort), Rule: report.Printable(o.Report.Keep.String()), Against: report.Printable(o.Report.Against),
		Assets: o.AssetsURL, Side: o.Side, Separator: string(filepath.Separator), Roots: []string{},
	}
	for i, r := range roots {
		p.roots[r.Path] = i
		head.Roots = append(head.Roots, report.Printable(r.Path))
	}
	fill := map[string]func() error{
		"POLICY":     func() error { return p.text(policy(string(style), script, o.Assets != "")) },
		"STYLE":      func() error { return p.text(string(style)) },
		"SCRIPT":     func() error { return p.text(script) },
		"ABOUT":      func() error { return p.json(head) },
		"GROUPS":     func() error { totals, err = p.groups(ctx); return err },
		"THUMBNAILS": func() error { return p.thumbnails(ctx) },
	}
	rest := string(template)
	for {
		before, after, more := strings.Cut(rest, "{{")
		if err := p.text(before); err != nil {
			return totals, err
		}
		if !more {
			break
		}
		name, after, _ := strings.Cut(after, "}}")
		if fill[name] == nil {
			return totals, fmt.Errorf("write page: the template asks for %q", name)
		}
		if err := fill[name](); err != nil {
			return totals, err
		}
		rest = after
	}
	if err := p.w.Flush(); err != nil {
		return totals, fmt.Errorf("write page: %w", err)
	}
	return totals, nil
}

// writer writes one page.
type writer struct {
	w     *bufio.Writer
	x     *index.Index
	o     Options
	roots map[string]int // by path: its place in the list of the page

	seen     map[index.Hash]bool
	contents []pictured // in the order in which the page shows them
}

func (p *writer) text(s string) error {
	if _, err := p.w.WriteString(s); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// json writes a value so that it may stand inside a script element: the encoder
// escapes <, >, & and the line separators U+2028 and U+2029, so neither an end tag
// nor a comment can begin in it.
func (p *writer) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.text(string(b))
}

// AssetsURL is how a page at path names the folder of its thumbnails: relative,
// so that both can be moved together, each element escaped.
func AssetsURL(path, assets string) (string, error) {
	rel, err := filepath.Rel(filepath.Dir(path), assets)
	if err != nil {
		return "", err
	}
	return "./" + escapePath(filepath.ToSlash(rel)), nil
}

// escapePath escapes what is not unreserved in a URL (RFC 3986, section 2.3), byte by byte.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
