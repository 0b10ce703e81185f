package store

import (
	"context"
	"time"
)

// AnySignIn is where Granted keeps when somebody last signed in, whatever they
// were granted.
const AnySignIn = ""

// NoteGranted remembers that a sign-in at now was granted scopes, in lower case,
// and nothing about whose it was. It may be forgotten when the power fails.
func (s *Store) NoteGranted(ctx context.Context, scopes []string, now time.Time) error {
	return s.in(ctx, s.passing, func(tx *Tx) error {
		for _, scope := range append([]string{AnySignIn}, scopes...) {
			_, err := tx.tx.ExecContext(ctx, `INSERT INTO granted (scope, at) VALUES ($1, $2) ON CONFLICT (scope) DO UPDATE SET at = $2`, scope, millis(now))
			if err != nil {
				return trouble("store.NoteGranted", err)
			}
		}
		return nil
	})
}

// Granted returns when each permission was last granted, by its name in lower
// case.
func (s *Store) Granted(ctx context.Context) (map[string]time.Time, error) {
	const op = "store.Granted"
	rows, err := s.db.QueryContext(ctx, `SELECT scope, at FROM granted`)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // read to the end below
	all := map[string]time.Time{}
	for rows.Next() {
		var scope string
		var at int64
		if err := rows.Scan(&scope, &at); err != nil {
			return nil, trouble(op, err)
		}
		all[scope] = time.UnixMilli(at)
	}
	return all, trouble(op, rows.Err())
}
