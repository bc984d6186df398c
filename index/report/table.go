package report

import (
	"bufio"
	"fmt"

	"github.com/dedupidx/dedupidx/index"
)

// tableWriter writes for the eyes: a line per group, a line per file, columns
// of fixed width so that groups line up without being held in memory.
type tableWriter struct {
	w     *bufio.Writer
	color bool
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
	if _, err := fmt.Fprintln(t.w, t.paint("1", head)); err != nil {
		return err
	}
	for _, f := range g.Files {
		if err := t.file(f); err != nil {
			return err
		}
	}
	return nil
}

func (t *tableWriter) file(f File) error {
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
		note = "  (hard link of " + Printable(f.Hardlink) + ")"
	}
	if f.State == index.Offline {
		note += "  (offline)"
	}
	_, err := fmt.Fprintf(t.w, "  %s  %-11s  %.4f  %11s  %-4s  %10s  %s%s\n",
		mark, f.Kind, f.Similarity, sides, f.Format, Size(f.Size), Printable(f.Path), note)
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
