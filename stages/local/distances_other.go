//go:build !amd64

package local

// eightDistances is for processors that have a faster way than the plain loop.
func eightDistances(d, first *Descriptor, stride uintptr, eights int, out *uint8) bool { return false }
