//go:build unix

package pipeline_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dedupidx/dedupidx/index/pipeline"
	"github.com/dedupidx/dedupidx/stages"
	"github.com/dedupidx/dedupidx/stages/raster"
)

// busy tells the share of their time that workers spent on pictures, from the first
// that came to the last that left.
type busy struct {
	mu          sync.Mutex
	first, last time.Time
	spent       time.Duration // what ended less what began, since the first
}

// stages are all stages, of which the first takes time without the processor, so that
// the test says the same on a machine that has other things to do.
func (b *busy) stages(takes time.Duration) []stages.Stage {
	list := stages.List()
	first, end := list[0].Extract, len(list)-1
	last := list[end].Extract
	list[0].Extract = func(r *raster.Raster) []byte {
		b.mu.Lock()
		if b.first.IsZero() {
			b.first = time.Now()
		}
		b.spent -= time.Since(b.first)
		b.mu.Unlock()
		time.Sleep(takes)
		return first(r)
	}
	list[end].Extract = func(r *raster.Raster) []byte {
		feature := last(r)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.last = time.Now()
		b.spent += b.last.Sub(b.first)
		return feature
	}
	return list
}

func (b *busy) share(workers int) float64 {
	return b.spent.Seconds() / b.last.Sub(b.first).Seconds() / float64(workers)
}

// On a disk that takes four times as long for a file as a worker, reading ahead keeps the
// workers busy, and the report is the same whatever their number.
func TestSlowDisk(t *testing.T) {
	const workers, takes, delay = 2, 30 * time.Millisecond, 120 * time.Millisecond
	w := newWorld(t)
	photos := 12
	if raceDetector {
		photos = 8
	}
	for i, data := range small()[:photos] {
		w.write(fmt.Sprintf("%02d.jpg", i), data)
	}
	w.write("copy.jpg", small()[3])
	want := w.fresh()
	at := func(ahead int) float64 {
		t.Helper()
		var b busy
		slow := &world{TB: t, root: w.root, x: newIndex(t), disk: &disk{}, o: w.o}
		slow.o.Budget = pipeline.Budget{Workers: workers, Batch: 3, Readers: ahead}
		slow.o.Stages = b.stages(takes)
		slow.add(slow.root)
		slow.disk.onOpen = func(string) error { time.Sleep(delay); return nil }
		sum := slow.scan()
		slow.did(sum, fmt.Sprintf("copied 1, new %d", photos), int64(photos)+1, int64(photos)+1, int64(photos))
		same(t, fmt.Sprintf("the report with %d files ahead", ahead), slow.report(), want)
		t.Logf("%d ahead: workers busy %.0f %% of the time", ahead, 100*b.share(workers))
		return b.share(workers)
	}
	// A hand brings a file in 120 ms, of which a worker is busy for 30: two hands keep two
	// workers busy a fifth of the time, six three fifths, ten all of it.
	if share := at(8); share < 0.7 {
		t.Errorf("with 8 files ahead workers are busy %.2f of the time", share)
	}
	if share := at(0); share < 0.4 {
		t.Errorf("with as many files ahead as it takes workers are busy %.2f of the time", share)
	}
}

// Memory for one picture at a time is enough, however many are to be read ahead.
func TestLittleMemoryManyReaders(t *testing.T) {
	w := newWorld(t)
	photos := 12
	if raceDetector {
		photos = 8
	}
	for i, data := range small()[:photos] {
		w.write(fmt.Sprintf("%02d.jpg", i), data)
	}
	want := w.fresh()
	w.o.Budget = pipeline.Budget{Workers: 3, Batch: 2, Readers: 5, Memory: 1}
	w.scan()
	same(t, "its report", w.report(), want)
}
