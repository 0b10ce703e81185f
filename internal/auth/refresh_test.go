package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// refreshed is how often the provider was asked after the first sign-in.
func (s *site) refreshed() int { return s.issuer.called("/token") - 1 }

func TestTokenIsRefreshedInTime(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		after    time.Duration
		calls    int
	}{
		{"at once", 0, 0},
		{"with more than a minute left", 3599*time.Second - 61*time.Second, 0},
		{"with less than a minute left", 3599*time.Second - 59*time.Second, 1},
		{"after it has run out", 2 * time.Hour, 1},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			ctx, actor := b.mustSignIn(t, s)
			for passed := time.Duration(0); passed < tt.after; {
				step := min(20*time.Minute, tt.after-passed)
				s.clock.pass(step)
				passed += step
				b.visit(t, s.Auth)
			}
			first, err := s.Delegated(ctx, actor)
			if err != nil {
				t.Fatal(err)
			}
			for _, ctx := range []context.Context{ctx, b.visit(t, s.Auth)} {
				if token, err := s.Delegated(ctx, actor); token != first || err != nil {
					t.Errorf("then %q, %v; want the same again", token, err)
				}
			}
			if n := s.refreshed(); n != tt.calls {
				t.Errorf("%d refreshes, want %d", n, tt.calls)
			}
		})
	}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	early := b.visit(t, s.Auth) // knows the first token only
	first, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Refused(ctx, actor, first)
	if err != nil || second == first {
		t.Fatalf("in its place: %q, %v", second, err)
	}
	for sentence, ctx := range map[string]context.Context{"the same request": ctx, "one from before": early, "a new one": b.visit(t, s.Auth)} {
		if token, err := s.Refused(ctx, actor, first); token != second || err != nil {
			t.Errorf("%s: %q, %v; want the second token", sentence, token, err)
		}
	}
	if n := s.refreshed(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	s.issuer.answer = func(m map[string]any) { m["access_token"] = second; delete(m, "id_token") }
	_, err = s.Refused(ctx, actor, second)
	checkFault(t, err, fault.SignIn, "signin.again", fault.NextSignIn)
}

func TestManyAreRefusedTheSameToken(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	first, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 20 {
		ctx := b.visit(t, s.Auth)
		wait.Go(func() {
			if token, err := s.Refused(ctx, actor, first); token == first || err != nil {
				t.Errorf("%q, %v", token, err)
			}
		})
	}
	wait.Wait()
	if n := s.refreshed(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

func TestSecurityTokensAreForThePersonOfTheSession(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	stranger := actor
	stranger.ID = "55555555-aaaa-bbbb-cccc-000000000005"
	for _, tt := range []struct {
		sentence string
		ctx      context.Context
		actor    directory.Actor
	}{
		{"somebody else", ctx, stranger},
		{"nobody", ctx, directory.Actor{}},
		{"the right person without a session", t.Context(), actor},
	} {
		_, err := s.Delegated(tt.ctx, tt.actor)
		checkFault(t, err, fault.SignIn, "signin.needed", fault.NextSignIn)
		_, err = s.Refused(tt.ctx, tt.actor, "x")
		checkFault(t, err, fault.SignIn, "signin.needed", fault.NextSignIn)
	}
}

// TestSecurityRefreshFails has the provider answer a refresh in every wrong way. Where
// it says that the tokens are good no longer, they are dropped and it isn't
// asked again; where it speaks of somebody else, the session is; where it merely
// fails, everything stays.
func TestSecurityRefreshFails(t *testing.T) {
	refuseWith := func(code string) func(*site) {
		return func(s *site) {
			s.issuer.handlers["/token"] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, code, 50173) }
		}
	}
	const alive, dead, gone = "", "known, but without tokens", "over"
	handle := func(h http.HandlerFunc) func(*site) { return func(s *site) { s.issuer.handlers["/token"] = h } }
	for _, tt := range []struct {
		sentence string
		spoil    func(s *site)
		kind     fault.Kind
		say      string
		next     fault.Next
		becomes  string // of the session
	}{
		{"revoked", func(s *site) { s.issuer.revoke() }, fault.SignIn, "signin.again", fault.NextSignIn, dead},
		{"more to prove", refuseWith("interaction_required"), fault.SignIn, "signin.again", fault.NextSignIn, dead},
		{"consent withdrawn", refuseWith("consent_required"), fault.SignIn, "signin.again", fault.NextSignIn, dead},
		{"another person", set("sub", "evil"), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"another oid", set("oid", "55555555-aaaa-bbbb-cccc-000000000005"), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"another tenant", set("tid", "44444444-aaaa-bbbb-cccc-000000000004"), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"another issuer", set("iss", "https://evil.example.com"), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"another audience", set("aud", "evil"), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"an ID token from long ago", at("iat", -time.Hour), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"our issuer with a slash", func(s *site) { set("iss", s.issuer.URL+"/")(s) }, fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"no person", set("sub", nil), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"an unsigned ID token", sign(unsigned), fault.SignIn, "signin.again", fault.NextSignIn, gone},
		{"our secret no longer good", refuseWith("invalid_client"), fault.Unavailable, "signin.misconfigured", fault.NextAdmin, alive},
		{"an error of its own making", refuseWith("canary error"), fault.Unavailable, "signin.unreachable", fault.NextRetry, alive},
		{"a failure", handle(fail(500)), fault.Unavailable, "signin.unreachable", fault.NextRetry, alive},
		{"too many", handle(fail(429)), fault.Unavailable, "signin.unreachable", fault.NextRetry, alive},
		{"a long answer", handle(long), fault.Unavailable, "signin.unreachable", fault.NextRetry, alive},
		{"no answer", handle(hang), fault.Timeout, "signin.slow", fault.NextRetry, alive},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			s.config.HTTP = impatient(tt.kind)
			s.Auth = s.replica(t, nothing)
			ctx, actor := b.mustSignIn(t, s)
			first, err := s.Delegated(ctx, actor)
			if err != nil {
				t.Fatal(err)
			}
			s.issuer.change(func() { s.issuer.given = nil })
			tt.spoil(s)
			_, err = s.Refused(ctx, actor, first)
			checkFault(t, err, tt.kind, tt.say, tt.next)

			s.issuer.change(func() { clear(s.issuer.handlers); s.issuer.claims, s.issuer.sign = nil, nil })
			later, asked := b.visit(t, s.Auth), s.issuer.called("/token")
			if _, ok := s.Actor(later); ok == (tt.becomes == gone) {
				t.Errorf("somebody is signed in afterwards: %v, though the session must be %q", ok, tt.becomes)
			}
			if tt.becomes == gone {
				if dump := s.db.Dump(t, "sessions"); len(dump) > 0 {
					t.Error("the session's row is still there")
				}
				return
			}
			token, err := s.Delegated(later, actor)
			if tt.becomes == dead {
				checkFault(t, err, fault.SignIn, "signin.again", fault.NextSignIn)
				if n := s.issuer.called("/token"); n != asked {
					t.Error("the provider was asked again")
				}
				return
			}
			if token != first || err != nil {
				t.Errorf("afterwards %q, %v; want the first token", token, err)
			}
			if token, err = s.Refused(later, actor, first); token == first || err != nil {
				t.Errorf("once it is well: %q, %v; want another token", token, err)
			}
		})
	}
}

func TestRefreshKeepsWhatIsLeftOut(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	token, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	refresh := s.issuer.given[len(s.issuer.given)-2]
	s.issuer.answer = func(m map[string]any) {
		for _, name := range []string{"refresh_token", "scope", "id_token", "expires_in"} {
			delete(m, name)
		}
		s.issuer.refresh[refresh] = true // this provider doesn't rotate
	}
	for range 3 {
		if token, err = s.Refused(ctx, actor, token); err != nil {
			t.Fatal(err)
		}
	}
	after, _ := s.Actor(b.visit(t, s.Auth))
	if !after.Holds("User.ReadWrite") || after.Name != actor.Name {
		t.Errorf("is %+v, was %+v", after, actor)
	}
	if n := s.refreshed(); n != 3 {
		t.Errorf("%d refreshes, want 3", n)
	}
}

func TestRefreshTakesUpWhatIsNew(t *testing.T) {
	s, b := newSite(t), newBrowser()
	s.issuer.claims = func(c map[string]any) { c["roles"] = []string{"Helpdesk"} }
	ctx, actor := b.mustSignIn(t, s)
	token, err := s.Delegated(ctx, actor)
	if err != nil || actor.Role != directory.Helpdesk {
		t.Fatalf("%+v, %v", actor, err)
	}
	s.issuer.claims = func(c map[string]any) { c["name"] = "Ada King" }
	s.issuer.answer = func(m map[string]any) { m["scope"] = "User.ReadWrite Contacts.ReadWrite" }
	if _, err := s.Refused(ctx, actor, token); err != nil {
		t.Fatal(err)
	}
	for sentence, ctx := range map[string]context.Context{"the same request": ctx, "the next one": b.visit(t, s.Auth)} {
		got, _ := s.Actor(ctx)
		if got.Role != directory.Employee || got.Name != "Ada King" || !got.Holds("Contacts.ReadWrite") {
			t.Errorf("%s still sees %+v", sentence, got)
		}
	}
}

func TestDatabaseFails(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	if err := s.config.Store.Close(); err != nil {
		t.Fatal(err)
	}
	b.ask("/", func(w http.ResponseWriter, r *http.Request) {
		_, load := s.Load(w, r)
		_, signOut := s.SignOut(w, r)
		_, begin := s.Begin(w, r, auth.Wish{ReturnTo: "/"})
		_, token := s.Refused(ctx, actor, "x")
		s.clock.pass(2 * time.Hour)
		_, refresh := s.Delegated(ctx, actor)
		for i, err := range []error{load, signOut, begin, refresh, s.Sweep(ctx)} {
			if err == nil || errors.Is(err, store.ErrNone) || fault.Is(err, fault.SignIn) {
				t.Errorf("call %d: %v, want the database's failure", i, err)
			}
		}
		if token != nil {
			t.Errorf("a token that is good needs no database: %v", token)
		}
	})
	if b.cookies["__Host-portrait"] == nil {
		t.Error("the cookie was taken away though the session lives")
	}
}

// TestSecurityKeysRotateLive follows PORTRAIT_KEYS from the old key over both to
// the new one, on three replicas side by side: what was refreshed meanwhile
// lives on, what wasn't opened anew is over.
func TestSecurityKeysRotateLive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		older, newer := storetest.Key(), storetest.Key()
		with := func(s *site, keys ...[]byte) *auth.Auth {
			return s.replica(t, func(c *auth.Config) { c.Store = db.OpenWith(t, storetest.Ring(t, keys...)) })
		}
		s := newSiteOn(t, db)
		before, during, after := with(s, older), with(s, newer, older), with(s, newer)
		s.Auth = before
		active, asleep := newBrowser(), newBrowser()
		active.mustSignIn(t, s)
		asleep.mustSignIn(t, s)
		for _, b := range []*browser{active, asleep} {
			if !b.isIn(t, during) || b.isIn(t, after) {
				t.Fatal("with both keys nobody may be signed out, and with the new one alone nobody be in yet")
			}
		}
		ctx := active.visit(t, during)
		actor, _ := during.Actor(ctx)
		token, err := during.Delegated(ctx, actor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := during.Refused(ctx, actor, token); err != nil { // which saves the session
			t.Fatal(err)
		}
		if !active.isIn(t, after) || active.isIn(t, before) {
			t.Error("what was saved with both keys must open with the new one, and no longer with the old one")
		}
		if asleep.isIn(t, after) {
			t.Error("what the old key sealed opens without it")
		}
	})
}

func TestSecuritySessionSealedWithALostKey(t *testing.T) {
	s, b := newSite(t), newBrowser()
	b.mustSignIn(t, s)
	lost := s.replica(t, func(c *auth.Config) { c.Store = s.db.OpenWith(t, storetest.Ring(t, storetest.Key())) })
	if b.isIn(t, lost) {
		t.Error("signed in with a row that can't be opened")
	}
	if fmt.Sprint(s.log) == "" {
		t.Error("nobody is told")
	}
}

// TestSecurityRoleThatHasComeNeedsASignIn holds that nobody becomes helpdesk
// under a cookie that they had before.
func TestSecurityRoleThatHasComeNeedsASignIn(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	before := b.cookies["__Host-portrait"].Value
	helpdesk(s)
	token, err := s.Delegated(ctx, actor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refused(ctx, actor, token); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(6 * time.Minute)
	if fresh, err := s.Freshen(ctx, actor); err != nil || fresh.Role != directory.Employee {
		t.Errorf("looked at again: %+v, %v; want an employee", fresh, err)
	}
	if got, _ := s.Actor(b.visit(t, s.Auth)); got.Role != directory.Employee {
		t.Errorf("the next request is of %s", got.Role)
	}
	if _, after := b.mustSignIn(t, s); after.Role != directory.Helpdesk || b.cookies["__Host-portrait"].Value == before {
		t.Errorf("after a sign-in: %s, with another cookie: %v", after.Role, b.cookies["__Host-portrait"].Value != before)
	}
}
