// Package offheap gives memory outside of the Go heap, for what is large and soon given
// back: the collector lets the heap grow by a share of what lives in it, and would let
// it grow for that as well. Who reads memory that was given back crashes, and the race
// detector does not see it.
package offheap
