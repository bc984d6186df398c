//go:build unix

package ingest

import "golang.org/x/sys/unix"

// takeMemory returns memory outside of the heap, zeroed; of the heap where the system
// refuses. It is no memory before it is written to.
func takeMemory(size int) []byte {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return make([]byte, size)
	}
	return b
}

// giveBack ends the use of what takeMemory returned.
func giveBack(b []byte) {
	_ = unix.Munmap(b[:cap(b)]) // refused where it is memory of the heap
}
