package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

func completionCommand() command {
	return command{
		name: "completion", args: "bash|zsh|fish",
		short: "what makes a shell complete commands and flags",
		long:  "Prints a script that makes a shell complete the commands, their flags and the words that a flag takes.",
		examples: []string{
			"source <(dedupidx completion bash) # for this shell; put it into ~/.bashrc to keep it",
			"dedupidx completion zsh > ~/.zfunc/_dedupidx # with ~/.zfunc in fpath",
			"dedupidx completion fish > ~/.config/fish/completions/dedupidx.fish",
		},
		flags: func(*pflag.FlagSet) runner {
			return func(_ context.Context, e *env, args []string) error {
				if err := wantArgs("completion", args, 1, 1); err != nil {
					return err
				}
				switch args[0] {
				case "bash":
					return completeBash(e.stdout)
				case "zsh":
					return completeZsh(e.stdout)
				case "fish":
					return completeFish(e.stdout)
				}
				return usagef("it is one of bash, zsh, fish", "there is no completion for the shell %q", args[0])
			}
		},
	}
}

// completed is a command as completion sees it.
type completed struct {
	command
	options []*pflag.Flag
}

func completions() []completed {
	var out []completed
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		x := completed{command: c}
		f, _ := c.flagSet(newEnv(nil, nil, nil))
		f.VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				x.options = append(x.options, f)
			}
		})
		out = append(out, x)
	}
	return out
}

// words are the fixed words that a flag takes, or nil.
func words(f *pflag.Flag) []string {
	if c, ok := f.Value.(*choice); ok {
		return c.words
	}
	return nil
}

func about(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	return usage
}

func completeBash(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# bash completion for dedupidx
_dedupidx() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= w i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --index) ((i++)) ;;
        -*) ;;
        *) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    COMPREPLY=()
    case $command/$prev in
`)
	for _, c := range completions() {
		for _, f := range c.options {
			if ws := words(f); ws != nil {
				fmt.Fprintf(&b, "    %s/--%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", c.name, f.Name, strings.Join(ws, " "))
			}
		}
	}
	b.WriteString("    esac\n    case $command in\n")
	fmt.Fprintf(&b, "    '') w='%s --index --no-color --log-level --help --version' ;;\n", strings.Join(commandNames(), " "))
	for _, c := range completions() {
		names := []string{"--help"}
		for _, f := range c.options {
			names = append(names, "--"+f.Name)
		}
		switch c.name {
		case "help":
			names = append(names, commandNames()...)
		case "completion":
			names = append(names, "bash", "zsh", "fish")
		}
		fmt.Fprintf(&b, "    %s) w='%s' ;;\n", c.name, strings.Join(names, " "))
	}
	b.WriteString(`    esac
    if [[ $cur == -* || -z $command || $command == help || $command == completion ]]; then
        COMPREPLY=($(compgen -W "$w" -- "$cur"))
    fi
}
complete -o default -F _dedupidx dedupidx
`)
	_, err := io.WriteString(w, b.String())
	return err
}

func completeZsh(w io.Writer) error {
	var b strings.Builder
	b.WriteString("#compdef dedupidx\n_dedupidx() {\n    local -a commands\n    commands=(\n")
	for _, c := range completions() {
		fmt.Fprintf(&b, "        %s\n", quote(c.name+":"+c.short))
	}
	b.WriteString(`    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    case $words[2] in
`)
	for _, c := range completions() {
		fmt.Fprintf(&b, "    %s) _arguments", c.name)
		for _, f := range c.options {
			text := strings.NewReplacer("[", "(", "]", ")", ":", " -").Replace(about(f))
			spec := "--" + f.Name + "[" + text + "]"
			if ws := words(f); ws != nil {
				spec += ":word:(" + strings.Join(ws, " ") + ")"
			} else if f.Value.Type() != "bool" {
				spec += ":value:_files"
			}
			b.WriteString(" \\\n        " + quote(spec))
		}
		switch {
		case c.name == "help":
			fmt.Fprintf(&b, " \\\n        '*:command:(%s)'", strings.Join(commandNames(), " "))
		case c.name == "completion":
			b.WriteString(" \\\n        '*:shell:(bash zsh fish)'")
		case c.files:
			b.WriteString(" \\\n        '*:file:_files'")
		}
		b.WriteString(" ;;\n")
	}
	b.WriteString("    esac\n}\n_dedupidx \"$@\"\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func completeFish(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# fish completion for dedupidx\n")
	for _, c := range completions() {
		fmt.Fprintf(&b, "complete -c dedupidx -n __fish_use_subcommand -f -a %s -d %s\n", c.name, quote(c.short))
		when := "-n '__fish_seen_subcommand_from " + c.name + "'"
		if !c.files {
			fmt.Fprintf(&b, "complete -c dedupidx %s -f\n", when)
		}
		switch c.name {
		case "help":
			fmt.Fprintf(&b, "complete -c dedupidx %s -a '%s'\n", when, strings.Join(commandNames(), " "))
		case "completion":
			fmt.Fprintf(&b, "complete -c dedupidx %s -a 'bash zsh fish'\n", when)
		}
		for _, f := range c.options {
			fmt.Fprintf(&b, "complete -c dedupidx %s -l %s -d %s", when, f.Name, quote(about(f)))
			if ws := words(f); ws != nil {
				fmt.Fprintf(&b, " -x -a '%s'", strings.Join(ws, " "))
			} else if f.Value.Type() != "bool" {
				b.WriteString(" -r")
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quote is a text in single quotes of a shell; the apostrophe, which the shells
// quote in different ways, becomes a typographic one.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "’") + "'" }
