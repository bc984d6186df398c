package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/dedupidx/dedupidx/index/dedup"
)

// arrive stores contents from..to, some at a time, compares and groups them as a
// scan or the daemon does, and prints what that cost for each.
func (s *store) arrive(ctx context.Context, out io.Writer, from, to, step int) error {
	var stored, compared, grouped, slowest time.Duration
	var sum dedup.Counts
	cpu := cpuTime()
	var own time.Duration // of making the contents, which a scan spends on extraction
	o := dedup.Options{Workers: runtime.GOMAXPROCS(0), Stages: s.stages}
	for at := from; at < to; at += step {
		end := min(at+step, to)
		making := cpuTime()
		b, err := s.make(at, end)
		if err != nil {
			return err
		}
		own += cpuTime() - making
		start := time.Now()
		if err := s.write(ctx, b); err != nil {
			return err
		}
		mark := time.Now()
		stored += mark.Sub(start)
		for done := false; !done; {
			var c dedup.Counts
			if c, done, err = dedup.Compare(ctx, s.x, o); err != nil {
				return err
			}
			sum.Contents += c.Contents
			sum.Hits += c.Hits
			sum.Candidates += c.Candidates
			sum.Matches += c.Matches
			sum.Hot += c.Hot
		}
		compared += time.Since(mark)
		mark = time.Now()
		if err := s.regroup(ctx); err != nil {
			return err
		}
		grouped += time.Since(mark)
		slowest = max(slowest, time.Since(start))
	}
	n := float64(max(to-from, 1))
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / n }
	fmt.Fprintf(out, "%d contents, %d at a time, into %d: for each %.3f ms to store, %.3f ms to compare, %.3f ms to group, %.3f ms of CPU in all\n",
		to-from, step, from, ms(stored), ms(compared), ms(grouped), ms(cpuTime()-cpu-own))
	fmt.Fprintf(out, "compared %d: for each %.1f hits, %.2f candidates, %.3f matches; %d buckets cut off; slowest step %s\n",
		sum.Contents, float64(sum.Hits)/n, float64(sum.Candidates)/n, float64(sum.Matches)/n, sum.Hot, slowest.Round(time.Millisecond))
	return nil
}
