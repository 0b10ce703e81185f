package demo_test

import (
	"bytes"
	"log/slog"
	"net/url"
	"testing"

	"golang.org/x/oauth2"

	"portrait/internal/demo"
)

// TestTheTenantSaysNothing takes all the wrong turns: none of them is for the
// log of whoever runs the tenant.
func TestTheTenantSaysNothing(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })

	tenant := start(t, demo.Options{})
	a, b := want(t, tenant, "Contacts.ReadWrite"), newBrowser(t, tenant)
	set := func(name, value string) oauth2.AuthCodeOption { return oauth2.SetAuthURLParam(name, value) }
	for _, option := range []oauth2.AuthCodeOption{
		set("client_id", "somebody"), set("redirect_uri", "http://evil.example"), set("response_type", "token"), set("scope", "User.Read"),
		set("code_challenge_method", "plain"), set("prompt", "none"), set("claims", "{"), set("scope", "openid Made.Up"),
	} {
		b.get(t, a.link(option))
	}
	for _, path := range []string{"/oauth2/v2.0/authorize/callback?id=abc", "/oauth2/v2.0/authorize/callback", "/login?id=abc", "/consent?id=abc",
		"/oauth2/v2.0/logout?post_logout_redirect_uri=http://evil.example&id_token_hint=abc"} {
		b.get(t, tenant.GraphURL()+"/"+string(tenant.ID())+path)
	}
	page, _ := b.get(t, a.link())
	page, _ = b.answer(t, page, "persona", "owner")
	b.answer(t, page, "consent", "decline")
	for _, change := range [][2]string{{"code", "abc"}, {"client_secret", "guess"}, {"grant_type", "password"}, {"grant_type", "refresh_token"}, {"claims", "{"},
		{"redirect_uri", goodbye}, {"code_verifier", "guess"}, {"client_assertion", "abc"}, {"grant_type", "client_credentials"}} {
		form := url.Values{
			"grant_type": {"authorization_code"}, "code": {a.code(t, newBrowser(t, tenant), "owner")}, "redirect_uri": {callback},
			"code_verifier": {a.verifier}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
		}
		form.Set(change[0], change[1])
		callToken(t, tenant, form)
	}
	token := a.token(t, "owner")
	ask(t, tenant, token, "GET", "/v1.0/nothing", nil)
	tenant.RevokeTokens()
	if _, err := a.refresh(t, token.RefreshToken); err == nil {
		t.Error("a revoked token can be refreshed")
	}
	if log.Len() > 0 {
		t.Errorf("the log has:\n%s", log.String())
	}
}
