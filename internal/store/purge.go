package store

import (
	"context"
	"crypto/rand"
	"time"
)

// Purge is evidence: what was deleted because of its age.
type Purge struct {
	At      time.Time
	What    string // a table
	Deleted int64  // rows
	Older   time.Time
}

// Limits say until when things are kept.
type Limits struct {
	Drafts  time.Time // made before then
	History time.Time // replaced before then
}

// PurgeOld deletes what is older than limits at the time now, writes evidence of
// it in the same transaction and returns that. What is being sent now stays, and
// so does what is kept for somebody.
func (s *Store) PurgeOld(ctx context.Context, limits Limits, now time.Time) ([]Purge, error) {
	var done []Purge
	err := s.Tx(ctx, func(tx *Tx) error {
		done = nil
		for _, p := range []struct {
			what, query string
			older       time.Time
		}{
			{"drafts", `DELETE FROM drafts WHERE created <= $1 AND (holder = '' OR until <= $2)`, limits.Drafts},
			{"history", `DELETE FROM history WHERE replaced <= $1 AND until <= $2`, limits.History},
			{"told", `DELETE FROM told WHERE until <= $1 AND until <= $2`, now},
		} {
			n, err := affected(tx.tx.ExecContext(ctx, p.query, millis(p.older), millis(now)))
			if err != nil {
				return trouble("store.PurgeOld", err)
			}
			if n > 0 {
				done = append(done, Purge{At: now, What: p.what, Deleted: n, Older: p.older})
			}
		}
		for _, p := range done {
			if err := tx.AddPurge(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// AddPurge writes evidence of a deletion.
func (tx *Tx) AddPurge(ctx context.Context, p Purge) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO purges (id, at, what, deleted, older) VALUES ($1, $2, $3, $4, $5)`,
		rand.Text(), millis(p.At), p.What, p.Deleted, millis(p.Older))
	return trouble("store.AddPurge", err)
}

// Purges returns the evidence, newest first, at most limit of it.
func (s *Store) Purges(ctx context.Context, limit int) ([]Purge, error) {
	const op = "store.Purges"
	rows, err := s.db.QueryContext(ctx, `SELECT at, what, deleted, older FROM purges ORDER BY at DESC LIMIT $1`, limit)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // read to the end below
	var all []Purge
	for rows.Next() {
		var p Purge
		var at, older int64
		if err := rows.Scan(&at, &p.What, &p.Deleted, &older); err != nil {
			return nil, trouble(op, err)
		}
		p.At, p.Older = time.UnixMilli(at), time.UnixMilli(older)
		all = append(all, p)
	}
	return all, trouble(op, rows.Err())
}
