package bench

import "time"

// usage is what this process has used so far. Sizes are in bytes.
type usage struct {
	cpu             time.Duration // user and system, of it and of the processes that it waited for
	peak, childPeak int64         // largest resident set: of it, of the largest of those
}
