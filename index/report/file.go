package report

import (
	"time"

	"github.com/dedupidx/dedupidx/index"
)

// Action says what is proposed for a file.
type Action string

const (
	// Keep is the file to keep: the best file of the representative, or of the
	// folder that the report is made against.
	Keep Action = "keep"
	// Go is a copy of a kept file that can be spared.
	Go Action = "go"
	// Leave is neither: it shares only a part, it is another name (a hard link)
	// of a kept file and frees nothing, or it, or what is kept, is offline.
	Leave Action = "leave"
)

// File is a row of a report: a file in a group.
type File struct {
	Path       string // absolute, the bytes of the operating system
	Kind       string // best, exact, pixels, near, transformed or partial: what it is to the representative
	Action     Action
	Similarity float64         // 0..1, to the representative
	Transform  index.Transform // representative to this file, unit coordinates; zero where there is none
	Size       int64           // bytes
	Width      int             // of the upright picture
	Height     int
	Format     string
	Modified   time.Time
	Taken      time.Time // zero where unknown
	Hash       index.Hash
	Content    int64 // id of the content, for questions to the same index
	Root       string
	State      index.State
	Held       bool   // it lies in a folder that must lose nothing (Against, NeverGo)
	Hardlink   string // the file of this group that it is another name of; empty for none

	inode, device uint64
	camera        string
}

// Best tells that this is a file to keep.
func (f File) Best() bool { return f.Action == Keep }

// Group is a group of a report.
type Group struct {
	Number     int   // from 1, in the report's order
	Space      int64 // bytes that the files to go occupy
	Similarity float64
	Files      []File // best first, then exact copies, core rows by similarity, partial rows
	Said       []Said // of each file, where it was asked for
}

// Totals sum a report up.
type Totals struct {
	Groups int64 `json:"groups"`
	Files  int64 `json:"files"` // rows; a partial file counts in each of its groups
	Keep   int64 `json:"keep"`
	Go     int64 `json:"go"`
	Space  int64 `json:"space"` // bytes to win
}

// Add adds a group.
func (t *Totals) Add(g Group) {
	t.Groups++
	t.Space += g.Space
	for _, f := range g.Files {
		t.Files++
		switch f.Action {
		case Keep:
			t.Keep++
		case Go:
			t.Go++
		}
	}
}
