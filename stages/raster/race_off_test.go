//go:build !race

package raster

// raceOn says that the race detector slows all down.
const raceOn = false
