// Package decisions reads the file of marks that the page of a report saves.
//
// The file is JSON lines (UTF-8, a JSON object each line, empty lines ignored). The
// first line says what it is:
//
//	{"dedupidx":"decisions","version":1,"report":"2026-01-02T03:04:05Z","index":"...","sensitivity":"normal"}
//
// report is when the report was made, index and sensitivity what it was made of. Each
// other line is a mark. keep and go name a file:
//
//	{"mark":"go","path":"/photos/a.jpg","hash":"<64 hex digits>","size":1234,"modified":"2020-05-17T10:30:00.123456789Z"}
//
// and different two contents that are no copies of each other:
//
//	{"mark":"different","a":{"path":"/photos/a.jpg","hash":"..."},"b":{"path":"/photos/b.jpg","hash":"..."}}
//
// path is absolute. Where the name is no UTF-8, path_bytes holds it in base64, and
// path is only for the eyes. hash is the BLAKE3-256 sum of the bytes, modified the
// time of modification to the nanosecond; fields that are not known are ignored,
// marks that are not known are an error.
package decisions
