package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"portrait/internal/demo"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// testSite is the whole site, wired as in production, beside a fresh demo
// tenant.
type testSite struct {
	t       *testing.T
	tenant  *demo.Tenant
	url     string
	log     *lockedBuffer
	handler http.Handler
	running *atomic.Pointer[built] // what answers requests
	db      *store.Store
	config  config
	secrets map[string]string // the settings that commands take
	vars    map[string]string // all settings
}

// newSite starts a site that ends with the test. The tenant serves what was
// written at once; tests of stale reads set the weather themselves.
func newSite(t *testing.T) *testSite {
	t.Helper()
	return newSiteWith(t, nil, nil)
}

// newSiteWith is newSite with the tenant's clock, nil for the real one, and with
// settings as change leaves them; nil leaves them as they are.
func newSiteWith(t *testing.T, clock func() time.Time, change func(vars map[string]string)) *testSite {
	t.Helper()
	tenant, err := demo.Start(demo.Options{Addr: "127.0.0.1:0", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	tenant.Set(demo.Weather{ReadDelay: -1})
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	tenant.Register(base+"/auth/callback", base+"/", base+"/")
	secrets := map[string]string{
		"PORTRAIT_TENANT": string(tenant.ID()), "PORTRAIT_DATABASE": storetest.SQLite(t).URL,
		"PORTRAIT_KEYS": newKey(), "PORTRAIT_AUDIT_KEYS": newKey(),
	}
	vars := map[string]string{
		"PORTRAIT_URL": base, "PORTRAIT_OIDC_ISSUER": tenant.Issuer(),
		"PORTRAIT_GRAPH_URL": tenant.GraphURL(), "PORTRAIT_CLIENT_ID": tenant.ClientID(), "PORTRAIT_CLIENT_SECRET": tenant.ClientSecret(),
	}
	maps.Copy(vars, secrets)
	if change != nil {
		change(vars)
	}
	c, err := parseConfig(vars)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), c.Database, c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &testSite{t: t, tenant: tenant, url: base, log: &lockedBuffer{}, db: db, config: c, secrets: secrets, vars: vars, running: &atomic.Pointer[built]{}}
	site, err := build(c, db, watched(t, tenant), slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	s.handler = site.handler
	s.running.Store(&site)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.running.Load().handler.ServeHTTP(w, r) })
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.checkTokens)
	return s
}

// browser is one person's browser: it keeps cookies and the page's token.
type browser struct {
	*testSite
	http  *http.Client
	token string
}

// browser returns a new browser that nobody is signed in with.
func (s *testSite) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{testSite: s, http: &http.Client{Jar: jar, Transport: lookout{s, http.DefaultTransport}}}
}

// signedIn returns a browser that the persona has signed in with.
func (s *testSite) signedIn(persona string) *browser {
	s.t.Helper()
	b := s.browser()
	if a := b.signIn(persona); a.status != http.StatusOK {
		s.t.Fatalf("signing in as %s: %d %s", persona, a.status, a.text())
	}
	return b
}

// signIn goes through the provider's pages as the persona and returns the page
// that it ends on.
func (b *browser) signIn(persona string) *answer {
	b.t.Helper()
	return b.at(b.get("/auth/sign-in?return_to=/me/photo"), "persona", persona)
}

// at presses the button with the name and value on a page of the provider's and
// returns the page that it leads to.
func (b *browser) at(page *answer, name, value string) *answer {
	b.t.Helper()
	if strings.HasPrefix(page.url.String(), b.url) {
		return page // it isn't the provider's
	}
	fields := url.Values{name: {value}}
	for _, input := range page.all("input") {
		fields.Set(attr(input, "name"), attr(input, "value"))
	}
	action, err := page.url.Parse(attr(page.find("form"), "action"))
	if err != nil {
		b.t.Fatal(err)
	}
	a := b.do(http.MethodPost, action.String(), strings.NewReader(fields.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	if meta := a.find(`meta[name="csrf-token"]`); meta != nil {
		b.token = attr(meta, "content")
	}
	return a
}

func (b *browser) get(path string, headers ...string) *answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, headers...)
}

// put sends a picture as the scripts do.
func (b *browser) put(body []byte, headers ...string) *answer {
	b.t.Helper()
	return b.do(http.MethodPut, "/me/photo/$value", bytes.NewReader(body), append([]string{"X-CSRF-Token", b.token, "Content-Type", "image/jpeg"}, headers...)...)
}

// do sends a request with alternating header names and values. A path is of the
// site; redirects are followed as a browser does.
func (b *browser) do(method, target string, body io.Reader, headers ...string) *answer {
	b.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = b.url + target
	}
	req, err := http.NewRequest(method, target, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close() // it has been read
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &answer{t: b.t, status: res.StatusCode, header: res.Header, body: raw, url: res.Request.URL}
}

// stay makes the browser show redirects instead of following them.
func (b *browser) stay() *browser {
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	url    *url.URL
	tree   *html.Node
}

// json decodes the answer's body.
func (a *answer) json() map[string]any {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("not JSON: %v: %.200s", err, a.body)
	}
	return v
}

// find returns the first element that fits: a name, with one attribute and its
// value in brackets if wanted: `meta[name="csrf-token"]`.
func (a *answer) find(selector string) *html.Node {
	if found := a.all(selector); len(found) > 0 {
		return found[0]
	}
	return nil
}

// all returns every element that fits, in the order of the page.
func (a *answer) all(selector string) []*html.Node {
	if a.tree == nil {
		tree, err := html.Parse(bytes.NewReader(a.body))
		if err != nil {
			a.t.Fatal(err)
		}
		a.tree = tree
	}
	name, rest, _ := strings.Cut(strings.TrimSuffix(selector, `"]`), "[")
	key, value, _ := strings.Cut(rest, `="`)
	var found []*html.Node
	for n := range a.tree.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (key == "" || attr(n, key) == value) {
			found = append(found, n)
		}
	}
	return found
}

// text returns what a person reads on the page's main part.
func (a *answer) text() string {
	main := a.find("main")
	if main == nil {
		return string(a.body)
	}
	var words []string
	for n := range main.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// writes returns the changes that Graph was asked for; a $batch by itself changes
// nothing.
func (s *testSite) writes() []demo.Request {
	var writes []demo.Request
	for _, r := range s.tenant.Requests() {
		if r.Method != http.MethodGet && r.Path != "/v1.0/$batch" {
			writes = append(writes, r)
		}
	}
	return writes
}

// person returns the object id of a persona.
func (s *testSite) person(key string) directory.ID {
	s.t.Helper()
	for _, p := range s.tenant.Personas() {
		if p.Key == key {
			return p.ID
		}
	}
	s.t.Fatalf("no persona %q", key)
	return ""
}

// lockedBuffer takes the log, which requests write side by side.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// text returns everything that was logged so far.
func (l *lockedBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// logged returns everything that was logged so far.
func (s *testSite) logged() string { return s.log.text() }
