// Package demo is a tenant in a box: an OpenID Connect provider with a page of
// personas to sign in as and another to consent on, Microsoft Graph over HTTP as
// far as photos and the lists that lead to them go, 260 people, their groups,
// teams and contacts, and pictures to try. It stands for Microsoft's side of the
// wire, on a listener of its own, and knows nothing of the application that
// talks to it.
//
//	browser ── authorize ──► provider ── persona page ──► code ──► app
//	app ────── token ──────► provider        app ── bearer ──► Graph
//
// What Graph does here follows its documentation and what people have seen it
// do; Weather switches on what goes wrong, from a test or on a page of its own.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"

	"portrait/internal/directory"
)

const clientID = "7d0f4b52-3c8e-4a91-bb6d-1f5e9a08c247"

// Options says where a Tenant listens and which application it knows.
type Options struct {
	Addr          string           // a loopback address and port, "127.0.0.1:0" for any free one
	RedirectURL   string           // the app's callback, compared exactly; Register sets it later
	PostLogoutURL string           // where the app may send people after signing out
	AppURL        string           // the app's first page, linked from the tenant's pages
	Now           func() time.Time // nil = time.Now

	// Rename changes what people, jobs, groups, folders, contacts and companies
	// are called, as somebody with bad intentions could; nil = as invented.
	Rename func(name string) string
}

// Tenant is a running tenant. Its methods may be called at any time, from any
// goroutine.
type Tenant struct {
	base     string // "http://127.0.0.1:port"
	secret   string
	realTime bool
	now      func() time.Time
	people   []*person
	index    map[string]*person // by object id and userPrincipalName, lower case
	state    *state
	photos   *photoStore
	few      few
	signIns  *signIns
	secrets  secrets
	keys     *keyRing
	record   *record
	shelf    *shelf
	provider *op.Provider
	server   *http.Server

	mu          sync.Mutex
	app         registration
	credentials credentials
	weather     Weather
	inside      map[directory.ID]int // requests under way, by mailbox; "" = for photos
	deferred    map[string]time.Time // until when PUTs wait, by path
	secretEnds  time.Time            // when the app's secret runs out
}

// registration is what the tenant knows of the app.
type registration struct{ redirectURL, postLogoutURL, appURL string }

// ErrNotLoopback says that a tenant was to listen where others could reach it.
var ErrNotLoopback = errors.New("demo: the demo tenant listens on a loopback address only")

// Start begins to listen; the tenant is ready when Start returns. Close ends it.
//
// It fails with ErrNotLoopback, or if the address can't be listened on.
func Start(o Options) (*Tenant, error) {
	if err := checkLoopback(o.Addr); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("demo.Start: %w", err)
	}
	t := &Tenant{
		base: "http://" + l.Addr().String(), secret: rand.Text(), realTime: o.Now == nil, now: o.Now,
		people: renamedPeople(o.Rename), state: &state{rename: o.Rename}, keys: newKeyRing(), record: &record{}, shelf: newShelf(),
		inside: map[directory.ID]int{}, deferred: map[string]time.Time{},
		app: registration{o.RedirectURL, o.PostLogoutURL, o.AppURL},
	}
	if t.realTime {
		t.now = time.Now
	}
	t.secretEnds = t.now().Add(secretLife)
	t.index = indexOf(t.people)
	t.state.reset(t.people)
	t.photos = &photoStore{initial: t.initialPhoto, of: map[photoKey][]version{}}
	t.signIns = newSignIns(t.now, t.base)
	if t.provider, err = t.newProvider(); err != nil {
		return nil, errors.Join(fmt.Errorf("demo.Start: %w", err), l.Close())
	}
	t.server = &http.Server{
		Handler:           t.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // Weather.Slow counts in it
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // the tenant says nothing; its answers do
	}
	go func() { _ = t.server.Serve(l) }() // ends with http.ErrServerClosed in Close
	return t, nil
}

// checkLoopback refuses an address that other machines could reach.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("demo.Start: %w", err)
	}
	if host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("%w: %q", ErrNotLoopback, addr)
	}
	return nil
}

// Close ends the listener and all connections.
func (t *Tenant) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if t.server.Shutdown(ctx) == nil {
		return nil
	}
	return t.server.Close() // whoever is still being served has had the chance
}

// Register says which application the tenant knows, in place of what Options
// said: its callback and the page after signing out, both compared exactly,
// and its first page.
func (t *Tenant) Register(redirectURL, postLogoutURL, appURL string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.app = registration{redirectURL, postLogoutURL, appURL}
}

func (t *Tenant) registered() registration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.app
}

// Reset starts over: people, groups, contacts, roles and photos as at the
// start, fair weather, everybody signed out, nothing allowed, filled or
// recorded. The registration, the app's credentials and the signing key stay.
func (t *Tenant) Reset() {
	t.Set(Weather{})
	t.state.reset(t.people)
	t.photos.reset()
	t.signIns.reset()
	t.record.reset()
	t.secrets.reset()
}

// Issuer returns the provider's issuer, with the tenant's id in it.
func (t *Tenant) Issuer() string { return t.base + t.path("/v2.0") }

// GraphURL returns Graph's base address, without the version.
func (t *Tenant) GraphURL() string { return t.base }

// HomeURL returns the address of the tenant's own first page.
func (t *Tenant) HomeURL() string { return t.base + "/" }

// WeatherURL returns the address of the page that switches the weather.
func (t *Tenant) WeatherURL() string { return t.base + "/weather" }

// SamplesURL returns the address of the page with pictures to try.
func (t *Tenant) SamplesURL() string { return t.base + "/samples" }

// ClientID returns the id under which the app is registered.
func (t *Tenant) ClientID() string { return clientID }

// ClientSecret returns the app's secret, another one for every Tenant.
func (t *Tenant) ClientSecret() string { return t.secret }

// ID returns the tenant's id: the tid of its own people.
func (t *Tenant) ID() directory.ID { return tenantID }

// path returns a path below the tenant's id, as Entra has them.
func (t *Tenant) path(rest string) string { return "/" + string(tenantID) + rest }

// handler is the whole surface of the tenant.
func (t *Tenant) handler() http.Handler {
	mux := http.NewServeMux()
	t.routeProvider(mux)
	t.routePages(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.EscapedPath()
		for _, version := range []string{"/v1.0", "/beta"} {
			// Not through mux, which would redirect paths that it can clean.
			if rest, ok := strings.CutPrefix(p, version); ok && (rest == "" || rest[0] == '/') {
				t.serveGraph(w, r, version, rest)
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}
