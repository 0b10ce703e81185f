package store

import (
	"context"
	"time"
)

// RunningBatches returns the batches of all tenants that run.
func (s *Store) RunningBatches(ctx context.Context) ([]Batch, error) {
	const op = "store.RunningBatches"
	rows, err := s.db.QueryContext(ctx, `SELECT `+batchColumns+` FROM batches WHERE state = 'running' ORDER BY started, id`)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Batch
	for rows.Next() {
		b, err := s.scanBatch(rows)
		if err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, b)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// ItemRef names an item of any batch.
type ItemRef struct {
	Batch string
	N     int64
}

// ReleaseItems takes back the claims that have run out by now, and all of
// holder where that isn't "": whoever had them was killed. The items are open
// again, or left out where their batch was cancelled; it returns those that are
// open in a batch that runs.
func (tx *Tx) ReleaseItems(ctx context.Context, holder string, now time.Time) ([]ItemRef, error) {
	const op = "store.ReleaseItems"
	rows, err := tx.tx.QueryContext(ctx, `
		UPDATE batch_items SET holder = '', until = 0,
			state = CASE WHEN batch IN (SELECT id FROM batches WHERE state = 'cancelled') THEN 'left' ELSE 'open' END
		WHERE batch IN (SELECT id FROM batches WHERE state IN ('running', 'paused', 'cancelled') AND purged = 0)
			AND state = 'working' AND (until <= $1 OR holder = $2 AND holder <> '')
		RETURNING batch, n, (SELECT state FROM batches WHERE id = batch)`, millis(now), holder)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []ItemRef
	for rows.Next() {
		var ref ItemRef
		var state BatchState
		if err := rows.Scan(&ref.Batch, &ref.N, &state); err != nil {
			return nil, trouble(op, err)
		}
		if state == BatchRunning {
			all = append(all, ref)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// Held is an item that somebody has claimed.
type Held struct {
	ItemRef
	fence int64
}

// HeldItems returns the items that holder has claimed.
func (s *Store) HeldItems(ctx context.Context, holder string) ([]Held, error) {
	const op = "store.HeldItems"
	rows, err := s.db.QueryContext(ctx, `
		SELECT batch, n, fence FROM batch_items
		WHERE batch IN (SELECT id FROM batches WHERE state IN ('running', 'paused', 'cancelled') AND purged = 0)
			AND state = 'working' AND holder = $1`, holder)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Held
	for rows.Next() {
		var h Held
		if err := rows.Scan(&h.Batch, &h.N, &h.fence); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, h)
	}
	return all, trouble(op, rows.Err())
}

// ExpireItem lets the lease of h run out at the time now, unless the item has
// ended or was claimed again meanwhile: ReleaseItems finds it then.
func (s *Store) ExpireItem(ctx context.Context, h Held, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE batch_items SET until = $4 WHERE batch = $1 AND n = $2 AND fence = $3 AND state = 'working'`,
		h.Batch, h.N, h.fence, millis(now))
	return trouble("store.ExpireItem", err)
}

// ReleaseDrafts gives back the drafts that holder, who was killed, was sending.
func (s *Store) ReleaseDrafts(ctx context.Context, holder string, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE drafts SET until = $2 WHERE holder = $1 AND until > $2`, holder, millis(now))
	return trouble("store.ReleaseDrafts", err)
}

// RunningItems is OpenItems for a batch that runs, and nothing for others.
func (tx *Tx) RunningItems(ctx context.Context, batch string) ([]int64, error) {
	const op = "store.RunningItems"
	n, err := affected(tx.tx.ExecContext(ctx, `UPDATE batches SET changed = changed WHERE id = $1 AND state = 'running'`, batch))
	if err != nil {
		return nil, trouble(op, err)
	}
	if n == 0 {
		return nil, nil
	}
	return tx.OpenItems(ctx, batch)
}
