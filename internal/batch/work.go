package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// jobTime is how long an item may take; photo needs at most 130 seconds.
	jobTime = 3 * time.Minute

	// itemLease is how long an item of a process that was killed stays its own
	// unless the process comes back. It is longer than jobTime. A process that
	// lives gives back what it has dropped within retryLater.
	itemLease = 4 * time.Minute

	// maxAttempts is how often River runs a job that fails for reasons of ours,
	// such as a database that is away.
	maxAttempts = 100

	retryLater = 5 * time.Second
)

// Open starts working batches: those that run already, and those to come. Close
// ends it.
//
//	item's job → ClaimItem → Prove → photo.Set → outcome, audit and item in one transaction
//	every second: queues for batches that run, an end for those that are through
func (s *Service) Open(ctx context.Context, queue *store.Queue) error {
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{service: s})
	client, err := river.NewClient(queue.Driver, &river.Config{
		Logger: s.Log, Workers: workers, FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 200 * time.Millisecond,
		JobTimeout: jobTime, RescueStuckJobsAfter: itemLease, RetryPolicy: steady{},
		CompletedJobRetentionPeriod: time.Hour,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}, // it needs one to work any
	})
	if err != nil {
		return fmt.Errorf("batch.Open: %w", err)
	}
	s.client, s.queues = client, map[string]time.Time{}
	now := s.Now()
	if err := s.Store.ReleaseDrafts(ctx, s.Replica, now); err != nil {
		return err
	}
	if err := s.release(ctx, s.Replica); err != nil {
		return err
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("batch.Open: %w", err)
	}
	return s.tend(ctx)
}

// Close waits for the items that are being worked, until ctx ends.
func (s *Service) Close(ctx context.Context) error {
	return errors.Join(s.client.Stop(ctx), s.Store.StopBeating(ctx, s.Replica))
}

// Tend looks after what runs until ctx ends.
func (s *Service) Tend(ctx context.Context) {
	released, beaten := s.Now(), time.Time{}
	for ctx.Err() == nil {
		err := errors.Join(s.beat(ctx, &beaten), s.tend(ctx))
		if now := s.Now(); now.Sub(released) > retryLater {
			released, err = now, errors.Join(err, s.expireDropped(ctx), s.release(ctx, ""), s.requeue(ctx))
		}
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "batches can't be looked after", "cause", err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(tendEvery):
		}
	}
}

// release queues again what somebody who was killed has left behind.
func (s *Service) release(ctx context.Context, holder string) error {
	return s.Store.Tx(ctx, func(tx *store.Tx) error {
		items, err := tx.ReleaseItems(ctx, holder, s.Now())
		if err != nil {
			return err
		}
		of := map[string][]int64{}
		for _, it := range items {
			of[it.Batch] = append(of[it.Batch], it.N)
		}
		for id, numbers := range of {
			if err := s.queue(ctx, tx, id, numbers); err != nil {
				return err
			}
		}
		return nil
	})
}

// requeue queues the open items of batches that run and have no job left that
// waits: a job can be lost where its item was opened just as the batch was paused
// and resumed, and the job of a process that was killed just after it had opened
// its item counts as running until River rescues it, minutes later. A second job
// for an item does nothing: ClaimItem lets one have it.
func (s *Service) requeue(ctx context.Context) error {
	waiting := []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
	for id := range s.queues {
		jobs, err := s.client.JobList(ctx, river.NewJobListParams().Queues(queueOf(id)).States(waiting...).First(1))
		if err != nil {
			return err
		}
		if len(jobs.Jobs) > 0 {
			continue
		}
		err = s.Store.Tx(ctx, func(tx *store.Tx) error {
			open, err := tx.RunningItems(ctx, id)
			if err != nil {
				return err
			}
			return s.queue(ctx, tx, id, open)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tend sees to it that every batch that runs has its queue here, and ends those
// that are through.
func (s *Service) tend(ctx context.Context) error {
	running, err := s.Store.RunningBatches(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, b := range running {
		if s.Only != "" && b.ID != s.Only {
			continue
		}
		ended, err := s.endIfThrough(ctx, b)
		if err != nil {
			return err
		}
		if _, has := s.queues[b.ID]; !ended && !has {
			if err := s.client.Queues().Add(queueOf(b.ID), river.QueueConfig{MaxWorkers: s.Workers}); err != nil {
				return fmt.Errorf("batch.tend: %w", err)
			}
		}
		if !ended {
			s.queues[b.ID] = now
		}
	}
	for id, seen := range s.queues {
		if now.Sub(seen) < jobTime { // so that nothing is under way there any more: Remove would wait for it
			continue
		}
		delete(s.queues, id)
		if err := s.client.Queues().Remove(ctx, queueOf(id)); err != nil {
			return fmt.Errorf("batch.tend: %w", err)
		}
	}
	return nil
}

// endIfThrough ends b if none of its items is left to work. One with failed
// items is paused instead: its pictures are needed to try them again.
func (s *Service) endIfThrough(ctx context.Context, b store.Batch) (ended bool, err error) {
	counts, err := s.Store.CountItems(ctx, b.ID)
	switch {
	case err != nil:
		return false, err
	case counts.States[store.ItemOpen]+counts.States[store.ItemWorking] > 0:
		return false, nil
	case counts.States[store.ItemFailed] > 0:
		why := words.M("batch.some-failed", "Count", int(counts.States[store.ItemFailed]))
		err = s.pause(ctx, directory.Actor{Tenant: b.Tenant}, b, why, false)
	default:
		err = s.Store.Tx(ctx, func(tx *store.Tx) error { return tx.EndBatch(ctx, b.ID, store.BatchDone, s.Now()) })
	}
	if errors.Is(err, store.ErrConflict) { // another replica was faster, or items were opened again
		return false, nil
	}
	return err == nil, err
}

// steady tries jobs that failed for reasons of ours again soon, for good.
type steady struct{}

// NextRetry is river.ClientRetryPolicy.
func (steady) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(retryLater) }

// worker works items.
type worker struct {
	river.WorkerDefaults[itemJob]
	service *Service
}

// Work works one item, as far as it comes this time.
func (w *worker) Work(ctx context.Context, job *river.Job[itemJob]) error {
	s, id := w.service, job.Args.Batch
	defer s.atWork.add(store.ItemRef{Batch: id, N: job.Args.N})()
	now := s.Now()
	c, err := s.Store.ClaimItem(ctx, id, job.Args.N, store.Lease{Holder: s.Replica, Until: now.Add(itemLease)}, now)
	if errors.Is(err, store.ErrConflict) {
		return nil // done, somebody else's, or the batch doesn't run: whoever lets it run again queues what is open
	}
	if err != nil {
		return err
	}
	again, err := s.work(ctx, job, c)
	switch {
	case errors.Is(err, store.ErrConflict): // the claim is worth nothing any more
		return nil
	case err != nil:
		return err
	case again > 0:
		return river.JobSnooze(again)
	}
	return nil
}

// finish writes what became of a claimed item; with it, in one transaction, that
// its job is done.
func (s *Service) finish(ctx context.Context, tx *store.Tx, job *river.Job[itemJob], c store.Claim, o store.Outcome) error {
	if err := tx.FinishItem(ctx, job.Args.Batch, c, o, s.Now()); err != nil || o.State == store.ItemOpen {
		return err
	}
	_, err := river.JobCompleteTx[driver](ctx, tx.SQL(), job)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil // the row is long gone; the item is what counts
	}
	return err
}

// waitAfter is how long an item waits after so many tries that came to nothing,
// for no reason that says when to come back.
func waitAfter(tries int64) time.Duration {
	most := min(time.Second<<min(tries, 8), 2*time.Minute)
	return most/2 + rand.N(most/2) // #nosec G404 -- spreads retries; nobody gains by guessing it
}

// isPassing reports whether err may be gone the next time.
func isPassing(err error) bool {
	return fault.Is(err, fault.Busy) || fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Timeout) || errors.Is(err, sql.ErrConnDone)
}
