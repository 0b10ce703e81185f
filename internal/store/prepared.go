package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// maxStatements bounds what is kept of statements: some kB each, for each
// connection. There are fewer, unless their text is put together.
const maxStatements = 200

// prepared is a database that is told each statement once for each connection, and
// not parsed again each time: parsing was half of what a query of a page took on
// SQLite. pgx keeps statements itself.
type prepared struct {
	*sql.DB

	mu         sync.RWMutex
	statements map[string]*sql.Stmt // by their text; nil = the driver keeps them

	writing chan struct{} // holds one while this process writes; nil = as many as the database lets
}

// turnWithin is how long it is waited for one's turn to write, as long as SQLite
// waits for another process.
const turnWithin = 5 * time.Second

// errNoTurn says that the turn to write didn't come.
var errNoTurn = fmt.Errorf("others have written for %v: %w", turnWithin, context.DeadlineExceeded)

// turn waits for one's turn to write. SQLite writes one at a time, and lets those
// who wait look again and again, in pauses that grow: under load some would never
// find it free. Here they come in order.
func (p *prepared) turn(ctx context.Context) (end func(), err error) {
	if p.writing == nil {
		return func() {}, nil
	}
	wait := time.NewTimer(turnWithin)
	defer wait.Stop()
	select {
	case p.writing <- struct{}{}:
		return func() { <-p.writing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, errNoTurn
	}
}

// prepare returns db with what keeps its statements, if it needs that: writing is
// what all share that write into the same SQLite file, nil for PostgreSQL.
func prepare(db *sql.DB, writing chan struct{}) *prepared {
	p := &prepared{DB: db, writing: writing}
	if writing != nil {
		p.statements = map[string]*sql.Stmt{}
	}
	return p
}

// statement returns the statement with this text, nil where there is none: then
// the database is asked as always, and says what is wrong.
func (p *prepared) statement(ctx context.Context, query string) *sql.Stmt {
	if p.statements == nil {
		return nil
	}
	p.mu.RLock()
	found, full := p.statements[query], len(p.statements) >= maxStatements
	p.mu.RUnlock()
	if found != nil || full {
		return found
	}
	made, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if found = p.statements[query]; found != nil { // somebody else was faster
		_ = made.Close() // it wasn't used
		return found
	}
	p.statements[query] = made
	return made
}

// ExecContext is sql.DB's, when its turn has come.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	end, err := p.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if s := p.statement(ctx, query); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return p.DB.ExecContext(ctx, query, args...)
}

// QueryContext is sql.DB's.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := p.statement(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext is sql.DB's.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := p.statement(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}
