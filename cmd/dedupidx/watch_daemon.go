package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/watch"
)

// daemon keeps the index true. Its steps: look at everything once; then again
// and again wait for places that are due, queue them, look at them, tell the
// duplicates among what came.
type daemon struct {
	x        *index.Index
	roots    []index.Root
	excludes *watch.Excludes
	follow   bool
	options  pipeline.Options
	log      *slog.Logger

	watcher *watch.Watcher
	queue   *queue
	teller  *teller
	figures *figures
	service *notifier
	slimAt  time.Time // when to give back the memory of the last work; zero: done
}

// restBeforeSlim is how long nothing is to be done before memory goes back to
// the system: longer than the gaps in a burst, since what was given back costs
// page faults to have again.
const restBeforeSlim = 10 * time.Second

// disk is for one run: what it reached over links belongs to that run.
func (d *daemon) disk() *disk { return newDisk(d.excludes, d.follow, d.x.Path()) }

func (d *daemon) run(ctx context.Context, looked func()) error {
	d.service.ready("looking at everything once")
	d.log.Info("watching", "folders", printableRoots(d.roots), "watches", d.watcher.Stats().Watches)
	err := d.lookAtAll(ctx)
	looked()
	if err != nil {
		return err
	}
	d.slimAt = time.Now().Add(restBeforeSlim)
	for {
		d.rest(ctx)
		due, err := d.next(ctx)
		if err != nil {
			return err
		}
		if err := d.update(ctx, due); err != nil {
			return err
		}
	}
}

// lookAtAll is the scan at the start. It covers what a daemon that was killed
// had queued.
func (d *daemon) lookAtAll(ctx context.Context) error {
	for tries := 1; ; tries++ {
		sum, err := pipeline.Scan(ctx, d.x, d.disk(), d.roots, d.options)
		d.figures.looked(sum, err)
		if err == nil {
			d.options.Forget = nil // what goes from now on may come back
			d.log.Info("looked at everything", "files", sum.Files, "failed", sum.Failed, "decoded", sum.Decoded, "seconds", sum.Elapsed.Seconds())
			d.queue.restart(ctx, sum.Unread)
			return nil
		}
		if ctx.Err() != nil || tries == maxTries || errors.Is(err, index.ErrDamaged) {
			return err
		}
		d.log.Error("the look at everything failed and is tried again", "error", err)
		d.figures.failed("update")
		if err := pause(ctx, backOff(tries)); err != nil {
			return err
		}
	}
}

// next waits until places are due: such as the watcher tells, and such as are
// to be tried again.
func (d *daemon) next(ctx context.Context) ([]watch.Due, error) {
	if err := pause(ctx, time.Until(d.queue.blocked)); err != nil {
		return nil, err
	}
	until, stop := ctx, func() {}
	at, ok := d.queue.next()
	if !d.slimAt.IsZero() && (!ok || d.slimAt.Before(at)) {
		at, ok = d.slimAt, true
	}
	if ok {
		until, stop = context.WithDeadline(ctx, at)
	}
	defer stop()
	due, err := d.watcher.Next(until)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		d.slim()
		return nil, nil
	}
	return due, err
}

// slim gives the memory of the last work back to the system, once it rests.
func (d *daemon) slim() {
	if d.slimAt.IsZero() || time.Now().Before(d.slimAt) {
		return
	}
	d.slimAt = time.Time{}
	debug.FreeOSMemory()
}

// update looks at what is due, and at what is to be tried again by now.
func (d *daemon) update(ctx context.Context, due []watch.Due) error {
	places := d.queue.take(ctx, due, d.follow)
	if len(places) == 0 {
		return nil
	}
	o := d.options
	if quiet(due) {
		o.Budget.Workers = 1
		defer idleDisk(d.log)()
	}
	d.service.status(fmt.Sprintf("looking at %s", count(int64(len(places)), "folder")))
	sum, arrived, err := pipeline.Update(ctx, d.x, d.disk(), places, o)
	d.slimAt = time.Now().Add(restBeforeSlim)
	d.figures.looked(sum, err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the next start looks at everything
	case errors.Is(err, index.ErrDamaged):
		return err
	case err != nil:
		d.log.Error("the index could not be brought up to date; it is tried again", "error", err)
		d.figures.failed("update")
		d.queue.failed(ctx, places, err)
		return nil
	}
	d.log.Debug("looked", "folders", sum.Folders, "files", sum.Files, "arrived", len(arrived), "decoded", sum.Decoded, "commits", sum.Commits, "seconds", sum.Elapsed.Seconds())
	d.queue.done(ctx, places, sum.Unread)
	told, err := d.teller.tell(ctx, arrived)
	d.figures.told(told)
	if err != nil && ctx.Err() == nil {
		d.log.Error("duplicates could not be told", "error", err)
	}
	return ctx.Err()
}

// quiet is true for the slow look at everything, which shall disturb nobody.
func quiet(due []watch.Due) bool {
	for _, p := range due {
		if p.Cause != watch.CauseReconcile {
			return false
		}
	}
	return len(due) > 0
}

// rest says how things stand while nothing is to be done.
func (d *daemon) rest(ctx context.Context) {
	s := d.watcher.Stats()
	text := fmt.Sprintf("watching %s", count(int64(s.Watches), "folder"))
	if n := len(s.Away); n > 0 {
		text += fmt.Sprintf(", %d of %d roots away", n, len(d.roots))
	}
	if n := d.queue.depth(); n > 0 {
		text += fmt.Sprintf(", %s to try again", count(int64(n), "path"))
	}
	d.service.status(text)
	d.service.rest()
}

// pause waits, and ends early with the error of ctx.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
