package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// ErrOtherKeys says that another process seals with a key that this one doesn't
// have, so that it can't open what the other writes.
var ErrOtherKeys = errors.New("store: the database is sealed with a key that isn't in this ring")

// KeyUse is how many rows of a table are sealed with a key.
type KeyUse struct {
	Table string
	Key   string // its public id, 16 hexadecimal digits
	Place int    // of the key in the ring, from 1, newest first; 0 = it isn't there
	Rows  int64
}

// sealedColumns are the columns that everything sealed is in, one for each table:
// all columns of a row are sealed when the row is written, or later.
var sealedColumns = []struct{ table, column string }{
	{"sessions", "data"}, {"drafts", "details"}, {"history", "picture"}, {"audit_sides", "data"},
	{"batches", "title"}, {"batch_items", "name"}, {"batch_pictures", "data"}, {"batch_grants", "data"},
}

// KeysInUse returns with which keys the rows of the database are sealed. It reads
// all of them, which takes seconds in a large database.
func (s *Store) KeysInUse(ctx context.Context) ([]KeyUse, error) {
	const op = "store.KeysInUse"
	var all []KeyUse
	for _, c := range sealedColumns {
		// #nosec G202 -- both are constants of ours
		rows, err := s.db.QueryContext(ctx, `SELECT substr(`+c.column+`, 1, 8), count(*) FROM `+c.table+` WHERE length(`+c.column+`) >= 8 GROUP BY 1 ORDER BY 1`)
		if err != nil {
			return nil, trouble(op, err)
		}
		defer rows.Close() // read to the end below
		for rows.Next() {
			use := KeyUse{Table: c.table}
			var id []byte
			if err := rows.Scan(&id, &use.Rows); err != nil {
				return nil, trouble(op, err)
			}
			use.Key, use.Place = hex.EncodeToString(id), s.ring.place(id)
			all = append(all, use)
		}
		if err := rows.Err(); err != nil {
			return nil, trouble(op, err)
		}
	}
	return all, nil
}

// AuditKeysInUse returns the ids of the keys that entries of the audit log are
// authenticated with.
func (s *Store) AuditKeysInUse(ctx context.Context) ([]string, error) {
	const op = "store.AuditKeysInUse"
	rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT key_id FROM audit_log ORDER BY key_id`)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // read to the end below
	var all []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, id)
	}
	return all, trouble(op, rows.Err())
}

// KeysFit fails with ErrOtherKeys if the newest rows, which another replica may
// have written, are sealed with a key that this one doesn't have.
func (s *Store) KeysFit(ctx context.Context) error {
	const op = "store.KeysFit"
	for _, query := range []string{
		`SELECT substr(data, 1, 8) FROM audit_sides ORDER BY seq DESC LIMIT 1`,
		`SELECT substr(data, 1, 8) FROM sessions ORDER BY created DESC LIMIT 1`,
	} {
		ids, err := firstColumn(ctx, s, query)
		if err != nil {
			return trouble(op, err)
		}
		if slices.ContainsFunc(ids, func(id []byte) bool { return s.ring.place(id) == 0 }) {
			return fmt.Errorf("%s: %w", op, ErrOtherKeys)
		}
	}
	return nil
}

// firstColumn returns the first column of what query finds.
func firstColumn(ctx context.Context, s *Store, query string) ([][]byte, error) {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // read to the end below
	var all [][]byte
	for rows.Next() {
		var value []byte
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, rows.Err()
}

// place returns where in the ring the key with this id is, from 1; 0 = nowhere.
func (r *Ring) place(id []byte) int {
	return 1 + slices.IndexFunc(r.keys, func(k ringKey) bool { return slices.Equal(k.id[:], id) })
}
