package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"portrait/internal/auth"
	"portrait/internal/fault"
)

func nothing(*auth.Config) {}

const metadataPath = "/.well-known/openid-configuration"

func TestSecurityProviderSaysNo(t *testing.T) {
	for _, tt := range []struct {
		code, description string
		kind              fault.Kind
		say               string
		next              fault.Next
	}{
		{"access_denied", "", fault.Forbidden, "signin.declined", fault.NextSignIn},
		{"access_denied", "AADSTS65004: canary declined", fault.Forbidden, "signin.declined", fault.NextSignIn},
		{"consent_required", "", fault.Forbidden, "signin.needs-consent", fault.NextAdmin},
		{"invalid_grant", "AADSTS65001: canary", fault.Forbidden, "signin.needs-consent", fault.NextAdmin},
		{"access_denied", "AADSTS90094: canary", fault.Forbidden, "signin.needs-consent", fault.NextAdmin},
		{"access_denied", "AADSTS50105: canary", fault.Forbidden, "signin.not-assigned", fault.NextAdmin},
		{"login_required", "", fault.Forbidden, "signin.interrupted", fault.NextSignIn},
		{"interaction_required", "AADSTS50076: canary", fault.Forbidden, "signin.interrupted", fault.NextSignIn},
		{"temporarily_unavailable", "", fault.Unavailable, "signin.unreachable", fault.NextSignIn},
		{"server_error", "", fault.Unavailable, "signin.unreachable", fault.NextSignIn},
		{"unauthorized_client", "", fault.Unavailable, "signin.misconfigured", fault.NextAdmin},
		{"<script>canary</script>", "canary", fault.Forbidden, "signin.turned-down", fault.NextSignIn},
		{"", "", fault.Forbidden, "signin.turned-down", fault.NextSignIn},
	} {
		t.Run(tt.code+" "+tt.description, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			answer := s.issuer.authorize(t, mustBegin(t, s, b))
			answer.Set("error", tt.code)
			answer.Set("error_description", tt.description)
			answer.Set("error_uri", "https://evil.example.com/canary")
			_, err := b.finish(s.Auth, answer)
			checkFault(t, err, tt.kind, tt.say, tt.next)
			answer.Del("error")
			_, err = b.finish(s.Auth, answer)
			checkFault(t, err, fault.BadRequest, "signin.stale", fault.NextSignIn)
			if n := s.issuer.called("/token"); n != 0 {
				t.Error("the code was sent to the provider")
			}
		})
	}
}

func TestSecurityTokensByWayOfTheBrowserAreRefused(t *testing.T) {
	for _, extra := range []url.Values{
		{"id_token": {"eyJ"}}, {"access_token": {"eyJ"}}, {"code": {"a", "b"}}, {"code": {""}}, {"code": nil},
	} {
		s, b := newSite(t), newBrowser()
		answer := s.issuer.authorize(t, mustBegin(t, s, b))
		for name, values := range extra {
			answer[name] = values
		}
		_, err := b.finish(s.Auth, answer)
		checkFault(t, err, fault.Forbidden, "signin.refused", fault.NextSignIn)
	}
}

// impatient returns a client that waits for a second where the provider doesn't
// answer, and elsewhere for as long as a busy machine may need.
func impatient(kind fault.Kind) *http.Client {
	timeout := 10 * time.Second
	if kind == fault.Timeout {
		timeout = time.Second
	}
	return &http.Client{Transport: &http.Transport{}, Timeout: timeout}
}

// TestSecurityProviderInTrouble has the provider fail at each of its three doors. Begin
// can be tried again; what fails after it is begun anew.
func TestSecurityProviderInTrouble(t *testing.T) {
	const unreachable, slow, refused = "signin.unreachable", "signin.slow", "signin.refused"
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/canary-elsewhere", http.StatusFound)
	}
	html := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>canary " + strings.Repeat("x", 1000))) // the client hangs up
	}
	for _, tt := range []struct {
		sentence string
		path     string
		handler  http.HandlerFunc
		kind     fault.Kind
		say      string
	}{
		{"metadata that fails", metadataPath, fail(500), fault.Unavailable, unreachable},
		{"metadata that aren't there", metadataPath, fail(404), fault.Unavailable, unreachable},
		{"metadata elsewhere", metadataPath, redirect, fault.Unavailable, unreachable},
		{"metadata without end", metadataPath, long, fault.Unavailable, unreachable},
		{"metadata that are a page", metadataPath, html, fault.Unavailable, unreachable},
		{"metadata that don't come", metadataPath, hang, fault.Timeout, slow},
		{"keys that fail", "/keys", fail(503), fault.Unavailable, unreachable},
		{"keys elsewhere", "/keys", redirect, fault.Unavailable, unreachable},
		{"keys without end", "/keys", long, fault.Forbidden, refused},
		{"keys that are a page", "/keys", html, fault.Forbidden, refused},
		{"keys that are a bomb", "/keys", bomb, fault.Forbidden, refused},
		{"10,000 keys", "/keys", manyKeys, fault.Forbidden, refused},
		{"keys that don't come", "/keys", hang, fault.Timeout, slow},
		{"tokens that fail", "/token", fail(500), fault.Unavailable, unreachable},
		{"tokens too often", "/token", fail(429), fault.Unavailable, unreachable},
		{"tokens elsewhere", "/token", redirect, fault.Unavailable, unreachable},
		{"tokens without end", "/token", long, fault.Unavailable, unreachable},
		{"tokens that are a page", "/token", html, fault.Unavailable, unreachable},
		{"tokens that are a bomb", "/token", bomb, fault.Unavailable, unreachable},
		{"tokens that never stop coming", "/token", endless, fault.Unavailable, unreachable},
		{"tokens that don't come", "/token", hang, fault.Timeout, slow},
		{"tokens refused without a reason", "/token", fail(400), fault.Forbidden, "signin.turned-down"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, b := newSite(t), newBrowser()
			s.config.HTTP = impatient(tt.kind)
			s.Auth = s.replica(t, nothing)
			s.issuer.handlers[tt.path] = tt.handler
			if tt.path == metadataPath {
				_, err := b.begin(s.Auth, "/")
				checkFault(t, err, tt.kind, tt.say, fault.NextRetry)
				checkFault(t, s.Ready(t.Context()), tt.kind, tt.say, fault.NextRetry)
			} else {
				checkFault(t, b.signIn(t, s), tt.kind, tt.say, fault.NextSignIn)
			}
			if n := s.issuer.called("/canary-elsewhere"); n != 0 {
				t.Error("a redirect was followed")
			}
			if b.isIn(t, s.Auth) || strings.Contains(s.log.String(), "canary") {
				t.Errorf("somebody is signed in, or the log says too much:\n%s", s.log)
			}
			// Once the provider is well again, so are we, without a restart.
			s.issuer.change(func() { clear(s.issuer.handlers) })
			s.clock.pass(10 * time.Second)
			if err := newBrowser().signIn(t, s); err != nil {
				t.Errorf("after the trouble: %v", err)
			}
		})
	}
}

func TestSecurityMetadataOfSomebodyElse(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		change   func(m map[string]any)
	}{
		{"another issuer", func(m map[string]any) { m["issuer"] = "https://evil.example.com" }},
		{"our issuer with a slash", func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" }},
		{"no issuer", func(m map[string]any) { delete(m, "issuer") }},
		{"no keys", func(m map[string]any) { delete(m, "jwks_uri") }},
		{"a token endpoint that can be listened to", func(m map[string]any) { m["token_endpoint"] = "http://login.example.com/" }},
		{"a token endpoint with a password", func(m map[string]any) { m["token_endpoint"] = "https://a:b@login.example.com/" }},
		{"a token endpoint at somebody else's", func(m map[string]any) { m["token_endpoint"] = "https://evil.example.com/token" }},
		{"keys at somebody else's", func(m map[string]any) { m["jwks_uri"] = "https://evil.example.com/keys" }},
		{"keys on this machine, on another port", func(m map[string]any) { m["jwks_uri"] = "http://127.0.0.1:9/keys" }},
		{"a sign-in page at somebody else's", func(m map[string]any) { m["authorization_endpoint"] = "https://evil.example.com/" }},
		{"a sign-in page at a host that begins like ours", func(m map[string]any) {
			m["authorization_endpoint"] = m["issuer"].(string) + ".evil.example.com/"
		}},
		{"a sign-in page that is a script", func(m map[string]any) { m["authorization_endpoint"] = "javascript:alert(1)" }},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			s.issuer.metadata = tt.change
			_, err := newBrowser().begin(s.Auth, "/")
			checkFault(t, err, fault.Unavailable, "signin.misconfigured", fault.NextAdmin)
			if origins := s.FormActionOrigins(); origins != nil {
				t.Errorf("forms may go to %v", origins)
			}
		})
	}
}

func TestSecurityProviderIsAskedSeldom(t *testing.T) {
	s := newSite(t)
	s.issuer.handlers[metadataPath] = fail(500)
	for range 10 {
		if _, err := newBrowser().begin(s.Auth, "/"); err == nil {
			t.Fatal("began without a provider")
		}
	}
	if n := s.issuer.called(metadataPath); n != 1 {
		t.Errorf("asked %d times within two seconds, want once", n)
	}
	s.issuer.change(func() { clear(s.issuer.handlers) })
	s.clock.pass(2 * time.Second)
	for range 10 {
		mustBegin(t, s, newBrowser())
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.issuer.called(metadataPath); n != 2 {
		t.Errorf("asked %d times in all, want twice", n)
	}
	s.issuer.change(func() { s.issuer.handlers[metadataPath] = fail(500) })
	s.clock.pass(5 * time.Second)
	if err := s.Ready(t.Context()); err == nil {
		t.Error("ready though the provider fails")
	}
	mustBegin(t, s, newBrowser()) // what is known stays known
}

func TestSecurityKeysAreFetchedSeldom(t *testing.T) {
	s := newSite(t)
	s.issuer.sign = signed(1, nil)
	for range 50 {
		if err := newBrowser().signIn(t, s); err == nil {
			t.Fatal("a token with an unknown key was taken")
		}
	}
	if n := s.issuer.called("/keys"); n > 3 {
		t.Errorf("50 bad tokens made %d fetches, want at most 3", n)
	}
	s.issuer.change(func() { s.issuer.key, s.issuer.sign = 1, nil })
	s.clock.pass(10 * time.Second)
	if err := newBrowser().signIn(t, s); err != nil {
		t.Errorf("ten seconds later the key is published, but: %v", err)
	}
}

func TestSecurityKeysRotate(t *testing.T) {
	s := newSite(t)
	if err := newBrowser().signIn(t, s); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(time.Second)
	s.issuer.change(func() { s.issuer.key = 1 })
	for range 5 {
		if err := newBrowser().signIn(t, s); err != nil {
			t.Errorf("a second after the last fetch the key changed: %v", err)
		}
	}
	if n := s.issuer.called("/keys"); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
	s.issuer.change(func() { s.issuer.sign = signed(0, nil) })
	checkFault(t, newBrowser().signIn(t, s), fault.Forbidden, "signin.refused", fault.NextSignIn)
}

func TestSecurityKeySetsOfManyKinds(t *testing.T) {
	secret := jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "a", Algorithm: "HS256"}
	for _, tt := range []struct {
		sentence string
		keys     func(i *issuer) any
		ok       bool
	}{
		{"both keys", func(i *issuer) any { return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.public(1), i.public(0)}} }, true},
		{"a secret key under the same name", func(i *issuer) any { return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{secret, i.public(0)}} }, true},
		{"only a secret key", func(*issuer) any { return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{secret}} }, false},
		{"no key", func(*issuer) any { return jose.JSONWebKeySet{} }, false},
		{"2,000 keys", func(i *issuer) any {
			set := jose.JSONWebKeySet{}
			for range 2000 {
				set.Keys = append(set.Keys, i.public(1))
			}
			return jose.JSONWebKeySet{Keys: append(set.Keys, i.public(0))}
		}, true},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s := newSite(t)
			s.issuer.keySet = func() any { return tt.keys(s.issuer) }
			if err := newBrowser().signIn(t, s); (err == nil) != tt.ok {
				t.Errorf("%v, want it taken: %v", err, tt.ok)
			}
		})
	}
}

// TestClocksApart is about what an operator reads when nobody can sign in because
// of this machine's clock.
func TestClocksApart(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		ahead    time.Duration
		age      string
		fine     bool
	}{
		{"the same time", 0, "", true},
		{"five minutes ahead", 5 * time.Minute, "", true},
		{"five minutes behind", -5 * time.Minute, "", true},
		{"six minutes ahead", 6 * time.Minute, "", false},
		{"six minutes behind", -6 * time.Minute, "", false},
		{"an answer that was in a cache for an hour", -time.Hour, "3600", true},
		{"an answer that says nonsense of a cache", 0, "-5", true},
		{"years", 300 * 24 * time.Hour, "", false},
	} {
		s := newSite(t)
		if err := s.Clock(); err != nil {
			t.Fatalf("before anything was heard: %v", err)
		}
		s.issuer.handlers[metadataPath] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", s.clock.Now().Add(tt.ahead).UTC().Format(http.TimeFormat))
			w.Header().Set("Age", tt.age)
			s.issuer.serveMetadata(w, r)
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Clock(); (err == nil) != tt.fine {
			t.Errorf("%s: %v, want it fine: %v", tt.sentence, err, tt.fine)
		}
	}
}
