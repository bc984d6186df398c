// Package migrations holds the schema of an index as numbered SQL files, and
// what marks a file as an index. It is only data: package index applies it.
// README.md says how to add one.
package migrations

import "embed"

// ApplicationID marks an SQLite file as an index of dedupidx: "ddpx" in ASCII,
// as SQLite keeps it in bytes 68 to 71 of the file (database file format,
// section 1.3.11). The first migration sets it, in the transaction that makes
// the first tables, so that no file carries the mark without them.
const ApplicationID = 'd'<<24 | 'd'<<16 | 'p'<<8 | 'x'

// FS holds the migrations, NNNN_what.sql, applied in the order of their numbers.
//
//go:embed *.sql
var FS embed.FS
