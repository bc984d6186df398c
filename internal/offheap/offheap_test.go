package offheap_test

import (
	"runtime"
	"testing"

	"github.com/dedupidx/dedupidx/internal/offheap"
)

// Memory is zeroed, all there, and none of the heap where the system can.
func TestTake(t *testing.T) {
	const size = 64 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b := offheap.Take(size)
	runtime.ReadMemStats(&after)
	if grown := after.HeapAlloc - before.HeapAlloc; runtime.GOOS == "linux" && grown > size/8 {
		t.Errorf("the heap grew by %d", grown)
	}
	if len(b) != size {
		t.Fatalf("%d bytes", len(b))
	}
	for i := 0; i < size; i += 4096 {
		if b[i] != 0 {
			t.Fatal("not zeroed")
		}
		b[i] = 1
	}
	offheap.Give(b[:0])
	offheap.Give(nil)
}

// What is of the heap may be given as well: a system may have refused.
func TestGiveHeap(t *testing.T) {
	b := make([]byte, 1<<20)
	offheap.Give(b)
	b[0] = 1
	runtime.KeepAlive(b)
}
