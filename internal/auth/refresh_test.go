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

func TestTokensAreForThePersonOfTheSession(t *testing.T) {
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

// TestRefreshFails has the provider answer a refresh in every wrong way. Where
// it says that the tokens are good no longer, or gives somebody else's, they
// are dropped and it isn't asked again; where it merely fails, they stay.
func TestRefreshFails(t *testing.T) {
	refuseWith := func(code string) func(*site) {
		return func(s *site) {
			s.issuer.handlers["/token"] = func(w http.ResponseWriter, _ *http.Request) { refuse(w, code, 50173) }
		}
	}
	handle := func(h http.HandlerFunc) func(*site) { return func(s *site) { s.issuer.handlers["/token"] = h } }
	for _, tt := range []struct {
		sentence string
		spoil    func(s *site)
		kind     fault.Kind
		say      string
		next     fault.Next
		dropped  bool
	}{
		{"revoked", func(s *site) { s.issuer.revoke() }, fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"more to prove", refuseWith("interaction_required"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"consent withdrawn", refuseWith("consent_required"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"another person", set("sub", "evil"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"another oid", set("oid", "55555555-aaaa-bbbb-cccc-000000000005"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"another tenant", set("tid", "44444444-aaaa-bbbb-cccc-000000000004"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"another issuer", set("iss", "https://evil.example.com"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"another audience", set("aud", "evil"), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"an ID token from long ago", at("iat", -time.Hour), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"an unsigned ID token", sign(unsigned), fault.SignIn, "signin.again", fault.NextSignIn, true},
		{"our secret no longer good", refuseWith("invalid_client"), fault.Unavailable, "signin.misconfigured", fault.NextAdmin, false},
		{"an error of its own making", refuseWith("canary error"), fault.Unavailable, "signin.unreachable", fault.NextRetry, false},
		{"a failure", handle(fail(500)), fault.Unavailable, "signin.unreachable", fault.NextRetry, false},
		{"too many", handle(fail(429)), fault.Unavailable, "signin.unreachable", fault.NextRetry, false},
		{"a long answer", handle(long), fault.Unavailable, "signin.unreachable", fault.NextRetry, false},
		{"no answer", handle(hang), fault.Timeout, "signin.slow", fault.NextRetry, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			s.config.HTTP = &http.Client{Transport: &http.Transport{}, Timeout: 300 * time.Millisecond}
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
			if _, ok := s.Actor(later); !ok {
				t.Error("who it was is forgotten")
			}
			token, err := s.Delegated(later, actor)
			if tt.dropped {
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

func TestSessionSealedWithALostKey(t *testing.T) {
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
