// Package ingest answers "what about this file?": it compares what the disk
// says with what is stored, reads what must be read, and makes the records that
// a transaction commits. What is cheap is asked first: a file whose size and
// times are as stored is not opened; one that is opened is hashed; only bytes
// that were never seen are decoded.
//
// Nothing here walks, writes or decides about pairs: the pipeline hands in one
// file at a time and commits what comes back.
package ingest
