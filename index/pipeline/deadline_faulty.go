//go:build faultyhelper

package pipeline

import "time"

// helperDeadline is short in the test build whose decoders loop on purpose (see
// stages/raster/helper_faulty.go), so that its tests need not wait.
const helperDeadline = 2 * time.Second
