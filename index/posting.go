package index

// Key is a bucket key with the data that a posting carries.
type Key struct {
	Bucket uint32
	Data   uint64
}

// Keys are the postings of one content for one stage.
type Keys struct {
	Stage   string
	Version int
	Width   int // bytes of Data that count, the low ones, 0..8; the same for all contents of a stage's version
	Keys    []Key
}

// posting is a stored key and the content that has it.
type posting struct {
	Key
	Content int64
}
