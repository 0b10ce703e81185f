package demo_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

func TestSignIn(t *testing.T) {
	for _, key := range []string{"employee", "owner", "helpdesk", "no-photo", "no-mailbox", "guest", "personal", "foreign"} {
		t.Run(key, func(t *testing.T) {
			tenant := start(t, demo.Options{})
			a := newApp(t, tenant)
			token := a.token(t, key)
			got, err := a.claims(t.Context(), token)
			if err != nil {
				t.Fatalf("the ID token doesn't verify: %v", err)
			}
			p := persona(t, tenant, key)
			want := map[string]any{
				"iss": tenant.Issuer(), "oid": string(p.ID), "tid": string(p.Tenant), "name": p.Name,
				"preferred_username": p.UPN, "nonce": "the-nonce", "ver": "2.0", "azp": tenant.ClientID(),
			}
			for name, value := range want {
				if got[name] != value {
					t.Errorf("claim %s = %v, want %v", name, got[name], value)
				}
			}
			for _, name := range []string{"sub", "sid", "login_hint", "iat", "exp"} {
				if got[name] == nil {
					t.Errorf("claim %s is missing", name)
				}
			}
			if got["sub"] == string(p.ID) {
				t.Error("sub is the object id, want one that belongs to this app")
			}
			if n := len(token.AccessToken); n < 2500 || n > 3500 {
				t.Errorf("the access token has %d bytes, want about 3,000", n)
			}
			if token.ExpiresIn != 3599 || token.Extra("scope") != "openid profile offline_access User.ReadWrite" {
				t.Errorf("expires_in = %d, scope = %v", token.ExpiresIn, token.Extra("scope"))
			}
		})
	}
}

func TestSignInGoesByTheTenantsClock(t *testing.T) {
	for _, ahead := range []time.Duration{48 * time.Hour, -48 * time.Hour} {
		now := time.Now().Add(ahead)
		tenant := start(t, demo.Options{Now: func() time.Time { return now }})
		a := newApp(t, tenant)
		token := a.token(t, "employee")
		part := strings.Split(token.Extra("id_token").(string), ".")[1]
		var c struct{ Iat, Exp, AuthTime int64 }
		decode(t, part, &c)
		if d := c.Iat - now.Unix(); d < -2 || d > 2 {
			t.Errorf("%v ahead: iat is %d s from the tenant's clock", ahead, d)
		}
		if d := c.Exp - c.Iat; d < 3598 || d > 3602 {
			t.Errorf("%v ahead: the ID token lives %d s, want 3600", ahead, d)
		}
		if token.ExpiresIn < 3597 || token.ExpiresIn > 3601 {
			t.Errorf("%v ahead: expires_in = %d, want 3600", ahead, token.ExpiresIn)
		}
		now = now.Add(61 * time.Minute)
		if res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%v ahead: a token of 61 minutes gets %d, want 401", ahead, res.StatusCode)
		}
	}
}

func TestCodeCanBeRedeemedOnce(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	code := a.code(t, newBrowser(t, tenant), "employee")
	if _, err := a.Exchange(t.Context(), code, oauth2.VerifierOption(a.verifier)); err != nil {
		t.Fatalf("the first time: %v", err)
	}
	_, err := a.Exchange(t.Context(), code, oauth2.VerifierOption(a.verifier))
	wantTokenError(t, err, "invalid_grant")
	if n := tenant.TokenCalls(); n != 2 {
		t.Errorf("TokenCalls() = %d, want 2", n)
	}
}

func TestCodeWants(t *testing.T) {
	now := time.Now()
	tenant := start(t, demo.Options{Now: func() time.Time { return now }})
	a := newApp(t, tenant)
	t.Run("the verifier", func(t *testing.T) {
		_, err := a.Exchange(t.Context(), a.code(t, newBrowser(t, tenant), "employee"), oauth2.VerifierOption(oauth2.GenerateVerifier()))
		wantTokenError(t, err, "invalid_grant")
	})
	t.Run("the secret", func(t *testing.T) {
		b := a
		b.ClientSecret = "guess"
		_, err := b.Exchange(t.Context(), a.code(t, newBrowser(t, tenant), "employee"), oauth2.VerifierOption(a.verifier))
		wantTokenError(t, err, "invalid_client")
	})
	t.Run("the same redirect_uri", func(t *testing.T) {
		b := a
		b.RedirectURL = goodbye
		_, err := b.Exchange(t.Context(), a.code(t, newBrowser(t, tenant), "employee"), oauth2.VerifierOption(a.verifier))
		wantTokenError(t, err, "invalid_grant")
	})
	t.Run("ten minutes at most", func(t *testing.T) {
		code := a.code(t, newBrowser(t, tenant), "employee")
		now = now.Add(11 * time.Minute)
		_, err := a.Exchange(t.Context(), code, oauth2.VerifierOption(a.verifier))
		wantTokenError(t, err, "invalid_grant")
	})
}

// wantTokenError checks an error of the token endpoint, and that it says what
// Entra ID's errors say.
func wantTokenError(t *testing.T, err error, code string) {
	t.Helper()
	var e *oauth2.RetrieveError
	if !errors.As(err, &e) || e.ErrorCode != code {
		t.Fatalf("the token endpoint says %v, want %s", err, code)
	}
	for _, part := range []string{"error_codes", "trace_id", "correlation_id"} {
		if !strings.Contains(string(e.Body), `"`+part+`"`) {
			t.Errorf("the error has no %s: %s", part, e.Body)
		}
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	set := func(name, value string) string {
		u, _ := url.Parse(a.link()) // our own
		q := u.Query()
		q.Set(name, value)
		if value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	for _, tt := range []struct {
		why, link, want string // "" = stays at the tenant, nothing is sent to the app
	}{
		{"no PKCE", set("code_challenge", ""), "invalid_request"},
		{"plain PKCE", set("code_challenge_method", "plain"), "invalid_request"},
		{"no openid", set("scope", "User.Read"), "invalid_scope"},
		{"tokens in the front channel", set("response_type", "id_token token"), "unauthorized_client"},
		{"nobody is signed in", set("prompt", "none"), "login_required"},
		{"another redirect_uri", set("redirect_uri", callback+"/more"), ""},
		{"another client", set("client_id", "somebody"), ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, left := newBrowser(t, tenant).get(t, tt.link)
			switch {
			case tt.want == "" && left != nil:
				t.Errorf("led to %v, want to stay", left)
			case tt.want == "":
			case left == nil:
				t.Errorf("stayed, want %s at the app", tt.want)
			case !strings.Contains(left.String(), "error="+tt.want) || !strings.Contains(left.String(), "state=the-state"):
				t.Errorf("led to %v, want error=%s with the state", left, tt.want)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	tenant := start(t, demo.Options{})
	a, b := newApp(t, tenant), newBrowser(t, tenant)
	page, _ := b.get(t, a.link())
	form := url.Values{"id": {between(page, `name="id" value="`, `"`)}, "cancel": {"1"}}
	_, left := b.post(t, tenant.GraphURL()+between(page, `action="`, `"`), form)
	if left == nil || !strings.HasPrefix(left.String(), callback+"?") ||
		left.Query().Get("error") != "access_denied" || left.Query().Get("state") != "the-state" {
		t.Errorf("Cancel leads to %v, want error=access_denied at the app", left)
	}
	if page, left := b.post(t, tenant.GraphURL()+between(page, `action="`, `"`), form); left != nil || !strings.Contains(page, "has run out") {
		t.Errorf("cancelling twice leads to %v, want a page that says that it has run out", left)
	}
}

func TestSilentSignInAndSignOut(t *testing.T) {
	tenant := start(t, demo.Options{})
	a, b := newApp(t, tenant), newBrowser(t, tenant)
	a.code(t, b, "employee")

	_, left := b.get(t, a.link(oauth2.SetAuthURLParam("prompt", "none")))
	if left == nil || left.Query().Get("code") == "" {
		t.Fatalf("prompt=none leads to %v, want a code: somebody is signed in", left)
	}
	if page, left := b.get(t, a.link()); left != nil || !strings.Contains(page, "Who would you like to be?") {
		t.Error("without prompt=none the personas must be shown, also to somebody who is signed in")
	}

	var meta struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := a.provider.Claims(&meta); err != nil {
		t.Fatal(err)
	}
	q := url.Values{"client_id": {tenant.ClientID()}, "post_logout_redirect_uri": {goodbye}, "logout_hint": {"anybody"}, "state": {"s"}}
	if _, left := b.get(t, meta.EndSession+"?"+q.Encode()); left == nil || left.String() != goodbye+"?state=s" {
		t.Errorf("signing out leads to %v, want %s with the state", left, goodbye)
	}
	if _, left := b.get(t, a.link(oauth2.SetAuthURLParam("prompt", "none"))); left == nil || left.Query().Get("error") != "login_required" {
		t.Errorf("after signing out prompt=none leads to %v, want login_required", left)
	}
	q.Set("post_logout_redirect_uri", "http://evil.example/")
	if _, left := b.get(t, meta.EndSession+"?"+q.Encode()); left != nil {
		t.Errorf("signing out leads to %v, which isn't registered", left)
	}
	if page, left := b.get(t, meta.EndSession); left != nil || !strings.Contains(page, "You are signed out") {
		t.Errorf("signing out with nowhere to go leads to %v, want the tenant's page", left)
	}
}

func TestRefresh(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	first := a.token(t, "employee")
	before, _ := a.claims(t.Context(), first) // verified in TestSignIn

	second, err := a.refresh(t, first.RefreshToken)
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	after, err := a.claims(t.Context(), second)
	if err != nil {
		t.Fatalf("the refreshed ID token doesn't verify: %v", err)
	}
	for _, same := range []string{"sub", "oid", "tid", "sid", "auth_time"} {
		if diff := cmp.Diff(before[same], after[same]); diff != "" {
			t.Errorf("claim %s changed in the refresh: %s", same, diff)
		}
	}
	if second.RefreshToken == first.RefreshToken || second.Extra("scope") != first.Extra("scope") {
		t.Error("a refresh gives a new refresh token and the same scopes")
	}
	_, err = a.refresh(t, first.RefreshToken)
	wantTokenError(t, err, "invalid_grant")
	if n := tenant.RefreshCalls(); n != 2 || tenant.TokenCalls() != 1 {
		t.Errorf("RefreshCalls() = %d, TokenCalls() = %d, want 2 and 1", n, tenant.TokenCalls())
	}
}

func TestRefreshForLessKeepsTheGrant(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	token := a.token(t, "employee")
	res, err := http.PostForm(a.Endpoint.TokenURL, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}, "scope": {"openid"},
		"client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var less struct {
		Refresh string `json:"refresh_token"`
		Scope   string `json:"scope"`
	}
	if err := json.NewDecoder(res.Body).Decode(&less); err != nil || less.Scope != "openid" {
		t.Fatalf("asked for openid, got %q (%v)", less.Scope, err)
	}
	if all, err := a.refresh(t, less.Refresh); err != nil || all.Extra("scope") != token.Extra("scope") {
		t.Errorf("the next refresh has the scopes %v (%v), want all that were granted", all.Extra("scope"), err)
	}
}

func TestNoRefreshTokenWithoutOfflineAccess(t *testing.T) {
	a := newApp(t, start(t, demo.Options{}), "openid", "profile", "User.Read")
	if token := a.token(t, "employee"); token.RefreshToken != "" {
		t.Error("got a refresh token without offline_access")
	}
}

func TestTokensEnd(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	token := a.token(t, "employee")

	tenant.ExpireAccessTokens()
	if res, body := ask(t, tenant, token, "GET", "/v1.0/me", nil); res.StatusCode != 401 || errorCode(body) != "InvalidAuthenticationToken" {
		t.Errorf("an expired token gets %d %s, want 401", res.StatusCode, body)
	}
	token, err := a.refresh(t, token.RefreshToken)
	if err != nil {
		t.Fatalf("refresh after the access token ended: %v", err)
	}
	if res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil); res.StatusCode != 200 {
		t.Errorf("the refreshed token gets %d, want 200", res.StatusCode)
	}
	tenant.RevokeTokens()
	if res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil); res.StatusCode != 401 {
		t.Errorf("a revoked token gets %d, want 401", res.StatusCode)
	}
	_, err = a.refresh(t, token.RefreshToken)
	wantTokenError(t, err, "invalid_grant")
}

func TestKeyRotation(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	old := a.token(t, "employee")
	tenant.RotateKeys()
	if _, err := a.claims(t.Context(), a.token(t, "employee")); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
	if _, err := newApp(t, tenant).claims(t.Context(), old); err == nil {
		t.Error("a token of the old key verifies with the keys that are published now")
	}
}

func TestProviderDown(t *testing.T) {
	tenant := start(t, demo.Options{})
	tenant.Set(demo.Weather{ProviderDown: true})
	if res, err := http.Get(tenant.Issuer() + "/.well-known/openid-configuration"); err == nil {
		res.Body.Close()
		t.Errorf("the provider answers %d while it is down", res.StatusCode)
	}
	tenant.Set(demo.Weather{})
	res, err := http.Get(tenant.Issuer() + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatalf("the provider is up again: %v", err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 200 {
		t.Errorf("the provider answers %d (%v)", res.StatusCode, err)
	}
}
