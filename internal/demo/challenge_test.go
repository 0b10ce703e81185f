package demo_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

const cp1 = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`

// claimsIn returns the claims that an answer of Graph asks for, "" for none.
func claimsIn(t *testing.T, res *http.Response) string {
	t.Helper()
	h := res.Header.Get("WWW-Authenticate")
	if !strings.Contains(h, `error="insufficient_claims"`) {
		return ""
	}
	raw, err := base64.StdEncoding.DecodeString(between(h, `claims="`, `"`))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// merged returns claims as an app sends them, which declares cp1 always.
func merged(claims string) string {
	return strings.TrimSuffix(claims, "}}") + `,"xms_cc":{"values":["cp1"]}}}`
}

// redeem signs in as the persona with claims at both places.
func redeem(t *testing.T, a app, persona, claims string) *oauth2.Token {
	t.Helper()
	b := newBrowser(t, a.tenant)
	page, _ := b.get(t, a.link(oauth2.SetAuthURLParam("claims", claims)))
	_, left := b.answer(t, page, "persona", persona)
	token, err := a.Exchange(t.Context(), left.Query().Get("code"), oauth2.VerifierOption(a.verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestChallengedTokens(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	plain, able, other := a.token(t, "employee"), redeem(t, a, "employee", cp1), redeem(t, a, "guest", cp1)
	status := func(token *oauth2.Token) (int, string) {
		res, _ := ask(t, tenant, token, "GET", "/v1.0/me", nil)
		return res.StatusCode, claimsIn(t, res)
	}
	tenant.Challenge(persona(t, tenant, "employee").ID)
	code, claims := status(able)
	if code != 401 || !strings.Contains(claims, `"nbf"`) {
		t.Fatalf("a challenged token gets %d and the claims %q", code, claims)
	}
	if code, claims := status(plain); code != 401 || claims != "" {
		t.Errorf("a token without cp1 gets %d and the claims %q, want 401 and none", code, claims)
	}
	if code, _ := status(other); code != 200 {
		t.Errorf("somebody else's token gets %d, want 200", code)
	}

	if code, _ := status(redeem(t, a, "employee", cp1)); code != 401 {
		t.Errorf("a token of a sign-in without the claims gets %d, want 401", code)
	}
	if code, _ := status(redeem(t, a, "employee", merged(claims))); code != 200 {
		t.Errorf("a token of a sign-in with the claims gets %d, want 200", code)
	}
	refresh := func(claims string) *oauth2.Token {
		t.Helper()
		c := callToken(t, tenant, url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {redeem(t, a, "employee", cp1).RefreshToken},
			"client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "claims": {claims},
		})
		return &oauth2.Token{AccessToken: c.Access}
	}
	if code, again := status(refresh("")); code != 401 || again != claims {
		t.Errorf("a refresh without the claims gets %d and asks for %q, want 401 and the same claims", code, again)
	}
	if code, _ := status(refresh(claims)); code != 200 {
		t.Errorf("a refresh with the claims gets %d, want 200", code)
	}
	tenant.Challenge(persona(t, tenant, "employee").ID)
	if code, next := status(redeem(t, a, "employee", merged(claims))); code != 401 || next == claims {
		t.Errorf("the claims of the last challenge get %d and %q, want 401 and others", code, next)
	}
	if res, _ := ask(t, tenant, asApp(t, tenant), "GET", "/v1.0/users", nil); res.StatusCode != 200 {
		t.Errorf("the app by itself gets %d, want 200", res.StatusCode)
	}
}

func TestSecretsAreRemembered(t *testing.T) {
	tenant := start(t, demo.Options{})
	a := newApp(t, tenant)
	code := a.code(t, newBrowser(t, tenant), "employee")
	token, err := a.Exchange(t.Context(), code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(tenant.Secrets(), "\n")
	for what, secret := range map[string]string{
		"code": code, "access token": token.AccessToken, "refresh token": token.RefreshToken, "ID token": token.Extra("id_token").(string),
		"app's token": "",
	} {
		if what == "app's token" {
			secret = asApp(t, tenant).AccessToken
			all = strings.Join(tenant.Secrets(), "\n")
		}
		if secret == "" || !strings.Contains(all, secret) {
			t.Errorf("the %s isn't among the secrets", what)
		}
	}
	for range 250 {
		asApp(t, tenant)
	}
	if n := len(tenant.Secrets()); n != 200 {
		t.Errorf("%d secrets are remembered, want 200", n)
	}
}
