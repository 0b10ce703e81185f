package store

import (
	"context"
	"time"
)

// workerAge is after how long a process that works no batches any more is
// forgotten: it was killed, and its like will not come back under its name.
const workerAge = 24 * time.Hour

// Beat counts one more for the process called name: it works batches.
func (s *Store) Beat(ctx context.Context, name string, now time.Time) error {
	const op = "store.Beat"
	return s.Tx(ctx, func(tx *Tx) error {
		_, err := tx.tx.ExecContext(ctx, `
			INSERT INTO batch_workers (name, beats, at) VALUES ($1, 1, $2)
			ON CONFLICT (name) DO UPDATE SET beats = batch_workers.beats + 1, at = excluded.at`, name, millis(now))
		if err != nil {
			return trouble(op, err)
		}
		_, err = tx.tx.ExecContext(ctx, `DELETE FROM batch_workers WHERE at < $1`, millis(now.Add(-workerAge)))
		return trouble(op, err)
	})
}

// Beats returns how often each process that works batches, or was killed while
// it did, has said so.
func (s *Store) Beats(ctx context.Context) (map[string]int64, error) {
	const op = "store.Beats"
	rows, err := s.db.QueryContext(ctx, `SELECT name, beats FROM batch_workers`)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	all := map[string]int64{}
	for rows.Next() {
		var name string
		var beats int64
		if err := rows.Scan(&name, &beats); err != nil {
			return nil, trouble(op, err)
		}
		all[name] = beats
	}
	return all, trouble(op, rows.Err())
}

// StopBeating forgets the process called name, which works no batches any more.
func (s *Store) StopBeating(ctx context.Context, name string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM batch_workers WHERE name = $1`, name)
	return trouble("store.StopBeating", err)
}
