package store

import (
	"context"
	"database/sql"
)

// Tx is a transaction: what is written through it is there whole or not at all.
// Several parts of Portrait write through one, so that a photo's state, its
// history and the audit log never disagree.
//
// Inside a transaction only the Tx may be used: on SQLite a second connection
// that writes would wait for the first.
type Tx struct {
	tx    *sql.Tx
	store *Store
}

// Tx runs do in a transaction that is committed if do returns nil and undone
// otherwise. On SQLite it begins as a writing one and waits up to 5 seconds for
// its turn.
func (s *Store) Tx(ctx context.Context, do func(tx *Tx) error) error {
	return s.in(ctx, s.db, do)
}

// in is Tx in db.
func (s *Store) in(ctx context.Context, db *prepared, do func(tx *Tx) error) error {
	const op = "store.Tx"
	end, err := db.turn(ctx)
	if err != nil {
		return trouble(op, err)
	}
	defer end()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return trouble(op, err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if err := do(&Tx{tx: tx, store: s}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return trouble(op, err)
	}
	return nil
}
