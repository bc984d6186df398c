package ingest

import (
	"sync"
	"testing"
)

// A buffer is used again where it fits and is not much too large; each is whole and its own.
func TestBuffers(t *testing.T) {
	var b Buffers
	defer b.Close()
	first := b.get(1 << 20)
	if len(first) != 0 || cap(first) < 1<<20 {
		t.Fatalf("%d of %d bytes", len(first), cap(first))
	}
	at := &first[:1][0]
	b.put(append(first, 1, 2, 3)[:0])
	if again := b.get(700 << 10); &again[:1][0] != at {
		t.Error("a buffer that fits is not used again")
	} else {
		b.put(again)
	}
	for name, size := range map[string]int{"too small": 3 << 20, "much too large": 1 << 10, "nothing": 0} {
		buffer := b.get(size)
		if cap(buffer) < size || cap(buffer) > size+2*step {
			t.Errorf("%s: %d bytes for %d", name, cap(buffer), size)
		}
		full := buffer[:cap(buffer)]
		full[0], full[len(full)-1] = 1, 1
		if b.put(buffer); len(b.free) != 1 || len(b.lent) != 0 {
			t.Errorf("%s: %d free, %d lent", name, len(b.free), len(b.lent))
		}
	}
	b.put(make([]byte, 0, 8)) // of the heap: a file that grew
	if len(b.free) != 1 {
		t.Error("keeps a buffer that it never gave")
	}
	b.get(10) // of a run that was stopped
	if b.Close(); len(b.free)+len(b.lent) != 0 {
		t.Error("keeps memory after the end")
	}
	var none *Buffers
	none.put(none.get(5))
}

// Several readers never share memory.
func TestBuffersBeside(t *testing.T) {
	var b Buffers
	defer b.Close()
	var wait sync.WaitGroup
	for w := range byte(4) {
		wait.Go(func() {
			for i := range 200 {
				size := (i*7919+int(w))%600_000 + 1
				buffer := b.get(size)[:size]
				buffer[0], buffer[size-1] = w, w
				if size > 1 && (buffer[0] != w || buffer[size-1] != w) {
					t.Error("another reader writes here")
				}
				b.put(buffer)
			}
		})
	}
	wait.Wait()
	if len(b.free) > 4 {
		t.Errorf("%d buffers are kept by four readers", len(b.free))
	}
}
