//go:build !faultyhelper

package pipeline

import "time"

// helperDeadline is the time that a decode helper has for a file; zero is the
// default of package raster.
const helperDeadline time.Duration = 0
