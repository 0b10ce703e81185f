package auth_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// clock is a clock that goes when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logbook is a log that tests read while it is written.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// site is Auth with its provider, its database and its clock.
type site struct {
	*auth.Auth
	config auth.Config
	issuer *issuer
	clock  *clock
	log    *logbook
	db     *storetest.Database
}

// newSite starts a site on a fresh SQLite database.
func newSite(t *testing.T) *site { return newSiteOn(t, storetest.SQLite(t)) }

func newSiteOn(t *testing.T, db *storetest.Database) *site {
	t.Helper()
	s := &site{clock: &clock{now: time.UnixMilli(1_795_435_200_000)}, log: &logbook{}, db: db}
	s.issuer = newIssuer(t, s.clock.Now)
	s.config = auth.Config{
		Issuer: s.issuer.URL, ClientID: clientID, Credential: auth.ClientSecret(clientSecret), Tenant: tenantID,
		BaseURL: "https://portrait.example.com", HelpdeskRole: "Helpdesk",
		Store: db.Open(t), HTTP: &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second},
		Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	s.Auth = s.replica(t, func(*auth.Config) {})
	return s
}

// replica returns another Auth over the same database, with a configuration
// that change has changed.
func (s *site) replica(t *testing.T, change func(c *auth.Config)) *auth.Auth {
	t.Helper()
	config := s.config
	change(&config)
	a, err := auth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(config.HTTP.CloseIdleConnections)
	return a
}

// browser keeps cookies by name, as browsers do.
type browser struct{ cookies map[string]*http.Cookie }

func newBrowser() *browser { return &browser{cookies: map[string]*http.Cookie{}} }

// copy is another browser that has stolen the cookies.
func (b *browser) copy() *browser {
	other := newBrowser()
	for name, cookie := range b.cookies {
		other.cookies[name] = cookie
	}
	return other
}

// ask makes a request of target and takes the cookies of the answer.
func (b *browser) ask(target string, do func(w http.ResponseWriter, r *http.Request)) {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	do(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
			continue
		}
		b.cookies[cookie.Name] = cookie
	}
}

// begin starts a sign-in and returns the provider's address.
func (b *browser) begin(a *auth.Auth, returnTo string) (location string, err error) {
	return b.beginFor(a, auth.Wish{ReturnTo: returnTo})
}

// beginFor starts a sign-in with a wish.
func (b *browser) beginFor(a *auth.Auth, wish auth.Wish) (location string, err error) {
	b.ask("/auth/sign-in", func(w http.ResponseWriter, r *http.Request) { location, err = a.Begin(w, r, wish) })
	return location, err
}

// finish comes back from the provider with answer.
func (b *browser) finish(a *auth.Auth, answer url.Values) (out auth.Outcome, err error) {
	b.ask("/auth/callback?"+answer.Encode(), func(w http.ResponseWriter, r *http.Request) { out, err = a.Finish(w, r) })
	return out, err
}

// signIn goes the whole way.
func (b *browser) signIn(t *testing.T, s *site) error {
	t.Helper()
	location, err := b.begin(s.Auth, "/me/photo")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.finish(s.Auth, s.issuer.authorize(t, location))
	return err
}

// mustSignIn goes the whole way and returns the context of a request
// afterwards.
func (b *browser) mustSignIn(t *testing.T, s *site) (context.Context, directory.Actor) {
	t.Helper()
	if err := b.signIn(t, s); err != nil {
		t.Fatal(err)
	}
	ctx := b.visit(t, s.Auth)
	actor, ok := s.Actor(ctx)
	if !ok {
		t.Fatal("nobody is signed in after a sign-in")
	}
	return ctx, actor
}

// visit returns the context of a request.
func (b *browser) visit(t *testing.T, a *auth.Auth) context.Context {
	t.Helper()
	ctx := t.Context()
	b.ask("/me/photo", func(w http.ResponseWriter, r *http.Request) {
		loaded, err := a.Load(w, r.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		ctx = loaded.Context()
	})
	return ctx
}

// isIn reports whether somebody is signed in.
func (b *browser) isIn(t *testing.T, a *auth.Auth) bool {
	t.Helper()
	_, ok := a.Actor(b.visit(t, a))
	return ok
}

// checkFault checks kind, sentence and next step of err, and that its text
// holds nothing that must not be logged.
func checkFault(t *testing.T, err error, kind fault.Kind, say string, next fault.Next) {
	t.Helper()
	if err == nil {
		t.Fatalf("no fault, want %s", say)
	}
	e := fault.As(err)
	if e.Kind != kind || e.Say.ID != say || e.Next != next {
		t.Errorf("fault %v, kind %d, next %q; want %s, %d, %q", e, e.Kind, e.Next, say, kind, next)
	}
	for _, secret := range []string{"canary", "eyJ"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
	if len(err.Error()) > 400 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}
