package batch

import (
	"context"
	"strings"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

// copyAtOnce is how many items are read at once.
const copyAtOnce = 50

// RollBack makes a batch that undoes batch id, which has ended:
// everybody whose photo it has changed gets back the one that was there, byte
// for byte, or none. It isn't started; what was changed since will be skipped.
//
// It fails as Start does, and with fault.Conflict if nothing can be put back, or
// not any more.
func (s *Service) RollBack(ctx context.Context, actor directory.Actor, id, reason string) (back string, err error) {
	const op = "batch.RollBack"
	actor, b, err := s.find(ctx, actor, id)
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(reason) == "":
		return "", &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("photo.reason-missing"), Next: fault.NextRetry}
	case !b.Purged.IsZero() || b.State != store.BatchDone && b.State != store.BatchCancelled || b.DryRun:
		return "", &fault.Error{Op: op, Kind: fault.Conflict, Say: words.M("batch.no-way-back"), Next: fault.NextNone}
	}
	n := store.Batch{
		ID: store.NewBatchID(), Tenant: b.Tenant, Author: actor.ID, Title: b.Title, Reason: reason, Parent: b.ID, Created: s.Now(),
	}
	if err := s.Store.CreateBatch(ctx, n); err != nil {
		return "", err
	}
	copied, err := s.copyAllBack(ctx, b.ID, n.ID)
	switch {
	case err != nil:
		return "", said(op, err)
	case copied == 0:
		err := s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.EndBatch(ctx, n.ID, store.BatchCancelled, s.Now()) })
		if err == nil {
			err = &fault.Error{Op: op, Kind: fault.Conflict, Say: words.M("batch.no-way-back"), Next: fault.NextNone}
		}
		return "", err
	}
	return n.ID, s.Store.Tx(ctx, func(tx *store.Tx) error {
		note := photo.BatchNote{Act: photo.BatchRollBack, Batch: n.ID + " undoes " + b.ID, Reason: reason}
		return s.Photo.NoteBatch(ctx, tx, actor, note)
	})
}

// copyAllBack is copyBack for every item of the batch from that was done, and
// returns how many those are.
func (s *Service) copyAllBack(ctx context.Context, from, to string) (copied int, err error) {
	for after := int64(-1); ; {
		items, err := s.Store.Items(ctx, from, after, copyAtOnce)
		if err != nil {
			return copied, err
		}
		for _, it := range items {
			after = it.N
			if it.State != store.ItemDone || it.Had == store.HadUnknown {
				continue
			}
			if err := s.copyBack(ctx, from, to, it); err != nil {
				return copied, err
			}
			copied++
		}
		if len(items) < copyAtOnce {
			return copied, nil
		}
	}
}

// copyBack makes the photo that was there before it an item, under the same
// number, of the batch to.
func (s *Service) copyBack(ctx context.Context, from, to string, it store.Item) error {
	var old []byte // nothing stands for no photo
	if it.Had == store.HadPhoto {
		var err error
		if old, err = s.Store.ItemPicture(ctx, from, it.N, store.OldPicture); err != nil {
			return err
		}
	}
	if err := s.Store.AddItem(ctx, to, it.N, it.Name, old); err != nil {
		return err
	}
	return s.Store.MatchItem(ctx, to, store.Item{
		N: it.N, Verdict: string(Matched), How: it.How, Sure: string(Exact), Person: it.Person, Found: it.Found, Ticked: true,
	})
}

// Sweep deletes what is kept of batches for too long: the pictures of those that
// were forgotten before they ran, and, after KeepFor, the way back.
func (s *Service) Sweep(ctx context.Context) ([]store.Purged, error) {
	const atOnce = 20
	now := s.Now()
	stale, err := s.Store.StaleBatches(ctx, now.Add(-forgottenAfter), atOnce)
	if err != nil {
		return nil, err
	}
	for _, id := range stale {
		if err := s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.EndBatch(ctx, id, store.BatchCancelled, now) }); err != nil {
			return nil, err
		}
	}
	if s.Spool != nil {
		if _, err := s.Spool.Sweep(now.Add(-24 * time.Hour)); err != nil {
			return nil, err
		}
	}
	var purged []store.Purged
	err = s.Store.Tx(ctx, func(tx *store.Tx) (err error) {
		purged, err = tx.PurgeBatches(ctx, now.Add(-KeepFor), atOnce, now)
		return err
	})
	return purged, err
}
