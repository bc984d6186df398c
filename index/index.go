package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Index is an open index. Its methods may be called from several goroutines;
// those that write wait for each other.
type Index struct {
	path     string
	lock     *lock   // nil for a reader
	writer   *sql.DB // one connection; nil for a reader
	readers  pool    // questions that are answered at once
	cursors  *sql.DB // answers that are read bit by bit, apart from the others so that a question asked meanwhile never waits for them
	warnings []string

	now func() int64 // the clock, Unix nanoseconds: since when a content has no file

	commits atomic.Int64 // transactions that changed something
	tick    atomic.Int64 // of the last transaction that was committed; see content.regroup
	grouped atomic.Int64 // tick up to which Flagged has shown the flags

	directories directories // of runs of postings
	extra       sync.Mutex  // held by the look-up that has extra readers
	runPostings int         // see the constant
}

// Connections of each of the two pools that read; cursors has mostExtraReaders more.
const readConnections = 4

// Create makes a new index at path and opens it to write. Parent folders are
// made as needed. Nobody but the user may read either: names and places of
// photos are nobody's business. ErrExists where there is one.
func Create(ctx context.Context, path string) (*Index, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, cannotWrite(path, err)
	}
	return openWriter(ctx, path, true)
}

// Open opens an index to write, takes its lock first (*LockedError where
// another process holds it) and brings an older schema up to date.
func Open(ctx context.Context, path string) (*Index, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if err := mustExist(path); err != nil {
		return nil, err
	}
	return openWriter(ctx, path, false)
}

// OpenReader opens an index to read beside a writer, in this process or in
// another. It takes no lock and changes no schema: an older one is ErrOlder.
func OpenReader(ctx context.Context, path string) (*Index, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if err := mustExist(path); err != nil {
		return nil, err
	}
	x := &Index{path: path, runPostings: runPostings}
	err = x.openReaders(ctx, readerDSN)
	if err != nil && cannotShare(err) && atRest(path) {
		err = x.Close()
		if err == nil {
			x = &Index{path: path, runPostings: runPostings}
			err = x.openReaders(ctx, atRestDSN)
		}
	}
	if err != nil {
		return nil, errors.Join(clarify(path, err), x.Close())
	}
	return x, nil
}

// atRest tells whether all of an index stands in its file: nothing in a log waits to
// be moved there. Where its folder may not be written (a backup, a snapshot, a disk
// that is mounted to read only), SQLite cannot make the files by which readers and
// writers agree, and the file is read as it lies. A writer that has the rights which
// we lack may begin meanwhile; what is read then may be damaged, the index is not.
func atRest(path string) bool {
	info, err := os.Stat(path + "-wal")
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
}

func (x *Index) openReaders(ctx context.Context, options string) (err error) {
	if x.readers.DB, err = openPool(x.path, options, readConnections); err != nil {
		return err
	}
	if x.cursors, err = openPool(x.path, options, readConnections+mostExtraReaders); err != nil {
		return err
	}
	x.cursors.SetMaxIdleConns(1)
	newest, err := newestSchema(x.readers.DB)
	if err != nil {
		return err
	}
	f, err := probeWith(ctx, x.readers.DB)
	if err != nil {
		return err
	}
	if err := f.refuse(x.path, newest); err != nil {
		return err
	}
	if f.unfinished() {
		return explain(ErrNotExist, nil, "%s is no index yet: what made it was stopped before it was done", x.path)
	}
	if f.version < newest {
		return explain(ErrOlder, nil, "index %s was written by an older dedupidx (schema %d, this one needs %d): run a command that writes, such as scan, to bring it up to date", x.path, f.version, newest)
	}
	return nil
}

func openWriter(ctx context.Context, path string, create bool) (_ *Index, err error) {
	// Before a lock file is put beside what is none of ours.
	if err := refuseWhatIsThere(ctx, path, create); err != nil {
		return nil, err
	}
	l, err := takeLock(path)
	if err != nil {
		if _, ok := errors.AsType[*LockedError](err); ok {
			return nil, err
		}
		return nil, cannotWrite(path, err)
	}
	x := &Index{path: path, lock: l, now: clock, runPostings: runPostings}
	defer func() {
		if err != nil {
			err = errors.Join(clarify(path, err), x.Close())
		}
	}()
	if create {
		if err := createFile(path); err != nil {
			return nil, err
		}
	}
	if err := refuseWhatIsThere(ctx, path, create); err != nil { // it may have become one meanwhile
		return nil, err
	}
	if x.writer, err = openPool(path, writerDSN, 1); err != nil {
		return nil, err
	}
	f, err := probeWith(ctx, x.writer)
	if err != nil {
		return nil, err
	}
	newest, err := newestSchema(x.writer)
	if err != nil {
		return nil, err
	}
	if f.version < newest {
		if err := migrate(ctx, x.writer); err != nil {
			return nil, err
		}
	}
	if err := x.readTick(ctx); err != nil {
		return nil, err
	}
	if err := x.openReaders(ctx, readerDSN); err != nil {
		return nil, err
	}
	if kind := networkFileSystem(filepath.Dir(path)); kind != "" {
		x.warnings = append(x.warnings, fmt.Sprintf("index %s lies on a %s file system: SQLite needs a local disk to be safe, so keep the index on one", path, kind))
	}
	return x, nil
}

func clock() int64 { return time.Now().UnixNano() }

// refuseWhatIsThere looks at the file before anything is changed: one of
// another program, one of a newer dedupidx, or, to create, any index at all.
// What a killed Create left behind is nobody's, and taken over.
func refuseWhatIsThere(ctx context.Context, path string, create bool) error {
	if _, err := os.Lstat(path); create && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := mustExist(path); err != nil {
		return err
	}
	f, err := probe(ctx, path)
	switch {
	case create && (code(err) != 0 || err == nil && !f.unfinished()):
		return explain(ErrExists, err, "%s exists already", path)
	case err != nil:
		return clarify(path, err)
	}
	db, err := openPool(path, readerDSN, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	newest, err := newestSchema(db)
	if err != nil {
		return err
	}
	return f.refuse(path, newest)
}

// createFile makes an empty file that only its owner may read, unless an
// unfinished one is there.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, fs.ErrExist):
		return nil
	}
	return cannotWrite(path, err)
}

// Close ends all that is open and frees the lock. The index must not be used after.
func (x *Index) Close() error {
	var errs []error
	for _, db := range []*sql.DB{x.cursors, x.readers.DB, x.writer} { // the writer last: it tidies the log
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if x.lock != nil {
		errs = append(errs, x.lock.release())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close index %s: %w", x.path, clarify(x.path, err))
	}
	return nil
}

// Path is where the index lies, absolute.
func (x *Index) Path() string { return x.path }

// Warnings are what the user should know of the place of the index.
func (x *Index) Warnings() []string { return x.warnings }

// Commits counts the transactions that changed something since the index was opened.
func (x *Index) Commits() int64 { return x.commits.Load() }

// resolve makes a path absolute and follows links, so that one index has one
// lock by whatever name it is called.
func resolve(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find index %s: %w", path, err)
	}
	for i := range full {
		if full[i] == 0 {
			return "", fmt.Errorf("find index %q: a path cannot hold a zero byte", path)
		}
	}
	if real, err := filepath.EvalSymlinks(full); err == nil {
		return real, nil
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		return filepath.Join(folder, filepath.Base(full)), nil
	}
	return full, nil
}

func mustExist(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return explain(ErrNotExist, err, "no index at %s: make one with init, or name another", path)
	case err != nil:
		return fmt.Errorf("open index: %w", err)
	case info.IsDir():
		return explain(ErrForeign, nil, "%s is a folder: name a file in it as the index", path)
	case !info.Mode().IsRegular():
		return explain(ErrForeign, nil, "%s is no ordinary file: name another as the index", path)
	}
	return nil
}

// cannotWrite explains why the index or its lock could not be made.
func cannotWrite(path string, err error) error {
	return explain(ErrReadOnly, err, "index %s cannot be written (%v): choose a place where you may write", path, err)
}

// readTick goes on from the highest tick that a flag of an earlier run carries.
func (x *Index) readTick(ctx context.Context) error {
	var last int64
	if err := x.writer.QueryRowContext(ctx, selectLastTick).Scan(&last); err != nil {
		return err
	}
	x.tick.Store(last)
	x.grouped.Store(math.MaxInt64)
	return nil
}
