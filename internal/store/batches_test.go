package store_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

const (
	home directory.ID = "tenant"
	desk directory.ID = "helga" // the author of batches
)

// desktop is a store with a batch in it.
type desktop struct {
	*store.Store
	t  *testing.T
	id string
}

// newBatch opens a database with a batch of n files, each for one person and
// ticked.
func newBatch(t *testing.T, db *storetest.Database, n int) desktop {
	t.Helper()
	d := desktop{db.Open(t), t, store.NewBatchID()}
	err := d.CreateBatch(t.Context(), store.Batch{ID: d.id, Tenant: home, Author: desk, Title: "Badge photos", Reason: "CHG-1", Created: noon, SpoolKey: []byte("spool key")})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(n) {
		d.must(d.AddItem(t.Context(), d.id, i, fmt.Sprintf("file-%d.jpg", i), fmt.Appendf(nil, "picture %d", i)))
		d.must(d.MatchItem(t.Context(), d.id, store.Item{
			N: i, Verdict: "matched", How: "upn", Sure: "exact", Person: directory.ID(fmt.Sprintf("person-%d", i)), Found: []byte(`{"name":"Ann"}`), Ticked: true,
		}))
	}
	return d
}

func (d desktop) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// in runs do in a transaction.
func (d desktop) in(do func(tx *store.Tx) error) error { return d.Tx(d.t.Context(), do) }

// move changes the batch's state.
func (d desktop) move(from, to store.BatchState) error {
	return d.in(func(tx *store.Tx) error {
		return tx.MoveBatch(d.t.Context(), d.id, []store.BatchState{from}, to, []byte("why"), noon)
	})
}

// start lets the batch run and returns what is to be worked.
func (d desktop) start(needsApproval bool) (numbers []int64, err error) {
	err = d.in(func(tx *store.Tx) (err error) {
		numbers, err = tx.StartBatch(d.t.Context(), home, d.id, needsApproval, noon)
		return err
	})
	return numbers, err
}

func (d desktop) end(to store.BatchState) error {
	return d.in(func(tx *store.Tx) error { return tx.EndBatch(d.t.Context(), d.id, to, noon) })
}

// claim claims item n at now for a minute.
func (d desktop) claim(n int64, holder string, now time.Time) (store.Claim, error) {
	return d.ClaimItem(d.t.Context(), d.id, n, store.Lease{Holder: holder, Until: now.Add(time.Minute)}, now)
}

func (d desktop) finish(c store.Claim, state store.ItemState) error {
	return d.in(func(tx *store.Tx) error {
		return tx.FinishItem(d.t.Context(), d.id, c, store.Outcome{State: state, Result: []byte("said"), NewHash: []byte("new")}, noon)
	})
}

func TestBatchIsReadBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 0)
		want := store.Batch{ID: d.id, Tenant: home, Author: desk, State: store.BatchOpen, Title: "Badge photos", Reason: "CHG-1", SpoolKey: []byte("spool key"), ApprovedPlan: []byte{}, Created: noon, Changed: noon}
		got, err := d.Batch(t.Context(), home, d.id)
		d.must(err)
		same := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		nothing := cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) }) // nil or empty
		if diff := cmp.Diff(want, got, same, nothing); diff != "" {
			t.Error(diff)
		}
		want.Title, want.Reason, want.OnlyMissing, want.DryRun, want.SpoolKey = "Other", "CHG-2", true, true, nil
		d.must(d.EditBatch(t.Context(), want, noon.Add(time.Second)))
		got, err = d.Batch(t.Context(), home, d.id)
		want.Changed = noon.Add(time.Second)
		if diff := cmp.Diff(want, got, same, nothing); diff != "" || err != nil {
			t.Error(err, diff)
		}
		if _, err := d.Batch(t.Context(), "other tenant", d.id); !errors.Is(err, store.ErrNone) {
			t.Errorf("another tenant's: %v", err)
		}
		if _, err := d.Batch(t.Context(), home, "none"); !errors.Is(err, store.ErrNone) {
			t.Errorf("none: %v", err)
		}
		d.must(d.CreateBatch(t.Context(), store.Batch{ID: "later", Tenant: home, Author: desk, Created: noon.Add(time.Hour)}))
		d.must(d.CreateBatch(t.Context(), store.Batch{ID: "elsewhere", Tenant: "other", Author: desk, Created: noon}))
		for before, want := range map[time.Time]string{noon.Add(2 * time.Hour): "later " + d.id, noon.Add(time.Hour): d.id, noon: ""} {
			all, err := d.Batches(t.Context(), home, before, 10)
			d.must(err)
			var ids []string
			for _, b := range all {
				ids = append(ids, b.ID)
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("before %v: %q, want %q", before, got, want)
			}
		}
	})
}

func TestUploadGoesOnWhereItStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 0)
		for _, tt := range []struct {
			sentence string
			n        int64
			picture  string
			want     error
			there    []int64
		}{
			{"the first", 0, "a", nil, []int64{0}},
			{"another, out of order", 7, "b", nil, []int64{0, 7}},
			{"the first again", 0, "a", nil, []int64{0, 7}},
			{"another picture under its number", 0, "c", store.ErrConflict, []int64{0, 7}},
			{"one in between", 3, "d", nil, []int64{0, 3, 7}},
		} {
			if err := d.AddItem(t.Context(), d.id, tt.n, "name of it", []byte(tt.picture)); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.sentence, err, tt.want)
			}
			if there, err := d.ItemNumbers(t.Context(), d.id); !slices.Equal(there, tt.there) || err != nil {
				t.Errorf("%s: there are %v, %v; want %v", tt.sentence, there, err, tt.there)
			}
		}
		if picture, err := d.ItemPicture(t.Context(), d.id, 0, store.NewPicture); string(picture) != "a" || err != nil {
			t.Errorf("picture %q, %v", picture, err)
		}
		if _, err := d.ItemPicture(t.Context(), d.id, 0, store.OldPicture); !errors.Is(err, store.ErrNone) {
			t.Errorf("a photo that was there: %v", err)
		}
		it, err := d.Item(t.Context(), d.id, 7)
		d.must(err)
		sum := sha256.Sum256([]byte("b"))
		if it.Name != "name of it" || !bytes.Equal(it.Hash, sum[:]) || it.State != store.ItemOpen || it.Ticked || it.Person != "" {
			t.Errorf("%+v", it)
		}
		if _, err := d.Item(t.Context(), d.id, 1); !errors.Is(err, store.ErrNone) {
			t.Errorf("none: %v", err)
		}
		if err := d.AddItem(t.Context(), "no batch", 0, "x", nil); !errors.Is(err, store.ErrConflict) {
			t.Errorf("no batch: %v", err)
		}
	})
}

func TestItemsAreCorrectedByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 3)
		d.must(d.MatchItem(t.Context(), d.id, store.Item{N: 1, Verdict: "matched", How: "hand", Sure: "exact", Person: "ben", Found: []byte("Ben")}))
		d.must(d.CropItem(t.Context(), d.id, 1, "1 2 3 90"))
		d.must(d.TickItem(t.Context(), d.id, 2, false))
		all, err := d.Items(t.Context(), d.id, -1, 10)
		d.must(err)
		var got []string
		for _, it := range all {
			got = append(got, fmt.Sprintf("%d %s %s %s %s %q %v", it.N, it.Person, it.How, it.Found, it.Name, it.Crop, it.Ticked))
		}
		want := []string{
			`0 person-0 upn {"name":"Ann"} file-0.jpg "" true`,
			`1 ben hand Ben file-1.jpg "1 2 3 90" false`,
			`2 person-2 upn {"name":"Ann"} file-2.jpg "" false`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if page, err := d.Items(t.Context(), d.id, 0, 1); err != nil || len(page) != 1 || page[0].N != 1 {
			t.Errorf("the page after 0: %v, %v", page, err)
		}
		if err := d.CropItem(t.Context(), d.id, 9, ""); !errors.Is(err, store.ErrConflict) {
			t.Errorf("an item that isn't there: %v", err)
		}
		if err := d.MatchItems(t.Context(), d.id, []store.Item{{N: 0, Person: "x"}, {N: 9}}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("one of them isn't there: %v", err)
		}
		if it, err := d.Item(t.Context(), d.id, 0); err != nil || it.Person != "person-0" {
			t.Errorf("half of them was written: %s, %v", it.Person, err)
		}
	})
}

func TestDatabaseAloneTellsNothingOfABatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		d := newBatch(t, db, 1)
		if _, err := d.start(false); err != nil {
			t.Fatal(err)
		}
		d.must(d.in(func(tx *store.Tx) error {
			return tx.SetGrant(t.Context(), d.id, store.Grant{Person: desk, Data: []byte("refresh token"), Proof: noon})
		}))
		c, err := d.claim(0, "a", noon)
		d.must(err)
		d.must(d.KeepOld(t.Context(), d.id, c, store.Old{Had: store.HadPhoto, Hash: []byte("h"), Picture: []byte("old photo")}))
		d.must(d.finish(c, store.ItemDone))
		dump := db.Dump(t, "batches", "batch_items", "batch_pictures", "batch_grants")
		for _, secret := range []string{"Badge photos", "CHG-1", "spool key", "file-0", "picture 0", "Ann", "said", "old photo", "refresh token"} {
			if bytes.Contains(dump, []byte(secret)) {
				t.Errorf("%q can be read", secret)
			}
		}
		// A row moved to another item doesn't open there.
		if _, err := db.SQL(t).ExecContext(t.Context(), `UPDATE batch_pictures SET n = 1 WHERE kind = 'old'`); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ItemPicture(t.Context(), d.id, 1, store.OldPicture); !errors.Is(err, store.ErrSealed) {
			t.Errorf("moved: %v, want ErrSealed", err)
		}
	})
}
