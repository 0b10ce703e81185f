package store_test

import (
	"context"
	"testing"
	"time"

	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestBatchesSayThatTheDatabaseIsBusy calls everything about batches while the
// database doesn't answer in time: whoever waits hears that in a sentence, and
// when to come back.
func TestBatchesSayThatTheDatabaseIsBusy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		one, claim := func(_ any, err error) error { return err }, store.Claim{}
		direct := map[string]func() error{
			"Batch":          func() error { return one(d.Batch(late, home, d.id)) },
			"Batches":        func() error { return one(d.Batches(late, home, noon, 5)) },
			"BatchTable":     func() error { return one(d.BatchTable(late, d.id)) },
			"ClaimItem":      func() error { return one(d.ClaimItem(late, d.id, 0, store.Lease{Holder: "a", Until: noon}, noon)) },
			"CountItems":     func() error { return one(d.CountItems(late, d.id)) },
			"EditBatch":      func() error { return d.EditBatch(late, store.Batch{ID: d.id}, noon) },
			"ExpireItem":     func() error { return d.ExpireItem(late, store.Held{}, noon) },
			"Grant":          func() error { return one(d.Grant(late, d.id)) },
			"HeldItems":      func() error { return one(d.HeldItems(late, "a")) },
			"Item":           func() error { return one(d.Item(late, d.id, 0)) },
			"ItemNumbers":    func() error { return one(d.ItemNumbers(late, d.id)) },
			"ItemPicture":    func() error { return one(d.ItemPicture(late, d.id, 0, store.NewPicture)) },
			"Items":          func() error { return one(d.Items(late, d.id, 0, 5)) },
			"LeaseGrant":     func() error { return one(d.LeaseGrant(late, d.id, store.Lease{Holder: "a"}, noon)) },
			"PlanHash":       func() error { return one(d.PlanHash(late, home, d.id)) },
			"ReleaseGrant":   func() error { return d.ReleaseGrant(late, d.id, "a") },
			"RunningBatches": func() error { return one(d.RunningBatches(late)) },
			"SaveGrant":      func() error { return d.SaveGrant(late, d.id, "a", store.Grant{}) },
			"StaleBatches":   func() error { return one(d.StaleBatches(late, noon, 5)) },
		}
		inside := map[string]func(tx *store.Tx) error{
			"ApproveBatch": func(tx *store.Tx) error { return tx.ApproveBatch(late, home, d.id, "second", nil, noon) },
			"CountItems":   func(tx *store.Tx) error { return one(tx.CountItems(late, d.id)) },
			"CreateBatch":  func(tx *store.Tx) error { return tx.CreateBatch(late, store.Batch{ID: store.NewBatchID()}) },
			"DropGrant":    func(tx *store.Tx) error { return tx.DropGrant(late, d.id) },
			"EndBatch":     func(tx *store.Tx) error { return tx.EndBatch(late, d.id, store.BatchCancelled, noon) },
			"FinishItem": func(tx *store.Tx) error {
				return tx.FinishItem(late, d.id, claim, store.Outcome{State: store.ItemDone}, noon)
			},
			"HasGrant": func(tx *store.Tx) error { return one(tx.HasGrant(late, d.id)) },
			"MoveBatch": func(tx *store.Tx) error {
				return tx.MoveBatch(late, d.id, []store.BatchState{store.BatchOpen}, store.BatchWaiting, nil, noon)
			},
			"OpenItems":    func(tx *store.Tx) error { return one(tx.OpenItems(late, d.id)) },
			"PurgeBatches": func(tx *store.Tx) error { return one(tx.PurgeBatches(late, noon, 5, noon)) },
			"ReleaseItems": func(tx *store.Tx) error { return one(tx.ReleaseItems(late, "a", noon)) },
			"RetryItems":   func(tx *store.Tx) error { return one(tx.RetryItems(late, d.id)) },
			"RunningItems": func(tx *store.Tx) error { return one(tx.RunningItems(late, d.id)) },
			"SetGrant":     func(tx *store.Tx) error { return tx.SetGrant(late, d.id, store.Grant{}) },
			"StartBatch":   func(tx *store.Tx) error { return one(tx.StartBatch(late, home, d.id, false, noon)) },
		}
		check := func(name string, err error) {
			t.Helper()
			if f := fault.As(err); err == nil || f.Kind != fault.Busy || f.Say.ID != "store.busy" || f.RetryAfter == 0 {
				t.Errorf("%s: %v, want a fault that says the database is busy, and when to come back", name, err)
			}
		}
		for name, call := range direct {
			check(name, call())
		}
		for name, call := range inside {
			check(name+" in a transaction", d.in(call))
		}
	})
}
