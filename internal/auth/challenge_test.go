package auth_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/auth"
	"portrait/internal/fault"
	"portrait/internal/store/storetest"
)

const (
	capable  = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`
	revoked  = `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}`
	stepUp   = `{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["none"]}},"id_token":{"auth_time":{"essential":true}}}`
	bigValue = `{"access_token":{"n":{"value":12345678901234567890}}}`
)

// sameJSON compares two texts by what they mean.
func sameJSON(t *testing.T, what, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Errorf("%s: %q, %v", what, got, err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// sent returns the last form that the token endpoint was sent.
func (s *site) sent() url.Values {
	var form url.Values
	s.issuer.change(func() { form = s.issuer.forms[len(s.issuer.forms)-1] })
	return form
}

func TestChallengeGoesWithTheNextSignIn(t *testing.T) {
	for _, tt := range []struct{ sentence, claims, want string }{
		{"a session that was revoked", revoked, `{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"xms_cc":{"values":["cp1"]}}}`},
		{"more than one token, and another capability", stepUp,
			`{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}},"id_token":{"auth_time":{"essential":true}}}`},
		{"nothing of the access token", `{"id_token":{"acr":null}}`, `{"id_token":{"acr":null},"access_token":{"xms_cc":{"values":["cp1"]}}}`},
		{"an empty object", `{}`, capable},
		{"nothing", "", capable},
		{"no JSON", "canary", capable},
		{"a list", "[]", capable},
		{"null", "null", capable},
		{"an access token that is a list", `{"access_token":[]}`, capable},
		{"an access token that is null", `{"access_token":null}`, capable},
		{"more than 8 kB", `{"access_token":{"x":"` + strings.Repeat("x", 8<<10) + `"}}`, capable},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			ctx, actor := b.mustSignIn(t, s)
			sameJSON(t, "the first exchange", s.sent().Get("claims"), capable)
			token, _ := s.Delegated(ctx, actor)
			if err := s.Challenged(ctx, tt.claims); err != nil {
				t.Fatal(err)
			}
			location, asked := b.wish(t, s, auth.ForGroups)
			sameJSON(t, "the sign-in", asked.Get("claims"), tt.want)
			if _, err := b.finish(s.Auth, s.issuer.authorize(t, location)); err != nil {
				t.Fatal(err)
			}
			sameJSON(t, "the exchange", s.sent().Get("claims"), tt.want)
			// Met, so it isn't asked for again.
			_, asked = b.wish(t, s, "")
			sameJSON(t, "the sign-in after that", asked.Get("claims"), capable)
			ctx = b.visit(t, s.Auth)
			if other, err := s.Refused(ctx, actor, token); other == token || err != nil {
				t.Errorf("%q, %v; want the token of the second sign-in", other, err)
			}
			another, err := s.Delegated(ctx, actor)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Refused(ctx, actor, another); err != nil {
				t.Fatal(err)
			}
			sameJSON(t, "a refresh", s.sent().Get("claims"), capable)
		})
	}
}

func TestNumbersOfAChallengeStayAsTheyAre(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, _ := b.mustSignIn(t, s)
	if err := s.Challenged(ctx, bigValue); err != nil {
		t.Fatal(err)
	}
	if _, asked := b.wish(t, s, ""); !strings.Contains(asked.Get("claims"), "12345678901234567890") {
		t.Errorf("asks for %s", asked.Get("claims"))
	}
}

func TestSecurityNobodyIsSentInCircles(t *testing.T) {
	s, b := newSite(t), newBrowser()
	b.mustSignIn(t, s)
	challenge := func() error { return s.Challenged(b.visit(t, s.Auth), revoked) }
	for round := range 2 {
		if err := challenge(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := challenge(); err != nil {
			t.Errorf("round %d, another request of the page: %v", round, err)
		}
		b.mustSignIn(t, s)
		s.clock.pass(2 * time.Minute)
	}
	for range 2 { // signing in once more doesn't make it better
		err := challenge()
		checkFault(t, err, fault.SignIn, "signin.challenge-loop", fault.NextWait)
		if got := fault.As(err).RetryAfter; got != 6*time.Minute {
			t.Errorf("to be tried again after %v, want 6m", got)
		}
		checkFault(t, challenge(), fault.SignIn, "signin.challenge-loop", fault.NextWait)
		b.mustSignIn(t, s)
	}
	s.clock.pass(6 * time.Minute)
	if err := challenge(); err != nil {
		t.Errorf("ten minutes after the first: %v", err)
	}
}

func TestSecurityChallengeBelongsToAPerson(t *testing.T) {
	s, b := newSite(t), newBrowser()
	ctx, _ := b.mustSignIn(t, s)
	if err := s.Challenged(ctx, revoked); err != nil {
		t.Fatal(err)
	}
	location, _ := b.wish(t, s, "")
	if err := s.Challenged(ctx, stepUp); err != nil { // while they are away
		t.Fatal(err)
	}
	if _, err := b.finish(s.Auth, s.issuer.authorize(t, location)); err != nil {
		t.Fatal(err)
	}
	location, asked := b.wish(t, s, "")
	if !strings.Contains(asked.Get("claims"), "acrs") {
		t.Errorf("what came meanwhile is forgotten: %s", asked.Get("claims"))
	}
	set("oid", "44444444-aaaa-bbbb-cccc-000000000004")(s)
	if _, err := b.finish(s.Auth, s.issuer.authorize(t, location)); err != nil {
		t.Fatal(err)
	}
	_, asked = b.wish(t, s, "")
	sameJSON(t, "another person's sign-in", asked.Get("claims"), capable)
	checkFault(t, s.Challenged(newBrowser().visit(t, s.Auth), revoked), fault.SignIn, "signin.needed", fault.NextSignIn)
	checkFault(t, s.Challenged(ctx, revoked), fault.SignIn, "signin.ended", fault.NextSignIn)
}

// TestManyRequestsAreChallengedAtOnce has the requests of one page challenged on
// two replicas while the tokens are refreshed: that is one challenge.
func TestManyRequestsAreChallengedAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, b := newSiteOn(t, db), newBrowser()
		ctx, actor := b.mustSignIn(t, s)
		other := s.replica(t, func(c *auth.Config) { c.Store = db.Open(t) })
		token, err := s.Delegated(ctx, actor)
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := s.Refused(ctx, actor, token); err != nil {
				t.Errorf("refresh: %v", err)
			}
		})
		for i := range 20 {
			a := []*auth.Auth{s.Auth, other}[i%2]
			ctx := b.visit(t, a)
			wait.Go(func() {
				if err := a.Challenged(ctx, revoked); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		if _, asked := b.wish(t, s, ""); !strings.Contains(asked.Get("claims"), "nbf") {
			t.Errorf("the next sign-in asks for %s", asked.Get("claims"))
		}
		b.mustSignIn(t, s)
		if err := s.Challenged(b.visit(t, s.Auth), revoked); err != nil {
			t.Errorf("the second: %v", err)
		}
	})
}
