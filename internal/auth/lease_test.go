package auth_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/fault"
	"portrait/internal/store/storetest"
)

// TestSecurityOneRefreshForAll has 50 requests each on two replicas want a token that
// has run out; refresh tokens are good for one use.
func TestSecurityOneRefreshForAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, b := newSiteOn(t, db), newBrowser()
		_, actor := b.mustSignIn(t, s)
		other := s.replica(t, func(c *auth.Config) { c.Store = db.Open(t) })
		for range 3 {
			s.clock.pass(20 * time.Minute)
			b.visit(t, s.Auth)
		}
		var ready, done sync.WaitGroup
		start := make(chan struct{})
		tokens := make(chan string, 100)
		for i := range 100 {
			a := []*auth.Auth{s.Auth, other}[i%2]
			ctx := b.visit(t, a)
			ready.Add(1)
			done.Go(func() {
				ready.Done()
				<-start
				token, err := a.Delegated(ctx, actor)
				if err != nil {
					t.Errorf("request %d: %v", i, err)
				}
				tokens <- token
			})
		}
		ready.Wait()
		close(start)
		done.Wait()
		close(tokens)
		different := map[string]bool{}
		for token := range tokens {
			different[token] = true
		}
		if n := s.refreshed(); n != 1 || len(different) != 1 {
			t.Errorf("%d refreshes and %d tokens, want 1 and 1", n, len(different))
		}
	})
}

// TestRefreshedBetweenLookAndLease has another process finish its refresh after
// we saw a stale token and before we get the lease: ours must look again.
func TestRefreshedBetweenLookAndLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, b := newSiteOn(t, db), newBrowser()
		ctx, actor := b.mustSignIn(t, s)
		first, err := s.Delegated(ctx, actor)
		if err != nil {
			t.Fatal(err)
		}
		before, raw := b.visit(t, s.Auth), db.SQL(t)
		var stale, fresh []byte
		read := func(data *[]byte) {
			t.Helper()
			if err := raw.QueryRowContext(t.Context(), `SELECT data FROM sessions`).Scan(data); err != nil {
				t.Fatal(err)
			}
		}
		read(&stale)
		second, err := s.Refused(ctx, actor, first)
		if err != nil {
			t.Fatal(err)
		}
		read(&fresh)
		if _, err := raw.ExecContext(t.Context(), `UPDATE sessions SET data = $1, version = 1`, stale); err != nil {
			t.Fatal(err)
		}
		tx, err := raw.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), `UPDATE sessions SET data = $1, version = 2`, fresh); err != nil {
			t.Fatal(err)
		}
		var done sync.WaitGroup
		done.Go(func() {
			if token, err := s.Refused(before, actor, first); token != second || err != nil {
				t.Errorf("%q, %v; want the other process's token", token, err)
			}
		})
		// Time to look and to wait for the row. Too short a time would let the
		// test pass without testing, never fail.
		time.Sleep(300 * time.Millisecond)
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
		done.Wait()
		if n := s.refreshed(); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
	})
}

// TestLeaseOfAProcessThatDied: the others wait until the lease runs out, and no
// longer.
func TestLeaseOfAProcessThatDied(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	token, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	raw := s.db.SQL(t)
	if _, err := raw.ExecContext(t.Context(), `UPDATE sessions SET refresh_holder = $1, refresh_until = $2`,
		rand.Text(), s.clock.Now().Add(30*time.Second).UnixMilli()); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	_, err = s.Refused(short, actor, token)
	checkFault(t, err, fault.Timeout, "signin.slow", fault.NextRetry)
	if n := s.refreshed(); n != 0 {
		t.Error("refreshed under another's lease")
	}
	s.clock.pass(30 * time.Second)
	if other, err := s.Refused(ctx, actor, token); other == token || err != nil {
		t.Errorf("after the lease has run out: %q, %v", other, err)
	}
}

func TestSecuritySignOutDuringARefresh(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	token, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	s.issuer.answer = func(map[string]any) {
		if n, err := s.config.Store.EndSessionsBySID(context.Background(), "sid-1"); n != 1 || err != nil {
			t.Errorf("ended %d sessions, %v", n, err)
		}
	}
	_, err = s.Refused(ctx, actor, token)
	checkFault(t, err, fault.SignIn, "signin.ended", fault.NextSignIn)
	if b.isIn(t, s.Auth) {
		t.Error("the refresh brought the session back")
	}
}
