package index

import (
	"context"
	"database/sql"
	"sync"
)

// statements are prepared once, by their text: for SQLite that takes as long as to answer a question for a
// folder of thirty files, and was a quarter of a scan that finds nothing new. They end with the pool or the
// transaction that they were prepared in.
type statements struct {
	lock  sync.Mutex
	known map[string]*sql.Stmt
}

// preparer is a pool or a transaction.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func (s *statements) of(ctx context.Context, in preparer, query string) (*sql.Stmt, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if known, ok := s.known[query]; ok {
		return known, nil
	}
	made, err := in.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if s.known == nil {
		s.known = make(map[string]*sql.Stmt)
	}
	s.known[query] = made
	return made, nil
}

// pool are connections that answer questions, each prepared once.
type pool struct {
	*sql.DB
	prepared statements
}

// QueryContext is that of sql.DB.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.prepared.of(ctx, p.DB, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
