//go:build faultyhelper

package raster

import (
	"bytes"
	"time"
)

// Formats of a test build whose decoders break in the three ways that recover
// cannot help with. A file of one begins with its magic.
const (
	faultyPanic Format = "ddxpanic" // DDXPANIC: a panic in a goroutine of its own
	faultyLoop  Format = "ddxloop"  // DDXLOOP: no end
	faultyAlloc Format = "ddxalloc" // DDXALLOC: ten gibibytes
)

func faultyFormat(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("DDXPANIC")):
		return faultyPanic
	case bytes.HasPrefix(head, []byte("DDXLOOP")):
		return faultyLoop
	case bytes.HasPrefix(head, []byte("DDXALLOC")):
		return faultyAlloc
	}
	return Unknown
}

// decodeFaulty breaks as its format says.
func decodeFaulty(format Format) {
	switch format {
	case faultyPanic:
		go func() { panic("faulty decoder") }()
		time.Sleep(time.Hour)
	case faultyLoop:
		for n := 0; ; n++ {
			_ = n
		}
	case faultyAlloc:
		var held [][]byte
		for range 640 {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			held = append(held, b)
		}
		panic(len(held))
	}
}

// isFaulty says whether a format is one of these.
func isFaulty(f Format) bool { return f == faultyPanic || f == faultyLoop || f == faultyAlloc }
