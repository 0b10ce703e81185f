package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portrait/internal/auth"
	"portrait/internal/fault"
	"portrait/internal/store/storetest"
)

// signedInWith signs in a new browser in the provider's session sid.
func signedInWith(t *testing.T, s *site, sid string) *browser {
	t.Helper()
	s.issuer.change(func() { s.issuer.claims = func(c map[string]any) { c["sid"] = sid } })
	b := newBrowser()
	b.mustSignIn(t, s)
	return b
}

// endByProvider is the request that the provider's page makes in a frame: no
// cookie comes with it.
func endByProvider(a *auth.Auth, query string) (err error) {
	newBrowser().ask("/auth/front-channel-logout?"+query, func(_ http.ResponseWriter, r *http.Request) { err = a.EndByProvider(r) })
	return err
}

// TestSecurityFrontChannelLogout is the front-channel part of security.md 3.2:
// the sessions of the sid end, on whichever replica they began, and no others.
func TestSecurityFrontChannelLogout(t *testing.T) {
	const sid = "00112233-aaaa-bbbb-cccc-000000000009"
	for _, tt := range []struct {
		sentence string
		query    string // ISS stands for our issuer
		ends     bool
		refused  bool
	}{
		{"the sid", "sid=" + sid, true, false},
		{"the sid and our issuer", "iss=ISS&sid=" + sid, true, false},
		{"the sid and another issuer", "iss=https%3A%2F%2Fevil.example.com&sid=" + sid, false, true},
		{"the sid and our issuer with a slash", "iss=ISS%2F&sid=" + sid, false, true},
		{"the sid and an empty issuer", "iss=&sid=" + sid, false, true},
		{"the sid and two issuers", "iss=ISS&iss=ISS&sid=" + sid, false, true},
		{"no sid", "iss=ISS", false, true},
		{"an empty sid, which a session without one has too", "sid=", false, true},
		{"two sids", "sid=" + sid + "&sid=" + sid, false, true},
		{"a sid without end", "sid=" + strings.Repeat("0", 513), false, true},
		{"another sid", "sid=00112233-aaaa-bbbb-cccc-00000000000a", false, false},
		{"the sid in capitals", "sid=" + strings.ToUpper(sid), false, false},
		{"the beginning of the sid", "sid=00112233", false, false},
		{"a sid for every session", "sid=%25", false, false},
		{"SQL", "sid=x%27+OR+%271%27%3D%271", false, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			laptop, phone := signedInWith(t, s, sid), signedInWith(t, s, sid)
			other, without := signedInWith(t, s, "sid-of-somebody"), signedInWith(t, s, "")
			replica := s.replica(t, func(c *auth.Config) { c.Store = s.db.Open(t) })
			err := endByProvider(replica, strings.ReplaceAll(tt.query, "ISS", url.QueryEscape(s.issuer.URL)))
			if tt.refused {
				checkFault(t, err, fault.BadRequest, "fault.bad-request", fault.NextHome)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
			if laptop.isIn(t, s.Auth) == tt.ends || phone.isIn(t, s.Auth) == tt.ends {
				t.Errorf("sessions of the sid ended: %v and %v, want %v", !laptop.isIn(t, s.Auth), !phone.isIn(t, s.Auth), tt.ends)
			}
			if !other.isIn(t, s.Auth) || !without.isIn(t, s.Auth) {
				t.Error("the session of another sid, or of none, ended too")
			}
		})
	}
}

// TestSecurityFrontChannelLogoutEndsTokens holds on both databases that a
// request under way has no tokens either once the provider has ended its
// session, and that a repetition does nothing.
func TestSecurityFrontChannelLogoutEndsTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, b := newSiteOn(t, db), newBrowser()
		ctx, actor := b.mustSignIn(t, s)
		token, err := s.Delegated(ctx, actor)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := endByProvider(s.Auth, "sid=sid-1"); err != nil {
				t.Fatal(err)
			}
		}
		s.clock.pass(auth.Idle - 1)
		if b.isIn(t, s.Auth) || strings.Contains(string(db.Dump(t, "sessions")), objectID) {
			t.Error("the session is still there")
		}
		if _, err := s.Refused(ctx, actor, token); !fault.Is(err, fault.SignIn) {
			t.Errorf("a refresh afterwards: %v, want fault.SignIn", err)
		}
		if n := s.refreshed(); n != 0 {
			t.Error("the provider was asked for another token")
		}
	})
}

// TestSecuritySignOutComesBackOnce is the part of security.md 3.2 about
// sign-outs that begin here: only the state that this browser left with says
// that it is signed out.
func TestSecuritySignOutComesBackOnce(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		query    func(mine, theirs string) string
		said     bool
	}{
		{"the state it left with", func(mine, _ string) string { return "state=" + mine }, true},
		{"the state of another browser", func(_, theirs string) string { return "state=" + theirs }, false},
		{"a state by somebody else", func(string, string) string { return "state=evil" }, false},
		{"an empty state", func(string, string) string { return "state=" }, false},
		{"no state", func(string, string) string { return "" }, false},
		{"two states", func(mine, theirs string) string { return "state=" + mine + "&state=" + theirs }, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, mine, theirs := newSite(t), newBrowser(), newBrowser()
			mine.mustSignIn(t, s)
			theirs.mustSignIn(t, s)
			query := tt.query(stateOf(t, signOut(t, mine, s)), stateOf(t, signOut(t, theirs, s)))
			if got := mine.signedOut(s, query); got != tt.said {
				t.Errorf("says so: %v, want %v", got, tt.said)
			}
			if mine.signedOut(s, query) && tt.said {
				t.Error("says so a second time")
			}
			if newBrowser().signedOut(s, query) {
				t.Error("another browser says so")
			}
		})
	}
}

func stateOf(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil || len(u.Query().Get("state")) != 43 {
		t.Fatalf("%q has no state of 256 bits", location)
	}
	return u.Query().Get("state")
}

// signedOut comes back from the provider's sign-out.
func (b *browser) signedOut(s *site, query string) (said bool) {
	b.ask("/?"+query, func(w http.ResponseWriter, r *http.Request) { said = s.SignedOut(w, r) })
	return said
}
