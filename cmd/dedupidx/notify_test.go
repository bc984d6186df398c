package main

import (
	"testing"

	"github.com/dedupidx/dedupidx/index"
	"github.com/dedupidx/dedupidx/index/pipeline"
)

// A raw file that comes beside its JPEG is no news, a copy of it is.
func TestCompanionsAreNotTold(t *testing.T) {
	row := func(kind, path, format string, hash byte) index.Row {
		return index.Row{Kind: kind, Content: index.Content{Hash: index.Hash{hash}, Format: format}, File: index.Located{File: index.File{}, Path: path}}
	}
	g := index.Group{Rows: []index.Row{row(index.Best, "/p/1.nef", "raw", 1), row("near", "/p/1.jpg", "jpeg", 2)}}
	arrived := pipeline.Arrival{Path: "/p/1.jpg", Hash: index.Hash{2}}
	if d, ok := duplicateIn(g, arrived); ok {
		t.Errorf("it tells %+v", d)
	}
	g.Rows = append(g.Rows, row("near", "/web/1.jpg", "jpeg", 3))
	if d, ok := duplicateIn(g, arrived); !ok || d.Of != "/web/1.jpg" || len(d.Members) != 2 {
		t.Errorf("beside a copy it tells %+v, %v", d, ok)
	}
}
