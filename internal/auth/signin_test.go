package auth_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/fault"
)

func TestSecuritySignInAsksForTheLeast(t *testing.T) {
	for _, tt := range []struct{ sentence, prefix, scope string }{
		{"in the global cloud", "", "openid profile offline_access User.ReadWrite"},
		{"in another cloud", "https://graph.microsoft.us/", "openid profile offline_access https://graph.microsoft.us/User.ReadWrite"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			a := s.replica(t, func(c *auth.Config) { c.ScopePrefix = tt.prefix })
			location, err := newBrowser().begin(a, "/")
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(location)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			for _, name := range []string{"state", "nonce", "code_challenge"} {
				if len(q.Get(name)) < 43 {
					t.Errorf("%s = %q has fewer than 256 bits", name, q.Get(name))
				}
				q.Del(name)
			}
			want := url.Values{"client_id": {clientID}, "response_type": {"code"}, "scope": {tt.scope},
				"redirect_uri": {"https://portrait.example.com/auth/callback"}, "code_challenge_method": {"S256"},
				"claims": {`{"access_token":{"xms_cc":{"values":["cp1"]}}}`}}
			if diff := cmp.Diff(want, q); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSignInMakesASession(t *testing.T) {
	s, b := newSite(t), newBrowser()
	location, err := b.begin(s.Auth, "/me/photo?x=1")
	if err != nil {
		t.Fatal(err)
	}
	out, err := b.finish(s.Auth, s.issuer.authorize(t, location))
	if err != nil || out != (auth.Outcome{ReturnTo: "/me/photo?x=1"}) {
		t.Fatalf("came back to %+v, %v", out, err)
	}
	ctx := b.visit(t, s.Auth)
	actor, _ := s.Actor(ctx)
	want := directory.Actor{Tenant: tenantID, ID: objectID, Name: "Canary Ada", UPN: "canary.ada@example.com",
		Role: directory.Employee, Scopes: []string{"openid", "profile", "user.readwrite"}}
	if diff := cmp.Diff(want, actor); diff != "" {
		t.Errorf("actor (-want +got)\n%s", diff)
	}
	token, err := s.Delegated(ctx, actor)
	if err != nil || !strings.HasPrefix(token, "canary-access-") {
		t.Errorf("token %q, %v", token, err)
	}
	if n := s.issuer.called("/token"); n != 1 {
		t.Errorf("%d calls of the token endpoint, want 1", n)
	}
}

func TestSecurityCookiesAreLocked(t *testing.T) {
	for _, tt := range []struct {
		base, session, flow string
		secure              bool
	}{
		{"https://portrait.example.com", "__Host-portrait", "__Host-portrait-signin", true},
		{"http://127.0.0.1:8080", "portrait", "portrait-signin", false},
		{"http://localhost:8080/", "portrait", "portrait-signin", false},
	} {
		t.Run(tt.base, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			s.Auth = s.replica(t, func(c *auth.Config) { c.BaseURL = tt.base })
			b.mustSignIn(t, s)
			for name, age := range map[string]int{tt.session: 0, tt.flow: 600} {
				got := b.cookies[name]
				if got == nil {
					t.Fatalf("there is no %s among %v", name, b.cookies)
				}
				if len(got.Value) != 43 {
					t.Errorf("%s holds %q, want 256 bits and nothing else", name, got.Value)
				}
				want := &http.Cookie{Name: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: tt.secure, MaxAge: age}
				got = &http.Cookie{Name: got.Name, Path: got.Path, Domain: got.Domain, HttpOnly: got.HttpOnly,
					SameSite: got.SameSite, Secure: got.Secure, MaxAge: got.MaxAge, Expires: got.Expires}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got)\n%s", name, diff)
				}
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	s := newSite(t)
	for _, tt := range []struct {
		sentence string
		change   func(c *auth.Config)
	}{
		{"no issuer", func(c *auth.Config) { c.Issuer = "" }},
		{"a plain issuer elsewhere", func(c *auth.Config) { c.Issuer = "http://login.example.com" }},
		{"nothing that proves who we are", func(c *auth.Config) { c.Credential = auth.Credential{} }},
		{"a scope that isn't for groups", func(c *auth.Config) { c.GroupScope = "Group.Read.All" }},
		{"a tenant by name", func(c *auth.Config) { c.Tenant = "contoso.com" }},
		{"a plain address elsewhere", func(c *auth.Config) { c.BaseURL = "http://portrait.example.com" }},
		{"an address with a path", func(c *auth.Config) { c.BaseURL = "https://example.com/portrait" }},
		{"no store", func(c *auth.Config) { c.Store = nil }},
		{"no client", func(c *auth.Config) { c.HTTP = nil }},
	} {
		config := s.config
		tt.change(&config)
		if _, err := auth.New(config); err == nil {
			t.Errorf("%s was taken", tt.sentence)
		}
	}
	if n := s.issuer.called("/.well-known/openid-configuration"); n != 0 {
		t.Errorf("New asked the provider %d times", n)
	}
}

// TestSecurityAnswerBelongsToTheBrowser is the matrix of security.md 3.4: what is
// refused makes no call with the code and no session.
func TestSecurityAnswerBelongsToTheBrowser(t *testing.T) {
	type two struct{ mine, other *browser }
	for _, tt := range []struct {
		sentence string
		finish   func(t *testing.T, s *site, b two) (*browser, url.Values)
		calls    int // of the token endpoint
	}{
		{"a browser that never began", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			return newBrowser(), s.issuer.authorize(t, mustBegin(t, s, b.mine))
		}, 0},
		{"a browser that began another sign-in", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			mustBegin(t, s, b.other)
			return b.other, s.issuer.authorize(t, mustBegin(t, s, b.mine))
		}, 0},
		{"somebody else's code with my own state", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			answer := s.issuer.authorize(t, mustBegin(t, s, b.mine))
			answer.Set("code", s.issuer.authorize(t, mustBegin(t, s, b.other)).Get("code"))
			return b.mine, answer
		}, 1},
		{"the code of one tab with the state of another", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			answer := s.issuer.authorize(t, mustBegin(t, s, b.mine))
			answer.Set("code", s.issuer.authorize(t, mustBegin(t, s, b.mine)).Get("code"))
			return b.mine, answer
		}, 1},
		{"a sign-in begun ten minutes ago", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			answer := s.issuer.authorize(t, mustBegin(t, s, b.mine))
			s.clock.pass(10 * time.Minute)
			return b.mine, answer
		}, 0},
		{"no state", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			answer := s.issuer.authorize(t, mustBegin(t, s, b.mine))
			answer.Del("state")
			return b.mine, answer
		}, 0},
		{"two states", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			answer := s.issuer.authorize(t, mustBegin(t, s, b.mine))
			answer.Add("state", answer.Get("state"))
			return b.mine, answer
		}, 0},
		{"a state that is longer by a letter", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			answer := s.issuer.authorize(t, mustBegin(t, s, b.mine))
			answer.Set("state", answer.Get("state")+"A")
			return b.mine, answer
		}, 0},
		{"an error with a state that isn't mine", func(t *testing.T, s *site, b two) (*browser, url.Values) {
			mustBegin(t, s, b.mine)
			return b.mine, url.Values{"error": {"access_denied"}, "state": {"x"}}
		}, 0},
	} {
		t.Run(tt.sentence+" is refused", func(t *testing.T) {
			s := newSite(t)
			b, answer := tt.finish(t, s, two{newBrowser(), newBrowser()})
			_, err := b.finish(s.Auth, answer)
			checkFault(t, err, fault.BadRequest, "signin.stale", fault.NextSignIn)
			if n := s.issuer.called("/token"); n != tt.calls {
				t.Errorf("%d calls of the token endpoint, want %d", n, tt.calls)
			}
			if b.isIn(t, s.Auth) || b.cookies["__Host-portrait"] != nil {
				t.Error("there is a session, or its cookie")
			}
		})
	}
}

// TestSecurityAttackersAnswerInAVictimsBrowser is the last row of security.md
// 3.4: who opens somebody else's whole callback stays who they are.
func TestSecurityAttackersAnswerInAVictimsBrowser(t *testing.T) {
	s, victim, attacker := newSite(t), newBrowser(), newBrowser()
	victim.mustSignIn(t, s)
	mustBegin(t, s, victim) // and is about to sign in again
	before, asked := victim.copy(), s.issuer.called("/token")
	set("oid", "55555555-aaaa-bbbb-cccc-000000000005")(s)
	_, err := victim.finish(s.Auth, s.issuer.authorize(t, mustBegin(t, s, attacker)))
	checkFault(t, err, fault.BadRequest, "signin.stale", fault.NextSignIn)
	if diff := cmp.Diff(before.cookies, victim.cookies); diff != "" {
		t.Errorf("the victim's cookies changed\n%s", diff)
	}
	if got, _ := s.Actor(victim.visit(t, s.Auth)); got.ID != objectID {
		t.Errorf("the victim is %s now", got.ID)
	}
	if n := s.issuer.called("/token"); n != asked {
		t.Error("the attacker's code was sent to the provider")
	}
}

func mustBegin(t *testing.T, s *site, b *browser) (location string) {
	t.Helper()
	location, err := b.begin(s.Auth, "/")
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func TestSecurityAnswerIsGoodOnce(t *testing.T) {
	s, b := newSite(t), newBrowser()
	answer := s.issuer.authorize(t, mustBegin(t, s, b))
	if _, err := b.finish(s.Auth, answer); err != nil {
		t.Fatal(err)
	}
	_, err := b.finish(s.Auth, answer)
	checkFault(t, err, fault.BadRequest, "signin.stale", fault.NextSignIn)
	if !b.isIn(t, s.Auth) {
		t.Error("the back button ended the session")
	}
	if n := s.issuer.called("/token"); n != 1 {
		t.Errorf("%d calls of the token endpoint, want 1", n)
	}
}

func TestSecurityManyTabsSignInAtOnce(t *testing.T) {
	s, b := newSite(t), newBrowser()
	var answers []url.Values
	for range 20 {
		answers = append(answers, s.issuer.authorize(t, mustBegin(t, s, b)))
	}
	slices.Reverse(answers)
	for i, answer := range answers {
		if _, err := b.finish(s.Auth, answer); err != nil {
			t.Errorf("tab %d: %v", i, err)
		}
	}
}

func TestSecurityIssuerOfTheAnswer(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		sends    bool // the metadata promises iss
		iss      []string
		ok       bool
	}{
		{"no iss, as most providers do", false, nil, true},
		{"our issuer", true, []string{"*"}, true},
		{"our issuer without having said so", false, []string{"*"}, true},
		{"another issuer", false, []string{"https://evil.example.com"}, false},
		{"an empty one", false, []string{""}, false},
		{"two", false, []string{"*", "*"}, false},
		{"none though it was promised", true, nil, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			s.issuer.metadata = func(m map[string]any) { m["authorization_response_iss_parameter_supported"] = tt.sends }
			answer := s.issuer.authorize(t, mustBegin(t, s, b))
			for _, iss := range tt.iss {
				answer.Add("iss", strings.ReplaceAll(iss, "*", s.issuer.URL))
			}
			_, err := b.finish(s.Auth, answer)
			if tt.ok && err != nil {
				t.Errorf("refused: %v", err)
			}
			if !tt.ok {
				checkFault(t, err, fault.Forbidden, "signin.refused", fault.NextSignIn)
				if n := s.issuer.called("/token"); n != 0 {
					t.Error("the code was sent to the provider")
				}
			}
		})
	}
}
