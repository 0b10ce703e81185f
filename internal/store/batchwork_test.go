package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestApprovalIsForTheExactPlan(t *testing.T) {
	changes := []struct {
		sentence string
		change   func(d desktop) error
		starts   bool
	}{
		{"nothing is changed", func(desktop) error { return nil }, true},
		{"the title, which does nothing", func(d desktop) error {
			return d.EditBatch(d.t.Context(), store.Batch{ID: d.id, Title: "Other", Reason: "CHG-1"}, noon)
		}, true},
		{"one that isn't ticked is cropped otherwise", func(d desktop) error { return d.CropItem(d.t.Context(), d.id, 2, "1 1 1 0") }, true},
		{"one is cropped otherwise", func(d desktop) error { return d.CropItem(d.t.Context(), d.id, 1, "1 1 1 0") }, false},
		{"one is for somebody else", func(d desktop) error {
			return d.MatchItem(d.t.Context(), d.id, store.Item{N: 1, Person: "boss", Ticked: true})
		}, false},
		{"one is unticked", func(d desktop) error { return d.TickItem(d.t.Context(), d.id, 1, false) }, false},
		{"one is ticked", func(d desktop) error { return d.TickItem(d.t.Context(), d.id, 2, true) }, false},
		{"one more is dropped and ticked", func(d desktop) error {
			return errors.Join(d.AddItem(d.t.Context(), d.id, 9, "x", []byte("x")), d.MatchItem(d.t.Context(), d.id, store.Item{N: 9, Person: "x", Ticked: true}))
		}, false},
		{"the reason", func(d desktop) error {
			return d.EditBatch(d.t.Context(), store.Batch{ID: d.id, Reason: "CHG-2"}, noon)
		}, false},
		{"it isn't a dry run any more", func(d desktop) error {
			return d.EditBatch(d.t.Context(), store.Batch{ID: d.id, Reason: "CHG-1", DryRun: true}, noon)
		}, false},
		{"people with a photo are skipped", func(d desktop) error {
			return d.EditBatch(d.t.Context(), store.Batch{ID: d.id, Reason: "CHG-1", OnlyMissing: true}, noon)
		}, false},
		{"it is changed and changed back", func(d desktop) error {
			return errors.Join(d.TickItem(d.t.Context(), d.id, 1, false), d.TickItem(d.t.Context(), d.id, 1, true))
		}, true},
	}
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		for _, tt := range changes {
			d := newBatch(t, db, 3)
			d.must(d.TickItem(t.Context(), d.id, 2, false))
			d.must(d.move(store.BatchOpen, store.BatchWaiting))
			plan, err := d.PlanHash(t.Context(), home, d.id)
			d.must(err)
			d.must(d.ApproveBatch(t.Context(), home, d.id, "second", plan, noon))
			d.must(tt.change(d))
			numbers, err := d.start(true)
			if tt.starts && (err != nil || !slices.Equal(numbers, []int64{0, 1})) || !tt.starts && !errors.Is(err, store.ErrUnapproved) {
				t.Errorf("%s: starts: %v, %v; want %v", tt.sentence, numbers, err, tt.starts)
			}
		}
	})
}

func TestWhoMayApprove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		plan, err := d.PlanHash(t.Context(), home, d.id)
		d.must(err)
		approve := func(by directory.ID, plan []byte) error {
			return d.ApproveBatch(t.Context(), home, d.id, by, plan, noon)
		}
		if err := approve("second", plan); !errors.Is(err, store.ErrConflict) {
			t.Errorf("before it waits: %v", err)
		}
		d.must(d.move(store.BatchOpen, store.BatchWaiting))
		for _, tt := range []struct {
			sentence string
			by       directory.ID
			plan     []byte
			want     error
		}{
			{"the author", desk, plan, store.ErrOwnPlan},
			{"nobody", "", plan, store.ErrOwnPlan},
			{"somebody who was shown another plan", "second", bytes.Repeat([]byte{1}, 32), store.ErrConflict},
			{"somebody who was shown none", "second", nil, store.ErrConflict},
			{"somebody else", "second", plan, nil},
		} {
			if err := approve(tt.by, tt.plan); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.sentence, err, tt.want)
			}
			if _, err := d.start(true); tt.want != nil && !errors.Is(err, store.ErrUnapproved) {
				t.Errorf("%s: starts without approval: %v", tt.sentence, err)
			}
		}
		b, err := d.Batch(t.Context(), home, d.id)
		if err != nil || b.Approver != "second" || !bytes.Equal(b.ApprovedPlan, plan) {
			t.Errorf("%+v, %v", b, err)
		}
		if err := d.ApproveBatch(t.Context(), "other", d.id, "second", plan, noon); !errors.Is(err, store.ErrNone) {
			t.Errorf("in another tenant: %v", err)
		}
		if _, err := d.PlanHash(t.Context(), "other", d.id); !errors.Is(err, store.ErrNone) {
			t.Errorf("in another tenant: %v", err)
		}
	})
}

func TestPlansThatCannotStart(t *testing.T) {
	changes := []struct {
		sentence string
		change   func(d desktop) error
		want     error
	}{
		{"nothing is ticked", func(d desktop) error {
			return errors.Join(d.TickItem(d.t.Context(), d.id, 0, false), d.TickItem(d.t.Context(), d.id, 1, false))
		}, store.ErrBadPlan},
		{"two for one person", func(d desktop) error {
			return d.MatchItem(d.t.Context(), d.id, store.Item{N: 1, Person: "person-0", Ticked: true})
		}, store.ErrBadPlan},
		{"one for nobody", func(d desktop) error { return d.MatchItem(d.t.Context(), d.id, store.Item{N: 1, Ticked: true}) }, store.ErrBadPlan},
		{"it runs already", func(d desktop) error { _, err := d.start(false); return err }, store.ErrConflict},
		{"it was cancelled", func(d desktop) error { return d.end(store.BatchCancelled) }, store.ErrConflict},
	}
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		for _, tt := range changes {
			d := newBatch(t, db, 2)
			d.must(tt.change(d))
			if _, err := d.start(false); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.sentence, err, tt.want)
			}
		}
	})
}

func TestNothingIsChangedOnceABatchRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"edit":  d.EditBatch(t.Context(), store.Batch{ID: d.id, Reason: "other"}, noon),
			"add":   d.AddItem(t.Context(), d.id, 5, "x", []byte("x")),
			"match": d.MatchItem(t.Context(), d.id, store.Item{N: 0, Person: "boss", Ticked: true}),
			"crop":  d.CropItem(t.Context(), d.id, 0, "1 1 1 0"),
			"tick":  d.TickItem(t.Context(), d.id, 0, false),
		} {
			if !errors.Is(err, store.ErrConflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestFrozenReplicaConfirmsNothing plays a replica that claims an item, stands
// still for longer than its lease, and goes on when another has done the item.
func TestFrozenReplicaConfirmsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		if _, err := d.claim(0, "early", noon); !errors.Is(err, store.ErrConflict) {
			t.Errorf("claimed before the batch runs: %v", err)
		}
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		first, err := d.claim(0, "first", noon)
		d.must(err)
		if _, err := d.claim(0, "second", noon.Add(time.Minute-time.Millisecond)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("claimed while the lease lasts: %v", err)
		}
		d.must(d.KeepOld(t.Context(), d.id, first, store.Old{Had: store.HadPhoto, Hash: []byte("h0"), Picture: []byte("old")}))
		second, err := d.claim(0, "second", noon.Add(time.Minute))
		d.must(err)
		if second.Item.Tries != 2 || second.Item.Had != store.HadPhoto || string(second.Item.OldHash) != "h0" {
			t.Errorf("the second one doesn't know of the first: %+v", second.Item)
		}
		// By now the photo that is there may be the first one's.
		d.must(d.KeepOld(t.Context(), d.id, second, store.Old{Had: store.HadPhoto, Hash: []byte("h1"), Picture: []byte("ours")}))
		if old, err := d.ItemPicture(t.Context(), d.id, 0, store.OldPicture); string(old) != "old" || err != nil {
			t.Errorf("kept %q, %v; want the one before the first try", old, err)
		}
		if err := d.KeepOld(t.Context(), d.id, first, store.Old{Had: store.HadNone}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the first one keeps: %v", err)
		}
		if err := d.finish(first, store.ItemDone); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the first one confirms while the second works: %v", err)
		}
		d.must(d.finish(second, store.ItemDone))
		for who, c := range map[string]store.Claim{"first": first, "second": second} {
			if err := d.finish(c, store.ItemFailed); !errors.Is(err, store.ErrConflict) {
				t.Errorf("the %s one confirms after the end: %v", who, err)
			}
		}
		it, err := d.Item(t.Context(), d.id, 0)
		if err != nil || it.State != store.ItemDone || string(it.Result) != "said" || string(it.NewHash) != "new" || !it.Ended.Equal(noon) {
			t.Errorf("%+v, %v", it, err)
		}
		if _, err := d.claim(0, "third", noon.Add(time.Hour)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("claimed after the end: %v", err)
		}
	})
}

func TestOneOfManyGetsAnItem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		other := desktop{db.Open(t), t, d.id}
		var got atomic.Int32
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				_, err := []desktop{d, other}[i%2].claim(0, fmt.Sprint(i), noon)
				if err == nil {
					got.Add(1)
				} else if !errors.Is(err, store.ErrConflict) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got.Load() != 1 {
			t.Errorf("%d have it", got.Load())
		}
	})
}

func TestFailedItemsAreTriedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 4)
		d.must(d.TickItem(t.Context(), d.id, 3, false))
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		for n, state := range []store.ItemState{store.ItemDone, store.ItemFailed, store.ItemOpen} {
			c, err := d.claim(int64(n), "a", noon)
			d.must(err)
			d.must(d.finish(c, state))
		}
		counts, err := d.CountItems(t.Context(), d.id)
		want := store.BatchCounts{
			Total: 4, Ticked: 3, Unticked: 1, Verdicts: map[string]int64{"matched": 4},
			States: map[store.ItemState]int64{store.ItemDone: 1, store.ItemFailed: 1, store.ItemOpen: 1, store.ItemLeft: 1},
		}
		if diff := cmp.Diff(want, counts); diff != "" || err != nil {
			t.Error(err, diff)
		}
		if err := d.end(store.BatchDone); !errors.Is(err, store.ErrConflict) {
			t.Errorf("done with an open item: %v", err)
		}
		var again, open []int64
		d.must(d.in(func(tx *store.Tx) (err error) {
			again, err = tx.RetryItems(t.Context(), d.id)
			return err
		}))
		d.must(d.in(func(tx *store.Tx) (err error) {
			open, err = tx.OpenItems(t.Context(), d.id)
			return err
		}))
		if !slices.Equal(again, []int64{1}) || !slices.Equal(open, []int64{1, 2}) {
			t.Errorf("again %v, open %v", again, open)
		}
	})
}
