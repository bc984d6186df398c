// Command crowd fills an index with contents that nobody has, to measure how the
// index behaves at size without a million photos.
//
//	dedupidx --index donor.db scan PHOTOS
//	go run ./cmd/crowd --donor donor.db --count 100000 --index big.db
//	go run ./cmd/crowd --donor donor.db            # how like real photos they are
//
// The contents are stored by the code that stores real ones (index.Write: features,
// postings and file rows in one transaction). An unrelated content takes each of
// its keypoints from another photo of the donor index, and its hash bits and
// texture from a Gaussian copula that has the donors' marginals and correlations,
// so that its buckets are as long as those of photos. Of a thousand, 30 stand in
// groups of 2 to 6, ten are flat and one stands in a hot bucket.
//
// A run that was stopped goes on where it was; the same seed gives the same
// contents, whatever the count. With --compared they are marked as compared without
// asking (the groups get their matches from the judge), which is fast; with
// --step 1000 they are compared and grouped as in a scan, with --step 1 as by the
// daemon, and what each costs is printed. Else the next `dedupidx scan` compares them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/stages"
)

// options are the flags.
type options struct {
	donor, index, root string
	count, batch       int
	seed               uint64
	compared           bool
	step               int
	profile            string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	var o options
	f := pflag.NewFlagSet("crowd", pflag.ContinueOnError)
	f.StringVar(&o.donor, "donor", "", "an index of real photos, of which the contents are made")
	f.StringVar(&o.index, "index", "", "the index to fill; empty: only say how like the donors the contents are")
	f.IntVar(&o.count, "count", 100_000, "how many contents it shall hold in the end")
	f.StringVar(&o.root, "root", "", "full path of the folder that they pretend to lie in; empty: crowd beside the index")
	f.IntVar(&o.batch, "batch", 48, "contents in a transaction")
	f.Uint64Var(&o.seed, "seed", 1, "another seed gives other contents")
	f.BoolVar(&o.compared, "compared", false, "mark them as compared without asking, and make their groups")
	f.IntVar(&o.step, "step", 0, "compare and group them, so many at a time, and print what each costs")
	f.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile into `FILE`")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.donor == "" || o.count < 1 || o.batch < 1 || f.NArg() > 0 {
		return errors.New("--donor INDEX is needed, --count and --batch must be at least 1, and there are no other arguments")
	}
	donors, err := readDonors(ctx, o.donor)
	if err != nil {
		return err
	}
	c, err := newCrowd(donors, o.seed)
	if err != nil {
		return err
	}
	if o.index == "" {
		return c.compareHistograms(out)
	}
	x, err := index.Open(ctx, o.index)
	if errors.Is(err, index.ErrNotExist) {
		x, err = index.Create(ctx, o.index)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if o.root == "" {
		o.root = filepath.Join(filepath.Dir(x.Path()), "crowd")
	}
	root, err := x.AddRoot(ctx, o.root, 0)
	if err != nil {
		return err
	}
	s := store{x: x, crowd: c, root: root, batch: o.batch, stages: stages.List()}
	from, err := s.stored(ctx)
	if err != nil {
		return err
	}
	if o.profile != "" {
		file, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	if o.step > 0 {
		return s.arrive(ctx, out, from, o.count, o.step)
	}
	start := time.Now()
	if err := s.fill(ctx, from, o.count); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d contents, %d of them new, stored in %s\n", max(from, o.count), max(o.count-from, 0), time.Since(start).Round(time.Millisecond))
	if !o.compared {
		return nil
	}
	start = time.Now()
	n, err := s.settle(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d marked as compared, with their groups, in %s\n", n, time.Since(start).Round(time.Millisecond))
	return nil
}
