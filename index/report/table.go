package report

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dedupidx/dedupidx/index"
)

// tableWriter writes for the eyes: a line per group with the folder that its files
// have in common, a line per file with its path below that, columns of fixed width
// so that groups line up without being held in memory.
type tableWriter struct {
	w       *bufio.Writer
	color   bool
	explain bool
}

func (t *tableWriter) begin(Options) error { return nil }

func (t *tableWriter) group(g Group) error {
	if g.Number > 1 {
		if err := t.w.WriteByte('\n'); err != nil {
			return err
		}
	}
	head := fmt.Sprintf("group %d: %d files", g.Number, len(g.Files))
	if g.Space > 0 {
		head += ", " + Size(g.Space) + " to win"
	}
	in := common(g.Files)
	head = t.paint("1", head)
	if in != "" {
		head += t.paint("2", ", in "+Printable(in))
	}
	if _, err := fmt.Fprintln(t.w, head); err != nil {
		return err
	}
	for i, f := range g.Files {
		if err := t.file(f, in); err != nil {
			return err
		}
		if t.explain {
			if err := t.said(g.why(i), i == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// common is the folder that all files lie in, with the separator at its end; empty
// where it is none that spares anything.
func common(files []File) string {
	in := files[0].Path
	for _, f := range files {
		n := 0
		for n < min(len(in), len(f.Path)) && in[n] == f.Path[n] {
			n++
		}
		in = in[:n]
	}
	in = in[:strings.LastIndexByte(in, filepath.Separator)+1]
	if len(in) < 2 {
		return ""
	}
	return in
}

func (t *tableWriter) file(f File, in string) error {
	mark := fmt.Sprintf("%-4s", "")
	switch f.Action {
	case Keep:
		mark = t.paint("32", "keep")
	case Go:
		mark = t.paint("33", "go  ")
	}
	sides := ""
	if f.Width > 0 {
		sides = fmt.Sprintf("%dx%d", f.Width, f.Height)
	}
	note := ""
	if f.Hardlink != "" {
		note = "  (hard link of " + Printable(strings.TrimPrefix(f.Hardlink, in)) + ")"
	}
	if f.State == index.Offline {
		note += "  (offline)"
	}
	_, err := fmt.Fprintf(t.w, "  %s  %-11s  %.4f  %11s  %-4s  %10s  %s%s\n",
		mark, f.Kind, f.Similarity, sides, f.Format, Size(f.Size), Printable(strings.TrimPrefix(f.Path, in)), note)
	return err
}

// said writes the sentence that explains a file under its line.
func (t *tableWriter) said(why string, best bool) error {
	if why == "" {
		return nil
	}
	if best {
		why = "best: " + why
	}
	_, err := fmt.Fprintln(t.w, "        "+t.paint("2", Printable(why)))
	return err
}

func (t *tableWriter) end(Totals) error { return t.w.Flush() }

// paint wraps text in a colour of the terminal, where that is wanted.
func (t *tableWriter) paint(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Size is a number of bytes for the eyes: 1.5 MiB.
func Size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	unit := 0
	for v >= 1023.95 && unit < 6 { // what would print as 1024.0
		v /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", v, " KMGTPE"[unit])
}
