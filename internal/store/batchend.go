package store

import (
	"context"
	"fmt"
	"time"
)

// EndBatch ends a batch: its pictures and its table are deleted, but for the photos that were
// there before, and so are what it acts with and the key of its zip. Items that
// weren't begun are left out when it is cancelled; one that is claimed may still
// be finished.
//
// It fails with ErrConflict if the batch has ended or is gone, or if it is to be
// done and has items that aren't.
func (tx *Tx) EndBatch(ctx context.Context, batch string, to BatchState, now time.Time) error {
	const op = "store.EndBatch"
	from := map[BatchState]string{BatchDone: "('running')", BatchCancelled: "('open', 'waiting', 'running', 'paused')"}[to]
	if from == "" {
		return fmt.Errorf("%s: %s is no end", op, to)
	}
	noKey, err := tx.store.ring.Seal(batchPlace(batch, "spool_key"), nil, nil)
	if err != nil {
		return trouble(op, err)
	}
	err = changedOne(op)(tx.tx.ExecContext(ctx, `
		UPDATE batches SET state = $2, ended = $3, changed = $3, spool_key = $4 WHERE id = $1 AND state IN `+from,
		batch, string(to), millis(now), noKey))
	if err != nil {
		return err
	}
	counts, err := tx.CountItems(ctx, batch)
	if err != nil {
		return err
	}
	if to == BatchDone && counts.States[ItemOpen]+counts.States[ItemWorking] > 0 {
		return fmt.Errorf("%s: %w", op, ErrConflict)
	}
	if _, err := tx.tx.ExecContext(ctx, `UPDATE batch_items SET state = 'left', ended = $2 WHERE batch = $1 AND state = 'open'`, batch, millis(now)); err != nil {
		return trouble(op, err)
	}
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM batch_pictures WHERE batch = $1 AND kind <> 'old'`, batch); err != nil {
		return trouble(op, err)
	}
	return tx.DropGrant(ctx, batch)
}

// StaleBatches returns the ids of at most limit batches that haven't begun and
// weren't changed since unchangedSince: somebody has forgotten them, and their
// pictures should go.
func (s *Store) StaleBatches(ctx context.Context, unchangedSince time.Time, limit int) ([]string, error) {
	return ids(ctx, s.db, "store.StaleBatches", `
		SELECT id FROM batches WHERE state IN ('open', 'waiting') AND changed <= $1 ORDER BY changed LIMIT $2`, millis(unchangedSince), limit)
}

// ids returns what a query of one column of texts finds.
func ids(ctx context.Context, in querier, op, query string, args ...any) ([]string, error) {
	rows, err := in.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, id)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// Purged is the evidence that a batch's items and pictures were deleted.
type Purged struct {
	Batch    string
	Items    int64
	Pictures int64
}

// PurgeBatches deletes the items and pictures of at most limit batches that
// ended at endedBefore or earlier, among them what their way back needs, and
// returns what it deleted. The batch itself stays, with the number of its items.
func (tx *Tx) PurgeBatches(ctx context.Context, endedBefore time.Time, limit int, now time.Time) ([]Purged, error) {
	const op = "store.PurgeBatches"
	batches, err := ids(ctx, tx.tx, op, `
		SELECT id FROM batches WHERE purged = 0 AND ended > 0 AND ended <= $1 ORDER BY ended LIMIT $2`, millis(endedBefore), limit)
	if err != nil {
		return nil, err
	}
	var all []Purged
	for _, batch := range batches {
		p := Purged{Batch: batch}
		if p.Pictures, err = affected(tx.tx.ExecContext(ctx, `DELETE FROM batch_pictures WHERE batch = $1`, batch)); err != nil {
			return nil, trouble(op, err)
		}
		if p.Items, err = affected(tx.tx.ExecContext(ctx, `DELETE FROM batch_items WHERE batch = $1`, batch)); err != nil {
			return nil, trouble(op, err)
		}
		if _, err := tx.tx.ExecContext(ctx, `DELETE FROM batch_expected WHERE batch = $1`, batch); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		n, err := affected(tx.tx.ExecContext(ctx, `UPDATE batches SET purged = $2, purged_items = $3 WHERE id = $1 AND purged = 0`, batch, millis(now), p.Items))
		if err != nil {
			return nil, trouble(op, err)
		}
		if n == 1 { // another replica may have been faster
			all = append(all, p)
		}
	}
	return all, nil
}
