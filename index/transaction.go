package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// transaction is one in which rows are changed. After its first error it does
// nothing more: SQLite ends a transaction by itself when the disk is full or a
// statement is cancelled, and what was executed after that would be committed
// row by row. All statements take the context that the transaction began with,
// so that a cancelled one finds the transaction over.
type transaction struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared statements
	failed   error
	changed  int64 // rows
	tick     int64 // number of this transaction, for flags
	now      int64 // its time, Unix nanoseconds
	flags    map[int64]struct{}
	came     map[kind]int64     // rows that were inserted
	cameIn   map[inFolder]int64 // files that were inserted

	runPostings int // see the constant
}

// write runs do in one transaction, and commits it if it changed a row.
// The act says in the error what was tried.
func (x *Index) write(ctx context.Context, act string, do func(t *transaction) error) error {
	if x.writer == nil {
		return fmt.Errorf("%s: %w", act, explain(ErrReadOnly, nil, "index %s was opened to read only", x.path))
	}
	tx, err := x.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", act, clarify(x.path, err))
	}
	t := &transaction{ctx: ctx, tx: tx, tick: x.tick.Load() + 1, now: x.now(), flags: map[int64]struct{}{}, came: map[kind]int64{}, cameIn: map[inFolder]int64{}, runPostings: x.runPostings}
	if err = do(t); err == nil {
		err = t.raiseFlags()
	}
	if err == nil {
		err = t.writeTally()
	}
	if err == nil {
		err = t.failed
	}
	if err != nil || t.changed == 0 {
		// Its own error says no more than that SQLite has rolled back already.
		if rollback := tx.Rollback(); rollback != nil && err == nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = rollback
		}
		if err == nil {
			return nil
		}
		return fmt.Errorf("%s: %w", act, clarify(x.path, orCancelled(ctx, err)))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", act, clarify(x.path, orCancelled(ctx, err)))
	}
	x.tick.Store(t.tick)
	x.commits.Add(1)
	return nil
}

func (t *transaction) statement(query string) (*sql.Stmt, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	s, err := t.prepared.of(t.ctx, t.tx, query)
	t.failed = err
	return s, err
}

// exec runs a statement and returns the number of rows that it changed.
func (t *transaction) exec(query string, args ...any) (int64, error) {
	s, err := t.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		t.failed = err
		return 0, err
	}
	n, err := result.RowsAffected()
	t.changed += n
	return n, err
}

// insert runs a statement that adds one row and returns its id.
func (t *transaction) insert(query string, args ...any) (int64, error) {
	s, err := t.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		t.failed = err
		return 0, err
	}
	t.changed++
	return result.LastInsertId()
}

// row asks for one row; found is false where there is none.
func (t *transaction) row(query string, args []any, into ...any) (found bool, err error) {
	s, err := t.statement(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		t.failed = err
		return false, err
	}
	return true, nil
}

// rows asks for rows and gives each to take, which scans it.
func (t *transaction) rows(query string, args []any, take func(*sql.Rows) error) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	if err := each(s.QueryContext(t.ctx, args...))(take); err != nil {
		t.failed = err
		return err
	}
	return nil
}

// ids asks for a column of ids.
func (t *transaction) ids(query string, args ...any) (ids []int64, err error) {
	err = t.rows(query, args, func(r *sql.Rows) error {
		var id int64
		if err := r.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// each runs take on each row of an answer and closes it.
func each(rows *sql.Rows, err error) func(take func(*sql.Rows) error) error {
	return func(take func(*sql.Rows) error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := take(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// asker asks: a pool of readers, or a transaction that sees one moment.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ask runs a question and gives each row to take.
func ask(ctx context.Context, from asker, query string, args []any, take func(*sql.Rows) error) error {
	return each(from.QueryContext(ctx, query, args...))(take)
}

// question runs one on the readers and says in the error what was asked.
func (x *Index) question(ctx context.Context, act, query string, args []any, take func(*sql.Rows) error) error {
	if err := ask(ctx, &x.readers, query, args, take); err != nil {
		return fmt.Errorf("%s: %w", act, clarify(x.path, err))
	}
	return nil
}

// snapshot begins a transaction that sees the index as it is now, whatever is
// committed while it lasts.
func (x *Index) snapshot(ctx context.Context) (*sql.Tx, error) {
	return x.cursors.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}
