package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	from := flag.String("from", "", "folders of photos to make copies of, joined by commas")
	out := flag.String("o", "", "the folder to write, new or empty")
	seed := flag.Uint64("seed", 1, "the number that decides on everything")
	n := flag.Int("n", 3000, "number of files")
	strong := flag.Bool("strong", false, "most copies by the strong edits that are missed most, and stronger: stickers, watermarks, equalized, bent, two at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.Split(*from, ","), *out, *seed, *n, *strong); err != nil {
		fmt.Fprintln(os.Stderr, "training:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, from []string, out string, seed uint64, n int, strong bool) error {
	fs, err := readFonts()
	if err != nil {
		return err
	}
	photos, err := photosIn(from)
	if err != nil {
		return err
	}
	root, err := emptyFolder(out)
	if err != nil {
		return err
	}
	defer root.Close()
	items, err := plan(seed, &fs, photos, n, strong)
	if err != nil {
		return err
	}
	return write(ctx, root, &fs, seed, items)
}
