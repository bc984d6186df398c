//go:build race

package main

// raceOn says that the race detector slows all down.
const raceOn = true
