// Package auth signs people in with an OpenID Connect provider that sends tid
// and oid, as Microsoft Entra does, and keeps the tokens that they act with.
//
//	GET  /auth/sign-in   Begin   → 303 to the provider
//	GET  /auth/callback  Finish  → new session, 303 back to where it began
//	POST /auth/sign-out  SignOut → no session, 303 to the provider's sign-out
//	GET  /auth/front-channel-logout  EndByProvider → no session where the provider has ended its own
//	every request        Load    → Actor, CSRF, Delegated, Refused, Freshen, Challenged of its context
//	Portrait itself      App     → its own identity's token
//
// The cookie holds 256 random bits and nothing else; everything about the
// session is a row that opens with those bits (package store). Tokens are never
// in a cookie, a page, a log or an error.
package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// How long a session lives, enforced by the server's clock: without a request,
// and in all. Who may change anybody's photo has less time.
const (
	Idle             = 30 * time.Minute
	Absolute         = 12 * time.Hour
	HelpdeskIdle     = 15 * time.Minute
	HelpdeskAbsolute = 8 * time.Hour
)

// callbackPath is the registered redirect URI's path.
const callbackPath = "/auth/callback"

// Config is what Auth needs. All its fields must be set unless noted.
type Config struct {
	Issuer       string // the provider's issuer, exactly as its ID tokens say it
	ClientID     string
	Credential   Credential   // proves that we are ClientID, in every call for tokens
	Tenant       directory.ID // the only tenant whose people may sign in
	BaseURL      string       // Portrait's public address: https, or http on loopback
	ScopePrefix  string       // before each Graph scope: "" for the global cloud, else Graph's host and "/"
	GroupScope   string       // asked for to change photos of groups: Group.ReadWrite.All, also where it is "", or ProfilePhoto.ReadWrite.All
	HelpdeskRole string       // value in the ID token's roles
	Store        *store.Store
	HTTP         *http.Client // its transport makes the calls to the provider; its timeout counts where it is below 10 s
	Now          func() time.Time
	Log          *slog.Logger
}

// Auth signs people in and out and gives out their tokens. Make one with New;
// its methods may be called from several goroutines, and several processes may
// share one store.
type Auth struct {
	config   Config
	client   *http.Client // to the provider, limited
	metadata metadata
	sessions *sessionStore
	flights  singleflight.Group // what is under way in this process, once for all who want it
	app      appToken
	noted    noted
}

// New returns an Auth. It makes no call: the provider is asked for its
// endpoints when they are first needed.
func New(c Config) (*Auth, error) {
	base, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("auth.New: %w", err)
	}
	c.BaseURL = base
	c.Tenant = directory.ID(strings.ToLower(string(c.Tenant)))
	a := &Auth{config: c}
	a.client = limited(&http.Client{Transport: timed{cmp.Or(c.HTTP.Transport, http.DefaultTransport), a.metadata.hear}, Timeout: c.HTTP.Timeout}, nil)
	a.metadata.fetch = a.fetchMetadata
	a.metadata.now = c.Now
	a.sessions = &sessionStore{store: c.Store, now: c.Now, log: c.Log, secure: a.secure()}
	return a, nil
}

// check returns BaseURL without a slash at its end, or says what is missing.
func (c Config) check() (string, error) {
	for name, value := range map[string]string{
		"Issuer": c.Issuer, "ClientID": c.ClientID, "HelpdeskRole": c.HelpdeskRole,
	} {
		if value == "" {
			return "", fmt.Errorf("field %s is missing", name)
		}
	}
	if c.Credential.isZero() || c.Store == nil || c.HTTP == nil || c.Now == nil || c.Log == nil {
		return "", errors.New("field Credential, Store, HTTP, Now or Log is missing")
	}
	if !slices.Contains([]string{"", allGroups, allPhotos}, c.GroupScope) {
		return "", fmt.Errorf("field GroupScope is neither %s nor %s", allGroups, allPhotos)
	}
	if !directory.IsGUID(directory.ID(strings.ToLower(string(c.Tenant)))) {
		return "", errors.New("field Tenant is not a GUID")
	}
	if u, err := url.Parse(c.Issuer); err != nil || !isPrivate(u) {
		return "", errors.New("field Issuer must be an https URL, or http on loopback")
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil || !isPrivate(base) || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" {
		return "", errors.New("field BaseURL must be https://host, or http on loopback, without a path")
	}
	return strings.TrimRight(c.BaseURL, "/"), nil
}

// isPrivate reports whether what is sent to u can't be read on its way: https,
// or http to this machine.
func isPrivate(u *url.URL) bool {
	if u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// secure reports whether cookies are for https alone.
func (a *Auth) secure() bool { return strings.HasPrefix(a.config.BaseURL, "https:") }

// Load reads the session that r's cookie names and returns r with it in its
// context, where Actor, CSRF, Delegated and the like find it. That there is no
// session, or no longer, is no error; an error means that the database failed.
//
// It sets no cookie: an answer that is late would otherwise wipe out the cookie
// of a sign-in that has succeeded meanwhile.
func (a *Auth) Load(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
	session, err := a.sessions.Get(r, a.sessions.name())
	if err != nil {
		return r, err
	}
	if session.IsNew {
		return r, nil
	}
	v := &visit{saved: session.Values[savedKey{}].(saved)}
	if err := a.config.Store.TouchSession(r.Context(), v.saved.secret, v.saved.row, a.config.Now()); err != nil {
		return r, err
	}
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, v)), nil
}

// Actor returns who is signed in, if anybody is.
func (a *Auth) Actor(ctx context.Context) (directory.Actor, bool) {
	v := visitOf(ctx)
	if v == nil {
		return directory.Actor{}, false
	}
	return v.get().content.Actor, true
}

// CSRF returns the token that every change in this session must carry, in a
// form or in X-CSRF-Token; "" where nobody is signed in. It is written in another
// way each time, so that the size of a compressed page gives nothing of it away.
//
// Source: https://breachattack.com (masking secrets)
func (a *Auth) CSRF(ctx context.Context) string {
	v := visitOf(ctx)
	if v == nil || v.get().content.CSRF == "" {
		return ""
	}
	return mask(v.get().content.CSRF)
}

// mask returns secret behind as many random bytes, with which it is mixed.
func mask(secret string) string {
	both := make([]byte, 2*len(secret))
	pad, mixed := both[:len(secret)], both[len(secret):]
	_, _ = rand.Read(pad) // never fails, see crypto/rand
	subtle.XORBytes(mixed, pad, []byte(secret))
	return base64.RawURLEncoding.EncodeToString(both)
}

// unmask returns what mask was given, nothing for what mask didn't write.
func unmask(masked string) []byte {
	both, err := base64.RawURLEncoding.DecodeString(masked)
	if err != nil || len(both)%2 != 0 {
		return nil
	}
	secret := make([]byte, len(both)/2)
	subtle.XORBytes(secret, both[:len(secret)], both[len(secret):])
	return secret
}

// CheckCSRF reports whether given is the session's token, in constant time.
// Without a session nothing is right.
func (a *Auth) CheckCSRF(ctx context.Context, given string) bool {
	v := visitOf(ctx)
	if v == nil || v.get().content.CSRF == "" {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(v.get().content.CSRF), unmask(given)) == 1
}

// Sweep deletes the sessions and sign-ins that have run out. They are refused
// without it; it keeps the tables small.
func (a *Auth) Sweep(ctx context.Context) error {
	now := a.config.Now()
	if _, err := a.config.Store.SweepSessions(ctx, alive(now)); err != nil {
		return err
	}
	_, err := a.config.Store.SweepFlows(ctx, now.Add(-flowAge))
	return err
}

// random returns n random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return b
}

// randomText returns 256 random bits as text for a URL or a form.
func randomText() string { return base64.RawURLEncoding.EncodeToString(random(store.SecretBytes)) }
