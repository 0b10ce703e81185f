package batch

import (
	"context"
	"errors"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

// NeedsApproval reports whether a batch with so many ticked items needs a second
// person.
func (s *Service) NeedsApproval(ticked int64) bool {
	return s.ApprovalAbove > 0 && ticked > int64(s.ApprovalAbove)
}

// authors fails with fault.Forbidden unless actor is who made b. Whoever asks for
// approval answers for the plan, so that whoever approves is the second to look.
func authors(op string, actor directory.Actor, b store.Batch) error {
	if actor.ID == b.Author {
		return nil
	}
	return &fault.Error{Op: op, Kind: fault.Forbidden, Say: words.M("batch.authors-plan"), Next: fault.NextHelpdesk}
}

// AskApproval lets an open batch wait for the approval of a second person.
//
// It fails with fault.Forbidden for everybody but the author, and with
// fault.Conflict if it waits already, or has begun.
func (s *Service) AskApproval(ctx context.Context, actor directory.Actor, id string) error {
	const op = "batch.AskApproval"
	actor, b, err := s.find(ctx, actor, id)
	if err == nil {
		err = authors(op, actor, b)
	}
	if err != nil {
		return err
	}
	return said(op, s.Store.Tx(ctx, func(tx *store.Tx) error { return s.ask(ctx, tx, actor, b) }))
}

// ask is AskApproval in a transaction that it ends.
func (s *Service) ask(ctx context.Context, tx *store.Tx, actor directory.Actor, b store.Batch) error {
	if err := tx.MoveBatch(ctx, b.ID, []store.BatchState{store.BatchOpen}, store.BatchWaiting, nil, s.Now()); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, b, photo.BatchAsk)
}

// Submit is Start for whoever doesn't wait beside it: a batch that needs approval
// keeps grant and runs once it is approved. waits says that it does wait.
//
// It fails as Start does, but for the approval.
func (s *Service) Submit(ctx context.Context, actor directory.Actor, id string, grant store.Grant) (waits bool, err error) {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return false, err
	}
	if err := s.mayStart(b); err != nil {
		return false, err
	}
	err = s.Store.Tx(ctx, func(tx *store.Tx) error {
		counts, err := tx.CountItems(ctx, b.ID)
		if err != nil {
			return err
		}
		if err := tx.SetGrant(ctx, b.ID, grant); err != nil {
			return err
		}
		if waits = s.NeedsApproval(counts.Ticked); waits {
			return s.ask(ctx, tx, actor, b)
		}
		if err := s.start(ctx, tx, b); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchStart)
	})
	return waits && err == nil, said("batch.Submit", err)
}

// Approve notes that actor, who isn't its author, approves of the plan with the
// given hash, which is what they were shown. A batch that was submitted runs from
// then on.
//
// It fails with fault.Forbidden for the author, which is written down, and with
// fault.Conflict if the batch doesn't wait for approval, or was changed meanwhile.
func (s *Service) Approve(ctx context.Context, actor directory.Actor, id string, plan []byte) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	err = said("batch.Approve", s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.ApproveBatch(ctx, actor.Tenant, b.ID, actor.ID, plan, s.Now()); err != nil {
			return err
		}
		submitted, err := tx.HasGrant(ctx, b.ID)
		if err != nil {
			return err
		}
		if submitted {
			if err := s.start(ctx, tx, b); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, actor, b, photo.BatchApprove)
	}))
	if fault.Is(err, fault.Forbidden) {
		denied := photo.BatchNote{Act: photo.BatchApprove, Batch: b.ID, Reason: b.Reason, Code: fault.As(err).Say.ID, Denied: true}
		err = errors.Join(err, s.Store.Tx(ctx, func(tx *store.Tx) error { return s.Photo.NoteBatch(ctx, tx, actor, denied) }))
	}
	return err
}
