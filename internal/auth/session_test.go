package auth_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/store/storetest"
)

func TestSecuritySessionEndsByTheServersClock(t *testing.T) {
	employee := func(*site) {}
	for _, tt := range []struct {
		sentence string
		who      func(*site)
		visits   []time.Duration // after the sign-in
		asked    time.Duration
		in       bool
	}{
		{"a second less than 30 minutes later", employee, nil, auth.Idle - time.Second, true},
		{"30 minutes later", employee, nil, auth.Idle, false},
		{"a second more than 30 minutes later", employee, nil, auth.Idle + time.Second, false},
		{"50 minutes later, with a visit in between", employee, []time.Duration{25 * time.Minute}, 50 * time.Minute, true},
		{"56 minutes later, with a visit in between", employee, []time.Duration{25 * time.Minute}, 56 * time.Minute, false},
		{"a second less than 12 hours later, always busy", employee, every(20*time.Minute, auth.Absolute), auth.Absolute - time.Second, true},
		{"12 hours later, always busy", employee, every(20*time.Minute, auth.Absolute), auth.Absolute, false},
		{"a second more than 12 hours later, always busy", employee, every(20*time.Minute, auth.Absolute), auth.Absolute + time.Second, false},

		{"the helpdesk a second less than 15 minutes later", helpdesk, nil, auth.HelpdeskIdle - time.Second, true},
		{"the helpdesk 15 minutes later", helpdesk, nil, auth.HelpdeskIdle, false},
		{"the helpdesk a second more than 15 minutes later", helpdesk, nil, auth.HelpdeskIdle + time.Second, false},
		{"the helpdesk 24 minutes later, with a visit in between", helpdesk, []time.Duration{10 * time.Minute}, 24 * time.Minute, true},
		{"the helpdesk a second less than 8 hours later, always busy", helpdesk, every(10*time.Minute, auth.HelpdeskAbsolute), auth.HelpdeskAbsolute - time.Second, true},
		{"the helpdesk 8 hours later, always busy", helpdesk, every(10*time.Minute, auth.HelpdeskAbsolute), auth.HelpdeskAbsolute, false},
		{"the helpdesk a second more than 8 hours later, always busy", helpdesk, every(10*time.Minute, auth.HelpdeskAbsolute), auth.HelpdeskAbsolute + time.Second, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			tt.who(s)
			b.mustSignIn(t, s)
			began := s.clock.Now()
			for _, after := range tt.visits {
				s.clock.pass(began.Add(after).Sub(s.clock.Now()))
				if !b.isIn(t, s.Auth) {
					t.Fatalf("out after %v already", after)
				}
			}
			s.clock.pass(began.Add(tt.asked).Sub(s.clock.Now()))
			for range 2 { // being refused doesn't count as being there
				if in := b.isIn(t, s.Auth); in != tt.in {
					t.Errorf("signed in: %v, want %v", in, tt.in)
				}
			}
		})
	}
}

// every returns the times that are d apart, up to but without end.
func every(d, end time.Duration) []time.Duration {
	var times []time.Duration
	for at := d; at < end; at += d {
		times = append(times, at)
	}
	return times
}

func TestSecurityEverySignInHasANewSession(t *testing.T) {
	s, b := newSite(t), newBrowser()
	const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	b.cookies["__Host-portrait"] = &http.Cookie{Name: "__Host-portrait", Value: planted}
	attacker := b.copy()
	b.mustSignIn(t, s)
	if b.cookies["__Host-portrait"].Value == planted || attacker.isIn(t, s.Auth) {
		t.Error("a cookie from before the sign-in is good after it")
	}
	first, token := b.copy(), s.CSRF(b.visit(t, s.Auth))
	b.mustSignIn(t, s)
	if first.isIn(t, s.Auth) {
		t.Error("the session from before a second sign-in is still good")
	}
	if !b.isIn(t, s.Auth) || !s.CheckCSRF(b.visit(t, s.Auth), token) {
		t.Error("the second sign-in has no session, or pages that are open have lost their token for forms")
	}
}

func TestSecurityCookiesThatMeanNothing(t *testing.T) {
	s := newSite(t)
	good := newBrowser()
	good.mustSignIn(t, s)
	value := good.cookies["__Host-portrait"].Value
	for _, bad := range []string{
		"", "x", value[:42], value + "A", value + "=", strings.ToLower(value), strings.Repeat("A", 43), strings.Repeat("A", 10_000),
		value[:42] + "_", " " + value + "x", "../" + value, "' OR 1=1 --",
	} {
		b := newBrowser()
		b.cookies["__Host-portrait"] = &http.Cookie{Name: "__Host-portrait", Value: bad}
		if b.isIn(t, s.Auth) {
			t.Errorf("the cookie %q is taken for %q", bad, value)
		}
	}
}

func TestSecuritySignOutEndsTheSession(t *testing.T) {
	s, b := newSite(t), newBrowser()
	b.mustSignIn(t, s)
	stolen, tab := b.copy(), b.visit(t, s.Auth)
	actor, _ := s.Actor(tab)
	s.clock.pass(2 * time.Hour / 5)
	location := signOut(t, b, s)
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"p": {"1"}, "client_id": {clientID}, "state": {stateOf(t, location)}, "logout_hint": {"hint-1"}, "post_logout_redirect_uri": {"https://portrait.example.com/"}}
	if u.Path != "/logout" || u.Query().Encode() != want.Encode() {
		t.Errorf("goes to %s, want /logout?%s", location, want.Encode())
	}
	if b.cookies["__Host-portrait"] != nil {
		t.Error("the cookie is still there")
	}
	if stolen.isIn(t, s.Auth) {
		t.Error("the cookie, sent again, is still good")
	}
	s.clock.pass(time.Hour) // the token must be refreshed
	if _, err := s.Delegated(tab, actor); err == nil {
		t.Error("a request that was under way still refreshes")
	}
	if location := signOut(t, stolen, s); location != "/" {
		t.Errorf("a second sign-out goes to %q, want /", location)
	}
}

func signOut(t *testing.T, b *browser, s *site) (location string) {
	t.Helper()
	b.ask("/auth/sign-out", func(w http.ResponseWriter, r *http.Request) {
		var err error
		if location, err = s.SignOut(w, r); err != nil {
			t.Fatal(err)
		}
	})
	return location
}

func TestSecuritySignOutWithoutTheProvider(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		change   func(s *site)
	}{
		{"that can't be reached", func(s *site) { s.issuer.handlers[metadataPath] = fail(500) }},
		{"that has no sign-out", func(s *site) { s.issuer.metadata = func(m map[string]any) { delete(m, "end_session_endpoint") } }},
		{"whose sign-out is somebody else's", func(s *site) {
			s.issuer.metadata = func(m map[string]any) { m["end_session_endpoint"] = "https://logout.example.com/" }
		}},
		{"whose sign-out is a script", func(s *site) {
			s.issuer.metadata = func(m map[string]any) { m["end_session_endpoint"] = "javascript:alert(1)" }
		}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			b.mustSignIn(t, s)
			tt.change(s)
			s.Auth = s.replica(t, nothing) // which hasn't asked the provider yet
			stolen := b.copy()
			if location := signOut(t, b, s); location != "/" {
				t.Errorf("goes to %q, want /", location)
			}
			if stolen.isIn(t, s.Auth) {
				t.Error("the session is still good")
			}
		})
	}
}

func TestSecurityFormsNeedTheSessionsToken(t *testing.T) {
	s := newSite(t)
	one, other := newBrowser(), newBrowser()
	one.mustSignIn(t, s)
	other.mustSignIn(t, s)
	mine, theirs := s.CSRF(one.visit(t, s.Auth)), s.CSRF(other.visit(t, s.Auth))
	nobody := newBrowser().visit(t, s.Auth)
	again := s.CSRF(one.visit(t, s.Auth))
	if len(mine) < 43 || again == mine || s.CSRF(nobody) != "" {
		t.Errorf("my token is %q, then %q, nobody's is %q; want mine in another way each time", mine, again, s.CSRF(nobody))
	}
	for _, tt := range []struct {
		sentence, given string
		ok              bool
	}{
		{"my own", mine, true}, {"my own in another way", again, true}, {"none", "", false}, {"somebody else's", theirs, false},
		{"half of mine", mine[:20], false}, {"mine and more", mine + "A", false},
	} {
		if got := s.CheckCSRF(one.visit(t, s.Auth), tt.given); got != tt.ok {
			t.Errorf("%s: %v, want %v", tt.sentence, got, tt.ok)
		}
		if s.CheckCSRF(nobody, tt.given) {
			t.Errorf("%s is right without a session", tt.sentence)
		}
	}
}

// TestSecurityNothingCanBeRead signs in and out on both databases and looks for every
// secret and name that there was.
func TestSecurityNothingCanBeRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, b := newSiteOn(t, db), newBrowser()
		mustBegin(t, s, newBrowser())
		ctx, actor := b.mustSignIn(t, s)
		s.clock.pass(2 * time.Hour / 5)
		b.visit(t, s.Auth)
		s.clock.pass(20 * time.Minute)
		if _, err := s.Delegated(ctx, actor); err != nil {
			t.Fatal(err)
		}
		secrets := slices.Concat(s.issuer.given, []string{"canary", "Canary", "eyJ", "example.com", s.CSRF(ctx)})
		for _, cookie := range b.cookies {
			secrets = append(secrets, cookie.Value)
		}
		dump := string(db.Dump(t, "sessions", "flows"))
		if !strings.Contains(dump, objectID) {
			t.Fatalf("the dump has no session:\n%q", dump)
		}
		for _, secret := range secrets {
			if strings.Contains(dump, secret) {
				t.Errorf("the database holds %q", secret)
			}
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

func TestSweep(t *testing.T) {
	s, b := newSite(t), newBrowser()
	mustBegin(t, s, newBrowser())
	b.mustSignIn(t, s)
	if err := s.Sweep(t.Context()); err != nil || len(s.db.Dump(t, "sessions")) == 0 || len(s.db.Dump(t, "flows")) == 0 {
		t.Errorf("swept what is still good: %v", err)
	}
	s.clock.pass(time.Hour)
	if err := s.Sweep(t.Context()); err != nil || len(s.db.Dump(t, "sessions", "flows")) != 0 {
		t.Errorf("left something that has run out: %v", err)
	}
}

func TestSecurityFormsMayGoToTheProvider(t *testing.T) {
	s := newSite(t)
	if got := s.FormActionOrigins(); got != nil {
		t.Errorf("before the provider is known: %v", got)
	}
	s.issuer.metadata = func(m map[string]any) { m["end_session_endpoint"] = "https://logout.example.com/a?b" }
	mustBegin(t, s, newBrowser())
	if got := s.FormActionOrigins(); !slices.Equal(got, []string{s.issuer.URL}) {
		t.Errorf("%v, want the issuer's origin alone", got)
	}
}
