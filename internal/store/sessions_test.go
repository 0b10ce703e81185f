package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestSessionComesBackAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		want := store.Session{Tenant: "t", Person: "p", SID: "s", Created: noon, Data: []byte("tokens")}
		if err := s.CreateSession(t.Context(), secretOf(1), want); err != nil {
			t.Fatal(err)
		}
		want.Seen, want.Version = noon, 1
		got, err := s.Session(t.Context(), secretOf(1), forever)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if _, err := s.Session(t.Context(), secretOf(2), forever); !errors.Is(err, store.ErrNone) {
			t.Errorf("another secret: %v, want ErrNone", err)
		}
		if err := s.CreateSession(t.Context(), secretOf(1)[:16], want); err == nil {
			t.Error("a secret of 128 bits was taken")
		}
		if err := s.CreateSession(t.Context(), secretOf(1), want); err == nil {
			t.Error("the same secret was taken twice")
		}
	})
}

func TestSecuritySessionOutlivesNeitherLimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		if err := s.CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		session, err := s.Session(t.Context(), secretOf(1), forever)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.TouchSession(t.Context(), secretOf(1), session, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			sentence string
			alive    store.Alive
			lives    bool
		}{
			{"seen a millisecond after the limit", store.Alive{SeenAfter: noon.Add(time.Hour - time.Millisecond)}, true},
			{"seen at the limit", store.Alive{SeenAfter: noon.Add(time.Hour)}, false},
			{"created a millisecond after the limit", store.Alive{CreatedAfter: noon.Add(-time.Millisecond)}, true},
			{"created at the limit", store.Alive{CreatedAfter: noon}, false},
		} {
			_, err := s.Session(t.Context(), secretOf(1), tt.alive)
			if lives := err == nil; lives != tt.lives {
				t.Errorf("%s: %v, want it alive: %v", tt.sentence, err, tt.lives)
			}
			n, err := s.SweepSessions(t.Context(), store.Alive{SeenAfter: tt.alive.SeenAfter, CreatedAfter: time.Time{}})
			if err != nil {
				t.Fatal(err)
			}
			if n == 1 { // put it back for the next row
				if err := s.CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("x")}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestSweepTakesOnlyWhatIsOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for i, age := range []time.Duration{0, 20 * time.Minute, 40 * time.Minute, 13 * time.Hour} {
			if err := s.CreateSession(t.Context(), secretOf(byte(i)), store.Session{Created: noon.Add(-age), Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		alive := store.Alive{SeenAfter: noon.Add(-30 * time.Minute), CreatedAfter: noon.Add(-12 * time.Hour)}
		if n, err := s.SweepSessions(t.Context(), alive); n != 2 || err != nil {
			t.Errorf("swept %d, %v; want 2", n, err)
		}
		for i, want := range []bool{true, true, false, false} {
			if _, err := s.Session(t.Context(), secretOf(byte(i)), forever); (err == nil) != want {
				t.Errorf("session %d: %v, want it there: %v", i, err, want)
			}
		}
	})
}

func TestTouchWritesOnceAMinute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		if err := s.CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ after, seen time.Duration }{
			{59 * time.Second, 0},
			{60 * time.Second, 60 * time.Second},
			{100 * time.Second, 60 * time.Second},
			{121 * time.Second, 121 * time.Second},
		} {
			session, err := s.Session(t.Context(), secretOf(1), forever)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.TouchSession(t.Context(), secretOf(1), session, noon.Add(tt.after)); err != nil {
				t.Fatal(err)
			}
			if session, err = s.Session(t.Context(), secretOf(1), forever); err != nil || !session.Seen.Equal(noon.Add(tt.seen)) {
				t.Errorf("touched after %v: seen %v, %v; want %v", tt.after, session.Seen.Sub(noon), err, tt.seen)
			}
		}
	})
}

func TestLeaseGoesToOneAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		replicas := []*store.Store{db.Open(t), db.Open(t)}
		if err := replicas[0].CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		var got atomic.Int32
		var wait sync.WaitGroup
		for i := range 40 {
			wait.Go(func() {
				lease := store.Lease{Holder: fmt.Sprint(i), Until: noon.Add(30 * time.Second)}
				ok, err := replicas[i%2].LeaseSession(t.Context(), secretOf(1), lease, noon)
				if err != nil {
					t.Error(err)
				}
				if ok {
					got.Add(1)
				}
			})
		}
		wait.Wait()
		if got.Load() != 1 {
			t.Errorf("%d of 40 got the lease, want 1", got.Load())
		}
	})
}

func TestSaveNeedsTheLeaseAndTheVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		if err := s.CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("first")}); err != nil {
			t.Fatal(err)
		}
		lease := func(holder string, at time.Duration) bool {
			t.Helper()
			ok, err := s.LeaseSession(t.Context(), secretOf(1), store.Lease{Holder: holder, Until: noon.Add(at + 30*time.Second)}, noon.Add(at))
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		save := func(holder string, version int64, data string) error {
			return s.SaveSession(t.Context(), secretOf(1), holder, store.Session{Version: version, Data: []byte(data)})
		}
		if !lease("slow", 0) || lease("fast", 29*time.Second) {
			t.Fatal("want the lease for the first, and for nobody else while it lasts")
		}
		if err := save("", 1, "without a lease"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("saved without the lease: %v", err)
		}
		if !lease("fast", 30*time.Second) {
			t.Fatal("the lease has run out, but can't be taken")
		}
		if err := save("slow", 1, "too late"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("saved with a lease that was lost: %v", err)
		}
		if err := s.ReleaseSession(t.Context(), secretOf(1), "slow"); err != nil || lease("third", 31*time.Second) {
			t.Errorf("who lost the lease gave away another's: %v", err)
		}
		if err := save("fast", 1, "second"); err != nil {
			t.Errorf("the holder can't save: %v", err)
		}
		if err := save("", 1, "over something newer"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("saved over a newer version: %v", err)
		}
		if err := save("", 2, "third"); err != nil {
			t.Errorf("without any lease about: %v", err)
		}
		session, err := s.Session(t.Context(), secretOf(1), forever)
		if err != nil || string(session.Data) != "third" || session.Version != 3 {
			t.Errorf("holds %q, version %d, %v", session.Data, session.Version, err)
		}
		if !lease("fourth", 0) || s.ReleaseSession(t.Context(), secretOf(1), "fourth") != nil || !lease("fifth", 0) {
			t.Error("a lease that was given back can't be taken")
		}
	})
}

func TestSecurityEndSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for i, sid := range []string{"one", "one", "two", "", ""} {
			if err := s.CreateSession(t.Context(), secretOf(byte(i)), store.Session{SID: sid, Created: noon, Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.EndSessionsBySID(t.Context(), ""); n != 0 || err != nil {
			t.Errorf("an empty sid ended %d, %v", n, err)
		}
		if n, err := s.EndSessionsBySID(t.Context(), "one"); n != 2 || err != nil {
			t.Errorf("sid one ended %d, %v; want 2", n, err)
		}
		for range 2 { // the second time there is nothing to end
			if err := s.EndSession(t.Context(), secretOf(3)); err != nil {
				t.Error(err)
			}
		}
		for i, want := range []bool{false, false, true, false, true} {
			if _, err := s.Session(t.Context(), secretOf(byte(i)), forever); (err == nil) != want {
				t.Errorf("session %d: %v, want it there: %v", i, err, want)
			}
		}
	})
}

func TestSecuritySwappedRowsDoNotOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for i := range 2 {
			if err := s.CreateSession(t.Context(), secretOf(byte(i)), store.Session{Created: noon, Data: []byte("eyJ-secret")}); err != nil {
				t.Fatal(err)
			}
		}
		// By way of a third table: SQLite would read what it has just written.
		raw := db.SQL(t)
		for _, statement := range []string{
			`CREATE TABLE before AS SELECT id, data FROM sessions`,
			`UPDATE sessions SET data = (SELECT data FROM before WHERE before.id <> sessions.id)`,
		} {
			if _, err := raw.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 2 {
			if session, err := s.Session(t.Context(), secretOf(byte(i)), forever); !errors.Is(err, store.ErrSealed) || session.Data != nil {
				t.Errorf("session %d after the swap: %q, %v; want ErrSealed", i, session.Data, err)
			}
		}
		if dump := db.Dump(t, "sessions"); bytes.Contains(dump, []byte("eyJ")) || !bytes.Contains(dump, []byte("sessions.data=")) {
			t.Errorf("the dump holds what was sealed, or nothing:\n%q", dump)
		}
	})
}

func TestSecurityKeysRotateWithoutEndingSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		older, newer := storetest.Key(), storetest.Key()
		before, during := db.OpenWith(t, storetest.Ring(t, older)), db.OpenWith(t, storetest.Ring(t, newer, older))
		after := db.OpenWith(t, storetest.Ring(t, newer))
		for i := range 2 {
			if err := before.CreateSession(t.Context(), secretOf(byte(i)), store.Session{Created: noon, Data: []byte("x")}); err != nil {
				t.Fatal(err)
			}
		}
		session, err := during.Session(t.Context(), secretOf(0), forever)
		if err != nil {
			t.Fatalf("with both keys: %v", err)
		}
		if err := during.SaveSession(t.Context(), secretOf(0), "", session); err != nil {
			t.Fatal(err)
		}
		if _, err := after.Session(t.Context(), secretOf(0), forever); err != nil {
			t.Errorf("sealed again, then the old key left: %v", err)
		}
		if _, err := after.Session(t.Context(), secretOf(1), forever); !errors.Is(err, store.ErrSealed) {
			t.Errorf("never sealed again, then the old key left: %v, want ErrSealed", err)
		}
	})
}
