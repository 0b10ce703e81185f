package auth_test

import (
	"sync"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store/storetest"
)

// helpdesk gives whoever signs in the role.
func helpdesk(s *site) { set("roles", []string{"Helpdesk"})(s) }

func TestSecurityRoleIsLookedAtAgain(t *testing.T) {
	for _, tt := range []struct {
		sentence  string
		after     time.Duration
		before    func(s *site) // it is looked at
		refreshes int
		role      directory.Role
	}{
		{"at once", 0, set("roles", nil), 0, directory.Helpdesk},
		{"five minutes later", 5 * time.Minute, set("roles", nil), 0, directory.Helpdesk},
		{"a second after that, taken away", 5*time.Minute + time.Second, set("roles", nil), 1, directory.Employee},
		{"a second after that, still held", 5*time.Minute + time.Second, helpdesk, 1, directory.Helpdesk},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			helpdesk(s)
			ctx, actor := b.mustSignIn(t, s)
			cookie := b.cookies["__Host-portrait"].Value
			s.clock.pass(tt.after)
			tt.before(s)
			for range 3 {
				got, err := s.Freshen(ctx, actor)
				if err != nil || !got.Is(actor) || got.Role != tt.role {
					t.Fatalf("%+v, %v; want role %s", got, err, tt.role)
				}
			}
			if got, _ := s.Actor(b.visit(t, s.Auth)); got.Role != tt.role || b.cookies["__Host-portrait"].Value != cookie {
				t.Errorf("the next request is %+v's", got)
			}
			if n := s.refreshed(); n != tt.refreshes {
				t.Errorf("%d refreshes, want %d", n, tt.refreshes)
			}
		})
	}
}

func TestRoleIsLookedAtOnceForAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, b := newSiteOn(t, db), newBrowser()
		helpdesk(s)
		_, actor := b.mustSignIn(t, s)
		other := s.replica(t, func(c *auth.Config) { c.Store = db.Open(t) })
		s.clock.pass(6 * time.Minute)
		set("roles", nil)(s)
		var wait sync.WaitGroup
		for i := range 50 {
			a := []*auth.Auth{s.Auth, other}[i%2]
			ctx := b.visit(t, a)
			wait.Go(func() {
				if got, err := a.Freshen(ctx, actor); err != nil || got.Role != directory.Employee {
					t.Errorf("request %d: %+v, %v", i, got, err)
				}
			})
		}
		wait.Wait()
		if n := s.refreshed(); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
	})
}

func TestRoleThatCantBeLookedAt(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		spoil    func(s *site)
		kind     fault.Kind
		say      string
		next     fault.Next
		in       bool // afterwards, what the session is for otherwise still works
	}{
		{"no ID token comes with a refresh", idToken(nil), fault.SignIn, "signin.prove-again", fault.NextSignIn, true},
		{"another person's comes", set("oid", "44444444-aaaa-bbbb-cccc-000000000004"), fault.SignIn, "signin.again", fault.NextSignIn, false},
		{"the tokens are revoked", func(s *site) { s.issuer.revoke() }, fault.SignIn, "signin.again", fault.NextSignIn, false},
		{"the provider fails", func(s *site) { s.issuer.handlers["/token"] = fail(503) }, fault.Unavailable, "signin.unreachable", fault.NextRetry, true},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			helpdesk(s)
			ctx, actor := b.mustSignIn(t, s)
			s.clock.pass(6 * time.Minute)
			tt.spoil(s)
			_, err := s.Freshen(ctx, actor)
			checkFault(t, err, tt.kind, tt.say, tt.next)
			if _, err := s.Delegated(b.visit(t, s.Auth), actor); (err == nil) != tt.in {
				t.Errorf("a token afterwards: %v", err)
			}
		})
	}
	s, b := newSite(t), newBrowser()
	ctx, actor := b.mustSignIn(t, s)
	_, err := s.Freshen(newBrowser().visit(t, s.Auth), actor)
	checkFault(t, err, fault.SignIn, "signin.needed", fault.NextSignIn)
	_, err = s.Freshen(ctx, directory.Actor{Tenant: tenantID, ID: "44444444-aaaa-bbbb-cccc-000000000004"})
	checkFault(t, err, fault.SignIn, "signin.needed", fault.NextSignIn)
}
