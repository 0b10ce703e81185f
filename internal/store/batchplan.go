package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"portrait/internal/directory"
)

// ErrOwnPlan says that somebody wanted to approve a batch of their own.
var ErrOwnPlan = errors.New("store: approved by its author")

// ErrUnapproved says that the plan, as it is now, wasn't approved.
var ErrUnapproved = errors.New("store: the plan isn't approved")

// ErrBadPlan says that a plan can't be run: it has nothing to do, an item for
// nobody, or two for one person.
var ErrBadPlan = errors.New("store: the plan can't be run")

// PlanHash returns the SHA-256 of all that batch is going to do, and for what
// reason: which picture becomes whose photo, with which crop. What isn't ticked
// isn't part of it. It fails with ErrNone if there is no such batch.
func (s *Store) PlanHash(ctx context.Context, tenant directory.ID, batch string) ([]byte, error) {
	b, err := s.Batch(ctx, tenant, batch)
	if err != nil {
		return nil, err
	}
	return planHash(ctx, s.db, b)
}

func planHash(ctx context.Context, in querier, b Batch) ([]byte, error) {
	const op = "store.PlanHash"
	h := sha256.New()
	addParts(h, []byte("portrait batch plan 1"), []byte(b.ID), []byte(b.Tenant), []byte(b.Reason), []byte(b.Parent), number(flag(b.OnlyMissing)), number(flag(b.DryRun)))
	rows, err := in.QueryContext(ctx, `
		SELECT n, hash, person, crop FROM batch_items WHERE batch = $1 AND ticked = 1 ORDER BY n`, b.ID)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	for rows.Next() {
		var n int64
		var picture []byte
		var person, crop string
		if err := rows.Scan(&n, &picture, &person, &crop); err != nil {
			return nil, trouble(op, err)
		}
		addParts(h, number(n), picture, []byte(person), []byte(crop))
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return h.Sum(nil), nil
}

// addParts adds parts to h, each behind its length, so that no two lists give
// the same bytes.
func addParts(h io.Writer, parts ...[]byte) {
	for _, p := range parts {
		_, _ = h.Write(number(int64(len(p)))) // a hash never fails
		_, _ = h.Write(p)
	}
}

// number returns n as bytes, two numbers never as the same ones.
func number(n int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(n)) // #nosec G115 -- the bits are what is wanted
}

// ApproveBatch notes that approver approves of the plan with the given hash,
// which is what they were shown.
//
// It fails with ErrNone if there is no such batch, with ErrOwnPlan if approver
// is its author, and with ErrConflict if it doesn't wait for approval or the plan
// was changed meanwhile.
func (s *Store) ApproveBatch(ctx context.Context, tenant directory.ID, batch string, approver directory.ID, plan []byte, now time.Time) error {
	return s.Tx(ctx, func(tx *Tx) error { return tx.ApproveBatch(ctx, tenant, batch, approver, plan, now) })
}

// ApproveBatch is Store's, in a transaction.
func (tx *Tx) ApproveBatch(ctx context.Context, tenant directory.ID, batch string, approver directory.ID, plan []byte, now time.Time) error {
	const op = "store.ApproveBatch"
	b, asIs, err := tx.planned(ctx, op, tenant, batch)
	switch {
	case err != nil:
		return err
	case b.State != BatchWaiting || !bytes.Equal(plan, asIs):
		return fmt.Errorf("%s: %w", op, ErrConflict)
	case approver == "" || approver == b.Author:
		return ErrOwnPlan
	}
	return changedOne(op)(tx.tx.ExecContext(ctx, `
		UPDATE batches SET approver = $2, approved = $3, approved_plan = $4, changed = $3 WHERE id = $1`,
		batch, string(approver), millis(now), plan))
}

// planned returns a batch that isn't running yet and won't be changed by
// anybody else until the transaction ends, and the hash of its plan.
func (tx *Tx) planned(ctx context.Context, op string, tenant directory.ID, batch string) (Batch, []byte, error) {
	if _, err := tx.Batch(ctx, tenant, batch); err != nil { // none is told from one that has begun
		return Batch{}, nil, err
	}
	if err := tx.touchOpen(ctx, op, batch); err != nil {
		return Batch{}, nil, err
	}
	b, err := tx.Batch(ctx, tenant, batch) // as it is now that nobody else changes it
	if err != nil {
		return Batch{}, nil, err
	}
	plan, err := planHash(ctx, tx.tx, b)
	return b, plan, err
}

// StartBatch lets a batch run and returns the numbers of the items to be
// worked; those that aren't ticked are left out. Where approval is needed, it
// must have been given to the plan as it is now.
//
// It fails with ErrNone if there is no such batch, with ErrConflict if it runs
// already or has ended, with ErrUnapproved, and with ErrBadPlan.
func (tx *Tx) StartBatch(ctx context.Context, tenant directory.ID, batch string, needsApproval bool, now time.Time) ([]int64, error) {
	const op = "store.StartBatch"
	b, plan, err := tx.planned(ctx, op, tenant, batch)
	switch {
	case err != nil:
		return nil, err
	case needsApproval && (b.Approver == "" || b.Approver == b.Author || !bytes.Equal(plan, b.ApprovedPlan)):
		return nil, ErrUnapproved
	}
	var items, people, nobody int64
	err = tx.tx.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(DISTINCT person), COALESCE(SUM(CASE WHEN person = '' THEN 1 ELSE 0 END), 0)
		FROM batch_items WHERE batch = $1 AND ticked = 1`, batch).Scan(&items, &people, &nobody)
	switch {
	case err != nil:
		return nil, trouble(op, err)
	case items == 0 || nobody > 0 || people < items:
		return nil, ErrBadPlan
	}
	if _, err := tx.tx.ExecContext(ctx, `UPDATE batch_items SET state = $2, ended = $3 WHERE batch = $1 AND ticked = 0`, batch, string(ItemLeft), millis(now)); err != nil {
		return nil, trouble(op, err)
	}
	if err := tx.MoveBatch(ctx, batch, []BatchState{BatchOpen, BatchWaiting}, BatchRunning, nil, now); err != nil {
		return nil, err
	}
	return tx.OpenItems(ctx, batch)
}
