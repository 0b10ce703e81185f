package demo

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// Lifetimes, as Entra ID has them; expires_in comes out as 3599.
//
// Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
const (
	requestLife = 10 * time.Minute // of the persona page and of a code
	accessLife  = time.Hour
	refreshLife = 90 * 24 * time.Hour
	sessionLife = 24 * time.Hour
)

// tokenIDBytes makes an access token about 3 kB long, as Entra's are, so that
// nobody gets used to keeping one in a cookie.
const tokenIDBytes = 1600

// grant is what a person allowed the app at one sign-in.
type grant struct {
	person   *person
	scopes   []string // all that were granted
	sid      string   // the session at the provider
	authTime time.Time
}

// session is a browser that is signed in at the provider.
type session struct {
	id      string // the cookie's value
	sid     string // the claim
	person  *person
	began   time.Time
	expires time.Time
}

// accessToken is what an access token stands for.
type accessToken struct {
	*grant
	kind    string   // "delegated", later also "app"
	scopes  []string // of this token
	expires time.Time
}

// holds reports whether a has one of scopes. Scopes compare without case and
// without the host of the API in front.
func (a *accessToken) holds(scopes []string) bool {
	for _, held := range a.scopes {
		held = held[strings.LastIndex(held, "/")+1:]
		if slices.ContainsFunc(scopes, func(s string) bool { return strings.EqualFold(s, held) }) {
			return true
		}
	}
	return false
}

// refreshToken is what a refresh token stands for, until it is used.
type refreshToken struct {
	*grant
	expires time.Time
}

// signIns is what the provider remembers.
type signIns struct {
	now func() time.Time

	mu           sync.Mutex
	requests     map[string]*authRequest
	codes        map[string]string // code → id of its request
	sessions     map[string]*session
	access       map[string]*accessToken // by token id
	refresh      map[string]*refreshToken
	tokenCalls   int
	refreshCalls int
}

func newSignIns(now func() time.Time) *signIns {
	s := &signIns{now: now}
	s.reset()
	return s
}

func (s *signIns) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = map[string]*authRequest{}
	s.codes = map[string]string{}
	s.sessions = map[string]*session{}
	s.access = map[string]*accessToken{}
	s.refresh = map[string]*refreshToken{}
	s.tokenCalls, s.refreshCalls = 0, 0
}

// begin remembers r, and forgets what has run out.
func (s *signIns) begin(r *authRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.requests, func(_ string, r *authRequest) bool { return now.After(r.expires) })
	maps.DeleteFunc(s.codes, func(_, id string) bool { return s.requests[id] == nil })
	maps.DeleteFunc(s.sessions, func(_ string, v *session) bool { return now.After(v.expires) })
	maps.DeleteFunc(s.access, func(_ string, v *accessToken) bool { return now.After(v.expires) })
	maps.DeleteFunc(s.refresh, func(_ string, v *refreshToken) bool { return now.After(v.expires) })
	s.requests[r.id] = r
}

// pending returns the request id, or nil if it has run out. What is returned
// is a copy.
func (s *signIns) pending(id string) *authRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || s.now().After(r.expires) {
		return nil
	}
	copied := *r
	return &copied
}

// choose signs p in for the request id and reports whether it was still
// pending. It can be done once.
func (s *signIns) choose(id string, v *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || r.grant != nil || s.now().After(r.expires) {
		return false
	}
	r.grant = &grant{person: v.person, scopes: r.asked.Scopes, sid: v.sid, authTime: v.began}
	return true
}

// finish forgets the request id and reports whether it was there.
func (s *signIns) finish(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.requests[id]
	delete(s.requests, id)
	return ok
}

// saveCode remembers the one code of the request id and reports whether it is
// the first.
func (s *signIns) saveCode(id, code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || r.coded {
		return false
	}
	r.coded = true
	s.codes[code] = id
	return true
}

// byCode returns the request that code is for, or nil. The code is spent when
// the request is finished.
func (s *signIns) byCode(code string) *authRequest {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.pending(id)
}

// open begins a session of p at the provider.
func (s *signIns) open(p *person) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	v := &session{id: rand.Text(), sid: uuid.NewString(), person: p, began: now, expires: now.Add(sessionLife)}
	s.sessions[v.id] = v
	return v
}

func (s *signIns) session(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.sessions[id]
	if v == nil || s.now().After(v.expires) {
		return nil
	}
	return v
}

func (s *signIns) close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, id)
}

// issue makes an access token for g with scopes, and a refresh token if
// offline_access was granted. used is the refresh token that it is issued for,
// which dies with it; issue reports false if it is dead already.
func (s *signIns) issue(g *grant, scopes []string, used string) (tokenID, next string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if used != "" {
		if s.refresh[used] == nil {
			return "", "", false
		}
		delete(s.refresh, used)
	}
	now := s.now()
	long := make([]byte, tokenIDBytes)
	_, _ = rand.Read(long) // never fails
	tokenID = base64.RawURLEncoding.EncodeToString(long)
	s.access[tokenID] = &accessToken{grant: g, kind: "delegated", scopes: scopes, expires: now.Add(accessLife)}
	if slices.Contains(g.scopes, oidc.ScopeOfflineAccess) {
		next = "1." + rand.Text() + rand.Text()
		s.refresh[next] = &refreshToken{grant: g, expires: now.Add(refreshLife)}
	}
	return tokenID, next, true
}

// token returns what the access token with the id stands for, or nil.
func (s *signIns) token(id string) *accessToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.access[id]
	if v == nil || s.now().After(v.expires) {
		return nil
	}
	return v
}

// refreshable returns what a refresh token stands for, or nil.
func (s *signIns) refreshable(token string) *refreshToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.refresh[token]
	if v == nil || s.now().After(v.expires) {
		return nil
	}
	return v
}

// RevokeTokens ends all access and refresh tokens: Graph answers 401, and a
// refresh gets invalid_grant. Sessions at the provider go on.
func (t *Tenant) RevokeTokens() {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	clear(t.signIns.access)
	clear(t.signIns.refresh)
}

// ExpireAccessTokens ends all access tokens; refresh tokens still work.
func (t *Tenant) ExpireAccessTokens() {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	clear(t.signIns.access)
}

// TokenCalls returns how often the token endpoint was called other than to
// refresh, since the start or the last Reset.
func (t *Tenant) TokenCalls() int {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	return t.signIns.tokenCalls
}

// RefreshCalls returns how often the token endpoint was called to refresh,
// since the start or the last Reset.
func (t *Tenant) RefreshCalls() int {
	t.signIns.mu.Lock()
	defer t.signIns.mu.Unlock()
	return t.signIns.refreshCalls
}
