//go:build race

package page_test

// raceOn says that the race detector slows all down.
const raceOn = true
