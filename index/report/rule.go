package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dedupidx/dedupidx/index"
)

// Rule says which file of a group is proposed to stay. The zero value keeps the best.
type Rule struct {
	By     string // best, oldest, newest, largest, shortest-path or in; empty for best
	Folder string // of in: the best file in it stays; a group without one keeps its best
}

// Rules lists the rules as [ParseRule] reads them.
func Rules() []string {
	return []string{"best", "oldest", "newest", "largest", "shortest-path", "in FOLDER"}
}

// ParseRule reads a rule: one of the words of [Rules], or "in FOLDER" (or
// in:FOLDER, which needs no quotes). The folder is made absolute.
func ParseRule(text string) (Rule, error) {
	for _, prefix := range []string{"in ", "in:"} {
		if folder, ok := strings.CutPrefix(text, prefix); ok && folder != "" {
			abs, err := filepath.Abs(folder)
			return Rule{By: "in", Folder: abs}, err
		}
	}
	switch text {
	case "best", "oldest", "newest", "largest", "shortest-path":
		return Rule{By: text}, nil
	}
	return Rule{}, fmt.Errorf("must be one of %s", strings.Join(Rules(), ", "))
}

// String is the rule as [ParseRule] reads it.
func (r Rule) String() string {
	if r.By == "in" {
		return "in " + r.Folder
	}
	return cmp.Or(r.By, "best")
}

// keeper is the place of the file that stays, -1 for none. files are in the
// order of a group, the best one first. Whatever the rule, a file that is at hand is
// preferred, and one that shares only a part never stands for the group; the
// best keeps its place even offline, as then nothing of the group goes.
func (r Rule) keeper(files []File) int {
	kept := -1
	if files[0].Kind == "best" {
		kept = 0
	}
	better := r.compare()
	if better == nil {
		return kept
	}
	for i, f := range files {
		if f.State != index.Online || !f.Copied() {
			continue
		}
		if kept < 0 || files[kept].State != index.Online || better(f, files[kept]) < 0 {
			kept = i
		}
	}
	return kept
}

// compare orders two files, the one to keep first; equals stay in the order of
// the group. Nil where the first of the group stays.
func (r Rule) compare() func(a, b File) int {
	switch r.By {
	case "oldest":
		return func(a, b File) int { return a.Modified.Compare(b.Modified) }
	case "newest":
		return func(a, b File) int { return b.Modified.Compare(a.Modified) }
	case "largest":
		return func(a, b File) int {
			return cmp.Or(cmp.Compare(b.Width*b.Height, a.Width*a.Height), cmp.Compare(b.Size, a.Size))
		}
	case "shortest-path":
		return func(a, b File) int { return cmp.Compare(len(a.Path), len(b.Path)) }
	case "in":
		return func(a, b File) int { return first(within(a.Path, r.Folder), within(b.Path, r.Folder)) }
	}
	return nil
}

// Copied tells that a file is the representative of its group or a copy of it:
// what shares only a part, and whatever else may hang on a group, is neither
// proposed to go nor enough to stay in a copy's place.
func (f File) Copied() bool {
	switch f.Kind {
	case "best", "exact", "pixels", "near", "transformed":
		return true
	}
	return false
}

// first orders what holds before what does not.
func first(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}
