//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

// Limits of other systems.

package watch

import "os"

const fileBudget = 0

// silent does not know file systems here: Config.PollAll says it.
func silent(*os.File) string { return "" }

func watchHint() []any    { return nil }
func instanceHint() []any { return nil }
func queueHint() []any    { return nil }
