package pipeline

import (
	"testing"
	"time"
)

// free hands are counted by taking them all.
func (h *hands) count(t *testing.T) int {
	t.Helper()
	n := 0
	for ; len(h.idle) > 0; n++ {
		if err := h.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range n {
		h.free()
	}
	return n
}

// As many files are read ahead as the disk is slow, and fewer again when it is not.
func TestHands(t *testing.T) {
	for _, c := range []struct {
		b          Budget
		read       time.Duration // of a file whose picture takes 40 ms
		want, back int           // files ahead, and after a hundred that are read at once
	}{
		{Budget{Workers: 2}, 2 * time.Millisecond, 0, 0}, // from memory
		{Budget{Workers: 2}, 20 * time.Millisecond, 1, 0},
		{Budget{Workers: 2}, 50 * time.Millisecond, 3, 0},
		{Budget{Workers: 2}, time.Second, 4, 0},
		{Budget{Workers: 8}, time.Second, 8, 0},
		{Budget{Workers: 2, Readers: 3}, time.Second, 3, 3},
		{Budget{Workers: 2, Readers: 3}, 0, 3, 3},
	} {
		h := newHands(c.b)
		for range 100 {
			h.seen(c.read, 40*time.Millisecond)
		}
		h.seen(time.Minute, 40*time.Millisecond) // once is nothing
		h.seen(c.read, 40*time.Millisecond)
		if got := h.count(t) - c.b.Workers; got != c.want {
			t.Errorf("%+v and %s a file: %d ahead, want %d", c.b, c.read, got, c.want)
		}
		for range 100 {
			if err := h.take(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.seen(0, 40*time.Millisecond)
			h.free()
		}
		if got := h.count(t) - c.b.Workers; got != c.back {
			t.Errorf("%+v: %d ahead in the end, want %d", c.b, got, c.back)
		}
	}
}
