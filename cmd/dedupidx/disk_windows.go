package main

import (
	"os"

	"github.com/dedupidx/dedupidx/index"
)

const openFlags = 0

// statFile asks for a file as the walk does, so that the two can be compared:
// Windows tells neither ctime nor inode at no cost.
func statFile(path string) (index.Stat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return index.Stat{}, err
	}
	return index.Stat{Size: info.Size(), Mtime: info.ModTime().UnixNano()}, nil
}
