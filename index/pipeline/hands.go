package pipeline

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// hands bounds how many files are in hand, from the first byte that is read to the
// last stage: one for each worker, and those that are read ahead. How many these are
// follows from how long the latest files were read and their pictures worked on: to keep w
// workers busy that take e for a picture, files that take d must be read w*d/e at a time. The
// medians say it, since one file that waited while the machine did something else means
// nothing. A number that the user gave stays.
type hands struct {
	workers, least, most int           // most counts all hands, least those ahead
	idle                 chan struct{} // hands that hold nothing

	mu            sync.Mutex
	ahead         int
	owed          int             // hands to be withdrawn when they are free
	files         int             // seen
	reading, work [latest]float64 // seconds for the latest files, in turns
}

const (
	// spare is how much of a reader may be missing: below a tenth of the time of two
	// workers it is not worth the memory of a file. From memory a file of a 12-megapixel
	// photo is read in a twentieth of the time that its picture takes; Summary.Took says it.
	spare = 0.2
	// latest is of how many files the medians are: a slow disk is met after three.
	latest = 5
)

func newHands(b Budget) *hands {
	least, most := b.ReadAhead()
	h := &hands{workers: b.Workers, least: least, most: b.Workers + most, ahead: least}
	h.idle = make(chan struct{}, h.most)
	for range h.workers + h.ahead {
		h.idle <- struct{}{}
	}
	return h
}

// take waits for a free hand.
func (h *hands) take(ctx context.Context) error {
	select {
	case <-h.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// free says that a file is done.
func (h *hands) free() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.owed > 0 {
		h.owed--
		return
	}
	h.idle <- struct{}{} // there is room for all
}

// seen notes how long a file was read and its picture worked on, and has one more or
// one less read ahead where that asks for it.
func (h *hands) seen(reading, work time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reading[h.files%latest], h.work[h.files%latest] = reading.Seconds(), work.Seconds()
	h.files++
	d, e := median(h.reading[:min(h.files, latest)]), median(h.work[:min(h.files, latest)])
	if h.least == h.most-h.workers || e <= 0 {
		return
	}
	want := int(min(math.Ceil(float64(h.workers)*d/e-spare), float64(h.most-h.workers)))
	switch want = max(want, h.least); {
	case want > h.ahead && h.owed > 0:
		h.ahead++
		h.owed--
	case want > h.ahead:
		h.ahead++
		h.idle <- struct{}{}
	case want < h.ahead:
		h.ahead--
		h.owed++
	}
}

// median is the lower one of an even number.
func median(of []float64) float64 {
	var sorted [latest]float64
	n := copy(sorted[:], of)
	slices.Sort(sorted[:n])
	return sorted[(n-1)/2]
}
