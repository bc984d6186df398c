//go:build darwin || freebsd || netbsd || openbsd || dragonfly

// Limits of kqueue, which opens a descriptor for each file of a watched folder.

package watch

import "os"

// fileBudget bounds the descriptors for files of watched folders; what is
// beyond is polled. macOS gives 10,240 to a process by default once a program
// asks, as Go's runtime does; the rest is for decoding and the database.
const fileBudget = 8192

// silent does not know file systems here: Config.PollAll says it.
func silent(*os.File) string { return "" }

func watchHint() []any    { return []any{"limit", "open files"} }
func instanceHint() []any { return []any{"limit", "open files"} }
func queueHint() []any    { return nil }
