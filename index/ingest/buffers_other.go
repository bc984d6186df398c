//go:build !unix

package ingest

func takeMemory(size int) []byte { return make([]byte, size) }

func giveBack([]byte) {}
