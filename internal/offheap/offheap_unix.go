//go:build unix

package offheap

import "golang.org/x/sys/unix"

func take(bytes int) []byte {
	b, err := unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return make([]byte, bytes)
	}
	return b
}

func give(b []byte) {
	_ = unix.Munmap(b) // refused where it is memory of the heap
}
