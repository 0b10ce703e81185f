package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// OpenItems returns the numbers of the items of batch that are to be worked
// and that nobody has claimed, in order.
func (tx *Tx) OpenItems(ctx context.Context, batch string) ([]int64, error) {
	const op = "store.OpenItems"
	rows, err := tx.tx.QueryContext(ctx, `SELECT n FROM batch_items WHERE batch = $1 AND state = $2 AND ticked = 1 ORDER BY n`, batch, string(ItemOpen))
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, n)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// Claim is the right to work an item, until its lease runs out and somebody
// else claims it. Whoever does gets another Fence, and the first one's is worth
// nothing from then on.
type Claim struct {
	Item  Item
	Fence int64
}

// ClaimItem claims item n of a running batch for lease. An item whose lease has
// run out by now is claimed anew.
//
// It fails with ErrConflict if the batch doesn't run, or the item has ended or
// is somebody else's.
func (s *Store) ClaimItem(ctx context.Context, batch string, n int64, lease Lease, now time.Time) (Claim, error) {
	const op = "store.ClaimItem"
	var c Claim
	err := s.db.QueryRowContext(ctx, `
		UPDATE batch_items SET state = 'working', fence = fence + 1, holder = $3, until = $4, tries = tries + 1
		WHERE batch = $1 AND n = $2 AND ticked = 1 AND (state = 'open' OR state = 'working' AND until <= $5)
			AND EXISTS (SELECT 1 FROM batches WHERE id = $1 AND state = 'running')
		RETURNING fence`,
		batch, n, lease.Holder, millis(lease.Until), millis(now)).Scan(&c.Fence)
	if errors.Is(err, sql.ErrNoRows) {
		return Claim{}, fmt.Errorf("%s: %w", op, ErrConflict)
	}
	if err != nil {
		return Claim{}, trouble(op, err)
	}
	c.Item, err = s.Item(ctx, batch, n)
	return c, err
}

// Old is the photo that was there before an item was worked.
type Old struct {
	Had     int64 // HadNone or HadPhoto
	Hash    []byte
	Picture []byte
}

// KeepOld stores the photo that was there, before anything is sent. It keeps
// what an earlier try has found: after that, the photo that is there may be ours.
//
// It fails with ErrConflict if the claim is worth nothing any more.
func (s *Store) KeepOld(ctx context.Context, batch string, c Claim, old Old) error {
	const op = "store.KeepOld"
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.held(ctx, op, batch, c); err != nil {
			return err
		}
		kept, err := affected(tx.tx.ExecContext(ctx, `
			UPDATE batch_items SET had = $3, old_hash = $4 WHERE batch = $1 AND n = $2 AND had = 0`,
			batch, c.Item.N, old.Had, orEmpty(old.Hash)))
		if err != nil {
			return trouble(op, err)
		}
		if kept == 0 || old.Had != HadPhoto {
			return nil
		}
		return tx.putPicture(ctx, batch, c.Item.N, OldPicture, old.Picture)
	})
}

// held makes sure that c is worth something, and stays so until the transaction
// ends.
func (tx *Tx) held(ctx context.Context, op, batch string, c Claim) error {
	return changedOne(op)(tx.tx.ExecContext(ctx, `
		UPDATE batch_items SET fence = fence WHERE batch = $1 AND n = $2 AND fence = $3 AND state = 'working'`, batch, c.Item.N, c.Fence))
}

// Outcome is what became of an item.
type Outcome struct {
	State   ItemState // ItemDone, ItemSkipped or ItemFailed; ItemOpen: to be tried again
	Result  []byte
	NewHash []byte // of the photo that is there now, where it was changed
}

// FinishItem writes what became of the claimed item.
//
// It fails with ErrConflict if the claim is worth nothing any more: somebody
// else has the item, or has finished it.
func (tx *Tx) FinishItem(ctx context.Context, batch string, c Claim, o Outcome, now time.Time) error {
	const op = "store.FinishItem"
	sealed, err := tx.store.ring.Seal(itemPlace(batch, c.Item.N, "result"), nil, o.Result)
	if err != nil {
		return trouble(op, err)
	}
	ended := millis(now)
	if o.State == ItemOpen {
		ended = 0
	}
	return changedOne(op)(tx.tx.ExecContext(ctx, `
		UPDATE batch_items SET state = $4, result = $5, new_hash = $6, ended = $7, holder = '', until = 0
		WHERE batch = $1 AND n = $2 AND fence = $3 AND state = 'working'`,
		batch, c.Item.N, c.Fence, string(o.State), sealed, orEmpty(o.NewHash), ended))
}

// RetryItems opens the failed items of batch again and returns their numbers.
//
// It fails with ErrConflict if the batch has ended, with its pictures.
func (tx *Tx) RetryItems(ctx context.Context, batch string) ([]int64, error) {
	const op = "store.RetryItems"
	err := changedOne(op)(tx.tx.ExecContext(ctx, `UPDATE batches SET changed = changed WHERE id = $1 AND state IN ('running', 'paused')`, batch))
	if err != nil {
		return nil, err
	}
	rows, err := tx.tx.QueryContext(ctx, `
		UPDATE batch_items SET state = 'open', ended = 0 WHERE batch = $1 AND state = 'failed' RETURNING n`, batch)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, n)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// BatchCounts says how many items of a batch are what. Each of the three sums
// is Total's.
type BatchCounts struct {
	Total, Ticked, Unticked int64
	States                  map[ItemState]int64
	Verdicts                map[string]int64
}

// CountItems counts the items of batch.
func (s *Store) CountItems(ctx context.Context, batch string) (BatchCounts, error) {
	return countItems(ctx, s.db, batch)
}

// CountItems is Store's, in a transaction.
func (tx *Tx) CountItems(ctx context.Context, batch string) (BatchCounts, error) {
	return countItems(ctx, tx.tx, batch)
}

func countItems(ctx context.Context, in querier, batch string) (BatchCounts, error) {
	const op = "store.CountItems"
	counts := BatchCounts{States: map[ItemState]int64{}, Verdicts: map[string]int64{}}
	rows, err := in.QueryContext(ctx, `SELECT state, verdict, ticked, COUNT(*) FROM batch_items WHERE batch = $1 GROUP BY state, verdict, ticked`, batch)
	if err != nil {
		return counts, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	for rows.Next() {
		var state ItemState
		var verdict string
		var ticked, n int64
		if err := rows.Scan(&state, &verdict, &ticked, &n); err != nil {
			return counts, trouble(op, err)
		}
		counts.Total += n
		counts.Ticked += ticked * n
		counts.Unticked += (1 - ticked) * n
		counts.States[state] += n
		counts.Verdicts[verdict] += n
	}
	if err := rows.Err(); err != nil {
		return counts, trouble(op, err)
	}
	return counts, nil
}

// orEmpty is b for a column that isn't null.
func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
