package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Allowance is how often something may be done: Most times within Window,
// counted from the first time.
type Allowance struct {
	Name   string // of what, and whose
	Most   int
	Window time.Duration
}

// Spend counts one use of a at now, over all replicas. If a is used up it counts
// nothing and returns when the next use is possible, which is after now;
// otherwise it returns the zero time.
//
// One statement looks and counts, so that two at once can't both take the last
// one.
func (s *Store) Spend(ctx context.Context, a Allowance, now time.Time) (again time.Time, err error) {
	return spend(ctx, s.db, a, now)
}

// Spend is Store.Spend for what happens in a transaction: undone with it.
func (tx *Tx) Spend(ctx context.Context, a Allowance, now time.Time) (again time.Time, err error) {
	return spend(ctx, tx.tx, a, now)
}

// executor is a database or a transaction.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func spend(ctx context.Context, db executor, a Allowance, now time.Time) (again time.Time, err error) {
	const op = "store.Spend"
	n, err := affected(db.ExecContext(ctx, `
		INSERT INTO allowances (name, ends, spent) VALUES ($1, $3, 1)
		ON CONFLICT (name) DO UPDATE SET
			spent = CASE WHEN allowances.ends <= $2 THEN 1 ELSE allowances.spent + 1 END,
			ends  = CASE WHEN allowances.ends <= $2 THEN $3 ELSE allowances.ends END
		WHERE allowances.ends <= $2 OR allowances.spent < $4`,
		a.Name, millis(now), millis(now.Add(a.Window)), a.Most))
	if err != nil {
		return time.Time{}, trouble(op, err)
	}
	if n > 0 {
		return time.Time{}, nil
	}
	var ends int64
	err = db.QueryRowContext(ctx, `SELECT ends FROM allowances WHERE name = $1`, a.Name).Scan(&ends)
	if errors.Is(err, sql.ErrNoRows) { // swept in between: it is over
		ends = 0
	} else if err != nil {
		return time.Time{}, trouble(op, err)
	}
	again = time.UnixMilli(ends)
	if !again.After(now) {
		again = now.Add(time.Second)
	}
	return again, nil
}

// SweepAllowances deletes the counts that are over at now. They are taken for
// nothing without it; it keeps the table small, and forgets who did what.
func (s *Store) SweepAllowances(ctx context.Context, now time.Time) (int64, error) {
	n, err := affected(s.db.ExecContext(ctx, `DELETE FROM allowances WHERE ends <= $1`, millis(now)))
	if err != nil {
		return 0, trouble("store.SweepAllowances", err)
	}
	return n, nil
}
