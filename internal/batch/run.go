package batch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

// MayRun tells whether actor could start batch id now, or resume it, before they
// are sent to the provider. It fails as Start and Resume do.
func (s *Service) MayRun(ctx context.Context, actor directory.Actor, id string, resume bool) error {
	_, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	if resume {
		if b.State != store.BatchPaused {
			return said("batch.MayRun", store.ErrConflict)
		}
		return nil
	}
	return s.mayStart(b)
}

// mayStart refuses a batch that can't be started as it is.
func (s *Service) mayStart(b store.Batch) error {
	switch {
	case b.State != store.BatchOpen && b.State != store.BatchWaiting:
		return said("batch.Start", store.ErrConflict)
	case strings.TrimSpace(b.Reason) == "":
		return &fault.Error{Op: "batch.Start", Kind: fault.Unreadable, Say: words.M("photo.reason-missing"), Next: fault.NextRetry}
	}
	return nil
}

// Start lets batch id run. It acts with grant, which actor has just been given
// by the provider, until it ends.
//
// It fails with fault.Forbidden for everybody but the helpdesk, with
// fault.NotFound if there is no such batch, with fault.Unreadable if it has no
// reason, and with fault.Conflict if it has begun, needs approval, or can't be
// run as it is.
func (s *Service) Start(ctx context.Context, actor directory.Actor, id string, grant store.Grant) error {
	const op = "batch.Start"
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := s.mayStart(b); err != nil {
		return err
	}
	return said(op, s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := s.start(ctx, tx, b); err != nil {
			return err
		}
		if err := tx.SetGrant(ctx, id, grant); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchStart)
	}))
}

// start lets b run and queues its items.
func (s *Service) start(ctx context.Context, tx *store.Tx, b store.Batch) error {
	counts, err := tx.CountItems(ctx, b.ID)
	if err != nil {
		return err
	}
	items, err := tx.StartBatch(ctx, b.Tenant, b.ID, s.NeedsApproval(counts.Ticked), s.Now())
	if err != nil {
		return err
	}
	return s.queue(ctx, tx, b.ID, items)
}

// note writes into the audit log, at the end of tx, what actor does with b.
func (s *Service) note(ctx context.Context, tx *store.Tx, actor directory.Actor, b store.Batch, act photo.BatchAct) error {
	return s.Photo.NoteBatch(ctx, tx, actor, photo.BatchNote{Act: act, Batch: b.ID, Reason: b.Reason})
}

// Pause stops batch id after the items that are being worked. It fails as Start
// does, and with fault.Conflict if the batch doesn't run.
func (s *Service) Pause(ctx context.Context, actor directory.Actor, id string) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	return said("batch.Pause", s.pause(ctx, actor, b, words.M("batch.paused-by", "Name", actor.Name), false))
}

// pause stops b, which runs, and says why. The grant goes where it is good no
// longer. actor has no more than a tenant where Portrait itself stops it.
func (s *Service) pause(ctx context.Context, actor directory.Actor, b store.Batch, why words.Message, dropGrant bool) error {
	note, err := EncodeMessage(why)
	if err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.MoveBatch(ctx, b.ID, []store.BatchState{store.BatchRunning}, store.BatchPaused, note, s.Now()); err != nil {
			return err
		}
		if dropGrant {
			if err := tx.DropGrant(ctx, b.ID); err != nil {
				return err
			}
		}
		return s.Photo.NoteBatch(ctx, tx, actor, photo.BatchNote{Act: photo.BatchPause, Batch: b.ID, Reason: b.Reason, Code: why.ID})
	})
}

// Resume lets a paused batch go on, with the grant of whoever says so. It fails
// as Pause does.
func (s *Service) Resume(ctx context.Context, actor directory.Actor, id string, grant store.Grant) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	return said("batch.Resume", s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.SetGrant(ctx, id, grant); err != nil {
			return err
		}
		if err := s.goOn(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchResume)
	}))
}

// goOn lets a paused batch run, and queues what is open.
func (s *Service) goOn(ctx context.Context, tx *store.Tx, id string) error {
	if err := tx.MoveBatch(ctx, id, []store.BatchState{store.BatchPaused}, store.BatchRunning, nil, s.Now()); err != nil {
		return err
	}
	items, err := tx.OpenItems(ctx, id)
	if err != nil {
		return err
	}
	return s.queue(ctx, tx, id, items)
}

// Cancel ends batch id: items that weren't begun never will be. It fails as
// Start does, and with fault.Conflict if the batch has ended.
func (s *Service) Cancel(ctx context.Context, actor directory.Actor, id string) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	return said("batch.Cancel", s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.EndBatch(ctx, id, store.BatchCancelled, s.Now()); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchCancel)
	}))
}

// RetryFailed tries the failed items of batch id again, with the grant that is
// there. It fails as Pause does.
func (s *Service) RetryFailed(ctx context.Context, actor directory.Actor, id string) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	return said("batch.RetryFailed", s.Store.Tx(ctx, func(tx *store.Tx) error {
		failed, err := tx.RetryItems(ctx, id)
		switch {
		case err != nil:
		case b.State == store.BatchRunning:
			err = s.queue(ctx, tx, id, failed)
		default:
			err = s.goOn(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchRetry)
	}))
}

// Finish ends batch id, which is paused since some of its items have failed, as
// it is. It fails as Pause does, and with fault.Conflict while items are open.
func (s *Service) Finish(ctx context.Context, actor directory.Actor, id string) error {
	actor, b, err := s.find(ctx, actor, id)
	if err != nil {
		return err
	}
	return said("batch.Finish", s.Store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.MoveBatch(ctx, id, []store.BatchState{store.BatchPaused}, store.BatchRunning, nil, s.Now()); err != nil {
			return err
		}
		if err := tx.EndBatch(ctx, id, store.BatchDone, s.Now()); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, b, photo.BatchFinish)
	}))
}

// itemJob carries an item of a batch to whoever works it. The item's row is the
// truth: a job that comes too late, or twice, finds nothing to do.
type itemJob struct {
	Batch string `json:"batch"`
	N     int64  `json:"n"`
	Turn  int64  `json:"turn"` // when it was queued: a job that is just ending doesn't keep the next one out
}

func (itemJob) Kind() string { return "batch_item" }

// queueOf is the name of a batch's queue.
func queueOf(id string) string { return "batch_" + id }

// queueAtOnce is how many jobs are written in one statement.
const queueAtOnce = 500

// queue makes a job of each item.
func (s *Service) queue(ctx context.Context, tx *store.Tx, id string, items []int64) error {
	turn := s.Now().UnixNano()
	for len(items) > 0 {
		some := items[:min(len(items), queueAtOnce)]
		items = items[len(some):]
		jobs := make([]river.InsertManyParams, 0, len(some))
		for _, n := range some {
			jobs = append(jobs, river.InsertManyParams{Args: itemJob{id, n, turn}, InsertOpts: &river.InsertOpts{
				Queue: queueOf(id), MaxAttempts: maxAttempts,
			}})
		}
		if _, err := s.client.InsertManyFastTx(ctx, tx.SQL(), jobs); err != nil {
			return fmt.Errorf("batch.queue: %w", err)
		}
	}
	return nil
}

// tendEvery is how often it is looked after what runs.
const tendEvery = time.Second
