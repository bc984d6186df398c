package pipeline

import (
	"sync"
	"time"
)

// Task names what a run is doing; the three go on side by side.
type Task string

const (
	Files       Task = "files"       // looked at on the disk
	Photos      Task = "photos"      // decoded, their features extracted
	Comparisons Task = "comparisons" // new contents asked against what is stored
)

// Snapshot is how far a task is. A run hands it to Options.Progress, from one
// goroutine, at most ten times a second, and once more at the end of the task.
type Snapshot struct {
	Task    Task
	Done    int64
	Total   int64         // 0 while it is not known
	Percent float64       // 0..100, 0 while the total is not known
	Rate    float64       // done a second
	Elapsed time.Duration // since the run began
	Left    time.Duration // 0 while it is not known
	Final   bool          // nothing more comes of this task
}

// meter counts what a run does and tells it, at most ten times a second.
type meter struct {
	tell    func(Snapshot)
	started time.Time

	mu    sync.Mutex
	tasks map[Task]*counter
}

type counter struct {
	done, total int64
	began       time.Time // when its first unit was known of
	told        time.Time
	final       bool
}

// meterInterval is the time between two snapshots of a task.
const meterInterval = 100 * time.Millisecond

func newMeter(tell func(Snapshot)) *meter {
	if tell == nil {
		tell = func(Snapshot) {}
	}
	return &meter{tell: tell, started: time.Now(), tasks: map[Task]*counter{Files: {}, Photos: {}, Comparisons: {}}}
}

// total says how many units a task has in all.
func (m *meter) total(t Task, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.tasks[t]
	c.begin(time.Now())
	c.total = n
}

// more says that a task has n units more than known so far.
func (m *meter) more(t Task, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.tasks[t]
	c.begin(time.Now())
	c.total += n
}

// begin starts the clock of a task. It runs from before the first unit is done: of
// units that are done hundreds at a time the first lot took as long as the others.
func (c *counter) begin(now time.Time) {
	if c.began.IsZero() {
		c.began = now
	}
}

// add counts n units done.
func (m *meter) add(t Task, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.tasks[t]
	now := time.Now()
	c.begin(now)
	c.done += n
	if now.Sub(c.told) >= meterInterval {
		c.told = now
		m.tell(m.snapshot(t, c, now))
	}
}

// final says that nothing more comes of a task.
func (m *meter) final(t Task) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.tasks[t]
	if c.final {
		return
	}
	c.final, c.total = true, c.done
	m.tell(m.snapshot(t, c, time.Now()))
}

// end ends all tasks.
func (m *meter) end() {
	for _, t := range []Task{Files, Photos, Comparisons} {
		m.final(t)
	}
}

func (m *meter) snapshot(t Task, c *counter, now time.Time) Snapshot {
	s := Snapshot{Task: t, Done: c.done, Total: c.total, Elapsed: now.Sub(m.started), Final: c.final}
	if busy := now.Sub(c.began).Seconds(); c.done > 0 && busy > 0 {
		s.Rate = float64(c.done) / busy
	}
	if c.total > 0 {
		s.Percent = 100 * float64(c.done) / float64(c.total)
		if s.Rate > 0 && c.total > c.done {
			s.Left = time.Duration(float64(c.total-c.done) / s.Rate * float64(time.Second))
		}
	}
	return s
}
