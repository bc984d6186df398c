package ingest

import "sync"

// keepBuffer is how large a buffer is kept for the next file. Photos of today's
// cameras lie below; the rare larger file gets a buffer of its own.
const keepBuffer = 32 << 20

// Buffers keeps the memory of files that are done for the next ones, so that a scan
// takes no more than it holds at a time. Nil keeps nothing.
type Buffers struct {
	mu   sync.Mutex
	free [][]byte
}

// get returns an empty buffer, with some capacity or none.
func (b *Buffers) get() []byte {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.free)
	if n == 0 {
		return nil
	}
	last := b.free[n-1]
	b.free[n-1] = nil
	b.free = b.free[:n-1]
	return last
}

// put takes a buffer that nobody uses any more.
func (b *Buffers) put(buffer []byte) {
	if b == nil || cap(buffer) == 0 || cap(buffer) > keepBuffer {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free = append(b.free, buffer[:0])
}
