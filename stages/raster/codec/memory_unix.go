//go:build unix

package codec

import "golang.org/x/sys/unix"

// reserveSpace takes address space that is no memory yet; nil where there is none.
func reserveSpace(size int) []byte {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil
	}
	return b
}

// useSpace makes memory of the bytes from..to, which is when the limit of the process
// is asked. The runtime's pages of 64 KiB are whole pages of every system.
func useSpace(space []byte, from, to int) bool {
	return from >= to || unix.Mprotect(space[from:to], unix.PROT_READ|unix.PROT_WRITE) == nil
}

// freeSpace gives all back.
func freeSpace(space []byte) {
	if space != nil {
		_ = unix.Munmap(space)
	}
}
