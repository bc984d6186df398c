// Command train makes the two tables of stages/local from a folder of photos:
// which comparisons make the descriptor, and the vocabulary. Same photos, same
// tables: all choices are drawn from a fixed seed, and folders are read in order.
//
//	go run ./stages/local/train --pattern stages/local/pattern_v1.go DIR...
//	go run ./stages/local/train -o stages/local/vocabulary_v2.bin DIR...
//
// The vocabulary is made of descriptors, so the pattern comes first. Whoever
// changes either raises local.Version. Train on photos that nothing is scored on:
// the tables in the repository saw 641 photos, none of them among the labelled
// ones. Needs about two minutes for each table.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"
)

func main() {
	pattern := pflag.String("pattern", "", "choose the comparisons and write them to this Go file")
	words := pflag.StringP("out", "o", "", "make the vocabulary and write it to this file")
	limit := pflag.Int("limit", 1<<30, "use so many photos at most")
	pflag.Parse()
	if err := run(*pattern, *words, *limit, pflag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(pattern, words string, limit int, dirs []string) error {
	if (pattern == "") == (words == "") || len(dirs) == 0 {
		return fmt.Errorf("name one of --pattern and --out, and at least one folder of photos")
	}
	photos, err := load(dirs, limit)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d photos\n", len(photos))
	if pattern != "" {
		return os.WriteFile(pattern, choose(photos), 0o644)
	}
	return os.WriteFile(words, vocabulary(photos), 0o644)
}
