//go:build race

package script_test

// raceOn says that the race detector slows all down.
const raceOn = true
