package index

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// This file is the only one that knows the driver: how a connection is opened
// and what its error codes mean.

// Page cache of a connection in KiB. A connection takes about 1.8 times as
// much of memory outside of the Go heap: 4 MB for the writer, 1 MB for each
// of the readers. The system's own cache holds the rest: a scan of 519 photos took
// as long with 16 MB for the writer, 6,000 contents of cmd/crowd as long with 4, and
// questions to 100,000 contents as long with 2 MB for a reader.
const (
	writerDSN = "&_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=cache_size(-2000)&_pragma=journal_size_limit(67108864)"
	readerDSN = "&mode=ro&_pragma=cache_size(-500)"
	atRestDSN = readerDSN + "&immutable=1" // makes no file, asks for no lock
	everyDSN  = "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(ON)&_dqs=0"
)

// dsn names the file for the driver. Without the escapes a path that holds one
// of ? % # would name another file; without "file:" the options would be
// dropped in silence. Pragmas stand here and not after opening, because a pool
// opens connections whenever it likes.
func dsn(path, options string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // a drive letter
	}
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(p) + everyDSN + options
}

func openPool(path, options string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, options))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// code is the primary result code of SQLite, 0 for an error that is not its own.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// cannotShare tells that the files beside the index by which its readers and
// writers agree could not be made.
func cannotShare(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_READONLY || c == sqlite3.SQLITE_CANTOPEN
}

// clarify puts what SQLite says into words that a user can act on.
func clarify(path string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if e, ok := errors.AsType[*explained](err); ok && e != nil {
		return err
	}
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return explain(ErrFull, err, "the disk of %s is full: make space and run again; what was committed stays", path)
	case sqlite3.SQLITE_READONLY:
		return explain(ErrReadOnly, err, "index %s cannot be written: give write permission to it and to its folder", path)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return explain(ErrBusy, err, "index %s is locked by another program: close what has it open and run again", path)
	case sqlite3.SQLITE_NOTADB:
		return explain(ErrForeign, err, "%s is no index of dedupidx: name another file", path)
	case sqlite3.SQLITE_CORRUPT:
		return explain(ErrDamaged, err, "index %s is damaged (%v): put back a copy, or make a new index and scan again", path, err)
	case sqlite3.SQLITE_IOERR:
		if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
			return explain(ErrFull, err, "the disk of %s is full: there is no room for the files beside it that readers need, too", path)
		}
		return explain(ErrDisk, err, "index %s could not be read or written (%v): look whether its disk is there, full or failing", path, err)
	case sqlite3.SQLITE_CANTOPEN:
		return explain(ErrReadOnly, err, "index %s cannot be opened (%v): its folder must be there and writable, readers make files in it too", path, err)
	}
	return err
}

// orCancelled gives the context's error in place of those that database/sql
// makes of a transaction that a cancellation has ended (done, statement closed).
func orCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil && (code(err) == 0 || code(err) == sqlite3.SQLITE_INTERRUPT) {
		return ctx.Err()
	}
	return err
}
