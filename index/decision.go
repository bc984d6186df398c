package index

import (
	"context"
	"database/sql"
	"fmt"
)

// Decision is the user's word that two contents are no copies. By hash, so
// that it outlives the contents. A is the smaller hash.
type Decision struct {
	A, B Hash
	Made int64 // Unix nanoseconds
}

const (
	selectDecisions = `
SELECT a, b, made FROM decision ORDER BY a, b`

	insertDecision = `
INSERT INTO decision (a, b, made) VALUES (?1, ?2, ?3) ON CONFLICT (a, b) DO NOTHING`

	deleteDecision = `
DELETE FROM decision WHERE a = ?1 AND b = ?2`

	selectIDByHash = `
SELECT id FROM content WHERE hash = ?1`
)

// Decisions are all decisions by (A, B).
func (x *Index) Decisions(ctx context.Context) (list []Decision, err error) {
	err = x.question(ctx, "read decisions", selectDecisions, nil, func(rows *sql.Rows) error {
		var d Decision
		err := rows.Scan(&d.A, &d.B, &d.Made)
		list = append(list, d)
		return err
	})
	return list, err
}

// Decide stores that two contents are no copies, in whatever order they are
// named, and flags both. A decision that stands already stays as it is.
func (x *Index) Decide(ctx context.Context, a, b Hash, made int64) error {
	if a == b {
		return fmt.Errorf("decide: a content is always its own copy")
	}
	if b.Less(a) {
		a, b = b, a
	}
	return x.decision(ctx, "store a decision", a, b, insertDecision, a[:], b[:], made)
}

// Undecide takes a decision back, and flags both contents.
func (x *Index) Undecide(ctx context.Context, a, b Hash) error {
	if b.Less(a) {
		a, b = b, a
	}
	return x.decision(ctx, "take back a decision", a, b, deleteDecision, a[:], b[:])
}

func (x *Index) decision(ctx context.Context, act string, a, b Hash, query string, args ...any) error {
	return x.write(ctx, act, func(t *transaction) error {
		n, err := t.exec(query, args...)
		if err != nil || n == 0 {
			return err
		}
		for _, h := range []Hash{a, b} {
			var id int64
			if _, err := t.row(selectIDByHash, []any{h[:]}, &id); err != nil {
				return err
			}
			t.flag(id)
		}
		return nil
	})
}
