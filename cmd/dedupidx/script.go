package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/decisions"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/index/script"
)

func scriptCommand() command {
	return command{
		name:  "script",
		short: "a script that you read and run, to act on duplicates",
		long: `Prints a script that puts the files to go into the trash, moves them, makes them links or
clones, or lists them. dedupidx itself changes nothing. Which files go is what a rule
proposes (--keep, --never-go), or what you marked in the page of dedupidx report
--format html (--from decisions.jsonl).

As it is, the script only tells what it would do; give it --yes (PowerShell: -Yes) to act.
Before each step it checks that the file to go is unchanged and that the one to stay is
there and can be read; where not, it leaves the file alone and names it. It may be
stopped and run again. hardlink and reflink act on files with the same bytes only, and
compare these first. move keeps the folders, overwrites nothing, and leaves an undo
script in the folder.`,
		examples: []string{
			"dedupidx script --from decisions.jsonl --output go.sh # then read it, and: sh go.sh --yes",
			"dedupidx script --action move --to /mnt/spare | less",
			"dedupidx script --keep oldest --action hardlink --output link.sh",
		},
		flags: func(f *pflag.FlagSet) runner {
			shell := "sh"
			if runtime.GOOS == "windows" {
				shell = "powershell"
			}
			var actions []string
			for _, a := range script.Actions() {
				actions = append(actions, string(a))
			}
			r := &scriptRun{action: newChoice(string(script.Trash), actions...), shell: newChoice(shell, script.Shells()...), sensitivity: newSensitivity()}
			f.StringVar(&r.from, "from", "", "act on the marks of `FILE`, as the page saves them")
			r.rules.add(f)
			f.Var(&r.action, "action", "what is done with a file that goes: "+r.action.list())
			f.StringVar(&r.to, "to", "", "move: the `FOLDER` below which files are moved")
			f.Var(&r.shell, "shell", "for which shell: "+r.shell.list())
			f.Var(&r.sensitivity, "sensitivity", "how sure a copy must be (with --from: as in the report that was marked)")
			f.StringVar(&r.against, "against", "", "only groups with a file in `FOLDER`, none of whose files goes")
			f.StringVar(&r.output, "output", "", "write to `FILE`")
			return func(ctx context.Context, e *env, args []string) error {
				if f.Changed("keep") && r.from != "" {
					return usagef("leave one of them out", "--from acts on marks, --keep is a rule")
				}
				r.sensitive = f.Changed("sensitivity")
				return r.run(ctx, e, args)
			}
		},
	}
}

type scriptRun struct {
	from, to, against, output  string
	rules                      rules
	action, shell, sensitivity choice
	sensitive                  bool // the flag was given
}

func (r *scriptRun) run(ctx context.Context, e *env, args []string) (err error) {
	if err := wantArgs("script", args, 0, 0); err != nil {
		return err
	}
	r.output = outputFile(r.output)
	o := script.Options{Action: script.Action(r.action.value), Shell: r.shell.value, Made: time.Now()}
	switch {
	case o.Action == script.Move && r.to == "":
		return usagef("add --to FOLDER", "--action move needs to know where to")
	case o.Action != script.Move && r.to != "":
		return usagef("add --action move", "--to is for the action move")
	case o.Action == script.Reflink && o.Shell != "sh":
		return usagef("use --shell sh, or --action hardlink", "PowerShell cannot make clones")
	}
	if r.to != "" {
		if o.To, err = filepath.Abs(r.to); err != nil {
			return err
		}
	}
	x, err := e.read(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	plan, err := r.plan(ctx, x, o.Action)
	if err != nil {
		return err
	}
	if o.Walked, err = r.look(ctx, e, x, o.To); err != nil {
		return err
	}
	o.Index = x.Path()
	write := func(w io.Writer) error { return script.Write(w, plan, o) }
	if r.output == "" {
		err = write(e.stdout)
	} else {
		err = writeFile(r.output, write)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stderr, "%s to go, %s to win, %s left alone\n",
		count(int64(len(plan.Steps)), "file"), report.Size(plan.Space), grouped(int64(len(plan.Left))))
	return err
}

// plan asks the index what goes and what stays.
func (r *scriptRun) plan(ctx context.Context, x *index.Index, a script.Action) (p script.Plan, err error) {
	o := report.Options{Sensitivity: r.sensitivity.value}
	if o.Keep, err = r.rules.rule(); err != nil {
		return p, err
	}
	if err := r.rules.place(ctx, x, &o); err != nil {
		return p, err
	}
	if r.against != "" {
		if o.Against, err = storedAsOne(ctx, x, "--against", r.against); err != nil {
			return p, err
		}
	}
	if r.from == "" {
		return script.Propose(ctx, x, o, a.Equal())
	}
	list, err := readDecisions(r.from)
	if err != nil {
		return p, err
	}
	if !r.sensitive {
		o.Sensitivity = list.Sensitivity
	}
	return script.Decided(ctx, x, o, list, a.Equal())
}

// look tells when the folders of the index last changed, and warns of a place for
// moved files that is looked at, too.
func (r *scriptRun) look(ctx context.Context, e *env, x *index.Index, to string) (walked time.Time, err error) {
	roots, err := x.Roots(ctx)
	if err != nil {
		return walked, err
	}
	for _, root := range roots {
		if at := time.Unix(0, root.Walked); root.Walked > 0 && at.After(walked) {
			walked = at
		}
	}
	if to == "" {
		return walked, nil
	}
	found, err := lookedAt(roots, to)
	if found {
		e.note("warning: %s lies in a folder of the index: what is moved there is found again", to)
	}
	return walked, err
}

// readDecisions reads a file of decisions.
func readDecisions(path string) (list decisions.List, err error) {
	f, err := os.Open(path)
	if err != nil {
		return list, fmt.Errorf("read decisions: %w", err)
	}
	defer f.Close()
	if list, err = decisions.Read(f); err != nil {
		return list, withHint(fmt.Errorf("read decisions %s: %w", path, err), "the page of `dedupidx report --format html` saves such a file")
	}
	return list, nil
}
