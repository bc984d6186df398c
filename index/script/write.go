package script

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/dedupidx/dedupidx/index/report"
)

// Options say how a script is written.
type Options struct {
	Action Action
	To     string // of move: the folder, absolute
	Shell  string // sh or powershell

	Made   time.Time // when the script is made
	Index  string    // of which index, for the eyes
	Walked time.Time // when the folders of the index were last found changed; zero for never
}

//go:embed sh powershell
var parts embed.FS

// Write writes the script of a plan.
func Write(w io.Writer, p Plan, o Options) error {
	if err := o.Action.check(o.Shell); err != nil {
		return err
	}
	if (o.To != "") != (o.Action == Move) {
		return fmt.Errorf("a folder is for the action %s, and only for it", Move)
	}
	b := bufio.NewWriterSize(w, 64<<10)
	out := text{w: b}
	if o.Shell == "powershell" {
		writePowerShell(&out, p, o)
	} else {
		writeSh(&out, p, o)
	}
	if out.err == nil {
		out.err = b.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("write script: %w", out.err)
	}
	return nil
}

// text collects what is written and the first error.
type text struct {
	w   io.Writer
	err error
}

func (t *text) print(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// part writes a part of the script as it is.
func (t *text) part(name string) {
	if t.err != nil {
		return
	}
	data, err := parts.ReadFile(name)
	if err != nil {
		t.err = err
		return
	}
	_, t.err = t.w.Write(data)
}

// head tells what the script is, in comments.
func (t *text) head(p Plan, o Options, dry, yes string) {
	t.print("# Made by dedupidx on %s.\n", o.Made.UTC().Format("2006-01-02 15:04:05 UTC"))
	t.print("# Index: %s", report.Printable(o.Index))
	if !o.Walked.IsZero() {
		t.print(", last changed %s", o.Walked.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	t.print("\n")
	if !p.Marked.IsZero() {
		t.print("# Marks: those of the report of %s.\n", p.Marked.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	t.print("# %d files, %s: %s.\n", len(p.Steps), report.Size(p.Space), map[Action]string{
		Trash: "into the trash", Move: "moved below " + report.Printable(o.To), Hardlink: "each made a hard link of a file with the same bytes",
		Reflink: "each made a clone of a file with the same bytes", ListOnly: "listed, nothing else",
	}[o.Action])
	if o.Action == Hardlink {
		t.print("# A hard link has the time, the owner and the rights of the file that stays.\n")
	}
	if o.Action != ListOnly {
		t.print("#\n# As it is, it only tells what it would do: %s\n# To act:                                %s\n", dry, yes)
	}
	t.print("# Before each step it checks that the file to go and the one to stay are as the index knows them.\n\n")
}

// foot lists what is left alone.
func (t *text) foot(p Plan) {
	if len(p.Left) > 0 {
		t.print("\n# Left alone:\n")
	}
	for _, l := range p.Left {
		t.print("# %s: %s\n", report.Printable(l.Path), l.Reason)
	}
}

// comment says of a step in a line what it is.
func comment(s Step) string {
	f := s.Go
	kind := f.Kind
	if f.Hash == s.Stay.Hash {
		kind = "exact"
	}
	sides := ""
	if f.Width > 0 {
		sides = fmt.Sprintf(", %dx%d", f.Width, f.Height)
	}
	return fmt.Sprintf("group %d: %s %.4f%s %s, %s; stays: %s", s.Group, kind, f.Similarity, sides, report.Printable(f.Format),
		report.Size(f.Size), report.Printable(s.Stay.Path))
}

// id names a plan, so that a second run of its script finds what the first left.
func (p Plan) id() string {
	h := sha256.New()
	for _, s := range p.Steps {
		fmt.Fprintf(h, "%q %q %d %d\n", s.Go.Path, s.Stay.Path, s.Go.Size, s.Go.Modified.UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
