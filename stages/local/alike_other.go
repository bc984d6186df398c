//go:build !amd64

package local

// weighEights is for processors that have a faster way than the plain loop.
func weighEights(w *weigher, p Postings, marks, at []uint32) (seen, alike int) { return 0, 0 }

// fetch is for processors that can be told what will be read.
func (p Postings) fetch() {}
