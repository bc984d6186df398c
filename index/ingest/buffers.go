package ingest

import (
	"sync"

	"github.com/dedupidx/dedupidx/internal/offheap"
)

// Buffers gives files their memory, and keeps what is given back for the next ones. It
// lies outside of the heap where the system allows that: the collector lets the heap grow by a share of
// what lives in it, and files would be most of that. Of 20 photos of 48 megapixels, 9 MB
// each and 20 at most, a scan by two workers took 101 MiB with buffers on the heap.
// A nil Buffers takes memory of the heap and keeps nothing.
type Buffers struct {
	mu   sync.Mutex
	free [][]byte
	lent map[*byte][]byte // in use, by where they begin
}

// step is what sizes are rounded up to, so that a buffer fits more files.
const step = 256 << 10

// get returns an empty buffer for so many bytes.
func (b *Buffers) get(size int) []byte {
	if b == nil {
		return make([]byte, 0, size)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var buffer []byte
	if n := len(b.free); n > 0 {
		buffer = b.free[n-1]
		b.free = b.free[:n-1]
		if cap(buffer) < size || cap(buffer)/2 > size {
			offheap.Give(buffer) // no more are held than files are, and none is much larger than its file
			buffer = nil
		}
	}
	if buffer == nil {
		buffer = offheap.Take((size + step) / step * step)
	}
	if b.lent == nil {
		b.lent = make(map[*byte][]byte)
	}
	b.lent[&buffer[:1][0]] = buffer
	return buffer[:0]
}

// put takes a buffer that nobody uses any more.
func (b *Buffers) put(buffer []byte) {
	if b == nil || cap(buffer) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := &buffer[:1][0]
	if _, ok := b.lent[at]; ok {
		b.free = append(b.free, buffer)
		delete(b.lent, at)
	}
}

// Close gives back all memory, also that of files that a run which was stopped never came to.
// Nobody may use any of it any more. Buffers is empty again, and works on.
func (b *Buffers) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, buffer := range b.free {
		offheap.Give(buffer)
	}
	for _, buffer := range b.lent {
		offheap.Give(buffer)
	}
	b.free, b.lent = nil, nil
}
