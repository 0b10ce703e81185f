package batch_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// itemJob carries an item of a batch to whoever works it.
type itemJob struct {
	Batch string `json:"batch"`
	N     int64  `json:"n"`
}

func (itemJob) Kind() string { return "batch_item" }

// itemWorker finishes each item, the first time only after a pause as Graph
// asks for one.
type itemWorker struct {
	river.WorkerDefaults[itemJob]
	store    *store.Store
	snoozed  atomic.Int64
	finished atomic.Int64
}

func (w *itemWorker) Work(ctx context.Context, job *river.Job[itemJob]) error {
	now := time.Now()
	c, err := w.store.ClaimItem(ctx, job.Args.Batch, job.Args.N, store.Lease{Holder: fmt.Sprint(job.ID, ".", job.Attempt), Until: now.Add(time.Minute)}, now)
	if errors.Is(err, store.ErrConflict) {
		return nil // somebody else's, or done
	}
	if err != nil {
		return err
	}
	if c.Item.Tries == 1 && c.Item.N%3 == 0 {
		w.snoozed.Add(1)
		err := w.store.Tx(ctx, func(tx *store.Tx) error {
			return tx.FinishItem(ctx, job.Args.Batch, c, store.Outcome{State: store.ItemOpen}, now)
		})
		return errors.Join(err, river.JobSnooze(50*time.Millisecond))
	}
	err = w.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.FinishItem(ctx, job.Args.Batch, c, store.Outcome{State: store.ItemDone}, now); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[riverdriver.Driver[*sql.Tx]](ctx, tx.SQL(), job)
		return err
	})
	if err == nil {
		w.finished.Add(1)
	}
	return err
}

// TestItemsAndJobsAreOneTransaction starts a batch and queues its items in one
// transaction, works them, and finishes each item and its job in one.
func TestItemsAndJobsAreOneTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		const items = 30
		ctx, s, id := t.Context(), db.Open(t), store.NewBatchID()
		log := slog.New(slog.DiscardHandler)
		queue, err := s.Queue(ctx, log)
		if err != nil {
			t.Fatal(err)
		}
		defer queue.Close() // after the client has stopped
		again, err := s.Queue(ctx, log)
		if err != nil {
			t.Fatalf("opened again: %v", err)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
		worker, workers := &itemWorker{store: s}, river.NewWorkers()
		river.AddWorker(workers, worker)
		client, err := river.NewClient(queue.Driver, &river.Config{
			Logger: log, Workers: workers, FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
			JobTimeout: time.Minute, RescueStuckJobsAfter: time.Minute,
			Queues: map[string]river.QueueConfig{"batch_" + id: {MaxWorkers: 4}},
		})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s, id, items)
		start := func(then error) error {
			return s.Tx(ctx, func(tx *store.Tx) error {
				numbers, err := tx.StartBatch(ctx, "tenant", id, false, time.Now())
				if err != nil {
					return err
				}
				var jobs []river.InsertManyParams
				for _, n := range numbers {
					jobs = append(jobs, river.InsertManyParams{Args: itemJob{id, n}, InsertOpts: &river.InsertOpts{
						Queue: "batch_" + id, UniqueOpts: river.UniqueOpts{ByArgs: true, ByQueue: true},
					}})
				}
				_, err = client.InsertManyTx(ctx, tx.SQL(), jobs)
				return errors.Join(err, then)
			})
		}
		if err := client.Start(ctx); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		if err := start(undone); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		list, err := client.JobList(ctx, river.NewJobListParams())
		if err != nil || len(list.Jobs) > 0 {
			t.Errorf("jobs of a batch that didn't start: %d, %v", len(list.Jobs), err)
		}
		if err := start(nil); err != nil {
			t.Fatal(err)
		}
		waitUntilDone(t, s, id, items)
		if err := client.Stop(ctx); err != nil {
			t.Error(err)
		}
		if worker.finished.Load() != items || worker.snoozed.Load() != items/3 {
			t.Errorf("%d items finished and %d snoozed, want %d and %d", worker.finished.Load(), worker.snoozed.Load(), items, items/3)
		}
		if err := s.Tx(ctx, func(tx *store.Tx) error { return tx.EndBatch(ctx, id, store.BatchDone, time.Now()) }); err != nil {
			t.Error(err)
		}
	})
}

// fill makes a batch with n items.
func fill(t *testing.T, s *store.Store, id string, n int64) {
	t.Helper()
	if err := s.CreateBatch(t.Context(), store.Batch{ID: id, Tenant: "tenant", Author: "helga", Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := s.AddItem(t.Context(), id, i, "x.jpg", fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
		if err := s.MatchItem(t.Context(), id, store.Item{N: i, Person: directory.ID(fmt.Sprint("person ", i)), Ticked: true}); err != nil {
			t.Fatal(err)
		}
	}
}

func waitUntilDone(t *testing.T, s *store.Store, id string, items int64) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		counts, err := s.CountItems(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if counts.States[store.ItemDone] == items {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after a minute: %v", counts.States)
		}
	}
}
