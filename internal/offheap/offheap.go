// Package offheap gives memory outside of the Go heap, for what is large and soon given
// back: the collector lets the heap grow by a share of what lives in it, and would let
// it grow for that as well. Who reads memory that was given back crashes, and the race
// detector does not see it.
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
