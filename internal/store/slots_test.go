package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestTheGateIsThereFromTheStart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		got, err := db.Open(t).Slots(t.Context())
		never := time.UnixMilli(0)
		want := store.SlotTable{Gate: store.Gate{Limit: 4, Lowered: never, Closed: never, Slow: never}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func TestSlotsAreWrittenAsTheyWereChanged(t *testing.T) {
	slot := func(n int, holder, photo string) store.Slot {
		return store.Slot{N: n, Holder: holder, Turn: 7, Until: noon, Batch: n%2 == 0, Photo: photo}
	}
	gate := store.Gate{Limit: 9, Ceiling: 8, Credit: 3, Lowered: noon, Closed: noon.Add(time.Second), Slow: noon.Add(time.Minute)}
	a := store.SlotWaiting{Holder: "a", People: 2, Batches: 5, Since: noon, Until: noon.Add(time.Second)}
	b := store.SlotWaiting{Holder: "b", People: 1, Since: noon, Until: noon.Add(time.Second)}
	less := a
	less.People = 1
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		one, other := db.Open(t), db.Open(t)
		for _, tt := range []struct {
			sentence string
			want     store.SlotTable
		}{
			{"taken", store.SlotTable{Gate: gate, Slots: []store.Slot{slot(1, "a", "x"), slot(2, "a", "")}, Waiting: []store.SlotWaiting{a, b}}},
			{"a photo moves to another slot", store.SlotTable{Gate: gate, Slots: []store.Slot{slot(1, "a", ""), slot(2, "b", "x")}, Waiting: []store.SlotWaiting{less}}},
			{"given back", store.SlotTable{Gate: gate, Slots: []store.Slot{slot(3, "b", "")}}},
		} {
			if err := one.ChangeSlots(t.Context(), func(t *store.SlotTable) { *t = tt.want }); err != nil {
				t.Fatalf("%s: %v", tt.sentence, err)
			}
			got, err := other.Slots(t.Context())
			got.Turn = 0
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v\n%s", tt.sentence, err, diff)
			}
		}
		twice := func(t *store.SlotTable) { t.Slots = []store.Slot{slot(1, "a", "x"), slot(2, "b", "x")} }
		if err := one.ChangeSlots(t.Context(), twice); err == nil {
			t.Error("two slots have the same photo")
		}
	})
}

func TestChangesOfSlotsHappenOneAfterTheOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		all := []*store.Store{db.Open(t), db.Open(t)}
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				for range 5 {
					if err := all[i%2].ChangeSlots(t.Context(), func(t *store.SlotTable) { t.Gate.Credit++ }); err != nil {
						t.Errorf("change: %v", err)
					}
				}
			})
		}
		wait.Wait()
		got, err := all[0].Slots(t.Context())
		if err != nil || got.Gate.Credit != 40 || got.Turn != 40 {
			t.Errorf("after 40 changes the gate counts %d, at turn %d, %v", got.Gate.Credit, got.Turn, err)
		}
		if err := all[1].ChangeSlots(t.Context(), func(*store.SlotTable) {}); err != nil {
			t.Errorf("no change: %v", err)
		}
		if got, _ := all[0].Slots(t.Context()); got.Turn != 40 { // its error shows as another turn
			t.Errorf("a change of nothing was written: turn %d", got.Turn)
		}
	})
}
