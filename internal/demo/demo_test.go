package demo_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portrait/internal/demo"
	"portrait/internal/directory"
)

const (
	callback = "http://127.0.0.1:9/auth/callback"
	goodbye  = "http://127.0.0.1:9/"
)

// start runs a tenant for one test; o says only what matters to it.
func start(t *testing.T, o demo.Options) *demo.Tenant {
	t.Helper()
	o.Addr, o.RedirectURL, o.PostLogoutURL, o.AppURL = "127.0.0.1:0", callback, goodbye, goodbye
	tenant, err := demo.Start(o)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return tenant
}

// browser keeps cookies and stops where it would leave the tenant.
type browser struct {
	*http.Client
	tenant *demo.Tenant
}

func newBrowser(t *testing.T, tenant *demo.Tenant) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{&http.Client{
		Jar: jar,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(r.URL.String(), tenant.GraphURL()) {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}, tenant}
}

// get follows a link and returns where it ended: the page, or the address
// outside the tenant.
func (b browser) get(t *testing.T, link string) (page string, left *url.URL) {
	t.Helper()
	res, err := b.Get(link)
	if err != nil {
		t.Fatalf("GET %s: %v", link, err)
	}
	return outcome(t, res)
}

func (b browser) post(t *testing.T, link string, form url.Values) (page string, left *url.URL) {
	t.Helper()
	res, err := b.PostForm(link, form)
	if err != nil {
		t.Fatalf("POST %s: %v", link, err)
	}
	return outcome(t, res)
}

// answer sends the form on one of the tenant's pages with one of its buttons.
func (b browser) answer(t *testing.T, page, button, value string) (next string, left *url.URL) {
	t.Helper()
	return b.post(t, b.tenant.GraphURL()+between(page, `action="`, `"`), url.Values{"id": {between(page, `name="id" value="`, `"`)}, button: {value}})
}

func outcome(t *testing.T, res *http.Response) (string, *url.URL) {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := res.Location(); err == nil {
		return string(body), left
	}
	return string(body), nil
}

// between returns what stands in s after before and ahead of after.
func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

// app is the application in these tests.
type app struct {
	oauth2.Config
	tenant   *demo.Tenant
	provider *oidc.Provider
	verifier string
}

func newApp(t *testing.T, tenant *demo.Tenant, scopes ...string) app {
	t.Helper()
	if scopes == nil {
		scopes = []string{"openid", "profile", "offline_access", "User.ReadWrite"}
	}
	p, err := oidc.NewProvider(t.Context(), tenant.Issuer())
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams // not tried out, which would make two calls of one
	return app{oauth2.Config{
		ClientID: tenant.ClientID(), ClientSecret: tenant.ClientSecret(),
		Endpoint: endpoint, RedirectURL: callback, Scopes: scopes,
	}, tenant, p, oauth2.GenerateVerifier()}
}

// link is where the app sends a browser to sign in.
func (a app) link(options ...oauth2.AuthCodeOption) string {
	return a.AuthCodeURL("the-state", append(options, oauth2.S256ChallengeOption(a.verifier), oidc.Nonce("the-nonce"))...)
}

// code signs in as the persona and returns the code that the app would get.
func (a app) code(t *testing.T, b browser, persona string) string {
	t.Helper()
	page, _ := b.get(t, a.link())
	page, left := b.answer(t, page, "persona", persona)
	if left == nil {
		_, left = b.answer(t, page, "consent", "accept")
	}
	if left == nil || left.Query().Get("state") != "the-state" {
		t.Fatalf("signing in as %q led to %v", persona, left)
	}
	return left.Query().Get("code")
}

// token signs in as the persona and redeems the code.
func (a app) token(t *testing.T, persona string) *oauth2.Token {
	t.Helper()
	token, err := a.Exchange(t.Context(), a.code(t, newBrowser(t, a.tenant), persona), oauth2.VerifierOption(a.verifier))
	if err != nil {
		t.Fatalf("token: %v", err)
	}
	return token
}

// refresh uses a refresh token.
func (a app) refresh(t *testing.T, token string) (*oauth2.Token, error) {
	t.Helper()
	return a.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token}).Token()
}

// claims verifies the ID token and returns its claims.
func (a app) claims(ctx context.Context, token *oauth2.Token) (map[string]any, error) {
	raw, _ := token.Extra("id_token").(string)
	id, err := a.provider.Verifier(&oidc.Config{ClientID: a.ClientID, SupportedSigningAlgs: []string{oidc.RS256}}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		return nil, err
	}
	var c map[string]any
	return c, id.Claims(&c)
}

// persona returns the one with the key.
func persona(t *testing.T, tenant *demo.Tenant, key string) demo.Persona {
	t.Helper()
	for _, p := range tenant.Personas() {
		if p.Key == key {
			return p
		}
	}
	t.Fatalf("no persona %q", key)
	return demo.Persona{}
}

// ask calls Graph with an access token and returns the answer, its body read.
func ask(t *testing.T, tenant *demo.Tenant, token *oauth2.Token, method, path string, body []byte, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, tenant.GraphURL()+path, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	if token != nil {
		req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, answer
}

// code returns the code in Graph's error body, "" if it has none.
func errorCode(body []byte) string {
	var e struct {
		Error struct {
			Code  string `json:"code"`
			Inner struct {
				RequestID string `json:"request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil || e.Error.Inner.RequestID == "" {
		return ""
	}
	return e.Error.Code
}

func TestStartIsFast(t *testing.T) {
	began := time.Now()
	start(t, demo.Options{})
	if took := time.Since(began); took > 300*time.Millisecond {
		t.Errorf("Start took %v, want less than 0.3 s", took)
	}
}

func TestStartListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:80", "nonsense"} {
		if tenant, err := demo.Start(demo.Options{Addr: addr}); err == nil {
			t.Errorf("Start(%q) listens on %s, want an error", addr, tenant.GraphURL())
			_ = tenant.Close() // has failed already
		}
	}
}

func TestPersonas(t *testing.T) {
	tenant := start(t, demo.Options{})
	want := map[string]directory.ID{
		"employee": tenant.ID(), "no-photo": tenant.ID(), "no-mailbox": tenant.ID(), "guest": tenant.ID(),
		"personal": directory.PersonalTenant,
	}
	for key, tid := range want {
		if p := persona(t, tenant, key); p.Tenant != tid || !directory.IsGUID(p.ID) || p.Name == "" {
			t.Errorf("persona %q is %+v, want the tenant %s, an object id and a name", key, p, tid)
		}
	}
	if p := persona(t, tenant, "foreign"); p.Tenant == tenant.ID() || !directory.IsGUID(p.Tenant) {
		t.Errorf("the foreign persona has the tenant %s, want another one", p.Tenant)
	}
	var order []string
	for _, p := range tenant.Personas() {
		order = append(order, p.Key)
	}
	if got := strings.Join(order, " "); got != "employee owner helpdesk no-photo no-mailbox guest personal foreign" {
		t.Errorf("the personas are %s", got)
	}
}

// decode reads the JSON in a part of a JWT.
func decode(t *testing.T, part string, into any) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatalf("part of a token: %v", err)
	}
}
