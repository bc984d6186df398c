//go:build !linux && !darwin && !windows

package index

// networkFileSystem knows nothing on this platform.
func networkFileSystem(string) string { return "" }
