package report

import "bufio"

// Only says which files a paths0 report lists.
type Only string

const (
	OnlyAll  Only = "all" // every row; a partial file once for each of its groups
	OnlyGo   Only = "go"
	OnlyKeep Only = "keep"
)

// paths0Writer writes paths alone, each ended by NUL, the one byte that no path
// holds: made for xargs -0.
type paths0Writer struct {
	w    *bufio.Writer
	only Only
}

func (p *paths0Writer) begin(Options) error { return nil }

func (p *paths0Writer) group(g Group) error {
	for _, f := range g.Files {
		if p.only == OnlyGo && f.Action != Go || p.only == OnlyKeep && f.Action != Keep {
			continue
		}
		if _, err := p.w.WriteString(f.Path); err != nil {
			return err
		}
		if err := p.w.WriteByte(0); err != nil {
			return err
		}
	}
	return nil
}

func (p *paths0Writer) end(Totals) error { return p.w.Flush() }
