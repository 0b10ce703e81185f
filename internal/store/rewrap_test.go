package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// sealedTables are the tables that the source of the package seals something in,
// read from the places that it names.
func sealedTables(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix([]byte(name), []byte("_test.go")) {
			for _, m := range regexp.MustCompile(`Place\{Table: "(\w+)"`).FindAllSubmatch(source, -1) {
				tables = append(tables, string(m[1]))
			}
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// fillAll writes at least one row into every table that seals something.
func fillAll(t *testing.T, s *store.Store) (past store.Past, batch string) {
	t.Helper()
	photo := directory.PhotoKey{Tenant: home, Kind: directory.KindUser, Owner: "ann"}
	d := desktop{s, t, store.NewBatchID()}
	d.must(s.CreateSession(t.Context(), secretOf(1), store.Session{Tenant: home, Person: "ann", Created: noon, Data: []byte("tokens")}))
	d.must(s.CreateFlow(t.Context(), "state", secretOf(2), store.Flow{Created: noon, Data: []byte("nonce")}))
	d.must(s.CreateBatch(t.Context(), store.Batch{ID: d.id, Tenant: home, Author: desk, Title: "Badges", Reason: "CHG-1", Created: noon, SpoolKey: []byte("spool")}))
	d.must(s.BeginScan(t.Context(), home, noon))
	scan, err := s.ClaimScan(t.Context(), home, store.Lease{Holder: "x", Until: noon.Add(time.Hour)}, noon)
	d.must(err)
	_, err = s.AddScanned(t.Context(), scan, []store.Scanned{{Person: "ann", Department: "Operations", Side: 96}}, "next page", noon.Add(time.Hour), noon)
	d.must(err)
	d.must(s.AddItem(t.Context(), d.id, 7, "ann.jpg", []byte("new picture")))
	d.must(s.MatchItem(t.Context(), d.id, store.Item{N: 7, Verdict: "matched", Person: "ann", Found: []byte("Ann"), Ticked: true}))
	d.must(d.in(func(tx *store.Tx) error {
		d.must(tx.CreateExport(t.Context(), store.Export{
			ID: "export", Tenant: home, Author: desk, Reason: "badges", Whose: []byte("everybody"), People: 1, Part: 1, Plan: []byte("p"), Created: noon, Until: noon.Add(time.Hour),
		}, []directory.ID{"ann"}))
		d.must(tx.SetGrant(t.Context(), d.id, store.Grant{Person: desk, Data: []byte("refresh token"), Proof: noon}))
		_, err := tx.AddDraft(t.Context(), store.Draft{
			ID: bytes.Repeat([]byte{3}, 32), Tenant: home, Person: "ann", Photo: photo, Act: "set", State: "draft",
			Input: []byte("in"), Picture: []byte("draft picture"), Details: []byte("details"), Created: noon, Updated: noon,
		})
		d.must(err)
		past = store.Past{Photo: photo, Person: "ann", ETag: "e", Picture: []byte("old picture"), Replaced: noon}
		past.ID, _, err = tx.AddPast(t.Context(), past)
		d.must(err)
		seq, _, err := tx.NextAudit(t.Context())
		d.must(err)
		return tx.AddAudit(t.Context(), store.AuditRow{Seq: seq, At: noon, Photo: photo, SideHash: []byte("h"), MAC: []byte("mac")}, store.AuditSide{Salt: []byte("salt"), Data: []byte("Ann, CHG-1")})
	}))
	return past, d.id
}

// TestSecurityRewrapLeavesNothingWithTheOldKey changes keys with a row in every
// table that seals something, and takes the old key away.
func TestSecurityRewrapLeavesNothingWithTheOldKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		older, newer := storetest.Key(), storetest.Key()
		past, batch := fillAll(t, db.OpenWith(t, storetest.Ring(t, older)))
		marked := func() (tables []string) {
			probe, err := storetest.Ring(t, older).Seal(store.Place{}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range sealedTables(t) {
				if bytes.Contains(db.Dump(t, table), probe[:8]) { // the key's id
					tables = append(tables, table)
				}
			}
			return tables
		}
		if got, want := marked(), sealedTables(t); !slices.Equal(got, want) || len(want) < 12 {
			t.Fatalf("the old key is in %v, want it in all of %v: fill the others too", got, want)
		}
		both := db.OpenWith(t, storetest.Ring(t, newer, older))
		done, err := both.Rewrap(t.Context())
		if want := (store.Rewrapped{Anew: 17, Cookie: 2}); err != nil || done != want {
			t.Errorf("did %+v, %v; want %+v", done, err, want)
		}
		if again, err := both.Rewrap(t.Context()); err != nil || again != (store.Rewrapped{Cookie: 2}) {
			t.Errorf("a second time did %+v, %v", again, err)
		}
		if got := marked(); !slices.Equal(got, []string{"flows", "sessions"}) {
			t.Errorf("the old key is still in %v, want it where a cookie is needed too and nowhere else", got)
		}
		readAll(t, db.OpenWith(t, storetest.Ring(t, newer)), past, batch)
		if lost, err := db.OpenWith(t, storetest.Ring(t, storetest.Key())).Rewrap(t.Context()); err != nil || lost.Anew != 0 || lost.Closed != 17 {
			t.Errorf("with keys of somebody else's: %+v, %v; want it said that 17 can't be opened", lost, err)
		}
	})
}

// readAll reads back what fillAll wrote.
func readAll(t *testing.T, s *store.Store, past store.Past, batch string) {
	t.Helper()
	ctx := t.Context()
	read := func(what, want string, got []byte, err error) {
		t.Helper()
		if err != nil || string(got) != want {
			t.Errorf("%s is %q, %v; want %q", what, got, err, want)
		}
	}
	draft, err := s.Draft(ctx, bytes.Repeat([]byte{3}, 32))
	read("the draft's picture", "draft picture", draft.Picture, err)
	read("the draft's details", "details", draft.Details, err)
	old, err := s.Past(ctx, past.Photo, past.ID)
	read("the earlier photo", "old picture", old.Picture, err)
	b, err := s.Batch(ctx, home, batch)
	read("the batch's title", "Badges", []byte(b.Title), err)
	read("the key of its zip", "spool", b.SpoolKey, err)
	it, err := s.Item(ctx, batch, 7)
	read("the file's name", "ann.jpg", []byte(it.Name), err)
	read("whose it is", "Ann", it.Found, err)
	picture, err := s.ItemPicture(ctx, batch, 7, store.NewPicture)
	read("the item's picture", "new picture", picture, err)
	scan, err := s.RunningScan(ctx, home)
	read("where the count goes on", "next page", []byte(scan.Next), err)
	export, err := s.Export(ctx, home, "export")
	read("what an export is for", "badges", []byte(export.Reason), err)
	read("whom it is about", "everybody", export.Whose, err)
	grant, err := s.Grant(ctx, batch)
	read("the grant", "refresh token", grant.Data, err)
	err = s.ViewAudit(ctx, func(v *store.AuditView) error {
		return v.Oldest(ctx, store.AuditFilter{}, func(r store.AuditRecord) error {
			read("what stands beside the audit log", "Ann, CHG-1", r.Side.Data, r.SideErr)
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// TestRewrapTakesNothingBack lets somebody renew a grant while everything is
// sealed anew: the newest must stay.
func TestRewrapTakesNothingBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		older, newer := storetest.Key(), storetest.Key()
		before := db.OpenWith(t, storetest.Ring(t, older))
		_, batch := fillAll(t, before)
		both := db.OpenWith(t, storetest.Ring(t, newer, older))
		var renewing sync.WaitGroup
		stop, last := make(chan struct{}), ""
		renewing.Go(func() {
			for i := byte(0); ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				text := string([]byte{'t', 'a' + i%26})
				err := before.Tx(context.WithoutCancel(t.Context()), func(tx *store.Tx) error { // as a replica without the new key does
					return tx.SetGrant(context.WithoutCancel(t.Context()), batch, store.Grant{Person: desk, Data: []byte(text), Proof: noon})
				})
				if err != nil {
					t.Error(err)
					return
				}
				last = text
				time.Sleep(time.Millisecond)
			}
		})
		for range 20 {
			if _, err := both.Rewrap(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		close(stop)
		renewing.Wait()
		if g, err := both.Grant(t.Context(), batch); err != nil || string(g.Data) != last {
			t.Errorf("the grant is %q, %v; want the newest, %q", g.Data, err, last)
		}
	})
}
