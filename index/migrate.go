package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/dedupidx/dedupidx/migrations"
)

const (
	selectApplication = `PRAGMA application_id`

	// What a file without the mark must not hold if it is to become an index.
	// An index that was killed while it was made holds goose's table alone.
	selectForeignTables = `
SELECT count(*) FROM sqlite_schema
WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'`

	selectHasVersions = `SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'`

	selectSchemaVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
)

// found is what a file is to us before anything is changed in it.
type found struct {
	mark    int64 // application id
	tables  int64 // that are neither SQLite's nor goose's
	version int64 // of the schema, 0 for none
}

// unfinished is a file that became no index yet: empty, or its maker was killed.
func (f found) unfinished() bool { return f.mark == 0 && f.tables == 0 }

// probe looks at a file without changing it. Opening it to write would turn a
// stranger's database to WAL mode before the mark was looked at.
func probe(ctx context.Context, path string) (found, error) {
	db, err := openPool(path, readerDSN, 1)
	if err != nil {
		return found{}, err
	}
	defer db.Close()
	return probeWith(ctx, db)
}

func probeWith(ctx context.Context, db *sql.DB) (f found, err error) {
	if err = db.QueryRowContext(ctx, selectApplication).Scan(&f.mark); err != nil {
		return f, err
	}
	f.mark = int64(uint32(f.mark))
	if err = db.QueryRowContext(ctx, selectForeignTables).Scan(&f.tables); err != nil {
		return f, err
	}
	var has int64
	if err = db.QueryRowContext(ctx, selectHasVersions).Scan(&has); err != nil {
		return f, err
	}
	if has > 0 {
		err = db.QueryRowContext(ctx, selectSchemaVersion).Scan(&f.version)
	}
	return f, err
}

// refuse says why a file is not to be opened.
func (f found) refuse(path string, newest int64) error {
	switch {
	case f.unfinished():
		return nil
	case f.mark != migrations.ApplicationID:
		return explain(ErrForeign, nil, "%s is the database of another program (application id %#08x): name another file", path, f.mark)
	case f.version > newest:
		return explain(ErrNewer, nil, "index %s was written by a newer dedupidx (schema %d, this one knows %d): use that one, or make a new index", path, f.version, newest)
	}
	return nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectSQLite3, db, migrations.FS, goose.WithDisableGlobalRegistry(true))
}

// newestSchema is the version that the migrations end in. It opens no connection.
func newestSchema(db *sql.DB) (int64, error) {
	p, err := provider(db)
	if err != nil {
		return 0, err
	}
	sources := p.ListSources()
	if len(sources) == 0 {
		return 0, errors.New("no migrations")
	}
	return sources[len(sources)-1].Version, nil
}

// migrate brings the schema up to date, each version in a transaction of its
// own. The caller holds the lock.
func migrate(ctx context.Context, db *sql.DB) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		if e, ok := errors.AsType[*goose.PartialError](err); ok && e.Failed != nil {
			return fmt.Errorf("bring schema to version %d: %w", e.Failed.Source.Version, e.Err)
		}
		return fmt.Errorf("bring schema up to date: %w", err)
	}
	return nil
}
