package script

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/dedupidx/dedupidx/index/report"
)

// writeSh writes a script for POSIX sh. Beside POSIX it uses stat (see
// sh/common.sh), mv -n, which GNU, BSD, macOS and BusyBox have, and for clones cp of
// GNU or macOS.
func writeSh(t *text, p Plan, o Options) {
	t.print("#!/bin/sh\n")
	t.head(p, o, "sh SCRIPT", "sh SCRIPT --yes")
	t.part("sh/common.sh")
	t.print("\nid=%s\n", p.id())
	switch o.Action {
	case Trash:
		t.part("sh/trash.sh")
	case Hardlink, Reflink:
		t.part("sh/" + string(o.Action) + ".sh")
		t.part("sh/link.sh")
	case ListOnly:
		t.part("sh/list.sh")
	case Move:
		t.print("to=%s\nundo=$to/undo-$id.sh\n", quoteSh(o.To))
		t.part("sh/move.sh")
		writeUndo(t, p, o)
	}
	t.print("\n")
	for _, s := range p.Steps {
		t.print("# %s\nstep %s %d %s %s %d %s\n", comment(s),
			quoteSh(s.Go.Path), s.Go.Size, seconds(s.Go.Modified), quoteSh(s.Stay.Path), s.Stay.Size, seconds(s.Stay.Modified))
	}
	t.foot(p)
	t.print("\nended\n")
}

// writeUndo puts the script that moves all back into the script, as a here-document
// in which nothing is replaced. The word that ends it is a hash of what is in it, so
// that no name can hold it.
func writeUndo(t *text, p Plan, o Options) {
	var b bytes.Buffer
	u := text{w: &b}
	u.print("#!/bin/sh\n# Moves back what a script of dedupidx moved below %s.\n", report.Printable(o.To))
	u.print("# As it is, it only tells what it would do. To act: sh SCRIPT --yes\n\n")
	u.part("sh/common.sh")
	u.print("\nid=%s\nto=%s\n", p.id(), quoteSh(o.To))
	u.part("sh/undo.sh")
	u.print("\n")
	for _, s := range p.Steps {
		u.print("back %s %d %s\n", quoteSh(s.Go.Path), s.Go.Size, seconds(s.Go.Modified))
	}
	u.print("\nended\n")
	if u.err != nil {
		t.err = u.err
		return
	}
	sum := sha256.Sum256(b.Bytes())
	end := "END-" + hex.EncodeToString(sum[:])
	t.print("\nundo_text() {\n\tcat <<'%s'\n%s%s\n}\n[ \"$act\" = no ] || write_undo\n", end, b.String(), end)
}

// quoteSh quotes a name for sh: in single quotes nothing is special but the quote
// itself (POSIX, Shell Command Language, 2.2.2).
func quoteSh(name string) string {
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// seconds is a time as stat prints it: seconds with nine decimals.
func seconds(t time.Time) string {
	ns := t.UnixNano()
	sign := ""
	if ns < 0 {
		ns, sign = -ns, "-"
	}
	return fmt.Sprintf("%s%d.%09d", sign, ns/1e9, ns%1e9)
}
