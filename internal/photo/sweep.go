package photo

import (
	"context"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
)

// sweepBatch bounds the drafts that are looked at in one go.
const sweepBatch = 200

// Sweep deletes what has been kept for long enough and returns the evidence of
// it. A change whose outcome never became known, because its person didn't come
// back, goes into the audit log as that.
func (s *Service) Sweep(ctx context.Context) ([]store.Purge, error) {
	now := s.Now()
	for {
		old, err := s.Store.OldDrafts(ctx, now.Add(-draftAge), now, sweepBatch)
		if err != nil {
			return nil, err
		}
		for _, d := range old {
			if err := s.giveUp(ctx, d); err != nil {
				return nil, err
			}
		}
		if len(old) < sweepBatch {
			break
		}
	}
	return s.Store.PurgeOld(ctx, store.Limits{Drafts: now.Add(-draftAge), History: now.Add(-s.HistoryAge)}, now)
}

// giveUp deletes a draft that is too old.
func (s *Service) giveUp(ctx context.Context, d store.Draft) error {
	c, err := opened(d)
	if err != nil {
		return err
	}
	subject, err := directory.ParseSubject(c.details.Subject)
	if err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(tx *store.Tx) error {
		deleted, err := tx.DeleteDraft(ctx, d.ID, s.Now())
		if err != nil || !deleted {
			return err
		}
		if err := tx.AddPurge(ctx, store.Purge{At: s.Now(), What: "drafts", Deleted: 1, Older: s.Now().Add(-draftAge)}); err != nil {
			return err
		}
		if !c.mayHaveArrived() {
			return nil
		}
		r := request{actor: directory.Actor{Tenant: d.Tenant, ID: d.Person, Role: c.details.Role}, act: action(d.Act), subject: subject}
		return s.note(ctx, tx, r, c, audit.Unknown, noReceipt)
	})
}
