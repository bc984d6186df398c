package script

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/decisions"
	"github.com/dedupidx/dedupidx/index/report"
)

// Step is a file that goes, and the one that stays in its place.
type Step struct {
	Group    int // number in the report
	Go, Stay report.File
}

// Left is a file that was marked or proposed to go and is left alone.
type Left struct{ Path, Reason string }

// Plan is what a script does.
type Plan struct {
	Steps  []Step
	Left   []Left
	Space  int64     // bytes of the files that go, names of one file once
	Marked time.Time // when the report was made whose marks these are; zero for a plan by rule
}

// Propose plans what the rule of a report proposes. With equal set, only files that have
// a twin of the same bytes in their group: what links and clones are made of.
func Propose(ctx context.Context, x *index.Index, o report.Options, equal bool) (Plan, error) {
	p := &planner{equal: equal}
	err := report.Each(ctx, x, o, func(g report.Group) error {
		p.group(g)
		return nil
	})
	return p.finish(), err
}

// Decided plans what the user's marks say. The marks rule over the rule of the
// report; o.NeverGo holds even against marks.
func Decided(ctx context.Context, x *index.Index, o report.Options, list decisions.List, equal bool) (Plan, error) {
	p := &planner{equal: equal, marks: map[string]decisions.Mark{}, apart: map[[2]index.Hash]bool{}, met: map[string]bool{}}
	p.plan.Marked = list.Report
	for _, m := range list.Marks {
		p.marks[m.Path] = m
	}
	for _, d := range list.Different {
		p.apart[[2]index.Hash{d.A.Hash, d.B.Hash}] = true
		p.apart[[2]index.Hash{d.B.Hash, d.A.Hash}] = true
	}
	o.Keep = report.Rule{} // of files without a mark the best may stay; the rule's own choice is of no account
	err := report.Each(ctx, x, o, func(g report.Group) error {
		p.group(g)
		return nil
	})
	for _, m := range list.Marks { // in the order of the file
		if m.Go && !p.met[m.Path] {
			p.leave(m.Path, "it is no copy in any group of the index by now")
		}
	}
	return p.finish(), err
}

// planner makes a plan group by group.
type planner struct {
	equal bool
	marks map[string]decisions.Mark // nil for a plan by rule
	apart map[[2]index.Hash]bool
	met   map[string]bool // marked files that were seen as a copy
	plan  Plan
}

func (p *planner) leave(path, reason string) {
	p.plan.Left = append(p.plan.Left, Left{path, reason})
}

// group plans the files of a group that go.
func (p *planner) group(g report.Group) {
	goes := make([]bool, len(g.Files))
	for i, f := range g.Files {
		goes[i] = p.goes(f)
	}
	for i, f := range g.Files {
		if !goes[i] {
			continue
		}
		stay := p.stay(g.Files, goes, f)
		switch {
		case stay < 0 && p.equal:
			p.leave(f.Path, "no file of its group with the same bytes stays")
		case stay < 0:
			p.leave(f.Path, "no file of its group that is at hand stays")
		case stay == i: // the first of equal files, all of which were to go: it stays for the others
		case f.SameNode(g.Files[stay]):
			p.leave(f.Path, "it is a hard link of the file that stays and would free nothing")
		default:
			p.plan.Steps = append(p.plan.Steps, Step{Group: g.Number, Go: f, Stay: g.Files[stay]})
		}
	}
}

// goes tells whether a file goes, and says of a marked one that does not why.
func (p *planner) goes(f report.File) bool {
	if p.marks == nil {
		return f.Action == report.Go
	}
	m, marked := p.marks[f.Path]
	if !marked || !m.Go || !f.Copied() {
		return false
	}
	p.met[f.Path] = true
	switch {
	case m.Hash != f.Hash || m.Size != f.Size || !m.Modified.Equal(f.Modified):
		p.leave(f.Path, "it has changed since it was marked")
	case f.State != index.Online:
		p.leave(f.Path, "it is offline")
	case f.Held:
		p.leave(f.Path, "it lies in a folder that must lose nothing")
	default:
		return true
	}
	return false
}

// stay is the place of the file that stays for another one, -1 for none: one that
// is marked so, else the one that the rule keeps, else, with marks, the first in the
// order of the group. Of files that are all to go, the first stays for links to it.
func (p *planner) stay(files []report.File, goes []bool, f report.File) int {
	const none = 5
	best, rank := -1, none
	for i, c := range files {
		if !c.Copied() || c.State != index.Online || p.apart[[2]index.Hash{f.Hash, c.Hash}] || p.equal && c.Hash != f.Hash {
			continue
		}
		r := none
		m, marked := p.marks[c.Path]
		switch {
		case goes[i] && p.equal:
			r = 4
		case goes[i]:
		case marked && !m.Go && m.Hash == c.Hash:
			r = 1
		case c.Action == report.Keep:
			r = 2
		case p.marks != nil:
			r = 3
		}
		if r < rank {
			best, rank = i, r
		}
	}
	return best
}

func (p *planner) finish() Plan {
	type inode struct {
		inode, device uint64
	}
	seen := map[inode]bool{}
	for _, s := range p.plan.Steps {
		n, d := s.Go.Node()
		if n != 0 && seen[inode{n, d}] {
			continue
		}
		seen[inode{n, d}] = true
		p.plan.Space += s.Go.Size
	}
	return p.plan
}

// Actions lists what a script can do with a file that goes.
func Actions() []Action { return []Action{Trash, Move, Hardlink, Reflink, ListOnly} }

// Action is what a script does with a file that goes.
type Action string

const (
	Trash    Action = "trash"
	Move     Action = "move"
	Hardlink Action = "hardlink"
	Reflink  Action = "reflink"
	ListOnly Action = "list"
)

// Equal tells that an action is only for files of the same bytes.
func (a Action) Equal() bool { return a == Hardlink || a == Reflink }

// Shells lists the shells that a script is written for.
func Shells() []string { return []string{"sh", "powershell"} }

// check tells why an action cannot be.
func (a Action) check(shell string) error {
	switch {
	case !slices.Contains(Shells(), shell):
		return fmt.Errorf("no script is written for the shell %q", shell)
	case !slices.Contains(Actions(), a):
		return fmt.Errorf("no script does %q", string(a))
	case a == Reflink && shell != "sh":
		return fmt.Errorf("reflink needs the shell sh: PowerShell has no way to clone a file")
	}
	return nil
}
