package ingest

import (
	"sync"

	"github.com/dedupidx/dedupidx/index"
)

// Claims keeps the workers of a run from extracting the same bytes twice: who
// claims a hash first does the work.
type Claims struct {
	mu    sync.Mutex
	taken map[index.Hash]bool
}

// NewClaims starts with nothing claimed.
func NewClaims() *Claims { return &Claims{taken: make(map[index.Hash]bool)} }

// claim reports whether the caller is the first to claim h.
func (c *Claims) claim(h index.Hash) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken[h] {
		return false
	}
	c.taken[h] = true
	return true
}

// release gives a claim back, for a content that was not made after all.
func (c *Claims) release(h index.Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.taken, h)
}

// Taken reports whether someone works on h.
func (c *Claims) Taken(h index.Hash) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[h]
}

// Committed forgets a claim whose content is stored: from now on the index
// knows it, and the set stays small.
func (c *Claims) Committed(h index.Hash) { c.release(h) }
