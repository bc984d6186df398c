package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/index/report"
	"github.com/dedupidx/dedupidx/watch"
)

func watchCommand() command {
	return command{
		name: "watch", args: "[FOLDER...]", files: true,
		short: "keep the index true while the disk changes, until it is stopped",
		long: `Looks at folders as scan does, and then stays: what comes, changes, moves or goes is in
the index, compared and grouped within seconds. It runs in the foreground until SIGTERM or
SIGINT, which let it finish what is in flight and exit with 0; SIGHUP looks at everything
again. report, status and query work beside it.

A picture that comes and has copies is told in a line on standard output, once it has been
quiet, or as JSON with --events. What the first look finds stands in the report and is not
told. --on-duplicate runs a program for each, with the JSON on its standard input: given
once, its value is split at blanks, and quotes ('...' or "...") hold a part together; given
more than once, each is one argument as it is. There is no shell. The program gets a
minute, one runs at a time, and what it prints goes to standard error.

Folders of which the system tells nothing (network disks, more folders than it watches)
are found out and looked at every --poll instead. Of a disk that is away nothing is
forgotten; when it is back it is looked at.`,
		examples: []string{
			"dedupidx watch ~/Pictures # until Ctrl-C",
			"dedupidx watch --events ~/Pictures | jq -r .path",
			"dedupidx watch --on-duplicate 'notify-send Duplicate' ~/Pictures",
			"dedupidx watch --metrics 9464 --nice 10 --io-priority idle # all folders of the index",
			"dedupidx watch --print-service systemd ~/Pictures > ~/.config/systemd/user/dedupidx.service",
		},
		flags: func(f *pflag.FlagSet) runner {
			w := &watchRun{
				progress: newChoice("auto", "auto", "bar", "plain", "json", "none"), service: newChoice("", "systemd", "launchd"),
				logFormat: newChoice("text", "text", "json"), ioPriority: newChoice("normal", "normal", "idle"),
				sensitivity: newChoice("normal", "strict", "normal", "loose"), flags: f, exit: os.Exit,
			}
			f.BoolVar(&w.events, "events", false, "tell duplicates as JSON, an object a line")
			f.StringArrayVar(&w.onDuplicate, "on-duplicate", nil, "run `CMD` for each duplicate, with the JSON on its standard input")
			f.Var(&w.sensitivity, "sensitivity", "which duplicates are told: "+w.sensitivity.list())
			f.DurationVar(&w.poll, "poll", 5*time.Minute, "look every `INTERVAL` at folders of which the system tells nothing")
			f.BoolVar(&w.pollAll, "poll-all", false, "poll all folders, for disks that tell nothing and are not known to")
			f.DurationVar(&w.reconcile, "reconcile", 24*time.Hour, "look at everything every `INTERVAL`, at low priority; 0 for never")
			f.StringVar(&w.metrics, "metrics", "", "serve metrics for Prometheus on `ADDR`; a port alone is one of this machine only")
			f.IntVar(&w.nice, "nice", 0, "processor priority, `N` from 0 to 19: the higher, the more it lets others go first")
			f.Var(&w.ioPriority, "io-priority", "disk priority: normal, or idle to let others go first (Linux)")
			f.Var(&w.logFormat, "log-format", "how the log is written: "+w.logFormat.list())
			f.Var(&w.service, "print-service", "print a service for these folders and flags, and exit: "+w.service.list())
			w.looking.add(f)
			w.looking.addForget(f)
			f.Var(&w.progress, "progress", "how progress of the first look is shown: "+w.progress.list())
			return func(ctx context.Context, e *env, args []string) error {
				return stopped(ctx, w.run(ctx, e, args)) // at whatever point it is
			}
		},
	}
}

type watchRun struct {
	looking
	events, pollAll                                       bool
	onDuplicate                                           []string
	poll, reconcile                                       time.Duration
	metrics                                               string
	nice                                                  int
	progress, service, logFormat, ioPriority, sensitivity choice
	flags                                                 *pflag.FlagSet
	exit                                                  func(int)
}

// stopWithin is how long what is in flight may take once the end was asked for.
// After it the process ends all the same: the index survives that.
const stopWithin = 4 * time.Second

func (w *watchRun) run(ctx context.Context, e *env, args []string) (err error) {
	if w.service.value != "" {
		return w.printService(e, args)
	}
	argv, err := commandLine(w.onDuplicate)
	if err != nil {
		return err
	}
	addr, err := metricsAddress(w.metrics)
	if err != nil {
		return err
	}
	if w.poll <= 0 || w.reconcile < 0 || w.nice < 0 || w.nice > 19 {
		return usagef("`dedupidx watch --help` lists the flags", "--poll must be more than 0, --reconcile not less, --nice 0 to 19")
	}
	show := newProgress(w.progressMode(e), e.stderr)
	log := w.startLog(e, show)
	o, excludes, err := w.options(ctx)
	if err != nil {
		return err
	}
	if err := lowerPriority(w.nice, w.ioPriority.value == "idle"); err != nil {
		log.Warn("the priority stays as it is", "error", err)
	}

	x, roots, err := w.open(ctx, e, args, excludes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()

	if o.Forget, err = w.forgotten(ctx, e, x); err != nil {
		return err
	}

	defer w.endInTime(ctx, log)()
	d := &daemon{
		x: x, roots: roots, excludes: excludes, follow: w.follow, options: o, log: log,
		queue: newQueue(x, log), figures: newFigures(x), service: newNotifier(log),
	}
	d.options.Log = log
	d.options.Progress = func(s pipeline.Snapshot) { d.service.alive(); d.figures.step(s); show.show(s) }
	told, err := newTeller(x, w.sensitivity.value, e.stdout, w.events, argv, e.stderr, log)
	if err != nil {
		return err
	}
	d.teller = told
	defer told.close()

	if d.watcher, err = w.subscribe(ctx, d); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.watcher.Close()) }()
	if addr != "" {
		server, err := serveMetrics(addr, d.figures, d.watcher, log)
		if err != nil {
			return withHint(err, "name another address with --metrics")
		}
		defer server.close()
	}
	defer d.service.watch()()
	defer onHangup(func() {
		log.Info("everything is looked at again, as SIGHUP asks")
		d.watcher.Rescan()
	})()
	return d.run(ctx, show.end)
}

// stopped is nil for what was asked to stop and has.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (w *watchRun) progressMode(e *env) string {
	if w.progress.value == "auto" && (!terminal(e.stderr) || w.logFormat.value == "json") {
		return "none" // the log says what there is to say
	}
	return w.progress.value
}

func (w *watchRun) startLog(e *env, show *progress) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(e.logLevel.value)) // one of the choices
	o := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(show, o)
	if w.logFormat.value == "json" {
		h = slog.NewJSONHandler(show, o)
	}
	e.log, e.noteByLog = slog.New(newSparing(h)), w.logFormat.value == "json"
	return e.log
}

// open opens the index and adds the folders. One that is not there is no wrong
// use where the index knows it: its disk may come.
func (w *watchRun) open(ctx context.Context, e *env, args []string, excludes *watch.Excludes) (x *index.Index, _ []index.Root, err error) {
	var named []watch.Root
	var missing []error
	for _, p := range args {
		r, err := watch.OpenRoot(p)
		if err != nil {
			missing = append(missing, withHint(err, "name a folder that is there now"))
			if r, err = watch.NameRoot(p); err != nil {
				return nil, nil, err
			}
		}
		named = append(named, r)
	}
	if len(missing) > 0 && len(missing) == len(named) {
		// Nothing is made for a name that was mistyped.
		x, err = openToScan(ctx, e, false)
		if errors.Is(err, index.ErrNotExist) {
			return nil, nil, missing[0]
		}
	} else {
		x, err = openToScan(ctx, e, len(named) > 0)
	}
	if err != nil {
		return nil, nil, err
	}
	opened := x // an error returns none
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.Close())
		}
	}()
	if len(missing) > 0 {
		known, err := x.Roots(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range named {
			_, err := watch.OpenRoot(r.Path)
			if err != nil && !slices.ContainsFunc(known, func(k index.Root) bool { return k.Path == r.Path }) {
				return nil, nil, withHint(err, "name a folder that is there now")
			}
		}
	}
	roots, err := rootsToScan(ctx, e, x, named, excludes)
	return x, roots, err
}

// subscribe comes before the first look, so that what changes meanwhile is told.
func (w *watchRun) subscribe(ctx context.Context, d *daemon) (*watch.Watcher, error) {
	var roots []watch.Root
	for _, r := range d.roots {
		root, err := watch.NameRoot(r.Path)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	reconcile := w.reconcile
	if reconcile == 0 {
		reconcile = -1
	}
	return watch.New(ctx, roots, d.disk().options, watch.Config{
		Poll: w.poll, PollAll: w.pollAll, Reconcile: reconcile, Log: d.log,
	})
}

// endInTime ends the process when what is in flight takes too long to stop. It
// returns what calls that off.
func (w *watchRun) endInTime(ctx context.Context, log *slog.Logger) func() {
	ended := make(chan struct{})
	context.AfterFunc(ctx, func() {
		select {
		case <-ended:
		case <-time.After(stopWithin):
			log.Warn("what is in flight takes too long and is left to the next start")
			w.exit(exitDone)
		}
	})
	return func() { close(ended) }
}

// onHangup calls do at each SIGHUP until the returned function is called.
func onHangup(do func()) func() {
	signals, done, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				do()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}

// printableRoots lists roots for a message.
func printableRoots(roots []index.Root) []string {
	var out []string
	for _, r := range roots {
		out = append(out, report.Printable(r.Path))
	}
	return out
}
