// Command photos makes many distinct photos of camera size from a few, to measure
// with: each is another cut of an original, encoded anew at the quality of its source.
//
//	go run ./cmd/photos -o PHOTOS -count 500 -megapixels 12 ORIGINALS
//	go run ./cmd/photos -o LARGE -count 20 -megapixels 48 -progressive ORIGINALS
//
// Originals are JPEGs, looked for in folders and all below them. What is larger than
// the size asked for is cut; what is smaller is continued by its mirror images; and a
// small picture (below two megapixels) is enlarged and gets the grain of a sensor,
// without which it would take a fraction of a photo's bytes. The same originals, seed
// and place in the row give the same photo, so a larger -count adds to a smaller one.
//
// Photos of one original are copies of each other to dedupidx, as they should be; where
// few copies are wanted, give many originals, small ones among them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "photos:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	out         string
	count       int
	megapixels  float64
	progressive bool
	workers     int
	seed        uint64
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	f := flag.NewFlagSet("photos", flag.ContinueOnError)
	f.StringVar(&o.out, "o", "", "the `FOLDER` of the photos; it is made")
	f.IntVar(&o.count, "count", 500, "how many")
	f.Float64Var(&o.megapixels, "megapixels", 12, "their size; 0 for that of each original")
	f.BoolVar(&o.progressive, "progressive", false, "make them progressive, by jpegtran")
	f.IntVar(&o.workers, "workers", 2, "how many to make at a time")
	f.Uint64Var(&o.seed, "seed", 1, "another seed makes other cuts")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.out == "" || o.count < 1 || o.workers < 1 || o.megapixels < 0 || o.megapixels > 400 || f.NArg() == 0 {
		return errors.New("name the folder to make with -o, and folders of originals; -count and -workers are at least 1, -megapixels 0 to 400")
	}
	originals, err := find(f.Args())
	if err != nil {
		return err
	}
	if len(originals) == 0 {
		return errors.New("there is no JPEG in these folders")
	}
	made, err := o.make(ctx, originals)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d photos of %d originals, %d MB\n", made.photos, len(originals), made.bytes/1e6)
	if made.left > 0 {
		fmt.Fprintf(out, "%d places stay empty: their originals are no colour JPEG that Go decodes\n", made.left)
	}
	return nil
}
