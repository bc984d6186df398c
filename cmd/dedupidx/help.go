package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

func helpCommand() command {
	return command{
		name: "help", args: "[COMMAND]",
		short:    "what the commands are, and what one of them does",
		long:     "Lists the commands, or tells what a command does, with its flags and examples.",
		examples: []string{"dedupidx help # the commands", "dedupidx help report # the same as dedupidx report --help"},
		flags: func(*pflag.FlagSet) runner {
			return func(_ context.Context, e *env, args []string) error {
				if err := wantArgs("help", args, 0, 1); err != nil {
					return err
				}
				if len(args) == 0 {
					return printOverview(e.stdout)
				}
				c, ok := find(args[0])
				if !ok {
					return usagef("`dedupidx help` lists the commands", "there is no command %q", args[0])
				}
				return printHelp(e.stdout, c)
			}
		},
	}
}

// printOverview lists the commands.
func printOverview(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`dedupidx finds exact copies, re-encodings, edits and pictures inside pictures,
and keeps what it found in one index file. It never changes, moves or deletes a photo.

usage: dedupidx COMMAND [flags] [arguments]

`)
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(&b, "  %-12s %s\n", c.name, c.short)
		}
	}
	b.WriteString(`
To begin:

  dedupidx scan ~/Pictures      look at a folder, and at all below it
  dedupidx report               what was found

`)
	b.WriteString("Flags of every command:\n" + usages(globalFlags()))
	b.WriteString(`
Exit codes: 0 done, 1 could not, 2 wrong use, 3 done but some files failed or folders
could not be read, 130 interrupted (what was committed stays).
`)
	_, err := io.WriteString(w, b.String())
	return err
}

// printHelp tells what a command does.
func printHelp(w io.Writer, c command) error {
	var b strings.Builder
	usage := "dedupidx " + c.name + " [flags]"
	if c.args != "" {
		usage += " " + c.args
	}
	fmt.Fprintf(&b, "usage: %s\n\n%s\n", usage, strings.TrimSpace(c.long))
	f := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	f.SortFlags = false
	c.flags(f)
	if f.HasAvailableFlags() {
		b.WriteString("\nFlags:\n" + usages(f))
	}
	b.WriteString("\nFlags of every command:\n" + usages(globalFlags()))
	if len(c.examples) > 0 {
		b.WriteString("\nExamples:\n")
		wide := 0
		for _, x := range c.examples {
			line, _, _ := strings.Cut(x, " # ")
			wide = max(wide, len(line))
		}
		for _, x := range c.examples {
			line, what, _ := strings.Cut(x, " # ")
			b.WriteString(strings.TrimRight(fmt.Sprintf("  %-*s  %s", wide, line, what), " ") + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func globalFlags() *pflag.FlagSet {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.SortFlags = false
	newEnv(nil, nil, nil).globals(f)
	return f
}

// usages describes flags, without the "[=true|false]" that pflag writes after
// each switch.
func usages(f *pflag.FlagSet) string {
	lines := [][2]string{}
	wide := 0
	f.VisitAll(func(x *pflag.Flag) {
		if x.Hidden {
			return
		}
		name, usage := pflag.UnquoteUsage(x)
		left := "      --" + x.Name
		if x.Shorthand != "" {
			left = "  -" + x.Shorthand + ", --" + x.Name
		}
		if x.Value.Type() != "bool" {
			if name != "" {
				left += " " + name
			}
			if d := x.DefValue; d != "" && d != "0" && d != "[]" {
				usage += " (default " + d + ")"
			}
		}
		lines = append(lines, [2]string{left, usage})
		wide = max(wide, len(left))
	})
	var b strings.Builder
	for _, l := range lines {
		text := strings.ReplaceAll(wrap(l[1], 92-wide), "\n", "\n"+strings.Repeat(" ", wide+3))
		fmt.Fprintf(&b, "%-*s   %s\n", wide, l[0], text)
	}
	return b.String()
}

// wrap breaks a text into lines of at most width letters.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}
