package codec

// memory is the memory of an instance: bytes that lie at one place while they grow to
// a limit, and that are given back at once at the end.
type memory struct {
	limit uint64
	space []byte // address space, of which the first len(used) bytes are in use
	used  []byte
	full  bool // more was asked for than there may be
}

// reserve takes the address space.
func (m *memory) reserve(most uint64) {
	m.space = reserveSpace(int(min(most, m.limit)))
}

// Reallocate implements experimental.LinearMemory. Nil means no.
func (m *memory) Reallocate(size uint64) []byte {
	if size > uint64(len(m.space)) || !useSpace(m.space, len(m.used), int(size)) {
		m.full = true
		return nil
	}
	m.used = m.space[:size:size]
	return m.used
}

// Free implements experimental.LinearMemory. It may be called twice.
func (m *memory) Free() {
	freeSpace(m.space)
	m.space, m.used = nil, nil
}
