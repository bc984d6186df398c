//go:build unix && !linux

// What other Unix systems tell about mounts and file systems: the device.

package watch

import "os"

// isMountRoot is left to the comparison of devices.
func isMountRoot(*os.File) bool { return false }

// volume is the device: macOS and the BSDs make f_fsid from it, so there is
// nothing better to be had there.
func volume(_ *os.File, device uint64) uint64 { return device }
