package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// backupStep is how many pages are copied between two looks at the context: 4 MB.
const backupStep = 1000

// backupDSN writes without a journal: a copy that was not finished is thrown away.
const backupDSN = "&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-2000)"

// Backup copies the index, as it is at one moment, into a new file that is an index
// itself, while others read and write. Progress, where it is not nil, is told how many
// bytes are copied, of how many. The file appears when it is whole and on the
// disk, with the rights of the user alone; one that is there is never replaced: ErrExists.
// While it lasts the log of a writer grows.
func (x *Index) Backup(ctx context.Context, path string, progress func(done, total int64)) error {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	return x.backup(ctx, path, backupStep, progress)
}

func (x *Index) backup(ctx context.Context, path string, step int32, progress func(done, total int64)) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	act := "back up index to " + path
	if err := x.mayHold(path); err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	part, err := newPart(path)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	err = x.copyTo(ctx, part, step, progress)
	if err == nil {
		err = publish(part, path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", act, errors.Join(clarifyBackup(path, orCancelled(ctx, err)), removeIfThere(part)))
	}
	return nil
}

// mayHold tells whether a copy may lie at a path.
func (x *Index) mayHold(path string) error {
	if slices.Contains([]string{x.path + "-wal", x.path + "-shm", x.path + "-journal", x.path + ".lock"}, path) {
		return explain(ErrExists, nil, "%s belongs to the index: name another file", path)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return explain(ErrExists, err, "%s exists already, and a backup replaces nothing: name a new file", path)
	}
	return nil
}

// newPart makes an empty file beside a path.
func newPart(path string) (string, error) {
	for i := 0; ; i++ {
		name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".part"+strconv.Itoa(os.Getpid()+i))
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			return name, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) || i == 100 {
			return "", err
		}
	}
}

// copyTo copies page by page on a connection that reads one moment: else SQLite
// would begin again with each commit of a writer.
func (x *Index) copyTo(ctx context.Context, part string, step int32, progress func(done, total int64)) error {
	c, err := x.cursors.Conn(ctx)
	if err != nil {
		return clarify(x.path, err)
	}
	defer c.Close()
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return clarify(x.path, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var size int64
	if err := tx.QueryRowContext(ctx, `PRAGMA page_size`).Scan(&size); err != nil {
		return clarify(x.path, err)
	}
	var tables int64
	if err := tx.QueryRowContext(ctx, selectForeignTables).Scan(&tables); err != nil { // the moment begins
		return clarify(x.path, err)
	}
	return c.Raw(func(raw any) (err error) {
		b, err := raw.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		}).NewBackup(dsn(part, backupDSN))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.Finish()) }()
		for more := true; more; {
			if err := ctx.Err(); err != nil {
				return err
			}
			if more, err = b.Step(step); err != nil {
				return err
			}
			total := int64(b.PageCount()) * size
			progress(total-int64(b.Remaining())*size, total)
		}
		return nil
	})
}

// publish puts a file that is whole in its place, which must be free.
func publish(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(part, path)
	if err == nil {
		return os.Remove(part)
	}
	if _, there := os.Lstat(path); !errors.Is(there, fs.ErrNotExist) {
		return explain(ErrExists, err, "%s exists already, and a backup replaces nothing: name a new file", path)
	}
	return os.Rename(part, path) // a file system without hard links
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func clarifyBackup(path string, err error) error {
	if code(err) == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC) {
		return explain(ErrFull, err, "the disk of %s is full: make space, or name a place on another disk; nothing was left there", path)
	}
	return err
}
