package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/pflag"
)

func versionCommand() command {
	return command{
		name:     "version",
		short:    "the version of this program",
		long:     "Prints the version, the commit it was built from, and the platform.",
		examples: []string{"dedupidx version", "dedupidx version --json"},
		flags: func(f *pflag.FlagSet) runner {
			asJSON := f.Bool("json", false, "print JSON")
			return func(_ context.Context, e *env, args []string) error {
				if err := wantArgs("version", args, 0, 0); err != nil {
					return err
				}
				return printVersion(e.stdout, *asJSON)
			}
		},
	}
}

// builtFrom is what this program was built from.
type builtFrom struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built with changes that are not in the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func versionOf() builtFrom {
	v := builtFrom{"devel", "", false, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if m := info.Main.Version; m != "" && m != "(devel)" {
			v.Version = m
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	return v
}

func printVersion(w io.Writer, asJSON bool) error {
	v := versionOf()
	if asJSON {
		return printJSON(w, v)
	}
	text := "dedupidx " + v.Version
	if v.Commit != "" {
		text += " (" + v.Commit[:min(12, len(v.Commit))]
		if v.Modified {
			text += ", modified"
		}
		text += ")"
	}
	_, err := fmt.Fprintf(w, "%s, %s, %s\n", text, v.Go, v.Platform)
	return err
}

// printJSON prints a value as one indented document.
func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}
