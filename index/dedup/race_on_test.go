//go:build race

package dedup

// raceDetector: everything takes some twenty times as long, and the tests that
// repeat what others show once are cut short.
const raceDetector = true
