//go:build !faultyhelper

package raster

// A sound build has no formats that break on purpose; see helper_faulty.go.

func faultyFormat([]byte) Format { return Unknown }

func decodeFaulty(Format) {}

func isFaulty(Format) bool { return false }
