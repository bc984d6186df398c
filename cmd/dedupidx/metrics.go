package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/watch"
)

// figures are what the daemon did since it started, for --metrics.
type figures struct {
	x       *index.Index
	started time.Time

	mu                                                                      sync.Mutex
	reasons                                                                 map[string]int64
	extracted                                                               map[string]int64
	duplicates                                                              map[string]int64
	failures                                                                map[string]int64                // by what failed
	seconds                                                                 map[string]float64              // by step
	done                                                                    map[pipeline.Task]time.Duration // of this run: when a task ended
	updates, decoded, hashed, compared, candidates, matches, bytes, commits int64
}

func newFigures(x *index.Index) *figures {
	return &figures{
		x: x, started: time.Now(), reasons: map[string]int64{}, extracted: map[string]int64{}, duplicates: map[string]int64{},
		failures: map[string]int64{"file": 0, "update": 0}, done: map[pipeline.Task]time.Duration{},
		seconds: map[string]float64{"ingest": 0, "compare": 0, "group": 0},
	}
}

// step notes when the steps of a run end.
func (f *figures) step(s pipeline.Snapshot) {
	if s.Final {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.done[s.Task] = s.Elapsed
	}
}

// looked counts a run of the pipeline.
func (f *figures) looked(s pipeline.Summary, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.updates++
	}
	for reason, n := range s.Reasons {
		f.reasons[string(reason)] += n
	}
	for stage, n := range s.Extracted {
		f.extracted[stage] += n
	}
	f.decoded += s.Decoded
	f.hashed += s.Hashed
	f.compared += s.Compared
	f.candidates += s.Candidates
	f.matches += s.Matches
	f.bytes += s.Bytes
	f.commits += s.Commits
	f.failures["file"] += int64(len(s.Unread))
	ingested := max(f.done[pipeline.Files], f.done[pipeline.Photos])
	compared := max(ingested, f.done[pipeline.Comparisons])
	f.seconds["ingest"] += ingested.Seconds()
	f.seconds["compare"] += (compared - ingested).Seconds()
	f.seconds["group"] += max(0, s.Elapsed-compared).Seconds()
	clear(f.done)
}

func (f *figures) failed(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures[what]++
}

func (f *figures) told(kinds map[string]int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for kind, n := range kinds {
		f.duplicates[kind] += n
	}
}

// page writes metrics in the text format of Prometheus, version 0.0.4.
type page struct{ strings.Builder }

func (p *page) head(name, kind, help string) {
	fmt.Fprintf(p, "# HELP dedupidx_%s %s\n# TYPE dedupidx_%s %s\n", name, help, name, kind)
}

func (p *page) one(name, kind, help string, v float64) {
	p.head(name, kind, help)
	fmt.Fprintf(p, "dedupidx_%s %s\n", name, number(v))
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func by[N int64 | float64](p *page, name, kind, help, label string, values map[string]N) {
	p.head(name, kind, help)
	for _, k := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(p, "dedupidx_%s{%s=%s} %s\n", name, label, labelValue(k), number(float64(values[k])))
	}
}

// labelValue quotes as the format asks: backslash, quote and line end.
func labelValue(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "\ufffd")) + `"`
}

// write writes all figures.
func (f *figures) write(ctx context.Context, p *page, w watch.Stats) error {
	jobs, err := f.x.JobStats(ctx)
	if err != nil {
		return err
	}
	roots, err := f.x.Roots(ctx)
	if err != nil {
		return err
	}
	offline := 0
	for _, r := range roots {
		if r.State == index.Offline || slices.Contains(w.Away, r.Path) {
			offline++
		}
	}
	age := 0.0
	if oldest := time.Unix(0, jobs.Oldest); jobs.Depth > 0 && oldest.Before(time.Now()) {
		age = time.Since(oldest).Seconds()
	}
	v := versionOf()
	p.head("build_info", "gauge", "What runs; always 1.")
	fmt.Fprintf(p, "dedupidx_build_info{version=%s,commit=%s,go=%s} 1\n", labelValue(v.Version), labelValue(v.Commit), labelValue(v.Go))
	p.one("start_time_seconds", "gauge", "When the daemon started, Unix time.", float64(f.started.UnixMilli())/1000)
	p.one("queue_depth", "gauge", "Places in the queue of the index: being looked at, to be tried again, or parked.", float64(jobs.Depth))
	p.one("queue_age_seconds", "gauge", "How long the oldest of them is overdue.", age)
	p.one("settling", "gauge", "Names and folders that changed and are not quiet yet.", float64(w.Waiting))
	p.one("settling_age_seconds", "gauge", "Age of the oldest of them.", w.Age.Seconds())
	p.one("roots", "gauge", "Folders of the index that were named.", float64(len(roots)))
	p.one("roots_offline", "gauge", "Those that are not proven present.", float64(offline))
	p.one("watches", "gauge", "Folders that are subscribed to.", float64(w.Watches))
	p.one("polled", "gauge", "Places that are polled.", float64(len(w.Polled)))
	p.one("events_total", "counter", "Events that the system told.", float64(w.Events))
	p.one("overflows_total", "counter", "Times that the system dropped events.", float64(w.Overflows))
	p.one("rescans_total", "counter", "Looks at a folder and all below it for lack of events.", float64(w.Rescans))
	p.one("rebuilds_total", "counter", "Times that all folders were subscribed to anew.", float64(w.Rebuilds))

	f.mu.Lock()
	defer f.mu.Unlock()
	p.one("updates_total", "counter", "Looks that ended well.", float64(f.updates))
	by(p, "files_total", "counter", "Pictures looked at, by what became of them.", "reason", f.reasons)
	p.one("images_decoded_total", "counter", "Pictures decoded; its rate is images per second.", float64(f.decoded))
	p.one("files_hashed_total", "counter", "Files hashed.", float64(f.hashed))
	p.one("read_bytes_total", "counter", "Bytes read of files.", float64(f.bytes))
	by(p, "features_total", "counter", "Features extracted.", "stage", f.extracted)
	p.one("images_compared_total", "counter", "Pictures compared with what is stored.", float64(f.compared))
	p.one("candidates_total", "counter", "Pairs that were judged.", float64(f.candidates))
	p.one("matches_total", "counter", "Pairs that match.", float64(f.matches))
	by(p, "duplicates_total", "counter", "Duplicates told.", "kind", f.duplicates)
	p.one("commits_total", "counter", "Transactions that changed the index.", float64(f.commits))
	by(p, "step_seconds_total", "counter", "Time by step.", "step", f.seconds)
	by(p, "failures_total", "counter", "Files that could not be read, and looks that failed.", "what", f.failures)

	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	p.one("goroutines", "gauge", "Goroutines.", float64(runtime.NumGoroutine()))
	p.one("heap_bytes", "gauge", "Memory in use by the program's data.", float64(mem.HeapAlloc))
	return nil
}

// metricsAddress reads --metrics: a port alone is one of this machine only.
func metricsAddress(given string) (string, error) {
	if given == "" {
		return "", nil
	}
	hint := "write 9464 or 127.0.0.1:9464; 0.0.0.0:9464 serves all who can reach this machine"
	host, port, err := net.SplitHostPort(given)
	if err != nil {
		host, port = "", given
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return "", usagef(hint, "--metrics %s is no address", given)
	}
	return net.JoinHostPort(host, port), nil
}

type metricsServer struct {
	http  *http.Server
	ended sync.WaitGroup
}

// serveMetrics serves until close.
func serveMetrics(addr string, f *figures, w *watch.Watcher, log *slog.Logger) (*metricsServer, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(out http.ResponseWriter, r *http.Request) {
		var p page
		if err := f.write(r.Context(), &p, w.Stats()); err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
		out.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = out.Write([]byte(p.String())) // who left does not hear it
	})
	s := &metricsServer{http: &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
	s.ended.Go(func() {
		if err := s.http.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are not served any more", "error", err)
		}
	})
	log.Info("serving metrics", "url", "http://"+l.Addr().String()+"/metrics")
	return s, nil
}

func (s *metricsServer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // who still reads is cut off
	}
	s.ended.Wait()
}
