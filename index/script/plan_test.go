//go:build unix

package script_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/decisions"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/index/script"
)

// decided plans by marks.
func (w *world) decided(list decisions.List, o report.Options, a script.Action) script.Plan {
	w.t.Helper()
	p, err := script.Decided(context.Background(), w.x, o, list, a.Equal())
	must(w.t, err)
	return p
}

// mark is a mark of a file of the world, as the page would have saved it.
func (w *world) mark(name string, goes bool) decisions.Mark {
	w.t.Helper()
	if w.files == nil {
		w.files = map[string]report.File{}
		must(w.t, report.Each(context.Background(), w.x, report.Options{}, func(g report.Group) error {
			for _, f := range g.Files {
				w.files[f.Path] = f
			}
			return nil
		}))
	}
	f := w.files[w.path(name)]
	return decisions.Mark{Go: goes, Named: decisions.Named{Path: f.Path, Hash: f.Hash}, Size: f.Size, Modified: f.Modified}
}

// steps are "file <- the one that stays", short.
func (w *world) steps(p script.Plan) (list []string) {
	short := func(path string) string { return strings.TrimPrefix(path, w.dir+"/") }
	for _, s := range p.Steps {
		list = append(list, short(s.Go.Path)+" <- "+short(s.Stay.Path))
	}
	return list
}

func TestDecided(t *testing.T) {
	w := newWorld(t, t.TempDir(),
		[]entry{{"a", "1", ""}, {"b", "1", "exact"}, {"c", "2", "near"}, {"part", "3", "partial"}},
		[]entry{{"x", "7", ""}, {"y", "8", "near"}})
	stale := w.mark("y", true)
	stale.Size++
	for name, c := range map[string]struct {
		marks     []decisions.Mark
		different []decisions.Pair
		o         report.Options
		equal     bool
		steps     []string
		left      []string
	}{
		"the marks rule over the best":       {marks: []decisions.Mark{w.mark("a", true), w.mark("c", false)}, steps: []string{"a <- c"}},
		"without a mark the best stays":      {marks: []decisions.Mark{w.mark("c", true)}, steps: []string{"c <- a"}},
		"one stays whatever the marks":       {marks: []decisions.Mark{w.mark("a", true), w.mark("b", true), w.mark("c", true)}, left: []string{"a", "b", "c"}},
		"a part does not go":                 {marks: []decisions.Mark{w.mark("part", true)}, left: []string{"part"}},
		"a part does not stay for others":    {marks: []decisions.Mark{w.mark("a", true), w.mark("b", true), w.mark("c", true), w.mark("part", false)}, left: []string{"a", "b", "c"}},
		"what changed since does not go":     {marks: []decisions.Mark{stale}, left: []string{"y"}},
		"different ones do not stand in":     {marks: []decisions.Mark{w.mark("y", true)}, different: []decisions.Pair{{A: w.mark("y", true).Named, B: w.mark("x", true).Named}}, left: []string{"y"}},
		"a folder that must lose nothing":    {marks: []decisions.Mark{w.mark("y", true)}, o: report.Options{NeverGo: []string{w.path("y")}}, left: []string{"y"}},
		"links are of equal bytes":           {marks: []decisions.Mark{w.mark("b", true), w.mark("c", true)}, equal: true, steps: []string{"b <- a"}},
		"links of files that would all go":   {marks: []decisions.Mark{w.mark("a", true), w.mark("b", true)}, equal: true, steps: []string{"b <- a"}},
		"a file that the index has no more":  {marks: []decisions.Mark{{Go: true, Named: decisions.Named{Path: w.path("none")}}}, left: []string{"none"}},
		"keep alone asks for nothing":        {marks: []decisions.Mark{w.mark("a", false)}},
		"the kept one stays before the best": {marks: []decisions.Mark{w.mark("b", true), w.mark("c", false)}, steps: []string{"b <- c"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := script.Trash
			if c.equal {
				a = script.Hardlink
			}
			p := w.decided(decisions.List{Sensitivity: "normal", Marks: c.marks, Different: c.different}, c.o, a)
			if got := w.steps(p); !slices.Equal(got, c.steps) {
				t.Errorf("steps %q, want %q", got, c.steps)
			}
			var left []string
			for _, l := range p.Left {
				left = append(left, strings.TrimPrefix(l.Path, w.dir+"/"))
			}
			if c.left != nil && !slices.Equal(left, c.left) {
				t.Errorf("left alone %v, want %q", p.Left, c.left)
			}
		})
	}
}

// drawGroups draws groups of files, some of the same bytes, some that share only a part.
func drawGroups(t *rapid.T, most int) (groups [][]entry) {
	next := 0
	for g := range rapid.IntRange(1, most).Draw(t, "groups") {
		var group []entry
		for f := range rapid.IntRange(2, 5).Draw(t, "files") {
			kind := rapid.SampledFrom([]string{"near", "transformed", "pixels", "partial"}).Draw(t, "kind")
			data := fmt.Sprintf("%d", next)
			if f > 0 && rapid.Bool().Draw(t, "copy") {
				of := group[rapid.IntRange(0, f-1).Draw(t, "of")]
				data, kind = of.data, of.kind
			} else {
				next++
			}
			folder := rapid.SampledFrom([]string{"", "a/", "b/"}).Draw(t, "folder")
			group = append(group, entry{fmt.Sprintf("%s%d-%d", folder, g, f), data, kind})
		}
		groups = append(groups, group)
	}
	return groups
}

// choice is what somebody does with groups.
type choice struct {
	groups [][]entry
	rule   report.Rule
	never  bool
	marks  map[string]string // nil: by rule
	apart  [][2]string       // files that are different
	action script.Action
}

func drawChoice(t *rapid.T, most int) (c choice) {
	c.groups = drawGroups(t, most)
	c.rule = report.Rule{By: rapid.SampledFrom([]string{"best", "oldest", "newest", "largest", "shortest-path"}).Draw(t, "rule")}
	c.never = rapid.Bool().Draw(t, "never go")
	c.action = rapid.SampledFrom([]script.Action{script.Trash, script.Move, script.Hardlink}).Draw(t, "action")
	if rapid.Bool().Draw(t, "marked") {
		c.marks = map[string]string{}
		for _, g := range c.groups {
			for _, e := range g {
				c.marks[e.name] = rapid.SampledFrom([]string{"", "keep", "go", "go"}).Draw(t, "mark")
			}
			if a, b := g[0], g[len(g)-1]; a.data != b.data && rapid.Bool().Draw(t, "apart") {
				c.apart = append(c.apart, [2]string{a.name, b.name})
			}
		}
	}
	return c
}

// plan makes the plan of a choice.
func (w *world) plan(c choice) script.Plan {
	o := report.Options{Keep: c.rule}
	if c.never {
		o.NeverGo = []string{w.path("a")}
	}
	if c.marks == nil {
		return w.propose(o, c.action)
	}
	list := decisions.List{Sensitivity: "normal"}
	data := map[string]string{}
	for _, g := range c.groups {
		for _, e := range g {
			data[e.name] = e.data
			if m := c.marks[e.name]; m != "" {
				list.Marks = append(list.Marks, w.mark(e.name, m == "go"))
			}
		}
	}
	for _, p := range c.apart {
		named := func(name string) decisions.Named {
			return decisions.Named{Path: w.path(name), Hash: index.Hash(blake3.Sum256([]byte(data[name])))}
		}
		list.Different = append(list.Different, decisions.Pair{A: named(p[0]), B: named(p[1])})
	}
	return w.decided(list, o, c.action)
}

// Whatever the groups, the rule and the marks: who stays never goes, each group
// keeps a file that is no part, and a part never goes.
func TestPlanKeeps(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) choice { return drawChoice(t, 25) })
	for seed := range 4 {
		c := draw.Example(seed)
		w := newWorld(t, t.TempDir(), c.groups...)
		p := w.plan(c)
		goes := map[string]bool{}
		for _, s := range p.Steps {
			if goes[s.Go.Path] {
				t.Errorf("seed %d: %s goes twice", seed, s.Go.Path)
			}
			goes[s.Go.Path] = true
			if !s.Go.Copied() || c.never && strings.HasPrefix(s.Go.Path, w.path("a/")) {
				t.Errorf("seed %d: %s (%s) goes", seed, s.Go.Path, s.Go.Kind)
			}
			if c.action.Equal() && s.Go.Hash != s.Stay.Hash {
				t.Errorf("seed %d: a link of other bytes: %s", seed, s.Go.Path)
			}
		}
		for _, s := range p.Steps {
			if goes[s.Stay.Path] {
				t.Errorf("seed %d: %s stays and goes", seed, s.Stay.Path)
			}
		}
		for _, g := range c.groups {
			if !slices.ContainsFunc(g, func(e entry) bool { return !goes[w.path(e.name)] && (e.kind != "partial" || e.data == g[0].data) }) {
				t.Errorf("seed %d: nothing stays of %v", seed, g)
			}
		}
	}
}

// The same with the script run for real: of no group is the last file lost, and
// no content is lost at all, as what goes can be had back.
func TestScriptKeeps(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) choice { return drawChoice(t, 4) })
	for seed := range 4 {
		c := draw.Example(seed)
		w := newWorld(t, t.TempDir(), c.groups...)
		to := ""
		if c.action == script.Move {
			to = filepath.Join(t.TempDir(), "to")
		}
		before := contents(t, w.dir)
		p := w.plan(c)
		out, code := w.run(w.write(p, c.action, to), "--yes")
		if code != 0 || !strings.Contains(out, fmt.Sprintf("%d done, 0 left alone", len(p.Steps))) {
			t.Errorf("seed %d: code %d, %d steps\n%s", seed, code, len(p.Steps), out)
		}
		whole(t, before, contents(t, w.dir, w.home, to))
		for _, g := range c.groups {
			if !slices.ContainsFunc(g, func(e entry) bool { return !gone(w.path(e.name)) && (e.kind != "partial" || e.data == g[0].data) }) {
				t.Errorf("seed %d: nothing is left of %v", seed, g)
			}
		}
	}
}

// The head of a script says what it does, and the foot what is left alone.
func TestSaid(t *testing.T) {
	w := newWorld(t, t.TempDir(), []entry{{"k", "12345", ""}, {"g\n# x", "12345", "exact"}})
	p := w.propose(report.Options{}, script.Trash)
	p.Left = []script.Left{{Path: w.path("left\nrm -rf"), Reason: "it is offline"}}
	p.Marked = time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, shell := range script.Shells() {
		var b strings.Builder
		must(t, script.Write(&b, p, script.Options{Action: script.Trash, Shell: shell, Made: time.Unix(1e9, 0), Index: "/i\n", Walked: time.Unix(1e9, 0)}))
		for _, want := range []string{"# Made by dedupidx on 2001-09-09 01:46:40 UTC.\n", `# Index: /i\n, last changed 2001-09-09 01:46:40 UTC`,
			"# Marks: those of the report of 2020-02-03 04:05:06 UTC.\n", "# 1 files, 5 B: into the trash.\n", "# Left alone:\n", `left\nrm -rf: it is offline`, "# group 1: exact 1.0000"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%.2000s", shell, want, b.String())
			}
		}
	}
}
