package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestPicturesGoWhenABatchEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 2)
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		d.must(d.in(func(tx *store.Tx) error {
			return tx.SetGrant(t.Context(), d.id, store.Grant{Person: desk, Data: []byte("token"), Proof: noon})
		}))
		c, err := d.claim(0, "a", noon)
		d.must(err)
		d.must(d.KeepOld(t.Context(), d.id, c, store.Old{Had: store.HadPhoto, Hash: []byte("h"), Picture: []byte("old")}))
		d.must(d.end(store.BatchCancelled))
		for kind, want := range map[store.PictureKind]error{store.NewPicture: store.ErrNone, store.OldPicture: nil} {
			if _, err := d.ItemPicture(t.Context(), d.id, 0, kind); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", kind, err, want)
			}
		}
		if _, err := d.Grant(t.Context(), d.id); !errors.Is(err, store.ErrNone) {
			t.Errorf("the grant: %v", err)
		}
		d.must(d.finish(c, store.ItemDone)) // what had begun is told as it ended
		counts, err := d.CountItems(t.Context(), d.id)
		if diff := cmp.Diff(map[store.ItemState]int64{store.ItemDone: 1, store.ItemLeft: 1}, counts.States); diff != "" || err != nil {
			t.Error(err, diff)
		}
		b, err := d.Batch(t.Context(), home, d.id)
		if err != nil || b.State != store.BatchCancelled || len(b.SpoolKey) > 0 || !b.Ended.Equal(noon) || !b.Started.Equal(noon) {
			t.Errorf("%+v, %v", b, err)
		}
		for _, to := range []store.BatchState{store.BatchDone, store.BatchCancelled} {
			if err := d.end(to); !errors.Is(err, store.ErrConflict) {
				t.Errorf("ended again as %s: %v", to, err)
			}
		}
		if d.end(store.BatchPaused) == nil || d.move(store.BatchRunning, store.BatchDone) == nil {
			t.Error("ended in a way that leaves the pictures")
		}
		if err := d.move(store.BatchPaused, store.BatchRunning); !errors.Is(err, store.ErrConflict) {
			t.Errorf("runs after the end: %v", err)
		}
		if err := d.in(func(tx *store.Tx) error { _, err := tx.RetryItems(t.Context(), d.id); return err }); !errors.Is(err, store.ErrConflict) {
			t.Errorf("tried again after the end: %v", err)
		}
	})
}

func TestPurgeLeavesEvidence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 3)
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		c, err := d.claim(1, "a", noon)
		d.must(err)
		d.must(d.KeepOld(t.Context(), d.id, c, store.Old{Had: store.HadPhoto, Picture: []byte("old")}))
		purge := func(endedBefore time.Time) (all []store.Purged) {
			t.Helper()
			d.must(d.in(func(tx *store.Tx) (err error) {
				all, err = tx.PurgeBatches(t.Context(), endedBefore, 10, noon.Add(time.Hour))
				return err
			}))
			return all
		}
		if got := purge(noon.Add(time.Hour)); len(got) > 0 {
			t.Errorf("a running batch was purged: %v", got)
		}
		d.must(d.end(store.BatchCancelled))
		if got := purge(noon.Add(-time.Millisecond)); len(got) > 0 {
			t.Errorf("purged too early: %v", got)
		}
		if diff := cmp.Diff([]store.Purged{{Batch: d.id, Items: 3, Pictures: 1}}, purge(noon)); diff != "" {
			t.Error(diff)
		}
		if got := purge(noon); len(got) > 0 {
			t.Errorf("purged twice: %v", got)
		}
		b, err := d.Batch(t.Context(), home, d.id)
		if err != nil || !b.Purged.Equal(noon.Add(time.Hour)) || b.PurgedItems != 3 {
			t.Errorf("%+v, %v", b, err)
		}
		if left, err := d.ItemNumbers(t.Context(), d.id); len(left) > 0 || err != nil {
			t.Errorf("left %v, %v", left, err)
		}
	})
}

func TestForgottenBatches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		if stale, err := d.StaleBatches(t.Context(), noon.Add(-time.Millisecond), 10); len(stale) > 0 || err != nil {
			t.Errorf("%v, %v", stale, err)
		}
		if stale, err := d.StaleBatches(t.Context(), noon, 10); !slices.Equal(stale, []string{d.id}) || err != nil {
			t.Errorf("%v, %v", stale, err)
		}
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		if stale, err := d.StaleBatches(t.Context(), noon, 10); len(stale) > 0 || err != nil {
			t.Errorf("running: %v, %v", stale, err)
		}
	})
}

func TestGrantIsRenewedByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 0)
		set := func(person, data string) {
			t.Helper()
			d.must(d.in(func(tx *store.Tx) error {
				return tx.SetGrant(t.Context(), d.id, store.Grant{Person: desk, Data: []byte(data), Proof: noon})
			}))
		}
		set("helga", "one")
		lease := func(holder string, now time.Time) bool {
			t.Helper()
			ok, err := d.LeaseGrant(t.Context(), d.id, store.Lease{Holder: holder, Until: now.Add(time.Minute)}, now)
			d.must(err)
			return ok
		}
		if !lease("first", noon) || lease("second", noon) {
			t.Error("not one of two has the lease")
		}
		g, err := d.Grant(t.Context(), d.id)
		if err != nil || string(g.Data) != "one" || g.Version != 1 || g.Person != desk || !g.Proof.Equal(noon) {
			t.Errorf("%+v, %v", g, err)
		}
		if !lease("second", noon.Add(time.Minute)) {
			t.Error("the lease doesn't run out")
		}
		g.Data, g.Proof = []byte("two"), noon.Add(time.Minute)
		if err := d.SaveGrant(t.Context(), d.id, "first", g); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the first one saves after its lease: %v", err)
		}
		d.must(d.SaveGrant(t.Context(), d.id, "second", g))
		if err := d.SaveGrant(t.Context(), d.id, "second", g); !errors.Is(err, store.ErrConflict) {
			t.Errorf("saved twice: %v", err)
		}
		if !lease("third", noon.Add(time.Minute)) {
			t.Error("saving doesn't give the lease back")
		}
		set("helga", "three") // somebody pressed Resume
		g, err = d.Grant(t.Context(), d.id)
		if err != nil || string(g.Data) != "three" || g.Version != 3 {
			t.Errorf("%+v, %v", g, err)
		}
		if !lease("fourth", noon) {
			t.Error("a new grant is leased by who had the old one")
		}
		d.must(d.ReleaseGrant(t.Context(), d.id, "third")) // not its own
		if lease("fifth", noon) {
			t.Error("somebody else's lease was given back")
		}
		d.must(d.ReleaseGrant(t.Context(), d.id, "fourth"))
		if !lease("fifth", noon) {
			t.Error("the lease wasn't given back")
		}
	})
}
