package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestADroppedClaimIsTakenBack holds that a claim that its process doesn't work at
// any more can be ended before its time, and that one made since then stays.
func TestADroppedClaimIsTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 3)
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		lease := store.Lease{Holder: "a", Until: noon.Add(time.Minute)}
		for n, holder := range []string{"a", "a", "b"} {
			lease.Holder = holder
			if _, err := d.ClaimItem(t.Context(), d.id, int64(n), lease, noon); err != nil {
				t.Fatal(err)
			}
		}
		held, err := d.HeldItems(t.Context(), "a")
		if err != nil || len(held) != 2 {
			t.Fatalf("a holds %v, %v", held, err)
		}
		// Item 1 runs out and is claimed by somebody else after it was read.
		lease.Holder, lease.Until = "b", noon.Add(time.Hour)
		if _, err := d.ClaimItem(t.Context(), d.id, 1, lease, noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for _, h := range held {
			d.must(d.ExpireItem(t.Context(), h, noon))
		}
		var released []store.ItemRef
		d.must(d.Tx(t.Context(), func(tx *store.Tx) (err error) {
			released, err = tx.ReleaseItems(t.Context(), "", noon)
			return err
		}))
		if diff := cmp.Diff([]store.ItemRef{{Batch: d.id, N: 0}}, released); diff != "" {
			t.Errorf("released, -want +got:\n%s", diff)
		}
	})
}
