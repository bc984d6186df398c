package report

import (
	"bufio"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// Header is the first line of a CSV report.
const Header = "group,path,kind,best,similarity,transform,size,width,height,format,modified,taken,hash,root,state"

// csvWriter writes a row per file. Fields are quoted as RFC 4180 says, where
// they hold a comma, a quote, CR or LF, and nothing else is changed: no byte of
// a name is added, dropped or replaced, and a leading '=' stays. Lines end in
// LF, as tools on Unix expect, which every reader of CSV takes.
type csvWriter struct {
	w   *bufio.Writer
	row []byte

	explain bool // with a column why
}

func (c *csvWriter) begin(o Options) error {
	head := Header
	if c.explain = o.Explain; c.explain {
		head += ",why"
	}
	_, err := c.w.WriteString(head + "\n")
	return err
}

func (c *csvWriter) group(g Group) error {
	for i, f := range g.Files {
		b := c.row[:0]
		b = strconv.AppendInt(b, int64(g.Number), 10)
		b = appendField(append(b, ','), f.Path)
		b = append(append(b, ','), f.Kind...)
		if f.Best() {
			b = append(b, ",1,"...)
		} else {
			b = append(b, ",0,"...)
		}
		b = strconv.AppendFloat(b, f.Similarity, 'f', 4, 64)
		b = append(append(b, ','), transformText(f.Transform)...)
		b = strconv.AppendInt(append(b, ','), f.Size, 10)
		b = strconv.AppendInt(append(b, ','), int64(f.Width), 10)
		b = strconv.AppendInt(append(b, ','), int64(f.Height), 10)
		b = appendField(append(b, ','), f.Format)
		b = append(append(b, ','), timeText(f.Modified)...)
		b = append(append(b, ','), timeText(f.Taken)...)
		b = hex.AppendEncode(append(b, ','), f.Hash[:])
		b = appendField(append(b, ','), f.Root)
		b = append(append(b, ','), f.State...)
		if c.explain {
			b = appendField(append(b, ','), g.why(i))
		}
		c.row = append(b, '\n')
		if _, err := c.w.Write(c.row); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) end(Totals) error { return c.w.Flush() }

// appendField adds a field, quoted where it must be (RFC 4180, section 2, 6 and 7).
func appendField(b []byte, field string) []byte {
	if !strings.ContainsAny(field, ",\"\r\n") {
		return append(b, field...)
	}
	b = append(b, '"')
	for i := range len(field) {
		if field[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, field[i])
	}
	return append(b, '"')
}

// transformText is "a b c d e f" (see [index.Transform]), five decimals each;
// empty where there is no transform.
func transformText(t index.Transform) string {
	if t == (index.Transform{}) {
		return ""
	}
	var b []byte
	for i, v := range t {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendFloat(b, round5(v), 'f', 5, 64)
	}
	return string(b)
}

// round5 rounds to five decimals, and gives 0 for what would print as -0.
func round5(v float64) float64 {
	if r := math.Round(v*1e5) / 1e5; r != 0 {
		return r
	}
	return 0
}

// timeText is RFC 3339 in UTC, with the fraction where there is one, so that a
// script can tell whether a file is still the one that was reported.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
