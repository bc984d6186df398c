package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// command is one of the words that follow "dedupidx".
type command struct {
	name     string
	args     string   // what follows the flags, for the help
	short    string   // one line
	long     string   // what it does, for its help
	examples []string // a command line each, with what it does after " # "
	hidden   bool
	files    bool // its arguments are paths, for completion

	// flags adds the command's flags and returns what runs it once they are read.
	flags func(f *pflag.FlagSet) runner
}

// runner carries a command out.
type runner func(ctx context.Context, e *env, args []string) error

// commands lists all commands in the order of the help.
func commands() []command {
	return []command{
		initCommand(),
		scanCommand(),
		watchCommand(),
		reportCommand(),
		decideCommand(),
		scriptCommand(),
		queryCommand(),
		explainCommand(),
		statusCommand(),
		forgetCommand(),
		pruneCommand(),
		checkCommand(),
		backupCommand(),
		compactCommand(),
		systemCommand(),
		benchCommand(),
		selftestCommand(),
		evaluateCommand(),
		sampleCommand(),
		completionCommand(),
		versionCommand(),
		helpCommand(),
		decodeCommand(),
		benchScanCommand(),
	}
}

func find(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// dispatch reads the command line and runs the command that it names.
func dispatch(ctx context.Context, e *env, args []string) error {
	global := pflag.NewFlagSet("dedupidx", pflag.ContinueOnError)
	global.SetOutput(io.Discard)
	global.Usage = func() {}
	global.SetInterspersed(false) // flags after the command are the command's
	e.globals(global)
	version := global.Bool("version", false, "print the version")
	err := global.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return printOverview(e.stdout)
	case err != nil:
		return flagError("", global, err)
	case *version:
		return printVersion(e.stdout, false)
	case global.NArg() == 0:
		_ = printOverview(e.stderr)
		return usagef("", "no command was given")
	}
	name := global.Arg(0)
	c, ok := find(name)
	if !ok {
		hint := "`dedupidx help` lists the commands"
		if like := nearest(name, commandNames()); like != "" {
			hint = "did you mean `dedupidx " + like + "`?"
		}
		return usagef(hint, "there is no command %q", name)
	}
	return c.run(ctx, e, global.Args()[1:])
}

func (c command) run(ctx context.Context, e *env, args []string) error {
	f, do := c.flagSet(e)
	switch err := f.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return printHelp(e.stdout, c)
	case err != nil:
		return flagError(c.name, f, err)
	}
	e.startLog(e.stderr)
	return do(ctx, e, f.Args())
}

// flagSet is the command's flags and the global ones.
func (c command) flagSet(e *env) (*pflag.FlagSet, runner) {
	f := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are told in one place
	f.Usage = func() {}
	f.SortFlags = false
	do := c.flags(f)
	e.globals(f)
	return f, do
}

// flagError is the wrong use of a flag.
func flagError(name string, f *pflag.FlagSet, err error) error {
	help := "`dedupidx help`"
	if name != "" {
		help = "`dedupidx " + name + " --help`"
	}
	hint := help + " lists the flags"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var names []string
		f.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if like := nearest(unknown.GetSpecifiedName(), names); like != "" {
			hint = "did you mean --" + like + "? " + hint
		}
	}
	return usagef(hint, "%s", strings.TrimSuffix(err.Error(), "\n"))
}

// wantArgs checks the number of arguments; most is -1 where any number will do.
func wantArgs(name string, args []string, least, most int) error {
	hint := "`dedupidx " + name + " --help` shows how"
	switch {
	case len(args) < least:
		return usagef(hint, "%s wants %s, got %d", name, countOf(least, most), len(args))
	case most >= 0 && len(args) > most:
		return usagef(hint, "%s wants %s, got %d: %q", name, countOf(least, most), len(args), args[most])
	}
	return nil
}

func countOf(least, most int) string {
	switch {
	case most == 0:
		return "no argument"
	case least == 1 && most == 1:
		return "one argument"
	case least == most:
		return fmt.Sprintf("%d arguments", least)
	case most < 0:
		return fmt.Sprintf("at least %d arguments", least)
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		if !c.hidden {
			names = append(names, c.name)
		}
	}
	return names
}

// nearest returns the name that a mistyped word probably means: one that it
// begins, or one that is at most two letters changed, added, dropped or swapped
// away, and fewer than all of them. Empty where there is none.
func nearest(word string, names []string) string {
	best, least := "", min(3, len(word))
	for _, n := range names {
		if len(word) > 1 && strings.HasPrefix(n, word) {
			return n
		}
		if d := distance(word, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is the number of letters changed, added, dropped or swapped with
// their neighbour (optimal string alignment).
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
