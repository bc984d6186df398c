package offheap

// Take returns zeroed memory; of the heap where the system gives no other. It takes no
// room before it is written to.
func Take(bytes int) []byte { return take(bytes) }

// Give ends the use of what Take returned. Nobody may use any part of it any more.
func Give(b []byte) {
	if cap(b) > 0 {
		give(b[:cap(b)])
	}
}
